// Internal: what a PostgreSQL server makes of a resolved schema.
#pragma once

#include "differ/intents.h"
#include "engine/connection.h"
#include "engine/planner.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Creates everything on a scratch database and inspects it, so that types and expressions come back in the server's words.
/// Names that nobody gave keep that mark.  Where `live` is given, only what it does not have in the same words is asked about.
/// @throws Error with what the server says of each definition, and where that stands.
Materialized materialize(Schema resolved, const ScratchPlace& place, const Schema* live = nullptr, const Intents& intents = {});

}  // namespace tenon::postgres
