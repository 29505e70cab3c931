// Inspection: the dialect's own way, behind one name.
#include "engine/inspect.h"

#include "schemas/error.h"

namespace tenon {

Schema inspect(Connection& connection) {
    switch (connection.dialect()) {
        case Dialect::sqlite: return read_sqlite_schema(sqlite_objects(connection));
        case Dialect::postgres: return postgres::inspect_postgres(connection);
    }
    throw Error(ErrorCode::error, "unknown dialect");
}

}  // namespace tenon
