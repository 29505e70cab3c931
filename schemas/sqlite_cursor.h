// Internal: a cursor over the significant tokens of a statement, for the hand-written parsers.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {

class Cursor {
public:
    explicit Cursor(std::string_view sql, Dialect dialect = Dialect::sqlite)
        : sql_(sql), tokens_(lex_significant(sql, dialect)) {
        tokens_.push_back({TokenKind::space, sql.size(), sql.size()});  // the end: no keyword and no symbol
    }

    bool done() const { return tokens_[at_].begin == sql_.size(); }
    std::size_t position() const { return at_; }
    void back_to(std::size_t position) { at_ = position; }
    const Token& token() const {
        if (done()) fail("the statement ends too early");
        return tokens_[at_];
    }
    /// The token before the current one.
    const Token& previous() const { return tokens_[at_ - 1]; }
    // Texts are pieces of the statement, and live as long as it.
    std::string_view text() const { return sql_.substr(token().begin, token().end - token().begin); }
    /// Text from the first to the last of these tokens.
    std::string_view text_of(std::size_t first, std::size_t last) const {
        return sql_.substr(tokens_[first].begin, tokens_[last].end - tokens_[first].begin);
    }

    bool at_keyword(std::string_view keyword) const { return is_keyword(sql_, tokens_[at_], keyword); }
    bool at_one_of(std::span<const std::string_view> keywords) const {
        if (tokens_[at_].kind != TokenKind::word) return false;
        return std::ranges::any_of(keywords, [word = text()](std::string_view keyword) { return same_name(word, keyword); });
    }
    bool at_symbol(char symbol) const {
        const Token& here = tokens_[at_];
        return here.kind == TokenKind::symbol && here.end - here.begin == 1 && sql_[here.begin] == symbol;
    }
    /// @throws Error at the end, so that a loop which looks for a token ends there too.
    void advance() {
        token();
        ++at_;
    }
    bool take_keyword(std::string_view keyword) {
        if (!at_keyword(keyword)) return false;
        ++at_;
        return true;
    }
    bool take_symbol(char symbol) {
        if (!at_symbol(symbol)) return false;
        ++at_;
        return true;
    }
    void expect_keyword(std::string_view keyword) {
        if (!take_keyword(keyword)) fail("expected " + std::string(keyword));
    }
    void expect_symbol(char symbol) {
        if (!take_symbol(symbol)) fail(std::string("expected ") + symbol);
    }
    /// A name in any quoting; SQLite takes keywords and 'strings' for names too.
    std::string take_name() {
        const Token& here = token();
        if (here.kind != TokenKind::word && here.kind != TokenKind::name && here.kind != TokenKind::string)
            fail("expected a name");
        ++at_;
        return token_name(sql_, here);
    }
    /// Passes a parenthesised group and gives what stands inside.
    std::string_view take_group() {
        const std::size_t open = token().begin;
        expect_symbol('(');
        for (int depth = 1; depth > 0; ++at_) {
            if (done()) fail("a parenthesis is not closed");
            if (at_symbol('(')) ++depth;
            if (at_symbol(')')) --depth;
        }
        return sql_.substr(open + 1, previous().begin - open - 1);
    }

    /// Passes all that is left, and gives it.
    std::string_view take_rest() {
        const std::size_t begin = token().begin;
        at_ = tokens_.size() - 1;
        return sql_.substr(begin, previous().end - begin);
    }

    /// How many items, with commas between them, stand from here to the `)` behind them.
    std::size_t items_ahead() const {
        std::size_t items = 1;
        int depth = 0;
        for (std::size_t i = at_; i < tokens_.size() && depth >= 0; ++i) {
            if (tokens_[i].kind != TokenKind::symbol) continue;
            const char symbol = sql_[tokens_[i].begin];
            if (symbol == '(') ++depth;
            if (symbol == ')') --depth;
            if (symbol == ',' && depth == 0) ++items;
        }
        return items;
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw Error(ErrorCode::error,
                    what + " at byte " + std::to_string(tokens_[at_].begin) + " of: " + std::string(sql_.substr(0, 200)));
    }

private:
    std::string_view sql_;  // outlives the cursor: both live inside one call of a parse function
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

/// Text without white space at its ends and without parentheses that only wrap the whole.
std::string_view without_outer_parentheses(std::string_view text);
/// An expression as it is kept: that text.
inline Sql bare_sql(std::string_view text) { return make_sql(std::string(without_outer_parentheses(text))); }

/// The columns of a key or an index, from `(` to `)`; an expression where `expressions` allows one.
std::vector<KeyPart> take_key_parts(Cursor& cursor, bool expressions);

/// ON CONFLICT … where it stands; empty for none.
std::string take_conflict(Cursor& cursor);

}  // namespace tenon::sqlite
