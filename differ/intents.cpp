// Intents out of a declared schema, and turned round.
#include "differ/intents.h"

#include <algorithm>

#include "schemas/resolve_sqlite.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

Sql chosen(const Sql& sql, Dialect dialect) { return make_sql(text_for(sql, dialect), dialect); }

/// `CASE mood WHEN 'meh' THEN 'ok' ELSE mood END` for the values of an enum that have new names; empty where none has.
std::string renamed_values(const EnumType& type, const std::string& column) {
    std::string cases;
    for (const EnumValue& value : type.values) {
        if (!value.renamed_from.empty())
            cases += " WHEN " + quote_literal(value.renamed_from) + " THEN " + quote_literal(value.name);
    }
    return cases.empty() ? "" : "CASE " + quoted(column) + cases + " ELSE " + quoted(column) + " END";
}

/// What the table is called in a database of the dialect.
std::string name_in(const Table& table, Dialect dialect) {
    if (dialect != Dialect::sqlite) return table.full_name();
    std::string schema = table.schema;
    std::string name = table.name;
    sqlite::qualify(schema, name);
    return name;
}

void add_column(const Schema& declared, const Table& table, const Column& column, Dialect dialect, Intents& intents) {
    const std::pair key{name_in(table, dialect), column.name};
    if (!column.renamed_from.empty())
        intents.renames.push_back({Rename::Kind::column, key.first, column.renamed_from, column.name});
    if (!column.using_expression.empty()) intents.using_expressions[key] = chosen(column.using_expression, dialect);
    if (!column.backfill.empty()) intents.backfills[key] = chosen(column.backfill, dialect);
    if (dialect != Dialect::sqlite || intents.using_expressions.contains(key)) return;
    const auto type = std::ranges::find_if(
        declared.enums, [&](const EnumType& e) { return same_name(e.name, text_for(column.type, dialect)); });
    if (type == declared.enums.end()) return;
    // SQLite has no enums: a column of one is a text under a CHECK, and a value's new name is new text.
    const std::string expression = renamed_values(*type, column.name);
    if (!expression.empty()) intents.using_expressions[key] = make_sql(expression, dialect);
}

}  // namespace

Intents intents_of(const Schema& declared, Dialect dialect) {
    Intents intents;
    intents.declared = true;
    intents.mentioned = declared.mentioned.value;
    for (const Table& table : declared.tables) {
        const std::string name = name_in(table, dialect);
        if (!table.renamed_from.empty()) intents.renames.push_back({Rename::Kind::table, "", table.renamed_from, name});
        for (const Column& column : table.columns) add_column(declared, table, column, dialect, intents);
        const auto add_named = [&](Rename::Kind kind, const auto& things) {
            for (const auto& thing : things) {
                if (!thing.renamed_from.empty()) intents.renames.push_back({kind, name, thing.renamed_from, thing.name.text});
            }
        };
        add_named(Rename::Kind::index, table.indexes);
        add_named(Rename::Kind::constraint, table.uniques);
        add_named(Rename::Kind::constraint, table.checks);
        add_named(Rename::Kind::constraint, table.foreign_keys);
        add_named(Rename::Kind::constraint, table.exclusions);
    }
    for (const EnumType& type : declared.enums) {
        if (!type.renamed_from.empty()) intents.renames.push_back({Rename::Kind::enum_type, "", type.renamed_from, type.name});
        for (const EnumValue& value : type.values) {
            if (!value.renamed_from.empty())
                intents.renames.push_back({Rename::Kind::enum_value, type.name, value.renamed_from, value.name});
        }
    }
    return intents;
}

Intents reverse(const Intents& intents) {
    Intents back;
    back.column_order = intents.column_order;
    for (const Rename& rename : intents.renames) {
        Rename turned = rename;
        std::swap(turned.from, turned.to);
        const auto table = std::ranges::find_if(intents.renames, [&](const Rename& other) {
            return other.kind == Rename::Kind::table && same_name(other.to, rename.table);
        });
        if (rename.kind != Rename::Kind::table && table != intents.renames.end()) turned.table = table->from;
        back.renames.push_back(std::move(turned));
    }
    return back;
}

}  // namespace tenon
