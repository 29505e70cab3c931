// Internal: making a resolved schema on a scratch database.
#pragma once

#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// Makes everything in `resolved`, whose dependencies tell a good order.
/// @throws Error that says what is wrong with each definition that fails for a reason of its own, at its place in the schema
/// file.
void make_on(Connection& scratch, const Schema& resolved);

}  // namespace tenon::postgres
