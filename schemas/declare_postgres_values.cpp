// Types, defaults and expressions of PostgreSQL as a person would write them.
#include <algorithm>

#include "schemas/declare_postgres.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_cursor.h"
#include "schemas/type.h"

namespace tenon::postgres {
namespace {

Sql only_postgres(const std::string& text) {
    Sql sql;
    sql.only.edit()[index_of(Dialect::postgres)] = text;
    return sql;
}

}  // namespace

Sql without_parentheses(const Sql& sql) {
    return sql.text.empty() ? sql : make_sql(std::string(sqlite::without_outer_parentheses(sql.text)), Dialect::postgres);
}

/// The usual name where the reader takes it and it leads back to the same type, else the type for PostgreSQL alone.
Sql declared_type(const Schema& live, const std::string& type) {
    const std::string text = short_type(type);
    const bool plain =
        !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || text[0] == '"' || text[0] == '_') && !text.ends_with('?');
    const TypeParts parts = split_type(text);
    const int given = static_cast<int>(parts.arguments.size());
    const bool fits = parts.row == nullptr || (given >= parts.row->min_arguments && given <= parts.row->max_arguments);
    const Sql sql = make_sql(text, Dialect::postgres);
    const std::string back = server_type(dialect_type(sql, Dialect::postgres, live), live);
    const bool same =
        canonical_sql(back, Dialect::postgres) == canonical_sql(type, Dialect::postgres) || "public." + back == type;
    return plain && fits && same ? sql : only_postgres(type);
}

Default declared_default(const Schema& schema, const Sql& live, const std::string& type) {
    const auto leads_back = [&](const Literal& literal) {
        return make_sql(server_literal(literal, type), Dialect::postgres) == live;
    };
    const std::vector<Token> tokens = lex(live.text, Dialect::postgres);
    const auto kind = value_kind(type);
    const bool is_enum =
        std::ranges::any_of(schema.enums, [&](const EnumType& e) { return qualified(e.schema, e.name) == type; });
    if (!tokens.empty() && tokens[0].kind == TokenKind::string && live.text.starts_with('\'')) {
        Literal literal{Literal::Kind::string, token_name(live.text, tokens[0])};
        const bool plain_text = kind == ValueKind::text && split_type(short_type(type)).arguments.empty();
        if ((plain_text || is_enum) && leads_back(literal)) return literal;
        literal.kind = Literal::Kind::number;
        const bool number = kind == ValueKind::integer || kind == ValueKind::real || kind == ValueKind::decimal;
        if (number && leads_back(literal)) return literal;
    }
    if (tokens.size() == 1 && tokens[0].kind == TokenKind::number) {
        const Literal literal{Literal::Kind::number, live.text};
        const bool whole = live.text.find_first_of(".eE") == std::string::npos;
        const bool fits = whole ? kind == ValueKind::integer || kind == ValueKind::real || kind == ValueKind::decimal
                                : kind == ValueKind::real || kind == ValueKind::decimal;
        if (fits && leads_back(literal)) return literal;
    }
    if (kind == ValueKind::boolean && (live.text == "true" || live.text == "false"))
        return Literal{Literal::Kind::boolean, live.text};
    return without_parentheses(live);
}

}  // namespace tenon::postgres
