// Internal: what a PostgreSQL server makes of a resolved schema.
#pragma once

#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Creates everything on a scratch database and inspects it, so that types and expressions come back in the server's words.
/// Names that nobody gave keep that mark.  @throws Error with what the server says of each definition, and where that stands.
Schema materialize(const Schema& resolved, const ScratchPlace& place);

}  // namespace tenon::postgres
