// Internal: the SQLite emitter's factory.
#pragma once

#include <memory>

#include "emitters/emitter.h"

namespace tenon::sqlite {

std::unique_ptr<Emitter> make_sqlite_emitter();

}  // namespace tenon::sqlite
