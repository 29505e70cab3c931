// tenon migrate up|down|redo|baseline|repair|status, and tenon status.
#include <algorithm>
#include <charconv>

#include "differ/json_text.h"
#include "engine/live_body.h"
#include "engine/runner.h"
#include "tools/commands.h"

namespace tenon {
namespace {

Target target_of(const Session& session) {
    Target target;
    if (const auto to = session.arguments.value("to")) target.to = *to;
    if (session.arguments.positional.size() > 1) {
        const std::string& text = session.arguments.positional[1];
        std::size_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || end != text.data() + text.size())
            throw Error(ErrorCode::usage, "not a number of migrations: " + text, "write a number, or --to VERSION");
        target.count = count;
    }
    return target;
}

/// Says what was run, or prints what would be.
int report(Session& session, const std::vector<Ran>& ran, const char* nothing) {
    session.terminal.progress_over();
    const bool dry = session.arguments.has("dry-run");
    for (const Ran& one : ran) {
        const std::string label = one.version + "_" + one.name;
        if (dry) {
            session.terminal.out("-- " + label + " " + std::string(direction_name(one.direction)) + "\n" + one.sql + "\n");
        } else {
            session.terminal.say(std::string(one.recorded                     ? "recorded "
                                             : one.direction == Direction::up ? "applied  "
                                                                              : "reverted ") +
                                 label + (one.recorded ? "" : " in " + std::to_string(one.duration_ms) + " ms"));
        }
    }
    if (ran.empty()) session.terminal.say(nothing);
    return dry && !ran.empty() ? 2 : 0;
}

int print_status(Session& session) {
    const std::vector<Migration> migrations = session.migrations();
    const auto connection = open_connection(session.url(), Access::read);
    const std::vector<MigrationStatus> all = migration_status(*connection, migrations);
    const bool json = session.arguments.value("format").value_or("text") == "json";
    std::string list;
    bool open = false;
    for (const MigrationStatus& one : all) {
        const std::string state(state_name(one.state));
        open = open || (one.state != MigrationState::applied && one.state != MigrationState::baseline);
        if (json) {
            list += (list.empty() ? "" : ",") + JsonObject()
                                                    .text("version", one.version)
                                                    .text("name", one.name)
                                                    .text("state", state)
                                                    .text("applied_at", one.applied_at)
                                                    .str();
        } else {
            std::string line = state;
            line.resize(10, ' ');
            session.terminal.out(line + one.version + "_" + one.name + (one.applied_at.empty() ? "" : "  " + one.applied_at) +
                                 "\n");
        }
    }
    if (json) session.terminal.out("{\"version\":1,\"migrations\":[" + list + "]}\n");
    if (all.empty()) session.terminal.say("no migrations");
    return open ? 2 : 0;
}

}  // namespace

int run_status(Session& session) { return print_status(session); }

int run_migrate(Session& session) {
    if (session.arguments.positional.empty())
        throw Error(ErrorCode::usage, "migrate what?", "tenon migrate up|down|redo|baseline VERSION|repair|status");
    const std::string& verb = session.arguments.positional[0];
    static const std::vector<std::string> kVerbs{"up", "down", "redo", "baseline", "repair", "status"};
    if (std::ranges::find(kVerbs, verb) == kVerbs.end()) {
        const std::string close = did_you_mean(verb, kVerbs);
        throw Error(ErrorCode::usage, "there is no `migrate " + verb + "`",
                    close.empty() ? "up, down, redo, baseline, repair or status" : "did you mean `migrate " + close + "`?");
    }
    const bool takes_more = verb == "up" || verb == "down" || verb == "baseline";
    if (!takes_more && session.arguments.positional.size() > 1)
        throw Error(ErrorCode::usage, "unexpected argument: " + session.arguments.positional[1],
                    "`migrate " + verb + "` takes flags alone");
    if (verb == "status") return print_status(session);
    const std::vector<Migration> migrations = session.migrations();
    const std::vector<Problem> problems = chain_problems(migrations);
    if (!problems.empty()) throw Error(ErrorCode::error, problems);
    RunOptions options = session.run_options();
    options.replan = fit_to_live(migrations);
    const Target target = verb == "baseline" || verb == "repair" || verb == "redo" ? Target{} : target_of(session);
    const bool makes = (verb == "up" || verb == "baseline") && !options.dry_run;
    const auto connection = open_connection(session.url(), makes ? Access::create : Access::write, session.lock_timeout());
    if (verb == "up") return report(session, migrate_up(*connection, migrations, target, options), "nothing pending");
    if (verb == "down") return report(session, migrate_down(*connection, migrations, target, options), "nothing to undo");
    if (verb == "redo") return report(session, migrate_redo(*connection, migrations, options), "nothing to redo");
    if (verb == "baseline") {
        if (session.arguments.positional.size() < 2)
            throw Error(ErrorCode::usage, "which version is the baseline?", "tenon migrate baseline VERSION");
        return report(session, record_baseline(*connection, migrations, session.arguments.positional[1], options),
                      "nothing to record");
    }
    const std::vector<std::string> done = repair_history(*connection, migrations, options);
    for (const std::string& line : done) session.terminal.say(line);
    if (done.empty()) session.terminal.say("nothing to repair");
    return 0;
}

}  // namespace tenon
