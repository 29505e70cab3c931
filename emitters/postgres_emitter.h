// Plans for PostgreSQL.
#pragma once

#include <memory>

#include "emitters/emitter.h"

namespace tenon::postgres {

std::unique_ptr<Emitter> make_postgres_emitter();

}  // namespace tenon::postgres
