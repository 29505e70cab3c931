// The lexer of both dialects, and what is built on tokens: comparison and splitting.
#include "schemas/sql_tokens.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tenon {
namespace {

/// Operators of more than one character.
constexpr std::array<std::string_view, 14> kOperators{
    "->>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->", "::", ":=", "=>", "~~"};

/// What a character may be part of.  One look into a table for each character, because all texts pass through here.
enum Part : unsigned char { kSpace = 1, kDigit = 2, kWord = 4, kOperator = 8 };
constexpr auto kParts = [] {
    std::array<unsigned char, 256> parts{};
    const auto add = [&](std::string_view characters, unsigned char part) {
        for (const char c : characters) parts[static_cast<unsigned char>(c)] |= part;
    };
    add(" \t\n\r\f\v", kSpace);
    add("0123456789", kDigit | kWord);
    add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$", kWord);
    for (std::size_t i = 128; i < parts.size(); ++i) parts[i] = kWord;  // UTF-8 beyond ASCII
    for (const std::string_view symbol : kOperators) add(symbol.substr(0, 1), kOperator);
    return parts;
}();
bool is(char c, Part part) { return (kParts[static_cast<unsigned char>(c)] & part) != 0; }
bool is_space(char c) { return is(c, kSpace); }
bool is_digit(char c) { return is(c, kDigit); }
bool is_word(char c) { return is(c, kWord); }

/// A cursor over the text; each `end_of_…` gives the offset after the token that begins at `at`.
struct Lexer {
    std::string_view sql;
    Dialect dialect;

    char peek(std::size_t at) const { return at < sql.size() ? sql[at] : '\0'; }

    std::size_t end_of_line_comment(std::size_t at) const {
        const std::size_t end = sql.find('\n', at);
        return end == std::string_view::npos ? sql.size() : end;
    }

    std::size_t end_of_block_comment(std::size_t at) const {
        int depth = 1;
        std::size_t i = at + 2;
        while (i < sql.size() && depth > 0) {
            if (sql[i] == '*' && peek(i + 1) == '/') {
                --depth;
                i += 2;
            } else if (dialect == Dialect::postgres && sql[i] == '/' && peek(i + 1) == '*') {
                ++depth;
                i += 2;
            } else {
                ++i;
            }
        }
        return i;
    }

    /// A quoted piece whose quote is doubled inside; with `escapes`, a backslash hides the next character.
    std::size_t end_of_quoted(std::size_t at, char quote, bool escapes) const {
        std::size_t i = at + 1;
        while (i < sql.size()) {
            if (escapes && sql[i] == '\\') {
                i += 2;
            } else if (sql[i] != quote) {
                ++i;
            } else if (peek(i + 1) == quote) {
                i += 2;
            } else {
                return i + 1;
            }
        }
        return sql.size();
    }

    std::size_t end_of_bracket(std::size_t at) const {
        const std::size_t end = sql.find(']', at);
        return end == std::string_view::npos ? sql.size() : end + 1;
    }

    /// `at`, or the offset after a dollar-quoted string that begins there.
    std::size_t end_of_dollar_quote(std::size_t at) const {
        std::size_t tag = at + 1;
        if (is_digit(peek(tag))) return at;
        while (tag < sql.size() && is_word(sql[tag]) && sql[tag] != '$') ++tag;
        if (peek(tag) != '$') return at;
        const std::string_view quote = sql.substr(at, tag + 1 - at);
        const std::size_t end = sql.find(quote, tag + 1);
        return end == std::string_view::npos ? sql.size() : end + quote.size();
    }

    std::size_t end_of_number(std::size_t at) const {
        std::size_t i = at;
        if (sql[i] == '0' && (peek(i + 1) == 'x' || peek(i + 1) == 'X')) {
            i += 2;
            while (i < sql.size() && is_word(sql[i])) ++i;
            return i;
        }
        while (i < sql.size() && (is_word(sql[i]) || sql[i] == '.')) {
            const bool exponent = lower(sql[i]) == 'e' && (peek(i + 1) == '+' || peek(i + 1) == '-') && is_digit(peek(i + 2));
            i += exponent ? 2 : 1;
        }
        return i;
    }

    std::size_t end_of_word(std::size_t at) const {
        std::size_t i = at;
        while (i < sql.size() && is_word(sql[i])) ++i;
        return i;
    }

    /// Letters that make the '…' after them a literal of another kind.
    std::size_t literal_prefix(std::size_t at) const {
        const char c = lower(sql[at]);
        if (peek(at + 1) == '\'' && (c == 'x' || (dialect == Dialect::postgres && (c == 'e' || c == 'b' || c == 'n'))))
            return 1;
        if (dialect == Dialect::postgres && c == 'u' && peek(at + 1) == '&' && (peek(at + 2) == '\'' || peek(at + 2) == '"'))
            return 2;
        return 0;
    }

