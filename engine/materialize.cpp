// Declared schemas and scripts as a database would hold them.
#include <algorithm>

#include "emitters/sqlite_ddl.h"
#include "engine/inspect.h"
#include "engine/planner.h"
#include "engine/postgres_materialize.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/table_lookup.h"

namespace tenon {
namespace {

/// What sqlite_schema would hold after everything in `resolved` was created.
std::vector<StoredObject> stored_objects(const Schema& resolved) {
    std::vector<StoredObject> rows;
    for (const Table& table : resolved.tables) {
        rows.push_back({"table", table.name, table.name, sqlite::create_table(table, table.name)});
        for (const Index& index : table.indexes) {
            rows.push_back({"index", index.name.text, table.name, sqlite::create_index(index, table)});
        }
    }
    for (const View& view : resolved.views) rows.push_back({"view", view.name, view.name, sqlite::create_view(view)});
    for (const Table& table : resolved.tables) {
        for (const Trigger& trigger : table.triggers) {
            rows.push_back({"trigger", trigger.name, table.name, sqlite::create_trigger(trigger, table)});
        }
    }
    for (const View& view : resolved.views) {
        for (const Trigger& trigger : view.triggers) {
            rows.push_back({"trigger", trigger.name, view.name, sqlite::create_trigger(trigger, {})});
        }
    }
    return rows;
}

/// Parsing tells the names but not who gave them: takes over from `resolved` which names are conventional.
template <class Constraint>
void take_over_given(std::vector<Constraint>& parsed, const std::vector<Constraint>& resolved) {
    for (Constraint& constraint : parsed) {
        const auto same = std::ranges::find_if(
            resolved, [&](const Constraint& other) { return same_name(other.name.text, constraint.name.text); });
        if (same != resolved.end()) constraint.name.given = same->name.given;
    }
}

}  // namespace

Materialized materialize(Schema resolved, const ScratchPlace& place, const Schema* live, const Intents& intents) {
    if (place.dialect == Dialect::postgres) return postgres::materialize(std::move(resolved), place, live, intents);
    // SQLite keeps what was typed, so its parser need not be asked: ours reads the same texts without the quadratic cost of
    // creating thousands of tables.  What is new or changed is tried on scratch when it is planned.
    Schema schema = read_sqlite_schema(stored_objects(resolved));
    const TableLookup sources(resolved);
    for (Table& table : schema.tables) {
        const Table* source = sources.find(table.name);
        if (source == nullptr) continue;
        take_over_given(table.uniques, source->uniques);
        take_over_given(table.checks, source->checks);
        take_over_given(table.foreign_keys, source->foreign_keys);
        take_over_given(table.indexes, source->indexes);
        if (table.primary_key && source->primary_key) {
            table.primary_key->name.given = source->primary_key->name.given;
            table.primary_key->implicit = source->primary_key->implicit;
        }
    }
    schema.mentioned = resolved.mentioned;
    return {std::move(schema)};
}

Schema materialize_script(std::string_view sql, const ScratchPlace& place) {
    auto scratch = open_scratch(place);
    scratch->execute(sql);
    return inspect(*scratch);
}

}  // namespace tenon
