// Reading the schema of a live database.
#pragma once

#include "emitters/emitter.h"
#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon {

/// The resolved schema of the database, read in a number of queries that does not grow with it.
Schema inspect(Connection& connection);

namespace postgres {
/// PostgreSQL: every schema a person made, from the catalogs.
Schema inspect_postgres(Connection& connection);
}  // namespace postgres

/// SQLite: the rows of sqlite_schema in rowid order.
std::vector<StoredObject> sqlite_objects(Connection& connection);

/// What this engine can do: version, defensive mode.
Capabilities capabilities(Connection& connection);

}  // namespace tenon