    Token next(std::size_t at) const {
        const char c = sql[at];
        if (is_space(c)) {
            std::size_t i = at + 1;
            while (i < sql.size() && is_space(sql[i])) ++i;
            return {TokenKind::space, at, i};
        }
        // Words before all that is rarer.
        if (is_word(c) && !is_digit(c) && c != '$' && literal_prefix(at) == 0) return {TokenKind::word, at, end_of_word(at)};
        if (c == '-' && peek(at + 1) == '-') return {TokenKind::comment, at, end_of_line_comment(at)};
        if (c == '/' && peek(at + 1) == '*') return {TokenKind::comment, at, end_of_block_comment(at)};
        if (c == '\'') return {TokenKind::string, at, end_of_quoted(at, '\'', false)};
        if (c == '"') return {TokenKind::name, at, end_of_quoted(at, '"', false)};
        if (dialect == Dialect::sqlite && c == '`') return {TokenKind::name, at, end_of_quoted(at, '`', false)};
        if (dialect == Dialect::sqlite && c == '[') return {TokenKind::name, at, end_of_bracket(at)};
        if (const std::size_t prefix = literal_prefix(at); prefix > 0) {
            const char quote = sql[at + prefix];
            return {quote == '"' ? TokenKind::name : TokenKind::string, at, end_of_quoted(at + prefix, quote, lower(c) == 'e')};
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(at + 1)))) return {TokenKind::number, at, end_of_number(at)};
        if (c == '$') {
            const std::size_t end = dialect == Dialect::postgres ? end_of_dollar_quote(at) : at;
            if (end > at) return {TokenKind::string, at, end};
            return {TokenKind::variable, at, std::max(end_of_word(at + 1), at + 1)};
        }
        if (dialect == Dialect::sqlite && (c == '?' || c == '@' || c == '#' || (c == ':' && is_word(peek(at + 1))))) {
            return {TokenKind::variable, at, std::max(end_of_word(at + 1), at + 1)};
        }
        if (is(c, kOperator)) {
            for (const std::string_view symbol : kOperators) {
                if (sql.substr(at).starts_with(symbol)) return {TokenKind::symbol, at, at + symbol.size()};
            }
        }
        return {TokenKind::symbol, at, at + 1};
    }
};

bool significant(const Token& token) { return token.kind != TokenKind::space && token.kind != TokenKind::comment; }

/// The text between the quotes, doubled quotes undone.
std::string unquoted(std::string_view inside, char quote) {
    std::string out;
    out.reserve(inside.size());
    for (std::size_t i = 0; i < inside.size(); ++i) {
        out += inside[i];
        if (inside[i] == quote && i + 1 < inside.size() && inside[i + 1] == quote) ++i;
    }
    return out;
}

void append_canonical(std::string& out, std::string_view sql, const Token& token, Dialect dialect) {
    const std::string_view text = sql.substr(token.begin, token.end - token.begin);
    switch (token.kind) {
        case TokenKind::name: {
            const std::string name = token_name(sql, token);
            // A PostgreSQL name in quotes is another one than the same letters bare, unless those are lower case anyway.
            const bool exact = dialect == Dialect::postgres && fold(name) != name;
            out += exact ? std::string(text) : fold(name);
            break;
        }
        case TokenKind::word:
        case TokenKind::number: std::ranges::transform(text, std::back_inserter(out), lower); break;
        default: out += text;
    }
}

/// Canonical text without parentheses that only wrap the whole.
std::string without_wrapping(std::string text) {
    while (text.starts_with("( ") && text.ends_with(" )") && text.size() > 4) {
        int depth = 0;
        const std::vector<Token> tokens = lex(text, Dialect::postgres);
        for (const Token& token : tokens) {
            const std::string piece = token.kind == TokenKind::symbol ? token_text(text, token) : "";
            if (piece == "(") ++depth;
            if (piece == ")" && --depth == 0 && token.end != text.size()) return text;
        }
        text = text.substr(2, text.size() - 4);
    }
    return text;
}

/// Follows the words of one statement to know whether a `;` ends it: trigger bodies and SQL-standard routine bodies hold more.
class BodyDepth {
public:
    explicit BodyDepth(Dialect dialect) : dialect_(dialect) {}

