// Emitters by dialect, and what each engine can do.
#include "emitters/emitter.h"

#include "emitters/postgres_emitter.h"
#include "emitters/sqlite_emitter.h"
#include "schemas/error.h"

namespace tenon {

std::unique_ptr<Emitter> make_emitter(Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite: return sqlite::make_sqlite_emitter();
        case Dialect::postgres: return postgres::make_postgres_emitter();
    }
    throw Error(ErrorCode::error, "unknown dialect");
}

Capabilities sqlite_capabilities(int version) {
    Capabilities can;
    can.version = version;
    can.native_drop_column = version >= 3035005;  // the first releases with it had bugs that lost data
    can.native_rename_column = version >= 3025000;
    can.native_set_not_null = version >= 3053000;
    return can;
}

}  // namespace tenon
