// Tables and their columns in a PostgreSQL database.
#include <algorithm>

#include "engine/postgres_inspect.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

std::string security_of(bool enabled, bool forced) {
    if (enabled) return forced ? "forced" : "enabled";
    return forced ? "forced only" : "";
}

std::string storage_name(std::string_view letter) {
    if (letter.empty()) return "";
    switch (letter.front()) {
        case 'p': return "plain";
        case 'e': return "external";
        case 'm': return "main";
        default: return "extended";
    }
}

Table table_of(const Inspection& in, const Rows& rows, int r) {
    Table table;
    const std::string schema = in.text(rows, r, 1);
    table.schema = schema == "public" ? "" : schema;
    table.name = in.text(rows, r, 2);
    table.unlogged = rows.at(r, 4) == "u";
    table.storage = options(rows.at(r, 5));
    table.storage.edit().merge(options(rows.at(r, 6), "toast."));
    table.row_security = security_of(flag(rows, r, 7), flag(rows, r, 8));
    if (rows.at(r, 9) == "f") table.replica_identity = "full";
    if (rows.at(r, 9) == "n") table.replica_identity = "nothing";
    table.access_method = in.text(rows, r, 10);
    table.tablespace = in.text(rows, r, 11);
    if (!rows.null(r, 12)) table.partition_bound = make_sql(in.text(rows, r, 12), Dialect::postgres);
    if (!rows.null(r, 13)) table.partition_by = make_sql(in.text(rows, r, 13), Dialect::postgres);
    table.of_type = in.text(rows, r, 14);
    return table;
}

Column column_of(const Inspection& in, const Rows& rows, int r) {
    Column column;
    column.name = in.text(rows, r, 2);
    column.type = make_sql(in.text(rows, r, 3), Dialect::postgres);
    column.nullable = !flag(rows, r, 4);
    if (const std::string_view identity = rows.at(r, 5); !identity.empty())
        column.identity = Identity{.kind = identity == "a" ? IdentityKind::always : IdentityKind::by_default};
    column.collate = in.text(rows, r, 7);
    if (!rows.null(r, 8)) {
        const Sql expression = make_sql(in.text(rows, r, 8), Dialect::postgres);
        if (const std::string_view generated = rows.at(r, 6); !generated.empty()) {
            column.generated = Generated{.expression = expression, .stored = generated == "s"};
        } else {
            column.default_value = expression;
        }
    }
    column.storage = storage_name(rows.at(r, 9));
    if (const std::string_view compression = rows.at(r, 10); !compression.empty() && compression.front() != '\0')
        column.compression = compression == "p" ? "pglz" : "lz4";
    if (const int target = number<int>(rows, r, 11); !rows.null(r, 11) && target >= 0) column.statistics = target;
    column.inherited = !flag(rows, r, 12);
    column.attribute_options = attribute_options(rows.at(r, 13));
    return column;
}

/// The sequences of identity columns.
void read_identities(Inspection& in) {
    const Rows& rows = in.rows(Catalog::sequences);
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 13) != "i") continue;
        const Oid relation = number(rows, r, 11);
        const auto found = in.tables.find(relation);
        if (found == in.tables.end()) continue;
        Table& table = in.schema.tables[found->second];
        const std::string& name = in.columns[relation][static_cast<std::size_t>(number<int>(rows, r, 12) - 1)];
        const auto column = std::ranges::find(table.columns, name, &Column::name);
        if (column == table.columns.end() || !column->identity) continue;
        Identity& identity = *column->identity;
        const char* const keys[] = {"start", "increment", "maxvalue", "minvalue", "cache"};
        for (int i = 0; i < 5; ++i) identity.options[keys[i]] = in.text(rows, r, 4 + i);
        identity.options["cycle"] = flag(rows, r, 9) ? "true" : "false";
        identity.sequence = qualified(in.text(rows, r, 1), in.text(rows, r, 2));
        in.name("pg_class", number(rows, r, 0), column_id(table, name));
    }
}

void read_owned_sequences(Inspection& in) {
    const Rows& rows = in.rows(Catalog::sequences);
    auto sequence = in.schema.sequences.begin();
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 13) == "i") continue;
        if (rows.at(r, 13) == "a") {
            const Oid relation = number(rows, r, 11);
            if (in.tables.contains(relation)) {
                const std::string& name = in.columns[relation][static_cast<std::size_t>(number<int>(rows, r, 12) - 1)];
                sequence->owned_by = in.relations[relation] + "." + quote(name);
            }
        }
        ++sequence;
    }
}

void read_parents(Inspection& in) {
    const Rows& rows = in.rows(Catalog::inherits);
    for (int r = 0; r < rows.count(); ++r) {
        const auto child = in.tables.find(number(rows, r, 0));
        const auto parent = in.tables.find(number(rows, r, 1));
        if (child == in.tables.end() || parent == in.tables.end()) continue;
        Table& table = in.schema.tables[child->second];
        const std::string name = in.schema.tables[parent->second].full_name();
        if (table.partition_bound.empty()) {
            table.inherits.push_back(name);
        } else {
            table.partition_of = name;
        }
    }
}

}  // namespace

void read_tables(Inspection& in) {
    const Rows& relations = in.rows(Catalog::relations);
    in.schema.tables.reserve(static_cast<std::size_t>(relations.count()));
    for (int r = 0; r < relations.count(); ++r) {
        const Oid oid = number(relations, r, 0);
        in.relations[oid] = qualified(in.text(relations, r, 1), in.text(relations, r, 2));
        const char kind = relations.at(r, 3).front();
        if (kind != 'r' && kind != 'p') continue;
        in.tables[oid] = in.schema.tables.size();
        in.schema.tables.push_back(table_of(in, relations, r));
        in.name("pg_class", oid, table_id(in.schema.tables.back()));
    }
    const Rows& columns = in.rows(Catalog::columns);
    for (int r = 0; r < columns.count(); ++r) {
        const Oid oid = number(columns, r, 0);
        if (!in.relations.contains(oid)) continue;
        std::vector<std::string>& names = in.columns[oid];
        names.resize(static_cast<std::size_t>(number<int>(columns, r, 1)));
        names.back() = in.text(columns, r, 2);
        const auto found = in.tables.find(oid);
        if (found == in.tables.end()) continue;
        Table& table = in.schema.tables[found->second];
        table.columns.push_back(column_of(in, columns, r));
        if (!columns.null(r, 14)) in.name("pg_attrdef", number(columns, r, 14), default_id(table, names.back()));
    }
    read_identities(in);
    read_owned_sequences(in);
    read_parents(in);
}

}  // namespace tenon::postgres
