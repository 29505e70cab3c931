// Internal: a cursor over the significant tokens of a statement, for the hand-written parsers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/error.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {

class Cursor {
public:
    explicit Cursor(std::string_view sql, Dialect dialect = Dialect::sqlite) : sql_(sql) {
        tokens_ = lex(sql, dialect);
        std::erase_if(tokens_, [](const Token& t) { return t.kind == TokenKind::space || t.kind == TokenKind::comment; });
    }

    bool done() const { return at_ >= tokens_.size(); }
    std::size_t position() const { return at_; }
    void back_to(std::size_t position) { at_ = position; }
    const Token& token() const {
        if (done()) fail("the statement ends too early");
        return tokens_[at_];
    }
    /// The token before the current one.
    const Token& previous() const { return tokens_[at_ - 1]; }
    std::string text() const { return token_text(sql_, token()); }
    /// Text from the first to the last of these tokens.
    std::string text_of(std::size_t first, std::size_t last) const {
        return std::string(sql_.substr(tokens_[first].begin, tokens_[last].end - tokens_[first].begin));
    }

    bool at_keyword(std::string_view keyword) const { return !done() && is_keyword(sql_, tokens_[at_], keyword); }
    bool at_symbol(char symbol) const {
        return !done() && tokens_[at_].kind == TokenKind::symbol && tokens_[at_].end - tokens_[at_].begin == 1 &&
               sql_[tokens_[at_].begin] == symbol;
    }
    void advance() { ++at_; }
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
    std::string take_group() {
        const std::size_t open = token().begin;
        expect_symbol('(');
        for (int depth = 1; depth > 0; ++at_) {
            if (done()) fail("a parenthesis is not closed");
            if (at_symbol('(')) ++depth;
            if (at_symbol(')')) --depth;
        }
        return std::string(sql_.substr(open + 1, previous().begin - open - 1));
    }

    [[noreturn]] void fail(const std::string& what) const {
        const std::size_t offset = done() ? sql_.size() : tokens_[at_].begin;
        throw Error(ErrorCode::error, what + " at byte " + std::to_string(offset) + " of: " + std::string(sql_.substr(0, 200)));
    }

private:
    std::string_view sql_;  // outlives the cursor: both live inside one call of a parse function
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

/// Text without white space at its ends and without parentheses that only wrap the whole.
std::string without_outer_parentheses(std::string text);

/// The columns of a key or an index, from `(` to `)`; an expression where `expressions` allows one.
std::vector<KeyPart> take_key_parts(Cursor& cursor, bool expressions);

/// ON CONFLICT … where it stands; empty for none.
std::string take_conflict(Cursor& cursor);

}  // namespace tenon::sqlite
