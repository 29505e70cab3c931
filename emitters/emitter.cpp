// Emitters by dialect, and what each engine can do.
#include "emitters/emitter.h"

#include "emitters/sqlite_emitter.h"
#include "schemas/error.h"

namespace tenon {

std::unique_ptr<Emitter> make_emitter(Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite: return sqlite::make_sqlite_emitter();
        case Dialect::postgres: break;
    }
    throw Error(ErrorCode::error, "this version of Tenon does not write SQL for PostgreSQL yet");
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
