// Parsing CREATE INDEX and the column lists that keys and indexes share.  https://sqlite.org/lang_createindex.html
#include "schemas/sqlite_create.h"
#include "schemas/sqlite_cursor.h"

namespace tenon {
namespace sqlite {
namespace {

/// The tokens of one element, up to the `,` or `)` after it.
std::size_t end_of_element(Cursor& cursor) {
    for (int depth = 0; depth > 0 || (!cursor.at_symbol(',') && !cursor.at_symbol(')')); cursor.advance()) {
        if (cursor.at_symbol('(')) ++depth;
        if (cursor.at_symbol(')')) --depth;
    }
    return cursor.position();
}

}  // namespace

std::vector<KeyPart> take_key_parts(Cursor& cursor, bool expressions) {
    std::vector<KeyPart> parts;
    cursor.expect_symbol('(');
    do {
        KeyPart part;
        const std::size_t first = cursor.position();
        const std::size_t end = end_of_element(cursor);
        std::size_t last = end;
        // From the back: [COLLATE name] [ASC|DESC].  What is left is a column or an expression.
        cursor.back_to(last - 1);
        if (last - first > 1 && (cursor.at_keyword("ASC") || cursor.at_keyword("DESC"))) {
            part.descending = cursor.at_keyword("DESC");
            --last;
        }
        cursor.back_to(last - (last - first > 2 ? 2 : 0));
        if (last - first > 2 && cursor.take_keyword("COLLATE")) {
            part.collate = upper(cursor.take_name());
            last -= 2;
        }
        cursor.back_to(first);
        const TokenKind kind = cursor.token().kind;
        if (last - first == 1 &&
            (kind == TokenKind::word || kind == TokenKind::name || (kind == TokenKind::string && !expressions))) {
            part.column = cursor.take_name();
        } else {
            part.expression = bare_sql(cursor.text_of(first, last - 1));
        }
        cursor.back_to(end);
        parts.push_back(std::move(part));
    } while (cursor.take_symbol(','));
    cursor.expect_symbol(')');
    return parts;
}

}  // namespace sqlite

Index parse_create_index(std::string sql, std::string& table) {
    sqlite::Cursor cursor(sql);
    Index index;
    cursor.expect_keyword("CREATE");
    index.unique = cursor.take_keyword("UNIQUE");
    cursor.expect_keyword("INDEX");
    if (cursor.take_keyword("IF")) {
        cursor.expect_keyword("NOT");
        cursor.expect_keyword("EXISTS");
    }
    index.name.text = cursor.take_name();
    if (cursor.take_symbol('.')) index.name.text = cursor.take_name();
    cursor.expect_keyword("ON");
    table = cursor.take_name();
    index.columns = sqlite::take_key_parts(cursor, true);
    if (cursor.take_keyword("WHERE")) index.where_clause = sqlite::bare_sql(cursor.take_rest());
    index.stored.value = std::move(sql);
    return index;
}

}  // namespace tenon
