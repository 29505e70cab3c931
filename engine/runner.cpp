// The verbs of `tenon migrate`.
#include "engine/runner.h"

#include <algorithm>

#include "emitters/postgres_locks.h"
#include "engine/inspect.h"
#include "engine/postgres_preflight.h"
#include "engine/run_lock.h"
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

/// What a run holds from its first look at the history to its end.
struct Place {
    Connection& connection;
    const RunOptions& options;
    History history;
    RunLock lock;

    Place(Connection& to, const RunOptions& with)
        : connection(to), options(with), history(to), lock(to, history.schema(), with.lock_timeout, with.stopped) {}
};

/// Runs one task.
class TaskRun {
public:
    TaskRun(Place& place, const Task& task)
        : connection_(place.connection), history_(place.history), lock_(place.lock), options_(place.options), task_(task) {}

    /// Nothing where another runner was faster.
    std::optional<Ran> execute(Progress progress) {
        const std::optional<HistoryRow> row = history_.find(task_.migration.version);
        if (is_done(row)) return std::nullopt;
        reached_ = reached(row);
        const bool resumed = row && is_half_way(*row);
        const Migration migration = with_body(resumed);
        const std::vector<BodyStep> steps = body_steps(migration, task_.direction, connection_.dialect());
        progress.statements = steps.size();
        // A statement that commits by itself may be done though nothing says so: the next run must know that it was begun.
        const bool postgres = connection_.dialect() == Dialect::postgres;
        if (postgres && !resumed && works_outside_transactions(steps)) record(0, false);

        BodyRun run{.path = migration.path, .done = reached_, .resumed = resumed, .stopped = options_.stopped};
        run.begin = [&] { lock_.begin(); };
        run.begun = [&] { return may_begin(); };
        run.committing = [&](std::size_t step, bool last) { record(step, last); };
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

    /// Steps that are done, as the history tells.
    std::size_t reached(const std::optional<HistoryRow>& row) const {
        return row && is_half_way(*row) ? static_cast<std::size_t>(row->step) : 0;
    }

    /// The migration as it is run here.
    Migration with_body(bool resumed) const {
        Migration migration = task_.migration;
        MigrationPart& part = task_.direction == Direction::up ? migration.up : migration.down;
        if (task_.record_only) {
            part = {};
        } else if (options_.replan && !resumed) {
            part.body = options_.replan(migration, task_.direction, connection_).value_or(part.body);
        }
        return migration;
    }

    /// Asked under the lock: what was true before may be so no more.
    bool may_begin() const {
        const std::optional<HistoryRow> row = history_.find(task_.migration.version);
        if (is_done(row)) return false;
        if (reached(row) != reached_)
            throw Error(ErrorCode::locked, label_of(task_.migration) + " is being run by another process", "wait for it");
        std::vector<Problem> problems = losses_with_rows(connection_, task_.migration, task_.losses);
        if (!problems.empty()) throw Error(ErrorCode::refused, std::move(problems));
        return true;
    }

    void record(std::size_t step, bool last) {
        const bool up = task_.direction == Direction::up;
        recorded_ = last;
        reached_ = step;
        if (last && !up) return history_.erase(task_.migration.version);
        HistoryState state = up ? HistoryState::running : HistoryState::reverting;
        if (last) state = task_.record_only ? HistoryState::baseline : HistoryState::applied;
        history_.write({.version = task_.migration.version,
                        .name = task_.migration.name,
                        .checksum = checksum(task_.migration),
                        .state = state,
                        .step = last ? 0 : static_cast<std::int64_t>(step),
                        .applied_at = options_.now(),
                        .duration_ms = elapsed()});
    }

    std::int64_t elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started_).count();
    }

    Connection& connection_;
    const History& history_;
    RunLock& lock_;
    const RunOptions& options_;
    const Task& task_;
    std::size_t reached_ = 0;  ///< steps that are done
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    bool recorded_ = false;
};

/// What would be run.
std::vector<Ran> told(const std::vector<Task>& tasks) {
    std::vector<Ran> all;
    for (const Task& task : tasks) {
        all.push_back({.version = task.migration.version,
                       .name = task.migration.name,
                       .direction = task.direction,
                       .recorded = task.record_only,
                       .sql = task.record_only ? "" : part_of(task.migration, task.direction).body});
    }
    return all;
}

std::vector<Ran> run_all(Place& place, const std::vector<Task>& tasks) {
    std::vector<Ran> all;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Task& task = tasks[i];
        const Progress progress{
            .label = label_of(task.migration), .direction = task.direction, .migration = i + 1, .migrations = tasks.size()};
        if (auto ran = TaskRun(place, task).execute(progress)) {
            if (place.options.finished) place.options.finished(*ran);
            all.push_back(std::move(*ran));
        }
    }
    return all;
}

std::optional<std::string> repair_row(const History& history, HistoryRow row, const Migration& file) {
    const std::string label = label_of(file);
    const bool half_way = row.state == HistoryState::running || row.state == HistoryState::reverting;
    if (half_way && row.step == 0) {
        if (row.state == HistoryState::running) {
            history.erase(row.version);
            return label + " is pending again: its run was rolled back";
        }
        row.state = HistoryState::applied;
        history.write(row);
        return label + " is applied: its way down was rolled back";
    }
    if (row.checksum == checksum(file)) return std::nullopt;
    row.checksum = checksum(file);
    row.name = file.name;
    history.write(row);
    return "recorded the checksum of " + label + " as its file is now";
}

