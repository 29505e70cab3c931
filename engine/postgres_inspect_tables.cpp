// Tables, their columns, and sequences in a PostgreSQL database.
#include <algorithm>

#include "engine/postgres_expressions.h"
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

Table table_of(const Inspection& in, const std::string& schema, const Rows& rows, int r) {
    Table table;
    table.name = in.text(rows, r, 2);
    table.schema = schema_of_table(model_schema(schema), table.name);
    table.unlogged = rows.at(r, 4) == "u";
    table.storage = options(rows.at(r, 5));
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
    column.type = make_sql(column_type(in, rows, r), Dialect::postgres);
    column.nullable = !flag(rows, r, 4);
    if (const std::string_view identity = rows.at(r, 5); !identity.empty())
        column.identity = Identity{.kind = identity == "a" ? IdentityKind::always : IdentityKind::by_default};
    if (!rows.null(r, 7)) column.collate = in.text(rows, r, 7);
    if (!rows.null(r, 8)) {
        Sql expression = make_sql(in.text(rows, r, 8), Dialect::postgres);
        if (const std::string_view generated = rows.at(r, 6); !generated.empty()) {
            column.generated = Generated{.expression = std::move(expression), .stored = generated == "s"};
        } else {
            column.default_value = std::move(expression);
        }
    }
    column.inherited = flag(rows, r, 12);
    ColumnStorage storage;
    storage.mode = storage_name(rows.at(r, 9));
    if (const std::string_view compression = rows.at(r, 10); !compression.empty() && compression.front() != '\0')
        storage.compression = compression == "p" ? "pglz" : "lz4";
    if (const int target = number<int>(rows, r, 11); !rows.null(r, 11) && target >= 0) storage.statistics = target;
    storage.options = attribute_options(rows.at(r, 13));
    if (!(storage == ColumnStorage{})) column.storage = std::move(storage);
    return column;
}

/// The sequence of an identity column is a part of that.
void read_identity(Inspection& in, const Rows& rows, int r, const std::string& sequence, const SequenceOwner& owner) {
    const auto relation = in.relations.find(owner.relation);
    if (relation == in.relations.end() || !relation->second.table) return;
    Table& table = in.schema.tables[*relation->second.table];
    const auto column = std::ranges::find(table.columns, relation->second.column(owner.column), &Column::name);
    if (column == table.columns.end() || !column->identity) return;
    Identity& identity = *column->identity;
    const char* const keys[] = {"start", "increment", "maxvalue", "minvalue", "cache"};
    for (int i = 0; i < 5; ++i) identity.options[keys[i]] = in.text(rows, r, 4 + i);
    identity.options["cycle"] = flag(rows, r, 9) ? "true" : "false";
    identity.sequence = sequence;
    in.name(SystemTable::relations, number(rows, r, 0), column_id(table, column->name));
}

void read_sequences(Inspection& in) {
    const Rows& rows = in.rows(Catalog::sequences);
    for (int r = 0; r < rows.count(); ++r) {
        const Oid oid = number(rows, r, 0);
        const std::string* schema = in.schema_of(number(rows, r, 1));
        if (schema == nullptr || in.is_member(SystemTable::relations, oid)) continue;
        Sequence sequence{
            .schema = model_schema(*schema), .name = in.text(rows, r, 2), .options = {}, .owned_by = {}, .comment = {}};
        const std::string name = qualified(sequence.schema, sequence.name);
        if (const SequenceOwner* owner = in.owner_of_sequence(oid)) {
            if (owner->identity) {
                read_identity(in, rows, r, name, *owner);
                continue;
            }
            const auto relation = in.relations.find(owner->relation);
            if (relation != in.relations.end() && relation->second.table)
                sequence.owned_by = relation->second.name + "." + quote(relation->second.column(owner->column));
        }
        const char* const keys[] = {"type", "start", "increment", "maxvalue", "minvalue", "cache"};
        for (int i = 0; i < 6; ++i) sequence.options[keys[i]] = in.text(rows, r, 3 + i);
        sequence.options["cycle"] = flag(rows, r, 9) ? "true" : "false";
        if (rows.at(r, 10) == "u") sequence.options["unlogged"] = "true";
        in.name(SystemTable::relations, oid, "SEQUENCE " + name);
        in.schema.sequences.push_back(std::move(sequence));
    }
}

void read_parents(Inspection& in) {
    const Rows& rows = in.rows(Catalog::inherits);
    for (int r = 0; r < rows.count(); ++r) {
        Table* const child = table_at(in, number(rows, r, 0));
        const Table* const parent = table_at(in, number(rows, r, 1));
        if (child == nullptr || parent == nullptr) continue;
        if (child->partition_bound.empty()) {
            child->inherits.push_back(parent->full_name());
        } else {
            child->partition_of = parent->full_name();
        }
    }
}

