// What stands on what in a resolved schema that no server has seen: read off the names that texts mention.
#pragma once

#include <vector>

#include "schemas/schema.h"

namespace tenon::postgres {

/// A dependency for each name that a text mentions and something in the schema has.  An over-estimate (a column may have the
/// name of a table), and blind inside function bodies that are strings, which need nothing when they are made.
std::vector<Dependency> mentioned_dependencies(const Schema& resolved);

}  // namespace tenon::postgres
