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
        throw Error(ErrorCode::usage, "a migration needs a name", "`tenon generate add_subtitle`, `tenon new fill_subtitles`");
    return make_slug(session.arguments.positional[0]);
}

/// The last version of the project, in any dialect: what is written together has one version.
std::string last_version(const Session& session) {
    std::string last;
    for (const Dialect dialect : session.dialects()) {
        for (const Migration& migration : session.in_dialect(dialect).migrations())
            last = std::max(last, migration.version, version_less);
    }
    return last;
}

Migration next_migration(const Session& session, const std::vector<Migration>& before, const std::string& version) {
    const std::vector<Problem> problems = chain_problems(before);
    if (!problems.empty()) throw Error(ErrorCode::error, problems);
    Migration migration;
    migration.parent = before.empty() ? "none" : before.back().version;
    migration.version = version;
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

void write_migration(const Session& session, const Migration& migration) {
    const auto path = session.migrations_folder() / migration_file_name(migration);
    write_file(path, render_migration(migration));
    session.terminal.say("wrote " + path.string());
}

/// What one dialect's migration would be.
struct Draft {
    Session session;
    Planned planned{};
    Migration migration{};  ///< without a body where nothing changed
};

Draft generate_in(const Session& session, const std::string& version) {
    Draft out{.session = session};
    const std::vector<Migration> before = session.migrations();
    out.migration = next_migration(session, before, version);
    const Source target = session.schema_source();
    const Schema from = session.replayed(before, "");
    const Capabilities can = session.with_settings(capabilities(*open_scratch(session.scratch_place())));
    out.planned = plan_both_ways({.from = from,
                                  .to = target.schema,
                                  .intents = target.intents,
                                  .decisions = session.decisions(),
                                  .capabilities = can,
                                  .scratch = session.scratch_place()});
    if (out.planned.changes.empty()) return out;
    out.migration.from = schema_hash(from);
    out.migration.to = schema_hash(out.planned.after);
    out.migration.risk = risk_of(out.planned.up);
    out.migration.up = part(out.planned.up);
    out.migration.down = part(out.planned.down);
    out.migration.down.irreversible = out.planned.up.irreversible;
    return out;
}

}  // namespace

int run_generate(Session& session) {
    const bool json = session.arguments.value("format").value_or("text") == "json";
    const std::string version = next_version(now_utc(), last_version(session));
    std::vector<Draft> all;
    // Nothing is written before every dialect has its plan.
    for (const Dialect dialect : session.dialects()) {
        Draft one = generate_in(session.in_dialect(dialect), version);
        if (one.planned.changes.empty()) continue;
        name_assumed(session, one.planned);
        name_untried(session, one.planned);
        if (!one.planned.questions.empty()) {
            if (!json) session.terminal.warn(format_plan(one.planned, false));
            return refuse(session, one.planned.questions, json);
        }
        all.push_back(std::move(one));
    }
    if (all.empty()) {
        session.terminal.say("nothing changed: no migration written");
        return 0;
    }
    if (session.arguments.has("dry-run")) {
        for (const Draft& one : all) session.terminal.out(render_migration(one.migration));
        return 2;
    }
    for (const Draft& one : all) {
        if (all.size() > 1) session.terminal.say(std::string(dialect_name(one.session.dialect())) + ":");
        session.terminal.say(format_plan(one.planned, false));
    }
    for (const Draft& one : all) write_migration(one.session, one.migration);
    if (json)
        session.terminal.out("{\"version\":1,\"migration\":" + json_quote(migration_file_name(all.front().migration)) + "}\n");
    return 0;
}

int run_new(Session& session) {
    const std::string version = next_version(now_utc(), last_version(session));
    for (const Dialect dialect : session.dialects()) {
        const Session one = session.in_dialect(dialect);
        Migration migration = next_migration(one, one.migrations(), version);
        migration.up.body = "-- what shall change\n";
        migration.down.body = "-- how it is undone\n";
        write_migration(one, migration);
    }
    return 0;
}

}  // namespace tenon
