// Walking over the tokens of a statement.
#include "schemas/sql_words.h"

#include <algorithm>

#include "schemas/schema.h"

namespace tenon {

SqlWords::SqlWords(std::string_view sql, Dialect dialect) : sql_(sql), tokens_(lex(sql, dialect)) {
    std::erase_if(tokens_, [](const Token& t) { return t.kind == TokenKind::space || t.kind == TokenKind::comment; });
}

bool SqlWords::is(std::size_t at, std::string_view keyword) const {
    return at < size() && is_keyword(sql_, tokens_[at], keyword);
}

bool SqlWords::is_symbol(std::size_t at, std::string_view symbol) const {
    return at < size() && tokens_[at].kind == TokenKind::symbol && token_text(sql_, tokens_[at]) == symbol;
}

std::string SqlWords::name(std::size_t at) const { return at < size() ? token_name(sql_, tokens_[at]) : std::string(); }

std::string SqlWords::text(std::size_t at) const { return at < size() ? token_text(sql_, tokens_[at]) : std::string(); }

std::string SqlWords::from(std::size_t at) const { return at < size() ? sql_.substr(tokens_[at].begin) : std::string(); }

std::string SqlWords::between(std::size_t first, std::size_t last) const {
    const std::size_t end = last < size() ? tokens_[last].begin : sql_.size();
    return sql_.substr(tokens_[first].end, end - tokens_[first].end);
}

std::size_t SqlWords::name_end(std::size_t at) const { return is_symbol(at + 1, ".") ? at + 2 : at; }

std::size_t SqlWords::closing(std::size_t at) const {
    int depth = 0;
    for (; at < size(); ++at) {
        if (is_symbol(at, "(")) ++depth;
        if (is_symbol(at, ")") && --depth == 0) break;
    }
    return at;
}

bool SqlWords::take(std::string_view keyword) {
    const bool found = is(at_, keyword);
    if (found) ++at_;
    return found;
}

bool SqlWords::take_symbol(std::string_view symbol) {
    const bool found = is_symbol(at_, symbol);
    if (found) ++at_;
    return found;
}

bool SqlWords::take_all(std::initializer_list<std::string_view> keywords) {
    const std::size_t before = at_;
    const bool found = std::ranges::all_of(keywords, [&](std::string_view keyword) { return take(keyword); });
    if (!found) at_ = before;
    return found;
}

std::string SqlWords::take_name() {
    if (at_end() || tokens_[at_].kind == TokenKind::symbol) return "";
    std::string out = text(at_++);
    while (is_symbol(at_, ".") && at_ + 1 < size()) {
        out += "." + text(at_ + 1);
        at_ += 2;
    }
    return out;
}

bool SqlWords::take_parentheses() {
    if (!is_symbol(at_, "(")) return false;
    at_ = std::min(closing(at_) + 1, size());
    return true;
}

bool SqlWords::ahead(std::string_view keyword) const {
    int depth = 0;
    for (std::size_t at = at_; at < size(); ++at) {
        if (is_symbol(at, "(")) ++depth;
        if (is_symbol(at, ")")) --depth;
        if (depth == 0 && is(at, keyword)) return true;
    }
    return false;
}

std::string plain_name(std::string_view qualified_name) {
    std::vector<std::string> parts;
    for (const Token& token : lex(qualified_name, Dialect::postgres)) {
        if (token.kind == TokenKind::word) parts.push_back(fold(token_text(qualified_name, token)));
        if (token.kind == TokenKind::name) parts.push_back(token_name(qualified_name, token));
    }
    if (parts.empty()) return "";
    const std::string name = parts.back();
    if (parts.size() == 1) return name;
    const std::string schema = parts.front() == "public" ? "" : parts.front();
    return full_name_of(schema_of_table(schema, name), name);
}

}  // namespace tenon
