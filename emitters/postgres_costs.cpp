// The costs of a whole plan.
#include <algorithm>
#include <map>
#include <set>

#include "emitters/postgres_locks.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// Keeps `schema` in step with a rename or a drop, so that later statements find the table.
void follow(Schema& schema, const std::string& sql) {
    SqlWords words(sql, Dialect::postgres);
    if (words.take_all({"DROP", "TABLE"})) {
        words.take_all({"IF", "EXISTS"});
        const std::string name = plain_name(words.take_name());
        std::erase_if(schema.tables, [&](const Table& table) { return table.full_name() == name; });
        return;
    }
    if (!words.take_all({"ALTER", "TABLE"})) return;
    words.take("ONLY");
    const std::string name = plain_name(words.take_name());
    const auto table = std::ranges::find_if(schema.tables, [&](const Table& t) { return t.full_name() == name; });
    if (table == schema.tables.end()) return;
    if (words.take_all({"SET", "SCHEMA"})) {
        const std::string target = plain_name(words.take_name());
        table->schema = schema_of_table(target == "public" ? "" : target, table->name);
    } else if (words.take_all({"RENAME", "TO"})) {
        table->name = plain_name(words.take_name());
        table->schema = schema_of_table(table->schema == "public" ? "" : table->schema, table->name);
    } else if (words.take("RENAME") && !words.take("CONSTRAINT")) {
        words.take("COLUMN");
        const std::string old = plain_name(words.take_name());
        const auto column = std::ranges::find(table->columns, old, &Column::name);
        if (column != table->columns.end() && words.take("TO")) column->name = plain_name(words.take_name());
    }
}

std::string_view waiting(LockMode mode) {
    if (mode == LockMode::access_exclusive) return "reads and writes wait";
    if (mode >= LockMode::share) return "writes wait";
    return "reads and writes go on";
}

Hazard hazard_of(const StatementCost& cost) {
    const TableLock& first = cost.locks.front();
    const std::string meanwhile =
        " under " + std::string(lock_name(first.mode)) + ": " + std::string(waiting(first.mode)) + " meanwhile";
    switch (cost.work) {
        case Work::rewrite: return {Hazard::Kind::copy, first.table, "the table " + first.table + " is rewritten" + meanwhile};
        case Work::index: return {Hazard::Kind::scan, first.table, "an index is built on " + first.table + meanwhile};
        case Work::scan: return {Hazard::Kind::scan, first.table, "the table " + first.table + " is read" + meanwhile};
        case Work::none: break;
    }
    return {Hazard::Kind::lock, first.table,
            first.table + " is locked (" + std::string(lock_name(first.mode)) +
                ") for a moment: " + std::string(waiting(first.mode))};
}

}  // namespace

void tell_costs(Plan& plan, const Schema& before) {
    if (plan.dialect != Dialect::postgres) return;
    Schema now = before;
    struct Strongest {
        LockMode mode = LockMode::none;
        Step* step = nullptr;  ///< the first to take it
        bool told = false;     ///< by what the step does meanwhile
    };
    std::map<std::string, Strongest> strongest;
    for (Step& step : plan.steps) {
        if (step.kind == StepKind::guard) continue;
        const StatementCost cost = cost_of(step.sql, now);
        follow(now, step.sql);
        step.work = work_name(cost.work);
        step.lock_slots = cost.slots;
        step.slow = step.slow || cost.work != Work::none;
        for (const TableLock& lock : cost.locks) {
            step.locks.push_back({lock.table, std::string(lock_name(lock.mode))});
            const bool told = cost.work != Work::none && &lock == &cost.locks.front();
            Strongest& most = strongest[lock.table];
            if (lock.mode > most.mode || (told && lock.mode == most.mode)) most = {lock.mode, &step, told};
        }
        if (cost.work != Work::none) step.hazards.push_back(hazard_of(cost));
    }
    for (const auto& entry : strongest) {
        const std::string& table = entry.first;
        const Strongest& most = entry.second;
        const bool goes = std::ranges::any_of(most.step->hazards, [&](const Hazard& hazard) {
            return hazard.kind == Hazard::Kind::data_loss && hazard.object == table;
        });
        if (!most.told && !goes && most.mode >= LockMode::share)
            most.step->hazards.push_back(hazard_of({.locks = {{table, most.mode}}, .work = Work::none}));
    }
}

int lock_slots(const Plan& plan) {
    int most = 0;
    for (const Plan& group : transactions(plan)) {
        std::set<std::string> tables;
        int slots = 0;
        for (const Step& step : group.steps) {
            slots += step.lock_slots;
            for (const StepLock& lock : step.locks) tables.insert(lock.table);
        }
        most = std::max(most, slots + static_cast<int>(tables.size()));
    }
    return most;
}

}  // namespace tenon::postgres
