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
std::string guard_text(const Step& step) {
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
        out += step.kind == StepKind::guard ? guard_text(step) : step.sql + ";\n";
    }
    return out;
}

std::string in_transaction(const Plan& plan) {
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
