// Bounds of partitions as conditions on rows.
#include "emitters/postgres_bounds.h"

#include <vector>

#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_cursor.h"

namespace tenon::postgres {
namespace {

using sqlite::Cursor;

/// The only part of the key, as an expression.
std::optional<std::string> key_of(Cursor& cursor) {
    const std::vector<std::string> parts = split_at_commas(cursor.take_group());
    if (parts.size() != 1) return std::nullopt;
    // A column, a call or something in parentheses; words behind it are a collation or an operator class.
    const std::vector<Token> tokens = lex(parts[0], Dialect::postgres);
    int depth = 0;
    for (const Token& token : tokens) {
        const std::string text = token_text(parts[0], token);
        if (text == "(") ++depth;
        if (text == ")") --depth;
        if (depth == 0 && token.kind == TokenKind::space) return std::nullopt;
    }
    return parts[0];
}

std::string in_list(const std::string& key, const std::vector<std::string>& values) {
    std::vector<std::string> plain;
    std::string out;
    for (const std::string& value : values) {
        if (value == "NULL") {
            out = key + " IS NULL";
        } else {
            plain.push_back(value);
        }
    }
    if (plain.empty()) return out;
    return (out.empty() ? "" : out + " OR ") + key + " IN (" + joined(plain) + ")";
}

}  // namespace

std::optional<std::string> rows_within(const std::string& partition_by, const std::string& bound) {
    Cursor by(partition_by, Dialect::postgres);
    const bool list = by.take_keyword("LIST");
    if (!list && !by.take_keyword("RANGE")) return std::nullopt;
    const std::optional<std::string> key = key_of(by);
    Cursor cursor(bound, Dialect::postgres);
    if (!key || !cursor.take_keyword("FOR") || !cursor.take_keyword("VALUES")) return std::nullopt;
    if (list) {
        if (!cursor.take_keyword("IN")) return std::nullopt;
        return in_list(*key, split_at_commas(cursor.take_group()));
    }
    if (!cursor.take_keyword("FROM")) return std::nullopt;
    const std::string first(cursor.take_group());
    if (!cursor.take_keyword("TO")) return std::nullopt;
    const std::string last(cursor.take_group());
    std::vector<std::string> out;
    if (first != "MINVALUE") out.push_back(*key + " >= " + first);
    if (last != "MAXVALUE") out.push_back(*key + " < " + last);
    return out.empty() ? *key + " IS NOT NULL" : joined(out, " AND ");
}

}  // namespace tenon::postgres
