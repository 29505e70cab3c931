// Whether a database already holds what a baseline file makes.
#pragma once

#include "engine/connection.h"
#include "engine/migration_file.h"

namespace tenon {

/// True where the database holds all that the file makes, and alike: then the file is recorded instead of run.  What the
/// database holds beside it (somebody's view, another tool's table) does not count.  False where it holds none of its tables.
/// @throws Error (refused) naming the differences where it holds some of it, or differently.
bool holds_baseline(Connection& connection, const Migration& baseline);

}  // namespace tenon
