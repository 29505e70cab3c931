// The verbs of `tenon migrate`.
#include "engine/runner.h"

#include <algorithm>

#include "engine/runner_baseline.h"
#include "engine/runner_body.h"
#include "engine/runner_losses.h"
#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

using Losses = std::vector<std::vector<Loss>>;

/// One migration to run.
struct Task {
    Migration migration{};
    Direction direction = Direction::up;
    bool record_only = false;
    std::vector<Loss> losses{};  ///< what must hold no rows when its turn comes
};

/// @throws Error where the files, or the files and the history, do not go together.
void check_all(Connection& connection, std::span<const Migration> migrations, std::span<const HistoryRow> history) {
    std::vector<Problem> problems = chain_problems(migrations);
    for (const Migration& migration : migrations) {
        if (!migration.dialect || *migration.dialect == connection.dialect()) continue;
        problems.push_back({.message = label_of(migration) + " is for " + std::string(dialect_name(*migration.dialect)) +
                                       ", and the database is " + std::string(dialect_name(connection.dialect())),
                            .where = {migration.path, 0, 0}});
    }
    const std::vector<Problem> of_history = history_problems(compare_with_history(migrations, history));
    problems.insert(problems.end(), of_history.begin(), of_history.end());
    if (!problems.empty()) throw Error(ErrorCode::error, std::move(problems));
}

const HistoryRow* find_row(std::span<const HistoryRow> history, std::string_view version) {
    const auto found = std::ranges::find(history, version, &HistoryRow::version);
    return found == history.end() ? nullptr : &*found;
}

/// The state in which a run of the other direction stopped cannot be left in this direction.
void refuse_half_way(const Migration& migration, const HistoryRow& row, HistoryState other, std::string_view verb) {
    if (row.state != other) return;
    throw Error(ErrorCode::locked, label_of(migration) + " stopped half-way, at step " + std::to_string(row.step),
                "`tenon migrate " + std::string(verb) + "` finishes it", {migration.path, 0, 0});
}

void check_version(std::span<const Migration> migrations, const std::string& version) {
    if (version.empty() || version == "0" || std::ranges::find(migrations, version, &Migration::version) != migrations.end())
        return;
    std::vector<std::string> versions;
    std::ranges::transform(migrations, std::back_inserter(versions), &Migration::version);
    const std::string guess = did_you_mean(version, versions);
    throw Error(ErrorCode::error, "there is no migration " + version, guess.empty() ? "" : "did you mean " + guess + "?");
}

void cut(std::vector<Task>& tasks, const std::optional<std::size_t>& count) {
    if (count && *count < tasks.size()) tasks.resize(*count);
}

bool has_statements(const MigrationPart& part, Dialect dialect) { return !split_statements(part.body, dialect).empty(); }

/// The migrations that are not applied, oldest first.
std::vector<Task> tasks_up(std::span<const Migration> migrations, std::span<const HistoryRow> history, const Target& target) {
    std::vector<Task> tasks;
    for (const Migration& migration : migrations) {
        const HistoryRow* row = find_row(history, migration.version);
        if (row != nullptr) refuse_half_way(migration, *row, HistoryState::reverting, "down");
        const bool done = row != nullptr && row->state != HistoryState::running;
        if (done || (!target.to.empty() && version_less(target.to, migration.version))) continue;
        tasks.push_back({.migration = migration});
    }
    cut(tasks, target.count);
    return tasks;
}

/// The migrations to undo, newest first.
std::vector<Task> tasks_down(std::span<const Migration> migrations, std::span<const HistoryRow> history, const Target& target) {
    std::vector<Task> tasks;
    for (auto migration = migrations.rbegin(); migration != migrations.rend(); ++migration) {
        const HistoryRow* row = find_row(history, migration->version);
        if (row == nullptr || (!target.to.empty() && !version_less(target.to, migration->version))) continue;
        refuse_half_way(*migration, *row, HistoryState::running, "up");
        tasks.push_back({.migration = *migration, .direction = Direction::down});
    }
    cut(tasks, target.to.empty() ? target.count.value_or(1) : target.count);
    return tasks;
}

/// @throws Error (refused) where one of the tasks cannot be undone.
void check_undoable(const std::vector<Task>& tasks, std::span<const HistoryRow> history, Dialect dialect) {
    for (const Task& task : tasks) {
        const Migration& migration = task.migration;
        const Where where{migration.path, 0, 0};
        if (migration.baseline || find_row(history, migration.version)->state == HistoryState::baseline) {
            throw Error(ErrorCode::refused, label_of(migration) + " is a baseline: there is no way down past it",
                        "it only tells what the database held before its history began", where);
        }
        if (has_statements(migration.up, dialect) && !has_statements(migration.down, dialect)) {
            throw Error(ErrorCode::refused, label_of(migration) + " has no way down",
                        "write it under `-- migrate:down` (`SELECT 1;` where there is nothing to undo)", where);
        }
    }
}

