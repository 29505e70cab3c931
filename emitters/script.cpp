// A plan as text: for sqlite3 -bail and psql, and for migration files.
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
        const std::string tag = dollar_tag(step.sql + " " + step.message);
        const std::string hint = step.hint.empty() ? "" : ", HINT = " + quote_literal(step.hint);
        // A value of which a new type makes nothing is an error of its own.
        const std::string unreadable =
            step.converts
                ? " EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN RAISE EXCEPTION USING MESSAGE = " +
                      quote_literal(step.message + ": ") + " || SQLERRM" + hint + ";"
                : "";
        return "DO " + tag + " BEGIN IF (" + step.sql +
               ") > 0 THEN RAISE EXCEPTION USING MESSAGE = " + quote_literal(step.message) + hint + "; END IF;" + unreadable +
               " END " + tag + ";\n";
    }
    std::string out = std::string("CREATE TEMP TABLE tenon_guard (found ") + (step.yes_or_no ? "BOOLEAN" : "INTEGER") +
                      " CONSTRAINT " + quoted(step.message) + " CHECK (found = 0));\n";
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

/// PostgreSQL: a transaction per group.
std::string in_groups(const Plan& plan, const std::string& settings) {
    std::string out;
    for (const Plan& group : transactions(plan)) out += "BEGIN;\n" + settings + steps_text(group) + "COMMIT;\n";
    return out;
}

std::string in_transaction(const Plan& plan) {
    // Waiting for a lock must not queue everyone else behind it for long.
    if (plan.dialect == Dialect::postgres) return in_groups(plan, "SET LOCAL lock_timeout = '5s';\n");
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
        case Hazard::Kind::lock: return "lock";
    }
    return "";
}

std::vector<Plan> transactions(const Plan& plan) {
    std::vector<Plan> groups;
    for (const Step& step : plan.steps) {
        if (groups.empty() || groups.back().steps.back().group != step.group) {
            groups.emplace_back();
            groups.back().dialect = plan.dialect;
        }
        groups.back().steps.push_back(step);
    }
    return groups;
}

std::string script(const Plan& plan) { return plan.empty() ? "" : in_transaction(plan); }

bool needs_own_transaction(const Plan& plan) { return plan.foreign_keys_off || transactions(plan).size() > 1; }

std::string migration_body(const Plan& plan) {
    if (plan.empty()) return "";
    if (!needs_own_transaction(plan)) return steps_text(plan);
    // The runner has a lock_timeout of its own.
    return plan.dialect == Dialect::postgres ? in_groups(plan, "") : in_transaction(plan);
}

}  // namespace tenon
