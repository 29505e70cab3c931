// Fitting a migration's body to a database that holds more, or says the same in other words, than its history tells.
#pragma once

#include <vector>

#include "engine/migration_file.h"
#include "engine/runner.h"

namespace tenon {

/// A hook for RunOptions::replan.  Before a migration runs, the tables it touches are compared with what replaying the files
/// before it gives.  Where a live definition means the same but is spelled otherwise, it gets the spelling that the file's
/// guards expect; where its columns or keys have another order, its rows are copied into the one that the file expects, because
/// the file's texts tell SQLite where to find the values.  Triggers and indexes that somebody made by hand on a table that the
/// file rebuilds are made again after it.
Replan fit_to_live(std::vector<Migration> migrations);

}  // namespace tenon
