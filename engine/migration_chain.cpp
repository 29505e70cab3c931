// Checks of the migration files, among themselves and against the history.
#include "engine/migration_chain.h"

#include <algorithm>

namespace tenon {
namespace {

bool same_version(std::string_view a, std::string_view b) { return !version_less(a, b) && !version_less(b, a); }

template <class Versioned>
auto find_version(std::span<const Versioned> list, std::string_view version) {
    return std::ranges::find_if(list, [&](const Versioned& item) { return same_version(item.version, version); });
}

Problem problem(const Migration& migration, std::string message, std::string hint = {}) {
    return {.message = std::move(message), .where = {migration.path, 0, 0}, .hint = std::move(hint)};
}

/// Why `migration`, which comes after `previous` (or first), does not name it as its parent.
Problem parent_problem(const Migration& migration, const Migration* previous, std::span<const Migration> all) {
    const auto sibling = std::ranges::find_if(all, [&](const Migration& other) {
        return &other != &migration && !other.parent.empty() && other.parent == migration.parent;
    });
    const std::string follows = migration.parent == "none" ? "nothing" : migration.parent;
    if (sibling != all.end()) {
        return problem(migration,
                       "two heads: both " + label_of(*sibling) + " and " + label_of(migration) + " follow " + follows,
                       "generate the one that was not applied yet again, after the other");
    }
    if (migration.parent != "none" && find_version(all, migration.parent) == all.end()) {
        return problem(migration, label_of(migration) + " follows " + follows + ", which is missing");
    }
    return problem(migration, label_of(migration) + " follows " + follows + ", but it comes after " +
                                  (previous == nullptr ? "nothing" : label_of(*previous)));
}

MigrationState state_of(const HistoryRow& row, const Migration& file) {
    if (row.checksum != checksum(file)) return MigrationState::edited;
    switch (row.state) {
        case HistoryState::applied: return MigrationState::applied;
        case HistoryState::baseline: return MigrationState::baseline;
        case HistoryState::running:
        case HistoryState::reverting: return MigrationState::running;
    }
    return MigrationState::applied;
}

}  // namespace

std::vector<Migration> load_migrations(std::span<const MigrationText> files, Dialect fallback) {
    std::vector<Migration> migrations;
    std::vector<Problem> problems;
    for (const MigrationText& file : files) {
        try {
            migrations.push_back(parse_migration(file.path, file.text, fallback));
        } catch (const Error& error) {
            problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        }
    }
    if (!problems.empty()) throw Error(ErrorCode::error, std::move(problems));
    std::ranges::stable_sort(migrations, [](const Migration& a, const Migration& b) {
        if (version_less(a.version, b.version)) return true;
        return !version_less(b.version, a.version) && a.path < b.path;
    });
    return migrations;
}

std::vector<Problem> chain_problems(std::span<const Migration> migrations) {
    std::vector<Problem> problems;
    const Migration* previous = nullptr;
    for (const Migration& migration : migrations) {
        if (previous != nullptr && same_version(previous->version, migration.version)) {
            problems.push_back(
                problem(migration, "version " + migration.version + " is taken by " + label_of(*previous) + " too"));
        } else if (!migration.parent.empty() && migration.parent != (previous == nullptr ? "none" : previous->version)) {
            problems.push_back(parent_problem(migration, previous, migrations));
        }
        previous = &migration;
    }
    return problems;
}

std::string_view state_name(MigrationState state) {
    switch (state) {
        case MigrationState::applied: return "applied";
        case MigrationState::baseline: return "baseline";
        case MigrationState::running: return "running";
        case MigrationState::pending: return "pending";
        case MigrationState::late: return "late";
        case MigrationState::edited: return "edited";
        case MigrationState::missing: return "missing";
    }
    return "";
}

std::vector<MigrationStatus> compare_with_history(std::span<const Migration> migrations, std::span<const HistoryRow> history) {
    std::string newest;
    for (const HistoryRow& row : history) newest = std::max(newest, row.version, version_less);

    std::vector<MigrationStatus> status;
    for (const Migration& file : migrations) {
        MigrationStatus line{.version = file.version, .name = file.name, .path = file.path};
        const auto row = find_version(history, file.version);
        if (row != history.end()) {
            line.state = state_of(*row, file);
            line.applied_at = row->applied_at;
        } else if (version_less(file.version, newest)) {
            line.state = MigrationState::late;
        }
        status.push_back(std::move(line));
    }
    for (const HistoryRow& row : history) {
        if (find_version(migrations, row.version) != migrations.end()) continue;
        status.push_back({row.version, row.name, MigrationState::missing, row.applied_at, ""});
    }
    std::ranges::stable_sort(status, version_less, &MigrationStatus::version);
    return status;
}

std::vector<Problem> history_problems(std::span<const MigrationStatus> status) {
    std::vector<Problem> problems;
    for (const MigrationStatus& line : status) {
        const std::string label = line.name.empty() ? line.version : line.version + "_" + line.name;
        const Where where{line.path, 0, 0};
        if (line.state == MigrationState::late) {
            problems.push_back({.message = label + " comes late: a migration with a higher version was applied before it",
                                .where = where,
                                .hint = "give it a version after the last one, and the parent that it then follows"});
        } else if (line.state == MigrationState::edited) {
            problems.push_back({.message = label + " was applied, and its file was edited since",
                                .where = where,
                                .hint = "restore the file and write a new migration; or, where the edit is right, "
                                        "`tenon migrate repair` records it"});
        } else if (line.state == MigrationState::missing) {
            problems.push_back({.message = label + " was applied, but its file is missing",
                                .hint = "restore the file: it belongs to the history of this database"});
        }
    }
    return problems;
}

}  // namespace tenon
