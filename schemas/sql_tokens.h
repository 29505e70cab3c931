// Lexing of SQL under the rules of each dialect.  Everything that splits, compares or edits SQL goes through here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/dialect.h"

namespace tenon {

enum class TokenKind {
    space,    ///< white space
    comment,  ///< `-- …` to the end of the line, or `/* … */` (nests on PostgreSQL only)
    word,     ///< a bare keyword or name
    name,     ///< a quoted name: "…" on both; `…` and […] on SQLite
    string,   ///< '…'; x'…'; on PostgreSQL also E'…', U&'…', B'…', $tag$…$tag$
    number,
    variable,  ///< ?1 :name @name $name on SQLite, $1 on PostgreSQL
    symbol,    ///< an operator or punctuation; `||`, `<=`, `<>`, `!=`, `==`, `<<`, `>>`, `->`, `->>`, `::` are one token
};

/// A piece of SQL text.  begin and end are byte offsets into the text that was lexed; tokens cover it without gaps.
struct Token {
    TokenKind kind = TokenKind::space;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const Token&) const = default;
};

/// All tokens of `sql`, spaces and comments included.  Never throws: an unterminated quote runs to the end of the text.
std::vector<Token> lex(std::string_view sql, Dialect dialect);
/// The same without spaces and comments.
std::vector<Token> lex_significant(std::string_view sql, Dialect dialect);

/// The text of a token.
inline std::string token_text(std::string_view sql, const Token& token) {
    return std::string(sql.substr(token.begin, token.end - token.begin));
}

/// The name a word or quoted-name token stands for: quotes removed, doubled quotes undone, case kept.
std::string token_name(std::string_view sql, const Token& token);

/// The spelling-neutral form by which stored SQL is compared: tokens joined by one space; bare words and names lower-cased
/// (ASCII) and unquoted; '…' literals exact; no comments; no parentheses that only wrap the whole.  On SQLite a "…" stays
/// equal to the bare name and is never equal to a '…'.  (A quoted PostgreSQL name keeps its case; the server printed it.)
std::string canonical_sql(std::string_view sql, Dialect dialect);

/// The statements of a script, without their final `;` and without surrounding space; comments inside are kept, pieces that
/// hold nothing but comments are left out.  Knows trigger bodies (BEGIN … CASE … END … END) and dollar quotes.
struct Statement {
    std::string text;
    std::size_t begin = 0;  ///< byte offset of the statement in the script
    int line = 1;           ///< line where it begins, counted from 1
};
std::vector<Statement> split_statements(std::string_view script, Dialect dialect);

/// `name` as it must stand in SQL: bare where that is safe (lower-case word that is no keyword of the dialect), else in "…".
std::string quote_name(std::string_view name, Dialect dialect);
/// `name` in "…" whatever it is.
std::string quoted(std::string_view name);
/// `value` as a '…' literal.
std::string quote_literal(std::string_view value);

/// A dollar quote of PostgreSQL, `$tenon$` or one like it, that `text` does not hold.
std::string dollar_tag(std::string_view text);

/// ASCII lower case, as SQLite folds names.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string fold(std::string_view name);
/// ASCII upper case.
std::string upper(std::string_view text);
/// Equal but for ASCII case.  In the header, with is_keyword, because parsers ask it of every word they see, many times over.
inline bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}
/// True for a bare word equal to `keyword` (given in upper case), whatever its case.
inline bool is_keyword(std::string_view sql, const Token& token, std::string_view keyword) {
    return token.kind == TokenKind::word && same_name(sql.substr(token.begin, token.end - token.begin), keyword);
}
/// What a stored name is known by: SQLite does not tell names by case, PostgreSQL does.
std::string name_key(std::string_view name, Dialect dialect);

}  // namespace tenon
