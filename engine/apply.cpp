// One transaction around a plan.
#include "engine/apply.h"

#include "engine/inspect.h"

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
[[noreturn]] void refuse(Connection& connection, const Step& guard, const Value& found) {
    std::string message = guard.message;
    const auto* count = std::get_if<std::int64_t>(&found);
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
    throw Error(ErrorCode::refused, message + "\n  nothing was changed", guard.hint);
}

/// The connection's foreign key setting, put back in any case.
class ForeignKeys {
public:
    ForeignKeys(Connection& connection, bool off)
        : connection_(connection), was_on_(connection.scalar("PRAGMA foreign_keys") == Value{std::int64_t{1}}) {
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

void run_steps(Connection& connection, const Plan& plan, const ApplyOptions& options) {
    std::size_t done = 0;
    for (const Step& step : plan.steps) {
        if (options.stopped && options.stopped()) throw Error(ErrorCode::locked, "interrupted; nothing was changed");
        if (options.progress) options.progress(step, done);
        ++done;
        if (step.kind == StepKind::statement) {
            connection.execute(step.sql);
        } else if (const Value found = connection.scalar(step.sql); found != Value{std::int64_t{0}}) {
            refuse(connection, step, found);
        }
    }
}

}  // namespace

void apply_plan(Connection& connection, const Plan& plan, const ApplyOptions& options) {
    connection.set_lock_timeout(options.lock_timeout);
    const ForeignKeys keys(connection, plan.foreign_keys_off);
    connection.execute("BEGIN IMMEDIATE");
    if (options.stopped) connection.on_progress([&] { return !options.stopped(); });
    try {
        run_steps(connection, plan, options);
        connection.on_progress({});
        if (options.reached && !options.reached(inspect(connection))) {
            throw Error(ErrorCode::error, "the result is not what was planned; nothing was changed",
                        "this is a bug of Tenon: please report it with `tenon diff --format json`");
        }
        connection.execute("COMMIT");
    } catch (...) {
        connection.on_progress({});
        try {
            connection.execute("ROLLBACK");
        } catch (const Error&) {
            // SQLite has rolled back by itself (a full disk, an interrupt).
        }
        throw;
    }
}

}  // namespace tenon
