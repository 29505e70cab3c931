// Running the steps of one migration body on a connection.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.h"
#include "engine/migration_body.h"

namespace tenon {

/// What goes on around the steps.  Every function may be empty.
struct BodyRun {
    std::string path{};             ///< the file, for messages
    std::size_t done = 0;           ///< steps that an earlier run has committed
    bool resumed = false;           ///< an earlier run stopped behind `done`, or in the step after it
    std::function<void()> begin{};  ///< begins a transaction; empty: plain BEGIN
    std::function<bool()> begun{};  ///< after BEGIN, under the lock: false leaves without a change
    std::function<void(std::size_t done, bool last)> committing{};  ///< just before what is done so far becomes permanent
    std::function<void(std::size_t step)> step{};                   ///< before each step
    std::function<bool()> stopped{};                                ///< true: stop as soon as possible
};

/// Runs the steps.  On PostgreSQL a step outside of a transaction that an earlier run has finished, but not recorded, is not
/// run again.  Where one fails, its transaction is rolled back; the connection's settings are as before in any case. Returns
/// false where `begun` did.
/// @throws Error with file and line: refused for a guard that does not hold and for foreign keys that the steps broke while
///         they were switched off, locked where the lock is held by another or the run was stopped.
bool run_body(Connection& connection, const std::vector<BodyStep>& steps, const BodyRun& run);

/// The place where these migrations can be tried: what commits several times (a new enum value that is used at once) cannot run
/// inside the one transaction that a PostgreSQL scratch database is by default.
ScratchPlace place_for(ScratchPlace place, std::span<const Migration> migrations);

/// Runs the way up of all migrations up to and including `version` (empty: all) on an empty scratch database.
void replay(Connection& scratch, std::span<const Migration> migrations, std::string_view version);

}  // namespace tenon