    void see(const std::string& word) {
        if (first_.empty()) first_ = word;
        if (first_ == "create" && word == "trigger") trigger_ = true;
        const bool body = first_ == "create" && ((dialect_ == Dialect::sqlite && trigger_) || dialect_ == Dialect::postgres);
        if (depth_ == 0 && body && word == "begin" && dialect_ == Dialect::sqlite) {
            depth_ = 1;
        } else if (depth_ == 0 && body && word == "atomic" && last_ == "begin") {
            depth_ = 1;
        } else if (depth_ > 0 && word == "case") {
            ++depth_;
        } else if (depth_ > 0 && word == "end") {
            --depth_;
        }
        last_ = word;
    }
    bool inside() const { return depth_ > 0; }

private:
    Dialect dialect_;
    std::string first_;
    std::string last_;
    bool trigger_ = false;
    int depth_ = 0;
};

}  // namespace

std::vector<Token> lex(std::string_view sql, Dialect dialect) {
    const Lexer lexer{sql, dialect};
    std::vector<Token> tokens;
    tokens.reserve(sql.size() / 4 + 4);
    for (std::size_t at = 0; at < sql.size(); at = tokens.back().end) tokens.push_back(lexer.next(at));
    return tokens;
}

std::vector<Token> lex_significant(std::string_view sql, Dialect dialect) {
    const Lexer lexer{sql, dialect};
    std::vector<Token> tokens;
    tokens.reserve(sql.size() / 4 + 4);
    for (std::size_t at = 0; at < sql.size();) {
        const Token token = lexer.next(at);
        at = token.end;
        if (significant(token)) tokens.push_back(token);
    }
    return tokens;
}

std::string token_name(std::string_view sql, const Token& token) {
    const std::string_view text = sql.substr(token.begin, token.end - token.begin);
    if (token.kind == TokenKind::string && text.size() >= 2 && text.front() == '\'') {
        return unquoted(text.substr(1, text.size() - 2), '\'');  // SQLite takes 'x' for a name
    }
    if (token.kind != TokenKind::name || text.size() < 2) return std::string(text);
    const std::string_view inside = text.substr(1, text.size() - 2);
    return text.front() == '[' ? std::string(inside) : unquoted(inside, text.front());
}

std::string canonical_sql(std::string_view sql, Dialect dialect) {
    const Lexer lexer{sql, dialect};
    std::string out;
    out.reserve(sql.size() + 8);
    for (std::size_t at = 0; at < sql.size();) {
        const Token token = lexer.next(at);
        at = token.end;
        if (!significant(token)) continue;
        if (!out.empty()) out += ' ';
        append_canonical(out, sql, token, dialect);
    }
    return out.starts_with('(') ? without_wrapping(out) : out;
}

std::vector<Statement> split_statements(std::string_view script, Dialect dialect) {
    std::vector<Statement> statements;
    const std::vector<Token> tokens = lex(script, dialect);
    int line = 1;
    std::size_t counted = 0;
    const auto line_at = [&](std::size_t offset) {
        line += static_cast<int>(std::count(script.begin() + static_cast<std::ptrdiff_t>(counted),
                                            script.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        counted = offset;
        return line;
    };
    std::size_t i = 0;
    while (i < tokens.size()) {
        while (i < tokens.size() && tokens[i].kind == TokenKind::space) ++i;
        const std::size_t start = i;
        BodyDepth depth(dialect);
        int parentheses = 0;
        bool holds_something = false;
        std::size_t end = start;
        for (; i < tokens.size(); ++i) {
            const Token& token = tokens[i];
            const char symbol = token.kind == TokenKind::symbol ? script[token.begin] : ' ';
            if (symbol == ';' && !depth.inside() && parentheses <= 0) break;
            // As psql does, for the actions of a rule stand in parentheses.
            if (dialect == Dialect::postgres) parentheses += (symbol == '(') - (symbol == ')');
            if (token.kind == TokenKind::word) depth.see(fold(token_text(script, token)));
            holds_something = holds_something || significant(token);
            if (token.kind != TokenKind::space) end = i + 1;
        }
        if (holds_something) {
            const std::size_t begin = tokens[start].begin;
            statements.push_back({std::string(script.substr(begin, tokens[end - 1].end - begin)), begin, line_at(begin)});
        }
        if (i < tokens.size()) ++i;  // the `;`
    }
    return statements;
}

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"') out += c;
    }
    return out + '"';
}

std::string dollar_tag(std::string_view text) {
    std::string tag = "$tenon$";
    for (int i = 1; text.find(tag) != std::string_view::npos; ++i) tag = "$tenon" + std::to_string(i) + "$";
    return tag;
}

std::string quote_literal(std::string_view value) {
    std::string out = "'";
    for (const char c : value) {
        out += c;
        if (c == '\'') out += c;
    }
    return out + '\'';
}

std::string fold(std::string_view name) {
    std::string out(name);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return out;
}

std::string name_key(std::string_view name, Dialect dialect) {
    return dialect == Dialect::sqlite ? fold(name) : std::string(name);
}

}  // namespace tenon
