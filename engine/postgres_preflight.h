// Internal: what keeps a run from succeeding on PostgreSQL, found before its first statement.
#pragma once

#include <string>
#include <vector>

#include "engine/connection.h"

namespace tenon::postgres {

/// Looks at the statements of a run, in their order.  Nothing on SQLite.
/// @throws Error with everything that is in the way: a server that takes no changes, roles that do not exist, tables,
/// views, types and functions that belong to somebody else.
void check_before(Connection& connection, const std::vector<std::string>& statements);

/// @throws Error where a transaction that takes so many entries of the server's lock table cannot succeed.
void check_lock_table(Connection& connection, int slots);

}  // namespace tenon::postgres