void read_relations(Inspection& in) {
    const Rows& rows = in.rows(Catalog::relations);
    in.schema.tables.reserve(static_cast<std::size_t>(rows.count()));
    in.relations.reserve(static_cast<std::size_t>(rows.count()));
    std::unordered_map<Oid, Options> toast;
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 3) == "t") toast[number(rows, r, 0)] = options(rows.at(r, 5), "toast.");
    }
    for (int r = 0; r < rows.count(); ++r) {
        const Oid oid = number(rows, r, 0);
        const std::string* schema = in.schema_of(number(rows, r, 1));
        if (schema == nullptr || in.is_member(SystemTable::relations, oid)) continue;
        Relation& relation = in.relations[oid];
        relation.name = qualified(*schema, in.text(rows, r, 2));
        relation.own_name = quote(in.text(rows, r, 2));
        relation.attributes = number<int>(rows, r, 18);
        const char kind = rows.at(r, 3).front();
        if (kind != 'r' && kind != 'p') continue;
        relation.table = in.schema.tables.size();
        Table& table = in.schema.tables.emplace_back(table_of(in, *schema, rows, r));
        if (const auto said = toast.find(number(rows, r, 6)); said != toast.end()) table.storage.edit().merge(said->second);
        in.name(SystemTable::relations, oid, table_id(table));
    }
}

void read_columns(Inspection& in) {
    const Rows& rows = in.rows(Catalog::columns);
    Oid last = 0;
    Relation* relation = nullptr;
    for (const int r : in_order(rows, {0, 1, 1})) {
        if (const Oid oid = number(rows, r, 0); oid != last) {
            const auto found = in.relations.find(last = oid);
            relation = found == in.relations.end() ? nullptr : &found->second;
        }
        if (relation == nullptr) continue;
        const auto count = static_cast<std::size_t>(number<int>(rows, r, 1));
        relation->columns.resize(count);
        relation->collations.resize(count, kDefaultCollation);
        relation->columns.back() = in.text(rows, r, 2);
        if (!rows.null(r, 15)) relation->collations.back() = number(rows, r, 15);
        if (!relation->table) continue;
        Table& table = in.schema.tables[*relation->table];
        table.columns.push_back(column_of(in, rows, r));
        if (rows.null(r, 14)) continue;
        const std::string name = relation->column_name(static_cast<int>(count));
        const Oid oid = number(rows, r, 14);
        if (in.is_entangled(oid)) in.name(SystemTable::defaults, oid, "DEFAULT " + name);
        in.depend("DEFAULT " + name, "COLUMN " + name);
    }
}

/// Generated columns may be made of columns that come after them.
void settle_generated(Inspection& in) {
    for (const auto& [oid, relation] : in.relations) {
        if (!relation.table) continue;
        for (Column& column : in.schema.tables[*relation.table].columns) {
            if (!column.generated) continue;
            Sql& expression = column.generated->expression;
            expression = make_sql(expression_on(relation, expression.text), Dialect::postgres);
        }
    }
}

}  // namespace

void read_not_nulls(Inspection& in) {
    std::unordered_set<Oid> commented;
    const Rows& comments = in.rows(Catalog::comments);
    for (int r = 0; r < comments.count(); ++r) {
        if (system_table(comments, r, 0) == SystemTable::constraints) commented.insert(number(comments, r, 1));
    }
    const Rows& rows = in.rows(Catalog::not_nulls);
    for (int r = 0; r < rows.count(); ++r) {
        Table* const table = table_at(in, number(rows, r, 0));
        if (table == nullptr) continue;
        const std::string& name = in.relations.at(number(rows, r, 0)).column(number<int>(rows, r, 1));
        const auto column = std::ranges::find(table->columns, name, &Column::name);
        if (column != table->columns.end()) column->not_null_name = in.text(rows, r, 2);
        if (commented.contains(number(rows, r, 3)))
            in.schema.unmanaged.push_back({"comment on a not null constraint", qualified(*table) + "." + quote(name), {}});
    }
}

std::string column_type(const Inspection& in, const Rows& rows, int r) {
    return rows.null(r, 3) ? std::string(plain_type(number(rows, r, 16))) : in.text(rows, r, 3);
}

void read_tables(Inspection& in) {
    read_relations(in);
    read_columns(in);
    settle_generated(in);
    read_sequences(in);
    read_parents(in);
}

}  // namespace tenon::postgres
