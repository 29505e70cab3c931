// Putting conditions together.
#include "engine/condition.h"

#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

std::string parameter(std::size_t index) { return ":p" + std::to_string(index); }

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

/// The text with each parameter's number raised by `by`.
std::string renumbered(const std::string& sql, std::size_t by) {
    std::string out;
    for (const Token& token : lex(sql, Dialect::sqlite)) {
        const std::string text = token_text(sql, token);
        out += token.kind == TokenKind::variable && text.starts_with(":p") ? parameter(std::stoul(text.substr(2)) + by) : text;
    }
    return out;
}

}  // namespace

Condition Condition::joined(Condition a, const char* word, const Condition& b) {
    if (a.sql.empty()) return b;
    if (b.sql.empty()) return a;
    a.sql = "(" + a.sql + ")" + word + "(" + renumbered(b.sql, a.values.size()) + ")";
    a.values.insert(a.values.end(), b.values.begin(), b.values.end());
    a.columns.insert(a.columns.end(), b.columns.begin(), b.columns.end());
    return a;
}

Match contains(std::string_view text) { return {"%" + escaped(text) + "%"}; }
Match starts_with(std::string_view text) { return {escaped(text) + "%"}; }
Match ends_with(std::string_view text) { return {"%" + escaped(text)}; }

Condition ColumnRef::compare(const char* op, std::vector<Value> values) const {
    return {.sql = "t." + quoted(name_) + " " + op + (values.empty() ? "" : " " + parameter(0)),
            .values = std::move(values),
            .columns = {name_}};
}

Condition ColumnRef::in(const std::vector<Value>& values) const {
    std::string list;
    for (std::size_t i = 0; i < values.size(); ++i) list += (i == 0 ? "" : ", ") + parameter(i);
    return {.sql = "t." + quoted(name_) + " IN (" + list + ")", .values = values, .columns = {name_}};
}

Condition ColumnRef::matches(const Match& match) const {
    return {.sql = "t." + quoted(name_) + " LIKE :p0 ESCAPE '\\'", .values = {match.pattern}, .columns = {name_}};
}

}  // namespace tenon
