// Internal: asking the question of a guard.
#pragma once

#include <string>

#include "engine/connection.h"

namespace tenon {

/// What the query of a guard finds; 0 is as it should be.
/// @throws Error (code refused) with the guard's message where a value cannot even be read as what it is to become (SQLSTATE
/// class 22, "data exception"; SQLite's plain error).
Value ask_guard(Connection& connection, const std::string& sql, const std::string& message, const std::string& hint);

}  // namespace tenon
