// Inspection: the dialect's own way, behind one name.
#include "engine/inspect.h"

#include "schemas/error.h"

namespace tenon {

Schema inspect(Connection& connection) {
    switch (connection.dialect()) {
        case Dialect::sqlite: return read_sqlite_schema(sqlite_objects(connection));
        case Dialect::postgres: break;
    }
    throw Error(ErrorCode::error, "this version of Tenon does not inspect PostgreSQL yet");
}

}  // namespace tenon
