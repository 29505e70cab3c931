// A plan as text: for sqlite3 -bail, and for migration files.
#include <algorithm>

#include "emitters/plan.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// One line of comment, whatever the text holds.
std::string comment(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    std::ranges::replace(text, '\r', ' ');
    return "-- " + text + "\n";
}

/// A guard in plain SQL: the insert breaks a CHECK that is named after what is wrong.
std::string guard_text(const Step& step, Dialect dialect) {
    if (dialect == Dialect::postgres) {
        return "DO $tenon$ BEGIN IF (" + step.sql + ") > 0 THEN RAISE EXCEPTION USING MESSAGE = " + quote_literal(step.message) +
               (step.hint.empty() ? "" : ", HINT = " + quote_literal(step.hint)) + "; END IF; END $tenon$;\n";
    }
    std::string out =
        "CREATE TEMP TABLE tenon_guard (found INTEGER CONSTRAINT " + quoted(step.message) + " CHECK (found = 0));\n";
    out += "INSERT INTO tenon_guard " + step.sql + ";\n";
    if (!step.hint.empty()) out += comment("hint: " + step.hint);
    return out + "DROP TABLE temp.tenon_guard;\n";
}

std::string steps_text(const Plan& plan) {
    std::string out;
    std::string why;
    for (const Step& step : plan.steps) {
        if (step.why != why) out += comment(step.why);
        why = step.why;
        out += step.kind == StepKind::guard ? guard_text(step, plan.dialect) : step.sql + ";\n";
    }
    return out;
}

/// PostgreSQL: a transaction per group.  Waiting for a lock must not queue everyone else behind it for long.
std::string in_groups(const Plan& plan) {
    std::string out;
    for (auto step = plan.steps.begin(); step != plan.steps.end();) {
        const auto end = std::find_if(step, plan.steps.end(), [&](const Step& other) { return other.group != step->group; });
        Plan group;
        group.dialect = plan.dialect;
        group.steps.assign(step, end);
        out += "BEGIN;\nSET LOCAL lock_timeout = '5s';\n" + steps_text(group) + "COMMIT;\n";
        step = end;
    }
    return out;
}

std::string in_transaction(const Plan& plan) {
    if (plan.dialect == Dialect::postgres) return in_groups(plan);
    std::string out;
    if (plan.foreign_keys_off) out += "PRAGMA foreign_keys = OFF;\n";
    return out + "BEGIN IMMEDIATE;\n" + steps_text(plan) + "COMMIT;\n";
}

}  // namespace

std::string_view hazard_name(Hazard::Kind kind) {
    switch (kind) {
        case Hazard::Kind::data_loss: return "data-loss";
        case Hazard::Kind::conversion: return "conversion";
        case Hazard::Kind::constraint: return "constraint";
        case Hazard::Kind::scan: return "scan";
        case Hazard::Kind::copy: return "copy";
        case Hazard::Kind::breaks: return "breaks";
    }
    return "";
}

std::string script(const Plan& plan) { return plan.empty() ? "" : in_transaction(plan); }

bool needs_own_transaction(const Plan& plan) { return plan.foreign_keys_off; }

std::string migration_body(const Plan& plan) {
    if (plan.empty()) return "";
    return needs_own_transaction(plan) ? in_transaction(plan) : steps_text(plan);
}

}  // namespace tenon
