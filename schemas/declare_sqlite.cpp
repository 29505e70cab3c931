// The declared form of what inspection found in a SQLite file.
#include <algorithm>

#include "schemas/declare.h"
#include "schemas/resolve.h"
#include "schemas/resolve_sqlite.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/sqlite_cursor.h"
#include "schemas/type.h"

namespace tenon {
namespace {

Sql only_sqlite(const std::string& text) {
    Sql sql;
    sql.only.edit()[index_of(Dialect::sqlite)] = text;
    return sql;
}

/// The portable name where it leads back to the same declared type, else the type for SQLite alone.
Sql declared_type(const Column& column, const Table& table) {
    const std::string& live = column.type.text;
    const std::string portable = portable_type(live, Dialect::sqlite);
    Column trial = column;
    trial.type = make_sql(portable);
    try {
        sqlite::refuse_wide_decimal(trial, table.name);
        const Schema none;
        const std::string back =
            table.strict ? sqlite::strict_type(trial.type, none) : dialect_type(trial.type, Dialect::sqlite, none);
        const bool plain = !portable.empty() && (std::isalpha(static_cast<unsigned char>(portable[0])) != 0) &&
                           !portable.ends_with('?') && std::ranges::count(portable, '(') == std::ranges::count(portable, ')');
        const TypeParts parts = split_type(portable);
        const int given = static_cast<int>(parts.arguments.size());
        const bool arguments_fit =
            parts.row == nullptr || (given >= parts.row->min_arguments && given <= parts.row->max_arguments);
        if (plain && arguments_fit && canonical_sql(back, Dialect::sqlite) == column.type.key()) return trial.type;
    } catch (const Error&) {
        // A decimal that SQLite rounds: there it is, all the same.
    }
    return only_sqlite(live);
}

/// The default as a scalar where a person would write one, and reading it back gives the same.
Default declared_default(const Column& column, const Sql& type) {
    const Sql sql = std::get<Sql>(*column.default_value);
    const std::vector<Token> tokens = lex(sql.text, Dialect::sqlite);
    const auto row = type.text.empty() ? nullptr : split_type(type.text).row;
    const auto kind = row == nullptr ? std::optional<ValueKind>{} : row->kind;
    if (same_name(sql.text, "NULL") && column.nullable) return Literal{};
    if (tokens.size() == 1 && tokens[0].kind == TokenKind::string && sql.text.front() == '\'') {
        const std::string text = token_name(sql.text, tokens[0]);
        const TypeParts parts = split_type(type.text);
        if (kind == ValueKind::text && parts.arguments.empty()) return Literal{Literal::Kind::string, text};
    }
    const bool number = !tokens.empty() && tokens.back().kind == TokenKind::number &&
                        (tokens.size() == 1 || (tokens.size() == 2 && sql.text[0] == '-'));
    const bool whole = number && sql.text.find_first_of(".eExX") == std::string::npos;
    if (whole && (kind == ValueKind::integer || kind == ValueKind::real || kind == ValueKind::decimal))
        return Literal{Literal::Kind::number, sql.text};
    if (kind == ValueKind::boolean && (sql.text == "0" || sql.text == "1"))
        return Literal{Literal::Kind::boolean, sql.text == "1" ? "true" : "false"};
    return sql;
}

/// A trigger's text after its name.
std::string trigger_body(const std::string& sql) {
    sqlite::Cursor cursor(sql);
    cursor.expect_keyword("CREATE");
    if (!cursor.take_keyword("TEMP")) cursor.take_keyword("TEMPORARY");
    cursor.expect_keyword("TRIGGER");
    cursor.take_name();
    return sql.substr(cursor.token().begin);
}

View declared_view(const View& live) {
    View view = live;
    sqlite::Cursor cursor(live.definition.text);
    cursor.expect_keyword("CREATE");
    cursor.expect_keyword("VIEW");
    cursor.take_name();
    if (cursor.at_symbol('(')) {
        for (const KeyPart& part : sqlite::take_key_parts(cursor, false)) view.columns.push_back(part.column);
    }
    cursor.expect_keyword("AS");
    view.definition = make_sql(live.definition.text.substr(cursor.token().begin));
    for (Trigger& trigger : view.triggers) trigger.definition = make_sql(trigger_body(trigger.definition.text));
    return view;
}

const std::string& name_of(const std::string& name) { return name; }
const std::string& name_of(const KeyPart& part) { return part.column; }

/// An `id` as Tenon would add it by itself.
bool is_implicit_id(const Table& table) {
    if (!table.primary_key || !table.primary_key->row_id || table.primary_key->autoincrement ||
        !table.primary_key->conflict.empty())
        return false;
    // What is said inside the column needs the column to stand there.
    const auto about_id = [](const auto& thing) {
        return thing.columns.size() == 1 && same_name(name_of(thing.columns[0]), "id");
    };
    if (std::ranges::any_of(table.foreign_keys, about_id) || std::ranges::any_of(table.uniques, about_id) ||
        std::ranges::any_of(table.indexes, about_id))
        return false;
    const Column& first = table.columns.front();
    return first.name == "id" && same_name(table.primary_key->columns[0].column, "id") && !first.default_value &&
           first.collate.empty();
}

Sql live_type(const Table& table, const std::string& column) { return find_column(table, column)->type; }

Table declared_table(const Schema& schema, const Table& live) {
    Table table = live;
    table.stored = {};
    if (!table.primary_key) {
        table.no_primary_key = true;
    } else if (is_implicit_id(live)) {
        table.primary_key.reset();
        table.columns.erase(table.columns.begin());
    } else {
        table.primary_key->name.given = {!table.primary_key->name.text.empty()};
        table.primary_key->row_id = false;
    }
    for (Column& column : table.columns) {
        column.type = declared_type(column, live);
        if (live.primary_key && live.primary_key->row_id && in_key(live, column)) column.nullable = false;
        if (column.default_value) column.default_value = declared_default(column, column.type);
        // Said by the key already.
        for (const ForeignKey& key : live.foreign_keys) {
            const Table* target = key.columns.size() == 1 && same_name(key.columns[0], column.name)
                                      ? find_table(schema, key.referenced_table)
                                      : nullptr;
            const Column* theirs = target == nullptr || key.referenced_columns.size() != 1
                                       ? nullptr
                                       : find_column(*target, key.referenced_columns[0]);
            const bool inside = key.name.text.empty() || key.name.text == conventional_name(live.name, key.columns, "fkey");
            if (theirs != nullptr && inside && target != &live && theirs->type == live_type(live, column.name) &&
                leads_to_key(schema, key))
                column.type = {};
        }
        column.collate = fold(column.collate);
        column.on_conflict = column.nullable ? "" : column.not_null_conflict;
        column.not_null_conflict.clear();
    }
    for (UniqueConstraint& unique : table.uniques)
        forget_conventional(unique.name, live.name, part_names(unique.columns), "key");
    for (ForeignKey& key : table.foreign_keys) {
        forget_conventional(key.name, live.name, key.columns, "fkey");
        key.unchecked = !leads_to_key(schema, key);
    }
    for (Check& check : table.checks) check.name.given = {!check.name.text.empty()};
    for (Index& index : table.indexes) {
        forget_conventional(index.name, live.name, part_names(index.columns), "idx");
        index.stored = {};
    }
    for (Trigger& trigger : table.triggers) trigger.definition = make_sql(trigger_body(trigger.definition.text));
    return table;
}

}  // namespace

Schema sqlite::declare(const Schema& inspected) {
    Schema declared;
    for (const Table& table : inspected.tables) declared.tables.push_back(declared_table(inspected, table));
    for (const View& view : inspected.views) declared.views.push_back(declared_view(view));
    const auto triggered = [](const auto& thing) { return !thing.triggers.empty(); };
    const bool triggers = std::ranges::any_of(inspected.tables, triggered) || std::ranges::any_of(inspected.views, triggered);
    declared.mentioned.value = Mentioned::none();
    declared.mentioned.value.views = !inspected.views.empty();
    declared.mentioned.value.triggers = triggers;
    declared.unmanaged = inspected.unmanaged;
    return declared;
}

}  // namespace tenon
