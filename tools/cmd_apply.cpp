// tenon apply: the database becomes what the schema says, at once.
#include <algorithm>

#include "differ/diff.h"
#include "differ/json_text.h"
#include "differ/report.h"
#include "engine/apply.h"
#include "engine/history.h"
#include "engine/inspect.h"
#include "tools/commands.h"
#include "tools/plan_output.h"

namespace tenon {
namespace {

/// Where migrations are in use, the schema goes through them; apply may only finish what they end in.
void refuse_beside_history(Session& session, Connection& connection, const Source& target) {
    if (read_history(connection).empty()) return;
    if (session.left_to_do(session.replayed(session.migrations(), ""), target).empty()) return;
    throw Error(ErrorCode::refused, "this database has a migration history, and the migrations do not end in this schema",
                "write the next migration with `tenon generate NAME`, then `tenon migrate up`");
}

}  // namespace

int run_apply(Session& session) {
    const bool json = session.arguments.value("format").value_or("text") == "json";
    const bool dry = session.arguments.has("dry-run");
    Source target = session.read_source(session.config.schema.string());
    target.intents.column_order = session.arguments.has("column-order");
    const bool missing = session.dialect() == Dialect::sqlite && session.url().path != ":memory:" &&
                         !std::filesystem::exists(session.url().path);
    // A dry run of a database that is not there must not make it.
    Source live = dry && missing ? session.source("empty") : session.database_source(Access::create);
    session.settle(target, &live.schema);
    if (live.connection) refuse_beside_history(session, *live.connection, target);
    const Capabilities can = session.with_settings(live.connection ? capabilities(*live.connection)
                                                                   : capabilities(*open_scratch(session.scratch_place())));
    const Planned planned = plan_changes({.from = live.schema,
                                          .to = target.schema,
                                          .intents = target.intents,
                                          .decisions = session.decisions(),
                                          .capabilities = can,
                                          .scratch = session.scratch_place()});
    name_unmanaged(session, planned.changes);
    name_assumed(session, planned);
    name_untried(session, planned);
    if (planned.changes.empty()) {
        if (json) session.terminal.out("{\"version\":1,\"statements\":[]}\n");
        session.terminal.say("nothing to do");
        return 0;
    }
    if (!planned.questions.empty()) {
        if (!json) session.terminal.warn(format_plan(planned, false));
        return refuse(session, planned.questions, json);
    }
    if (dry) {
        session.terminal.out(json ? "{\"version\":1,\"statements\":" + statements_json(planned.up) + "}\n"
                                  : script(planned.up));
        return 2;
    }
    if (!json) session.terminal.say(format_plan(planned, false));
    if (!session.arguments.has("yes")) {
        if (!session.terminal.can_ask())
            throw Error(ErrorCode::refused, "not applied: nobody is there to confirm", "give --yes");
        if (!session.terminal.confirm("apply this?")) throw Error(ErrorCode::refused, "not applied");
    }
    catch_stop_signals();
    ApplyOptions options;
    options.lock_timeout = session.lock_timeout();
    options.stopped = stop_requested;
    options.progress = [&](const Step& step, std::size_t done) {
        session.terminal.progress(step.why, done, planned.up.steps.size());
    };
    options.left = [&](const Schema& now) {
        // PostgreSQL prints some texts otherwise than they were declared: what the same plan gave on scratch tells the form.
        const bool postgres = *now.dialect == Dialect::postgres;
        Changes left = compare(now, postgres ? planned.after : target.schema, target.intents);
        std::erase_if(left.list, [&](const Change& change) { return planned.restated.contains(change_id(change)); });
        return format_changes(left, {}, false);
    };
    apply_plan(*live.connection, planned.up, options);
    session.terminal.progress_over();
    if (json) session.terminal.out("{\"version\":1,\"statements\":" + statements_json(planned.up) + "}\n");
    session.terminal.say("applied " + std::to_string(planned.changes.list.size()) +
                         (planned.changes.list.size() == 1 ? " change" : " changes"));
    return 0;
}

}  // namespace tenon
