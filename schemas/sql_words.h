// A statement as its tokens that mean something, read from the front: for code that asks what kind of statement it has.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/sql_tokens.h"

namespace tenon {

class SqlWords {
public:
    SqlWords(std::string_view sql, Dialect dialect);

    // By place.
    std::size_t size() const { return tokens_.size(); }
    bool is(std::size_t at, std::string_view keyword) const;
    bool is_symbol(std::size_t at, std::string_view symbol) const;
    /// The name at a place, unquoted; empty behind the end.
    std::string name(std::size_t at) const;
    /// The token as it stands; empty behind the end.
    std::string text(std::size_t at) const;
    /// The statement from a place on.
    std::string from(std::size_t at) const;
    /// What stands between two tokens.
    std::string between(std::size_t first, std::size_t last) const;
    /// Where the last part of a qualified name stands.
    std::size_t name_end(std::size_t at) const;
    /// The `)` that closes the `(` at `at`; size() where there is none.
    std::size_t closing(std::size_t at) const;

    // One after the other.
    std::size_t place() const { return at_; }
    bool at_end() const { return at_ >= tokens_.size(); }
    void skip() { ++at_; }
    /// Goes on where the next word is `keyword`.
    bool take(std::string_view keyword);
    bool take_symbol(std::string_view symbol);
    /// Goes on where all these words come next.
    bool take_all(std::initializer_list<std::string_view> keywords);
    /// A name, perhaps qualified, as it stands in SQL.
    std::string take_name();
    /// Goes on behind a balanced (…), where one comes next.
    bool take_parentheses();
    /// True where the word comes in the rest, outside of parentheses.
    bool ahead(std::string_view keyword) const;

private:
    std::string sql_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

/// "public.post", `public."Post"` as Table::full_name() has it: without quotes, and without `public`.
std::string plain_name(std::string_view qualified_name);

}  // namespace tenon
