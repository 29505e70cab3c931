// Differences of spelling alone.
#pragma once

#include <set>
#include <string>

#include "differ/change.h"

namespace tenon {

/// `to` with the form that `from` has for those of the changed objects that `objects` names (as change_id() does).
Schema respell(Schema to, const Changes& changes, const std::set<std::string>& objects);

}  // namespace tenon
