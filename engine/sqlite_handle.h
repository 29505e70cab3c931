// Internal: the raw SQLite handle of a connection, for the hot paths of the engine.
#pragma once

#include "engine/connection.h"

struct sqlite3;

namespace tenon {

/// The handle behind a SQLite connection; owned by the connection.  @throws Error for a connection of another dialect.
sqlite3* sqlite_handle(Connection& connection);

/// A SQLite database.
std::unique_ptr<Connection> open_sqlite(const std::string& path, Access access, std::chrono::milliseconds lock_timeout);

}  // namespace tenon
