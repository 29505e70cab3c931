// Which way a SQLite table is changed: the cheapest that does the job.
#pragma once

#include <vector>

#include "emitters/sqlite_rebuild.h"

namespace tenon::sqlite {

enum class Method { none, native, edit, exchange, twelve_steps };

/// The lowest rung of the ladder that can make all changes of the table at once.
Method method_for(const TableChange& change);

/// The steps of a table whose changes ALTER TABLE can make.
std::vector<Step> native_steps(const TableChange& change);

}  // namespace tenon::sqlite
