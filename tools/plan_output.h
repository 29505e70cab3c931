// Plans and changes as verbs show them.
#pragma once

#include <string>

#include "engine/planner.h"
#include "tools/session.h"

namespace tenon {

/// The changes with what they endanger, for people.
std::string format_plan(const Planned& planned, bool colour);

/// The statements of a plan as a JSON array: [{sql, why, group, hazards}].
std::string statements_json(const Plan& plan);

/// Says on stderr which likely renames are done as drops, because drops are approved as a whole.
void name_assumed(const Session& session, const Planned& planned);

/// Says on stderr why nobody has tried the plan, where that is so.
void name_untried(const Session& session, const Planned& planned);

/// Says on stderr which objects are left alone.
void name_unmanaged(const Session& session, const Changes& changes);

}  // namespace tenon
