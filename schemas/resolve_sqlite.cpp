// The SQLite side of resolve().
#include "schemas/resolve_sqlite.h"

#include <algorithm>
#include <charconv>

#include "schemas/joined.h"
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon::sqlite {
namespace {

constexpr int kExactDigits = 15;  // a double holds so many decimal digits for certain

std::string q(const std::string& name) { return quote_name(name, Dialect::sqlite); }

/// The expression with every bare word VALUE, which stands for the value in a domain's rule, replaced by the column.
std::string with_value(const std::string& expression, const std::string& column) {
    std::string out;
    for (const Token& token : lex(expression, Dialect::postgres)) {
        out += is_keyword(expression, token, "VALUE") ? q(column) : token_text(expression, token);
    }
    return out;
}

}  // namespace

void qualify(std::string& schema, std::string& name) {
    if (!schema.empty() && schema != "public") name = schema + "_" + name;
    schema.clear();
}

void qualify_reference(std::string& table) {
    auto [schema, name] = split_full_name(table);
    qualify(schema, name);
    table = name;
}

void refuse_wide_decimal(const Column& column, const std::string& table) {
    if ((*column.type.only)[index_of(Dialect::sqlite)]) return;
    const TypeParts parts = split_type(column.type.text);
    if (parts.row == nullptr || parts.row->kind != ValueKind::decimal || parts.arguments.empty()) return;
    int digits = 0;
    std::from_chars(parts.arguments[0].data(), parts.arguments[0].data() + parts.arguments[0].size(), digits);
    if (digits <= kExactDigits) return;
    throw Error(ErrorCode::error,
                table + "." + column.name + ": SQLite would round a decimal of " + std::to_string(digits) + " digits",
                "use at most " + std::to_string(kExactDigits) +
                    " digits, or store it as text: type: { sqlite: text, postgres: \"" + column.type.text + "\" }",
                column.where.value);
}

std::string strict_type(const Sql& declared, const Schema& schema) {
    const std::string type = dialect_type(declared, Dialect::sqlite, schema);
    for (const std::string_view known : {"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"}) {
        if (same_name(type, known)) return type;
    }
    const auto kind = value_kind(declared.text);
    if (!kind) return type;
    switch (*kind) {
        case ValueKind::integer:
        case ValueKind::boolean: return "INTEGER";
        case ValueKind::real:
        case ValueKind::decimal: return "REAL";
        case ValueKind::bytes: return "BLOB";
        case ValueKind::text:
        case ValueKind::date:
        case ValueKind::time:
        case ValueKind::timestamp:
        case ValueKind::timestamptz:
        case ValueKind::interval:
        case ValueKind::uuid:
        case ValueKind::json: return "TEXT";
    }
    return type;
}

void spread_type(const Schema& schema, const std::string& type, Table& table, Column& column) {
    const auto add_check = [&](const std::string& expression) {
        Check check;
        check.name.given = {false};
        check.expression = make_sql(expression);
        table.checks.push_back(std::move(check));
    };
    const auto found = std::ranges::find_if(schema.enums, [&](const EnumType& e) { return same_name(e.name, type); });
    if (found != schema.enums.end()) {
        const auto literal = [](const EnumValue& value) { return quote_literal(value.name); };
        add_check(q(column.name) + " IN (" + joined(found->values, ", ", literal) + ")");
    }
    const auto domain = std::ranges::find_if(schema.domains, [&](const Domain& d) { return same_name(d.name, type); });
    if (domain == schema.domains.end()) return;
    for (const Check& check : domain->checks) add_check(with_value(text_for(check.expression, Dialect::sqlite), column.name));
    if (!domain->nullable) column.nullable = false;
    if (!column.default_value) column.default_value = domain->default_value;
    if (column.collate.empty()) column.collate = domain->collate;
}

void settle_key(Table& table, bool implicit) {
    if (!table.primary_key) return;
    PrimaryKey& key = *table.primary_key;
    key.include.clear();
    key.deferrable = key.initially_deferred = false;
    const auto column = std::ranges::find_if(
        table.columns, [&](const Column& c) { return key.columns.size() == 1 && same_name(c.name, key.columns[0].column); });
    if (column == table.columns.end()) return;
    const bool integer = implicit || value_kind(column->type.text) == ValueKind::integer;
    // What may be null is no rowid.
    if (!integer || column->nullable || table.without_rowid || key.columns[0].descending) return;
    column->type = make_sql("INTEGER");
    column->nullable = true;  // said by the key itself
    column->not_null_conflict.clear();
    key.row_id = true;
}

void drop_foreign_features(Table& table) {
    table.comment.clear();
    table.exclusions.clear();
    table.partition_by = {};
    table.inherits.clear();
    table.policies.clear();
    table.rules.clear();
    table.statistics.clear();
    table.rights = {};
    table.of_type.clear();
    table.access_method.clear();
    table.tablespace.clear();
    table.cluster_on.clear();
    table.unlogged = false;
    table.storage.clear();
    table.row_security.clear();
    table.replica_identity.clear();
    for (Column& column : table.columns) {
        column.comment.clear();
        column.storage.clear();
        column.identity.reset();
    }
    for (UniqueConstraint& unique : table.uniques) {
        unique.include.clear();
        unique.nulls_not_distinct = unique.deferrable = unique.initially_deferred = false;
    }
    for (Check& check : table.checks) check.no_inherit = check.not_valid = false;
    for (ForeignKey& key : table.foreign_keys) {
        key.set_columns.clear();
        key.not_valid = false;
    }
    for (Index& index : table.indexes) {
        index.method.clear();
        index.include.clear();
        index.storage.clear();
        index.nulls_not_distinct = index.concurrently = false;
        for (KeyPart& part : index.columns) {
            part.opclass.clear();
            part.nulls.clear();
        }
    }
}

std::string translated(const std::string& expression, const std::string& type) {
    const std::string key = canonical_sql(expression, Dialect::postgres);
    const auto kind = value_kind(type);
    if (key == "now ( )") {
        if (kind == ValueKind::date) return "CURRENT_DATE";
        if (kind == ValueKind::timestamp) return "strftime('%Y-%m-%dT%H:%M:%f', 'now')";
        return "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    }
    if (key == "gen_random_uuid ( )") {
        // Version 4, variant 1, of RFC 4122.
        return "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || "
               "substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";
    }
    return expression;
}

Sql whole_view(const View& view) {
    std::string out = "CREATE VIEW " + q(view.name);
    for (std::size_t i = 0; i < view.columns.size(); ++i) out += (i == 0 ? " (" : ", ") + q(view.columns[i]);
    if (!view.columns.empty()) out += ")";
    return make_sql(out + " AS " + text_for(view.definition, Dialect::sqlite));
}

Sql whole_trigger(const Trigger& trigger, const std::string& table) {
    const std::string& text = text_for(trigger.definition, Dialect::sqlite);
    // `after update of a, b [on t] [for each row] [when …] begin … end`: the table may be left out.
    std::size_t place = std::string::npos;
    for (const Token& token : lex(text, Dialect::sqlite)) {
        if (is_keyword(text, token, "ON")) {
            place = std::string::npos;
            break;
        }
        if (is_keyword(text, token, "FOR") || is_keyword(text, token, "WHEN") || is_keyword(text, token, "BEGIN")) {
            place = token.begin;
            break;
        }
    }
    std::string body = text;
    if (place != std::string::npos) body.insert(place, "ON " + q(table) + " ");
    return make_sql("CREATE TRIGGER " + q(trigger.name) + " " + body);
}

}  // namespace tenon::sqlite
