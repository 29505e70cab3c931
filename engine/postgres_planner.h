// Internal: planning for PostgreSQL.
#pragma once

#include "engine/planner.h"

namespace tenon::postgres {

/// Fills `up`, `after` and `restated` of `planned`, whose changes are known.  The plan is made from the catalogs' own texts and
/// tried where there is a place for it: in a transaction that is rolled back, and where that cannot hold it, in a database of
/// its own.  A difference that turns out to be one of spelling alone is taken out of the changes.
/// @throws Error where a statement fails or something is left to do afterwards.
void plan(Planned& planned, const PlanRequest& request, const Intents& intents);

}  // namespace tenon::postgres