/// Fills in what the tasks would drop.  @throws Error (refused) where it holds rows now.
void check_losses(Connection& connection, std::vector<Task>& tasks, const RunOptions& options) {
    std::vector<Migration> migrations;
    std::ranges::transform(tasks, std::back_inserter(migrations), &Task::migration);
    const Losses losses = losses_of_down(connection, migrations, options.replan);
    std::vector<Problem> problems;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        tasks[i].losses = losses[i];
        for (Problem& problem : losses_with_rows(connection, tasks[i].migration, losses[i]))
            problems.push_back(std::move(problem));
    }
    if (!problems.empty()) throw Error(ErrorCode::refused, std::move(problems));
}

/// Runs one task.
class TaskRun {
public:
    TaskRun(Connection& connection, const Task& task, const RunOptions& options)
        : connection_(connection), task_(task), options_(options) {}

    /// Nothing where another runner was faster.
    std::optional<Ran> execute(Progress progress) {
        const std::optional<HistoryRow> row = find_in_history(connection_, task_.migration.version);
        if (is_done(row)) return std::nullopt;
        const std::size_t done = row && is_half_way(*row) ? static_cast<std::size_t>(row->step) : 0;
        const Migration migration = with_body(done);
        const std::vector<BodyStep> steps = body_steps(migration, task_.direction, connection_.dialect());
        progress.statements = steps.size();

        BodyRun run{.path = migration.path, .done = done, .lock_timeout = options_.lock_timeout, .stopped = options_.stopped};
        run.begun = [&] { return may_begin(); };
        run.committing = [&](std::size_t reached, bool last) { record(reached, last); };
        run.step = [&](std::size_t step) {
            progress.statement = step + 1;
            if (options_.progress) options_.progress(progress);
        };
        if (!run_body(connection_, steps, run)) return std::nullopt;
        if (!recorded_) record(steps.size(), true);
        return Ran{.version = migration.version,
                   .name = migration.name,
                   .direction = task_.direction,
                   .recorded = task_.record_only,
                   .sql = part_of(migration, task_.direction).body,
                   .duration_ms = elapsed()};
    }

private:
    bool is_half_way(const HistoryRow& row) const {
        return row.state == (task_.direction == Direction::up ? HistoryState::running : HistoryState::reverting);
    }

    bool is_done(const std::optional<HistoryRow>& row) const {
        return task_.direction == Direction::up ? row && !is_half_way(*row) : !row;
    }

    /// The migration as it is run here.
    Migration with_body(std::size_t done) const {
        Migration migration = task_.migration;
        MigrationPart& part = task_.direction == Direction::up ? migration.up : migration.down;
        if (task_.record_only) {
            part = {};
        } else if (options_.replan && done == 0) {
            part.body = options_.replan(migration, task_.direction, connection_).value_or(part.body);
        }
        return migration;
    }

    /// Asked under the lock: what was true before may be so no more.
    bool may_begin() const {
        if (is_done(find_in_history(connection_, task_.migration.version))) return false;
        std::vector<Problem> problems = losses_with_rows(connection_, task_.migration, task_.losses);
        if (!problems.empty()) throw Error(ErrorCode::refused, std::move(problems));
        return true;
    }

    void record(std::size_t reached, bool last) {
        const bool up = task_.direction == Direction::up;
        recorded_ = last;
        if (last && !up) return erase_from_history(connection_, task_.migration.version);
        HistoryState state = up ? HistoryState::running : HistoryState::reverting;
        if (last) state = task_.record_only ? HistoryState::baseline : HistoryState::applied;
        write_history(connection_, {.version = task_.migration.version,
                                    .name = task_.migration.name,
                                    .checksum = checksum(task_.migration),
                                    .state = state,
                                    .step = last ? 0 : static_cast<std::int64_t>(reached),
                                    .applied_at = options_.now(),
                                    .duration_ms = elapsed()});
    }

    std::int64_t elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started_).count();
    }

    Connection& connection_;
    const Task& task_;
    const RunOptions& options_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    bool recorded_ = false;
};

