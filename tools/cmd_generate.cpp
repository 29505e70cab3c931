// tenon generate: the next migration file, computed from files alone.  tenon new: an empty one.
#include <algorithm>

#include "differ/json_text.h"
#include "engine/inspect.h"
#include "engine/schema_hash.h"
#include "tools/commands.h"
#include "tools/files.h"
#include "tools/plan_output.h"

namespace tenon {
namespace {

std::string required_name(const Session& session) {
    if (session.arguments.positional.empty())
        throw Error(ErrorCode::usage, "a migration needs a name", "tenon generate add_subtitle");
    const std::string slug = make_slug(session.arguments.positional[0]);
    if (slug.empty())
        throw Error(ErrorCode::usage, "no letters or digits in the name " + session.arguments.positional[0],
                    "tenon generate add_subtitle");
    return slug;
}

Migration next_migration(const Session& session, const std::vector<Migration>& before) {
    const std::vector<Problem> problems = chain_problems(before);
    if (!problems.empty()) throw Error(ErrorCode::error, problems);
    Migration migration;
    migration.parent = before.empty() ? "none" : before.back().version;
    migration.version = next_version(now_utc(), before.empty() ? "" : before.back().version);
    migration.name = required_name(session);
    migration.dialect = session.dialect();
    migration.risk = "none";
    return migration;
}

MigrationPart part(const Plan& plan) {
    MigrationPart out;
    out.body = migration_body(plan);
    out.transaction = !needs_own_transaction(plan);
    return out;
}

std::string risk_of(const Plan& plan) {
    std::string risk = "none";
    for (const Step& step : plan.steps) {
        for (const Hazard& hazard : step.hazards) {
            if (hazard.kind == Hazard::Kind::data_loss) return "data-loss";
            if (hazard.kind == Hazard::Kind::copy || hazard.kind == Hazard::Kind::scan) risk = "lock";
        }
    }
    return risk;
}

void write_migration(Session& session, const Migration& migration) {
    const auto path = session.config.migrations / migration_file_name(migration);
    write_file(path, render_migration(migration));
    session.terminal.say("wrote " + path.string());
}

}  // namespace

int run_generate(Session& session) {
    const bool json = session.arguments.value("format").value_or("text") == "json";
    const std::vector<Migration> before = session.migrations();
    Migration migration = next_migration(session, before);
    const Source target = session.schema_source();
    const Schema from = session.replayed(before, "");
    const Capabilities can = session.with_settings(capabilities(*open_scratch(session.scratch_place())));
    const Planned planned = plan_both_ways(
        {.from = from, .to = target.schema, .intents = target.intents, .decisions = session.decisions(), .capabilities = can, .scratch = session.scratch_place()});
    if (planned.changes.empty()) {
        session.terminal.say("nothing changed: no migration written");
        return 0;
    }
    if (!planned.questions.empty()) {
        if (!json) session.terminal.warn(format_plan(planned, false));
        return refuse(session, planned.questions, json);
    }
    migration.from = schema_hash(from);
    migration.to = schema_hash(planned.after);
    migration.risk = risk_of(planned.up);
    migration.up = part(planned.up);
    migration.down = part(planned.down);
    migration.down.irreversible = planned.up.irreversible;
    if (session.arguments.has("dry-run")) {
        session.terminal.out(render_migration(migration));
        return 2;
    }
    session.terminal.say(format_plan(planned, false));
    write_migration(session, migration);
    if (json) session.terminal.out("{\"version\":1,\"migration\":" + json_quote(migration_file_name(migration)) + "}\n");
    return 0;
}

int run_new(Session& session) {
    const std::vector<Migration> before = session.migrations();
    Migration migration = next_migration(session, before);
    migration.up.body = "-- what shall change\n";
    migration.down.body = "-- how it is undone\n";
    write_migration(session, migration);
    return 0;
}

}  // namespace tenon
