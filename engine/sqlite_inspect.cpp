// Reading sqlite_schema, and what this SQLite can do.
#include <sqlite3.h>

#include "engine/inspect.h"
#include "engine/postgres_connection.h"
#include "engine/sqlite_handle.h"

namespace tenon {

std::vector<StoredObject> sqlite_objects(Connection& connection) {
    std::vector<StoredObject> objects;
    const auto text = [](const Value& value) {
        const auto* string = std::get_if<std::string>(&value);
        return string == nullptr ? std::string() : *string;
    };
    connection.query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid", {}, [&](std::span<const Value> row) {
        objects.push_back({text(row[0]), text(row[1]), text(row[2]), text(row[3])});
    });
    return objects;
}

Capabilities capabilities(Connection& connection) {
    if (connection.dialect() == Dialect::postgres) return {.version = server_version(connection)};
    Capabilities found = sqlite_capabilities(sqlite3_libversion_number());
    int defensive = 0;
    sqlite3_db_config(sqlite_handle(connection), SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
    if (defensive != 0) found.edit_stored_definition = found.exchange_root_pages = false;
    return found;
}

}  // namespace tenon
