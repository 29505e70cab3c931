// Plans for people and machines.
#include "tools/plan_output.h"

#include <set>

#include "differ/json_text.h"
#include "differ/report.h"

namespace tenon {

std::string format_plan(const Planned& planned, bool colour) {
    std::string out = format_changes(planned.changes, planned.questions, colour);
    std::set<std::string> said;
    for (const Step& step : planned.up.steps) {
        for (const Hazard& hazard : step.hazards) {
            const std::string line = "  ! " + std::string(hazard_name(hazard.kind)) + ": " + hazard.message;
            if (!said.insert(line).second) continue;
            out += colour ? "\033[33m" + line + "\033[0m\n" : line + "\n";
        }
    }
    return out;
}

std::string statements_json(const Plan& plan) {
    std::string list;
    for (const Step& step : plan.steps) {
        std::string hazards;
        for (const Hazard& hazard : step.hazards) {
            hazards += (hazards.empty() ? "" : ",") + JsonObject()
                                                          .text("kind", hazard_name(hazard.kind))
                                                          .text("object", hazard.object)
                                                          .text("message", hazard.message)
                                                          .str();
        }
        std::string locks;
        for (const StepLock& lock : step.locks)
            locks += (locks.empty() ? "" : ",") + JsonObject().text("table", lock.table).text("mode", lock.mode).str();
        JsonObject out;
        out.text("sql", step.sql)
            .text("why", step.why)
            .raw("group", std::to_string(step.group))
            .raw("hazards", "[" + hazards + "]");
        if (step.kind == StepKind::guard) out.text("guard", step.message);
        if (!step.work.empty()) out.raw("locks", "[" + locks + "]").text("work", step.work);
        list += (list.empty() ? "" : ",") + out.str();
    }
    return "[" + list + "]";
}

void name_assumed(const Session& session, const Planned& planned) {
    for (const Question& question : planned.assumed) {
        session.terminal.warn("dropped, not renamed: " + question.from + "   (if it has become " + question.to + ": " +
                              question.flag + ")");
    }
}

void name_untried(const Session& session, const Planned& planned) {
    if (planned.untried.empty()) return;
    session.terminal.warn("warning: the plan could not be tried on a scratch database: " + planned.untried +
                          "\n  hint: try it on a copy first, or give --scratch-url, a server where you may make databases");
}

void name_unmanaged(const Session& session, const Changes& changes) {
    for (const Unmanaged& object : changes.unmanaged) {
        session.terminal.say("left alone: " + object.kind + " " + object.name);
    }
}

}  // namespace tenon
