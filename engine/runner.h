// Running migrations on a database: up, down, redo, baseline, repair, status.
//
// Each migration and its row in the history become permanent in one commit, under the database's write lock.  A run that is
// stopped, refused or killed leaves the migration it was at undone as a whole (or, where the file commits by itself several
// times, at the step it reached, where the next run goes on).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.h"
#include "engine/migration_chain.h"

namespace tenon {

/// Where a run is: statement `statement` of `statements` of migration `migration` of `migrations`, all counted from 1.
struct Progress {
    std::string label{};
    Direction direction = Direction::up;
    std::size_t migration = 1;
    std::size_t migrations = 1;
    std::size_t statement = 1;
    std::size_t statements = 1;
};

/// A migration that was run, or recorded without being run, or (in a dry run) would be.
struct Ran {
    std::string version{};
    std::string name{};
    Direction direction = Direction::up;
    bool recorded = false;  ///< a baseline: only the history changed
    std::string sql{};      ///< what was run; empty where recorded
    std::int64_t duration_ms = 0;
};

/// Another body for one direction of a migration, planned from what this database holds; nothing where the file's own fits.
using Replan = std::function<std::optional<std::string>(const Migration&, Direction, Connection&)>;

struct RunOptions {
    std::function<std::string()> now{};               ///< the time of the history: UTC, "2026-01-01T12:00:00Z"
    bool dry_run = false;                             ///< tells what would be run and changes nothing
    bool allow_destructive = false;                   ///< a way down may drop tables and columns that hold rows
    std::chrono::milliseconds lock_timeout{5000};     ///< how long to wait for another runner or writer
    std::function<bool()> stopped{};                  ///< true: stop and roll back; asked often while a statement runs
    std::function<void(const Progress&)> progress{};  ///< before each statement
    std::function<void(const Ran&)> finished{};       ///< after each migration
    Replan replan{};                                  ///< asked before each migration
};

/// How far to go: neither is set for the verb's default.
struct Target {
    std::optional<std::size_t> count{};  ///< so many migrations
    std::string to{};                    ///< up to and including this version, or down to (and without) it; "0": undo all
};

/// Runs what is pending (all by default).  On a database without history whose tables equal what a leading baseline file makes,
/// that file is recorded instead of run.
/// @throws Error: late, edited and missing migrations; refused where a guard does not hold; locked.
std::vector<Ran> migrate_up(Connection& connection, std::span<const Migration> migrations, const Target& target,
                            const RunOptions& options);

/// Undoes what was applied last (one by default).
/// @throws Error as migrate_up; refused past a baseline, where a migration has no way down, and where a table or column that
///         holds rows would be dropped.
std::vector<Ran> migrate_down(Connection& connection, std::span<const Migration> migrations, const Target& target,
                              const RunOptions& options);

/// Undoes the last migration and runs it again.
std::vector<Ran> migrate_redo(Connection& connection, std::span<const Migration> migrations, const RunOptions& options);

/// Records all migrations up to and including `version` without running them.
std::vector<Ran> record_baseline(Connection& connection, std::span<const Migration> migrations, std::string_view version,
                                 const RunOptions& options);

/// Records the checksums of files that were edited, and removes what runs left that were rolled back.  Returns what was done,
/// a sentence each.
std::vector<std::string> repair_history(Connection& connection, std::span<const Migration> migrations,
                                        const RunOptions& options);

/// How every migration stands.  Reads only.
std::vector<MigrationStatus> migration_status(Connection& connection, std::span<const Migration> migrations);

}  // namespace tenon
