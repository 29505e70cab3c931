// The files of a migrations folder as a chain, and the chain beside what the history says.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/history.h"
#include "engine/migration_file.h"
#include "schemas/error.h"

namespace tenon {

/// A file of a migrations folder, as the caller read it.
struct MigrationText {
    std::string path{};
    std::string text{};
};

/// The migrations of a folder in the order of their versions.
/// @throws Error with the mistakes of all files.
std::vector<Migration> load_migrations(std::span<const MigrationText> files, Dialect fallback);

/// What is wrong with the files among themselves: a version twice, a parent that is missing or stands elsewhere, two
/// migrations that follow the same one.  `migrations` are ordered.
std::vector<Problem> chain_problems(std::span<const Migration> migrations);

/// How a migration stands.
enum class MigrationState {
    applied,
    baseline,  ///< recorded, not run
    running,   ///< stopped half-way, up or down
    pending,
    late,     ///< pending, but a later one was applied
    edited,   ///< applied, and the file has changed since
    missing,  ///< applied, and there is no file
};
/// "applied", "pending", …
std::string_view state_name(MigrationState state);

struct MigrationStatus {
    std::string version{};
    std::string name{};
    MigrationState state = MigrationState::pending;
    std::string applied_at{};  ///< empty where it was not
    std::string path{};        ///< empty where it is missing
    bool operator==(const MigrationStatus&) const = default;
};

/// One line per file and per row of the history, in the order of their versions.
std::vector<MigrationStatus> compare_with_history(std::span<const Migration> migrations, std::span<const HistoryRow> history);

/// What keeps migrations from being run: the late, edited and missing ones.
std::vector<Problem> history_problems(std::span<const MigrationStatus> status);

}  // namespace tenon