std::vector<Ran> run_all(Connection& connection, const std::vector<Task>& tasks, const RunOptions& options) {
    std::vector<Ran> all;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        if (options.dry_run) {
            all.push_back({.version = task.migration.version,
                           .name = task.migration.name,
                           .direction = task.direction,
                           .recorded = task.record_only,
                           .sql = task.record_only ? "" : part_of(task.migration, task.direction).body});
            continue;
        }
        const Progress progress{
            .label = label_of(task.migration), .direction = task.direction, .migration = i + 1, .migrations = tasks.size()};
        if (auto ran = TaskRun(connection, task, options).execute(progress)) {
            if (options.finished) options.finished(*ran);
            all.push_back(std::move(*ran));
        }
    }
    return all;
}

/// Runs `change` under the write lock, in a transaction.
void under_lock(Connection& connection, const RunOptions& options, const std::function<void()>& change) {
    BodyRun run{.lock_timeout = options.lock_timeout, .stopped = options.stopped};
    run.committing = [&](std::size_t, bool) { change(); };
    run_body(connection, body_steps({}, Direction::up, connection.dialect()), run);
}

std::optional<std::string> repair_row(Connection& connection, HistoryRow row, const Migration& file) {
    const std::string label = label_of(file);
    const bool half_way = row.state == HistoryState::running || row.state == HistoryState::reverting;
    if (half_way && row.step == 0) {
        if (row.state == HistoryState::running) {
            erase_from_history(connection, row.version);
            return label + " is pending again: its run was rolled back";
        }
        row.state = HistoryState::applied;
        write_history(connection, row);
        return label + " is applied: its way down was rolled back";
    }
    if (row.checksum == checksum(file)) return std::nullopt;
    row.checksum = checksum(file);
    row.name = file.name;
    write_history(connection, row);
    return "recorded the checksum of " + label + " as its file is now";
}

}  // namespace

std::vector<Ran> migrate_up(Connection& connection, std::span<const Migration> migrations, const Target& target,
                            const RunOptions& options) {
    const std::vector<HistoryRow> history = read_history(connection);
    check_all(connection, migrations, history);
    check_version(migrations, target.to);
    std::vector<Task> tasks = tasks_up(migrations, history, target);
    if (history.empty() && !tasks.empty() && tasks.front().migration.baseline) {
        tasks.front().record_only = holds_baseline(connection, tasks.front().migration);
    }
    return run_all(connection, tasks, options);
}

std::vector<Ran> migrate_down(Connection& connection, std::span<const Migration> migrations, const Target& target,
                              const RunOptions& options) {
    const std::vector<HistoryRow> history = read_history(connection);
    check_all(connection, migrations, history);
    check_version(migrations, target.to);
    std::vector<Task> tasks = tasks_down(migrations, history, target);
    check_undoable(tasks, history, connection.dialect());
    if (!tasks.empty() && !options.allow_destructive && !options.dry_run) check_losses(connection, tasks, options);
    return run_all(connection, tasks, options);
}

std::vector<Ran> migrate_redo(Connection& connection, std::span<const Migration> migrations, const RunOptions& options) {
    std::vector<Ran> all = migrate_down(connection, migrations, {.count = 1}, options);
    if (all.empty()) return all;
    const auto undone = std::ranges::find(migrations, all.front().version, &Migration::version);
    for (Ran& ran : run_all(connection, {{.migration = *undone}}, options)) all.push_back(std::move(ran));
    return all;
}

std::vector<Ran> record_baseline(Connection& connection, std::span<const Migration> migrations, std::string_view version,
                                 const RunOptions& options) {
    const std::vector<HistoryRow> history = read_history(connection);
    check_all(connection, migrations, history);
    const Target target{.to = std::string(version)};
    check_version(migrations, target.to);
    std::vector<Task> tasks = tasks_up(migrations, history, target);
    for (Task& task : tasks) task.record_only = true;
    return run_all(connection, tasks, options);
}

std::vector<std::string> repair_history(Connection& connection, std::span<const Migration> migrations,
                                        const RunOptions& options) {
    std::vector<std::string> done;
    if (read_history(connection).empty()) return done;
    under_lock(connection, options, [&] {
        for (const HistoryRow& row : read_history(connection)) {
            const auto file = std::ranges::find(migrations, row.version, &Migration::version);
            if (file == migrations.end()) continue;
            if (auto what = repair_row(connection, row, *file)) done.push_back(std::move(*what));
        }
    });
    return done;
}

std::vector<MigrationStatus> migration_status(Connection& connection, std::span<const Migration> migrations) {
    return compare_with_history(migrations, read_history(connection));
}

}  // namespace tenon
