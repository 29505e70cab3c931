// Materializing on PostgreSQL.
#include "engine/postgres_materialize.h"

#include <algorithm>

#include "emitters/emitter.h"
#include "engine/inspect.h"

namespace tenon::postgres {
namespace {

/// Inspection tells the names but not who gave them.
template <class Constraint>
void take_over_given(std::vector<Constraint>& made, const std::vector<Constraint>& resolved) {
    for (Constraint& constraint : made) {
        const auto same = std::ranges::find_if(resolved, [&](const Constraint& other) { return other.name.text == constraint.name.text; });
        constraint.name.given = {same != resolved.end() && same->name.given.value};
    }
}

}  // namespace

Schema materialize(const Schema& resolved, const ScratchPlace& place) {
    auto scratch = open_scratch(place);
    Schema whole = resolved;
    if (whole.schemas.empty()) whole.schemas = {"public"};
    for (const std::string& statement : make_emitter(Dialect::postgres)->create_all(whole)) scratch->execute(statement);
    Schema schema = inspect(*scratch);
    for (Table& table : schema.tables) {
        const auto source = std::ranges::find_if(resolved.tables, [&](const Table& t) { return t.full_name() == table.full_name(); });
        if (source == resolved.tables.end()) continue;
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
    return schema;
}

}  // namespace tenon::postgres
