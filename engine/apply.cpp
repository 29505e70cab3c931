// The transactions of a plan.
#include "engine/apply.h"

#include "emitters/postgres_locks.h"
#include "engine/guarded.h"
#include "engine/history.h"
#include "engine/inspect.h"
#include "engine/postgres_preflight.h"
#include "engine/run_lock.h"

namespace tenon {
namespace {

std::string shown(const Value& value) {
    return match(
        value, [](std::monostate) { return std::string("NULL"); }, [](std::int64_t number) { return std::to_string(number); },
        [](double number) { return std::to_string(number); },
        [](const std::string& text) { return "'" + text.substr(0, 60) + "'"; },
        [](const Blob& blob) { return "a blob of " + std::to_string(blob.bytes.size()) + " bytes"; });
}

/// What stands in the way, with a few of the rows.
[[noreturn]] void refuse(Connection& connection, const Step& guard, const Value& found, const std::string& outcome) {
    std::string message = guard.message;
    const auto* count = guard.yes_or_no ? nullptr : std::get_if<std::int64_t>(&found);
    std::string examples;
    if (!guard.examples.empty()) {
        connection.query(guard.examples, {}, [&](std::span<const Value> row) {
            std::string line;
            for (const Value& value : row) line += (line.empty() ? "" : ", ") + shown(value);
            examples += "\n    " + line;
        });
    }
    if (!examples.empty() && count != nullptr)
        message += " (" + std::to_string(*count) + (*count == 1 ? " row" : " rows") + "), such as" + examples;
    throw Error(ErrorCode::refused, message + "\n  " + outcome, guard.hint);
}

/// The connection's foreign key setting, put back in any case.
class ForeignKeys {
public:
    ForeignKeys(Connection& connection, bool off)
        : connection_(connection),
          was_on_(connection.dialect() == Dialect::sqlite &&
                  connection.scalar("PRAGMA foreign_keys") == Value{std::int64_t{1}}) {
        if (off && was_on_) connection.execute("PRAGMA foreign_keys = OFF");
    }
    ForeignKeys(const ForeignKeys&) = delete;
    ForeignKeys& operator=(const ForeignKeys&) = delete;
    ~ForeignKeys() {
        try {
            if (was_on_) connection_.execute("PRAGMA foreign_keys = ON");
        } catch (const Error&) {
            // The connection is about to be closed.
        }
    }

private:
    Connection& connection_;
    bool was_on_;
};

class Run {
public:
    Run(Connection& connection, const ApplyOptions& options) : connection_(connection), options_(options) {}

    void execute(const std::vector<Plan>& groups, RunLock& lock) {
        for (std::size_t i = 0; i < groups.size(); ++i) {
            lock.begin();
            if (options_.stopped) connection_.on_progress([&] { return !options_.stopped(); });
            try {
                run_steps(groups[i]);
                connection_.on_progress({});
                if (i + 1 == groups.size()) check_reached();
                connection_.execute("COMMIT");
            } catch (...) {
                roll_back();
                throw;
            }
            committed_ = true;
        }
    }

private:
    Connection& connection_;
    const ApplyOptions& options_;
    std::size_t done_ = 0;
    bool committed_ = false;  ///< an earlier transaction of the plan

    std::string outcome() const {
        return committed_ ? "the first part is done: run the same command again for the rest" : "nothing was changed";
    }

    void run_steps(const Plan& plan) {
        for (const Step& step : plan.steps) {
            if (options_.stopped && options_.stopped()) throw Error(ErrorCode::locked, "interrupted; " + outcome());
            if (options_.progress) options_.progress(step, done_);
            ++done_;
            if (step.kind == StepKind::statement) {
                execute(step);
            } else if (const Value found = ask_guard(connection_, step.sql, step.message, step.hint);
                       found != Value{std::int64_t{0}}) {
                refuse(connection_, step, found, outcome());
            }
        }
    }

    void execute(const Step& step) {
        try {
            connection_.execute(step.sql);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::error) throw;
            std::vector<Problem> problems = error.problems();
            problems.front().message = step.why + ": " + problems.front().message;
            throw Error(error.code(), std::move(problems)).set_state(error.state());
        }
    }

    void check_reached() {
        const std::string left = options_.left ? options_.left(inspect(connection_)) : "";
        if (left.empty()) return;
        throw Error(
            ErrorCode::error, "the result is not what was planned; " + outcome() + ". From there to what is wanted:\n" + left,
            "somebody else may have changed the database at the same time: try again; else this is a bug of Tenon, please "
            "report it with `tenon diff --format json`");
    }

    void roll_back() noexcept {
        try {
            connection_.on_progress({});
            connection_.execute("ROLLBACK");
        } catch (const Error&) {
            // SQLite has rolled back by itself (a full disk, an interrupt); or the connection is lost.
        }
    }
};

}  // namespace

void apply_plan(Connection& connection, const Plan& plan, const ApplyOptions& options) {
    RunLock lock(connection, History(connection).schema(), options.lock_timeout, options.stopped);
    std::vector<std::string> statements;
    for (const Step& step : plan.steps) statements.push_back(step.sql);
    postgres::check_before(connection, statements);
    postgres::check_lock_table(connection, postgres::lock_slots(plan));
    const ForeignKeys keys(connection, plan.foreign_keys_off);
    Run(connection, options).execute(transactions(plan), lock);
}

}  // namespace tenon
