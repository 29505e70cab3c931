// The inner loop of the runner: transactions, guards, foreign keys.
#include "engine/runner_body.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/guarded.h"
#include "engine/postgres_done.h"
#include "engine/runner_settings.h"
#include "engine/values.h"
#include "schemas/error.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace {

std::string rows(std::int64_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

/// The progress hook, in place for as long as statements may be interrupted: a rollback must not be.
class Interruptible {
public:
    Interruptible(Connection& connection, const std::function<bool()>& stopped) : connection_(connection) {
        if (stopped) connection.on_progress([&stopped] { return !stopped(); });
    }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
    ~Interruptible() { connection_.on_progress({}); }

private:
    Connection& connection_;
};

/// How many rows point at no row; `unusable` counts the tables where SQLite cannot tell, because a key is not unique.
struct Violations {
    std::int64_t rows = 0;
    std::int64_t unusable = 0;
};

/// Foreign keys that lead from or to a table which the steps name.
class ForeignKeyCheck {
public:
    ForeignKeyCheck(Connection& connection, const std::vector<BodyStep>& steps, const std::function<bool()>& stopped)
        : connection_(connection), stopped_(stopped) {
        const bool switched = std::ranges::any_of(steps, [](const BodyStep& step) {
            const auto names = mentioned_names(step.sql, Dialect::sqlite);
            return step.kind == BodyStep::Kind::setting && std::ranges::find(names, "foreign_keys") != names.end();
        });
        if (!switched || connection.dialect() != Dialect::sqlite) return;
        for (const BodyStep& step : steps) {
            const auto names = mentioned_names(step.sql, Dialect::sqlite);
            named_.insert(names.begin(), names.end());
        }
    }

    void begin() { before_ = count(); }

    void before_commit() const {
        const Violations after = count();
        if (after.rows > before_.rows) {
            throw Error(ErrorCode::refused,
                        rows(after.rows - before_.rows) + " would point at a row that does not exist (foreign keys)");
        }
        if (after.unusable > before_.unusable) {
            throw Error(ErrorCode::refused, "a foreign key would lead to columns that are not unique");
        }
    }

private:
    Violations count() const {
        Violations found;
        if (named_.empty()) return found;
        const Interruptible hook(connection_, stopped_);
        std::set<std::string> children;
        connection_.query(
            "SELECT DISTINCT m.name, f.\"table\" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = "
            "'table'",
            {}, [&](std::span<const Value> row) {
                const std::string child = text_of(row[0]);
                if (named_.contains(fold(child)) || named_.contains(fold(text_of(row[1])))) children.insert(child);
            });
        for (const std::string& child : children) {
            const Value parameter = child;
            try {
                found.rows +=
                    number_of(connection_.scalar("SELECT count(*) FROM pragma_foreign_key_check($1)", {&parameter, 1}));
            } catch (const Error& error) {
                if (error.code() != ErrorCode::error) throw;
                ++found.unusable;
            }
        }
        return found;
    }

    Connection& connection_;
    const std::function<bool()>& stopped_;
    std::set<std::string> named_{};
    Violations before_{};
};

class Run {
public:
    Run(Connection& connection, const std::vector<BodyStep>& steps, const BodyRun& run)
        : connection_(connection), steps_(steps), run_(run), foreign_keys_(connection, steps, run.stopped) {
        const auto works = [](const BodyStep& step) { return step.kind != BodyStep::Kind::setting; };
        const auto last = std::find_if(steps.rbegin(), steps.rend(), works);
        last_ = static_cast<std::size_t>(std::distance(last, steps.rend()));
        last_ = last_ > 0 ? last_ - 1 : steps.size() - 1;
    }

    bool execute() {
        for (std::size_t at = 0; at < steps_.size(); ++at) {
            if (at < run_.done && steps_[at].kind != BodyStep::Kind::setting) continue;
            try {
                if (run_.step) run_.step(at);
                if (!execute_step(at)) return false;
            } catch (const Error& error) {
                roll_back();
                throw placed(error, steps_[at]);
            } catch (...) {  // whatever a caller's function throws
                roll_back();
                throw;
            }
        }
        return true;
    }

private:
    bool execute_step(std::size_t at) {
        const BodyStep& step = steps_[at];
        stop_if_asked();
        switch (step.kind) {
            case BodyStep::Kind::begin: return begin();
            case BodyStep::Kind::commit:
                foreign_keys_.before_commit();
                announce(at);
                connection_.execute(step.sql);
                in_transaction_ = false;
                break;
            case BodyStep::Kind::setting:
                interruptible(step.sql);
                if (at == last_) announce(at);
                break;
            case BodyStep::Kind::guard: check_guard(step); break;
            case BodyStep::Kind::statement:
                if (in_transaction_) {
                    interruptible(step.sql);
                } else {
                    run_alone(at);
                    announce(at);
                }
                break;
        }
        return true;
    }

    void announce(std::size_t at) const {
        if (run_.committing) run_.committing(at + 1, at == last_);
    }

    void interruptible(const std::string& sql) {
        const Interruptible hook(connection_, run_.stopped);
        connection_.execute(sql);
    }

    bool begin() {
        if (run_.begin) {
            run_.begin();
        } else {
            connection_.execute("BEGIN");
        }
        in_transaction_ = true;
        if (run_.begun && !run_.begun()) {
            roll_back();
            return false;
        }
        foreign_keys_.begin();
        return true;
    }

    /// A statement that commits by itself.
    void run_alone(std::size_t at) {
        const BodyStep& step = steps_[at];
        const bool postgres = connection_.dialect() == Dialect::postgres;
        if (!postgres) return interruptible(step.sql);
        if (run_.resumed && at == run_.done && postgres::already_done(connection_, step.sql)) return;
        // What runs CONCURRENTLY is in nobody's way while it waits, and giving up would leave an invalid index behind.
        const bool patient = postgres::is_concurrent(step.sql);
        const std::string timeout =
            patient ? std::get<std::string>(connection_.scalar("SELECT current_setting('lock_timeout')")) : "";
        if (patient) connection_.set_lock_timeout(std::chrono::milliseconds(0));
        interruptible(step.sql);
        const Value value = timeout;
        if (patient) connection_.scalar("SELECT set_config('lock_timeout', $1, false)", {&value, 1});
    }

    void check_guard(const BodyStep& step) {
        const Interruptible hook(connection_, run_.stopped);
        const std::string hint =
            step.hint.empty() ? "the migration was rolled back" : step.hint + "; the migration was rolled back";
        const std::int64_t found = number_of(ask_guard(connection_, step.sql, step.message, hint));
        if (found == 0) return;
        throw Error(ErrorCode::refused, step.message + (step.counts ? " (" + rows(found) + ")" : ""), hint);
    }

    void stop_if_asked() const {
        if (run_.stopped && run_.stopped()) throw Error(ErrorCode::locked, "interrupted");
    }

    void roll_back() noexcept {
        if (!std::exchange(in_transaction_, false)) return;
        try {
            connection_.execute("ROLLBACK");
        } catch (const Error&) {
            // Some failures (a full disk) have rolled back already.
        }
    }

    Error placed(const Error& error, const BodyStep& step) const {
        std::vector<Problem> problems = error.problems();
        for (Problem& problem : problems) {
            if (problem.where.file.empty() && !run_.path.empty()) problem.where = {run_.path, step.line, 0};
        }
        return Error(error.code(), std::move(problems));
    }

    Connection& connection_;
    const std::vector<BodyStep>& steps_;
    const BodyRun& run_;
    ForeignKeyCheck foreign_keys_;
    std::size_t last_ = 0;  ///< the step after which all is done: behind it are only settings
    bool in_transaction_ = false;
};

}  // namespace

bool run_body(Connection& connection, const std::vector<BodyStep>& steps, const BodyRun& run) {
    const SavedSettings settings(connection, steps);
    return Run(connection, steps, run).execute();
}

ScratchPlace place_for(ScratchPlace place, std::span<const Migration> migrations) {
    const auto commits = [&](const Migration& migration, Direction direction) {
        return part_of(migration, direction).transaction ? 1
                                                         : std::ranges::count(body_steps(migration, direction, place.dialect),
                                                                              BodyStep::Kind::commit, &BodyStep::kind);
    };
    place.own_database =
        place.own_database || (place.dialect == Dialect::postgres && std::ranges::any_of(migrations, [&](const Migration& m) {
                                   return commits(m, Direction::up) > 1 || commits(m, Direction::down) > 1;
                               }));
    return place;
}

void replay(Connection& scratch, std::span<const Migration> migrations, std::string_view version) {
    for (const Migration& migration : migrations) {
        if (!version.empty() && version_less(version, migration.version)) continue;
        run_body(scratch, body_steps(migration, Direction::up, scratch.dialect()), {.path = migration.path});
    }
}

}  // namespace tenon
