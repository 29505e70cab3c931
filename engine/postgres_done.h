// Internal: what a statement that commits by itself has left, where a run stopped in it or just behind it.
#pragma once

#include <string>

#include "engine/connection.h"

namespace tenon::postgres {

/// True for a statement that runs CONCURRENTLY.
bool is_concurrent(const std::string& sql);

/// True where the statement has done its work already.  What it left unfinished (an invalid index, a partition that is half
/// detached) is taken away or finished.  Statements that may simply be run again are never done.
bool already_done(Connection& connection, const std::string& sql);

}  // namespace tenon::postgres
