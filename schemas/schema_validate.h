// Internal: what a declared schema must fulfil beyond its grammar.
#pragma once

#include <vector>

#include "schemas/yaml.h"

namespace tenon {

/// Checks names, references, keys, defaults and relations; fills in the columns that foreign keys refer to where only the table
/// is named. `files` are there for the source lines of messages.
std::vector<Problem> validate(Schema& schema, const std::vector<SchemaText>& files);

}  // namespace tenon
