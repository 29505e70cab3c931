// Scratch databases: where schemas are tried before a real database sees them.
#pragma once

#include <memory>
#include <string>

#include "emitters/plan.h"
#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon {

/// A scratch database that holds everything of a resolved schema, and no rows.  Virtual tables whose module is missing are
/// left out.  @throws Error where the database refuses a definition.
std::unique_ptr<Connection> scratch_with(const Schema& schema, const ScratchPlace& place);

/// Runs every step of a plan, guards included, without a transaction of its own.
/// @throws Error with the step's `why` where a statement fails or a guard does not hold.
void run_on_scratch(Connection& scratch, const Plan& plan);

}  // namespace tenon