/// @throws Error where PostgreSQL would refuse one of the tasks.
void check_ready(Connection& connection, const std::vector<Task>& tasks) {
    if (connection.dialect() != Dialect::postgres || tasks.empty()) return;
    constexpr std::size_t kMany = 200;  // statements, before it is worth asking how many locks they take
    std::vector<std::string> statements;
    int slots = 0;
    for (const Task& task : tasks) {
        if (task.record_only) continue;
        Plan plan;
        plan.dialect = Dialect::postgres;
        int group = 0;
        for (const BodyStep& step : body_steps(task.migration, task.direction, Dialect::postgres)) {
            statements.push_back(step.sql);
            plan.steps.emplace_back();
            plan.steps.back().sql = step.sql;
            plan.steps.back().group = group;
            if (step.kind == BodyStep::Kind::commit) ++group;
        }
        if (plan.steps.size() < kMany) continue;
        postgres::tell_costs(plan, inspect(connection));
        slots = std::max(slots, postgres::lock_slots(plan));
    }
    postgres::check_before(connection, statements);
    postgres::check_lock_table(connection, slots);
}

/// The tasks of a verb, from what the history holds.
using Choose = std::function<std::vector<Task>(std::span<const HistoryRow>)>;

/// Chooses under the lock and runs, or only tells.
std::vector<Ran> choose_and_run(Connection& connection, std::span<const Migration> migrations, const RunOptions& options,
                                const Choose& choose) {
    const auto chosen = [&](const History& history) {
        const std::vector<HistoryRow> rows = history.rows();
        check_all(connection, migrations, rows);
        return choose(rows);
    };
    if (options.dry_run) return told(chosen(History(connection)));
    Place place(connection, options);
    const std::vector<Task> tasks = chosen(place.history);
    check_ready(connection, tasks);
    return run_all(place, tasks);
}

std::vector<Task> chosen_down(Connection& connection, std::span<const Migration> migrations,
                              std::span<const HistoryRow> history, const Target& target, const RunOptions& options) {
    check_version(migrations, target.to);
    std::vector<Task> tasks = tasks_down(migrations, history, target);
    check_undoable(tasks, history, connection.dialect());
    if (!tasks.empty() && !options.allow_destructive && !options.dry_run) check_losses(connection, tasks, options);
    return tasks;
}

}  // namespace

std::vector<Ran> migrate_up(Connection& connection, std::span<const Migration> migrations, const Target& target,
                            const RunOptions& options) {
    return choose_and_run(connection, migrations, options, [&](std::span<const HistoryRow> history) {
        check_version(migrations, target.to);
        std::vector<Task> tasks = tasks_up(migrations, history, target);
        if (history.empty() && !tasks.empty() && tasks.front().migration.baseline) {
            tasks.front().record_only = holds_baseline(connection, tasks.front().migration);
        }
        return tasks;
    });
}

std::vector<Ran> migrate_down(Connection& connection, std::span<const Migration> migrations, const Target& target,
                              const RunOptions& options) {
    return choose_and_run(connection, migrations, options, [&](std::span<const HistoryRow> history) {
        return chosen_down(connection, migrations, history, target, options);
    });
}

std::vector<Ran> migrate_redo(Connection& connection, std::span<const Migration> migrations, const RunOptions& options) {
    return choose_and_run(connection, migrations, options, [&](std::span<const HistoryRow> history) {
        std::vector<Task> tasks = chosen_down(connection, migrations, history, {.count = 1}, options);
        if (!tasks.empty()) tasks.push_back({.migration = tasks.front().migration});
        return tasks;
    });
}

std::vector<Ran> record_baseline(Connection& connection, std::span<const Migration> migrations, std::string_view version,
                                 const RunOptions& options) {
    return choose_and_run(connection, migrations, options, [&](std::span<const HistoryRow> history) {
        const Target target{.to = std::string(version)};
        check_version(migrations, target.to);
        std::vector<Task> tasks = tasks_up(migrations, history, target);
        for (Task& task : tasks) task.record_only = true;
        return tasks;
    });
}

std::vector<std::string> repair_history(Connection& connection, std::span<const Migration> migrations,
                                        const RunOptions& options) {
    std::vector<std::string> done;
    if (read_history(connection).empty()) return done;
    Place place(connection, options);
    BodyRun run{.stopped = options.stopped};
    run.begin = [&] { place.lock.begin(); };
    run.committing = [&](std::size_t, bool) {
        for (const HistoryRow& row : place.history.rows()) {
            const auto file = std::ranges::find(migrations, row.version, &Migration::version);
            if (file == migrations.end()) continue;
            if (auto what = repair_row(place.history, row, *file)) done.push_back(std::move(*what));
        }
    };
    run_body(connection, body_steps({}, Direction::up, connection.dialect()), run);
    return done;
}

std::vector<MigrationStatus> migration_status(Connection& connection, std::span<const Migration> migrations) {
    return compare_with_history(migrations, read_history(connection));
}

}  // namespace tenon
