// Reading and writing elements of keys and indexes.
#include "schemas/key_parts.h"

#include <algorithm>

#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

class Element {
public:
    explicit Element(std::string_view text) : text_(text) {
        // Only SQLite quotes names so.
        const bool sqlite = text.find('`') != std::string_view::npos || text.starts_with('[');
        for (const Token& token : lex(text, sqlite ? Dialect::sqlite : Dialect::postgres)) {
            if (token.kind != TokenKind::space && token.kind != TokenKind::comment) tokens_.push_back(token);
        }
        end_ = tokens_.size();
    }

    std::optional<KeyPart> parse() {
        if (end_ == 0 || !closed()) return std::nullopt;
        KeyPart part;
        take_order(part);
        const std::size_t head = head_length();
        std::size_t rest = head;
        if (head > 0 && keyword(rest, "COLLATE")) {
            const std::size_t name = name_length(rest + 1);
            part.collate = text_of(rest + 1, rest + 1 + name);
            rest += 1 + name;
        }
        if (head > 0 && rest < end_) rest += take_opclass(part, rest);
        if (head == 0 || rest != end_) {  // an expression that is more than a call, or a COLLATE inside it
            part.collate.clear();
            part.opclass.clear();
            return with_trailing_collation(part);
        }
        set_head(part, head);
        return part;
    }

private:
    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t end_ = 0;  ///< tokens from here on are said already

    bool keyword(std::size_t i, std::string_view word) const { return i < end_ && is_keyword(text_, tokens_[i], word); }
    bool symbol(std::size_t i, char c) const {
        return i < end_ && tokens_[i].kind == TokenKind::symbol && tokens_[i].end - tokens_[i].begin == 1 &&
               text_[tokens_[i].begin] == c;
    }
    bool is_name(std::size_t i) const {
        return i < end_ && (tokens_[i].kind == TokenKind::word || tokens_[i].kind == TokenKind::name);
    }
    std::string text_of(std::size_t first, std::size_t last) const {
        return first >= last ? ""
                             : std::string(text_.substr(tokens_[first].begin, tokens_[last - 1].end - tokens_[first].begin));
    }

    /// All on one level, with no comma on it.
    bool closed() const {
        int depth = 0;
        for (std::size_t i = 0; i < end_; ++i) {
            if (symbol(i, '(') || symbol(i, '[')) ++depth;
            if (symbol(i, ')') || symbol(i, ']')) --depth;
            if (depth < 0 || (depth == 0 && (symbol(i, ',') || symbol(i, ';')))) return false;
        }
        return depth == 0;
    }

    void take_order(KeyPart& part) {
        if (end_ > 2 && keyword(end_ - 2, "NULLS") && (keyword(end_ - 1, "FIRST") || keyword(end_ - 1, "LAST"))) {
            part.nulls = keyword(end_ - 1, "FIRST") ? "first" : "last";
            end_ -= 2;
        }
        if (end_ > 1 && (keyword(end_ - 1, "ASC") || keyword(end_ - 1, "DESC"))) {
            part.descending = keyword(end_ - 1, "DESC");
            --end_;
        }
        // The order that nulls have anyway.
        if (part.nulls == (part.descending ? "first" : "last")) part.nulls.clear();
    }

    /// Tokens of `a`, `a.b`, `"a"."b"` from `i` on.
    std::size_t name_length(std::size_t i) const {
        std::size_t n = 0;
        while (is_name(i + n)) {
            ++n;
            if (!symbol(i + n, '.')) return n;
            ++n;
        }
        return n;
    }

    std::size_t group_length(std::size_t i) const {
        int depth = 0;
        for (std::size_t at = i; at < end_; ++at) {
            if (symbol(at, '(')) ++depth;
            if (symbol(at, ')') && --depth == 0) return at + 1 - i;
        }
        return 0;
    }

    /// A column, a call or a group in parentheses at the start; 0 where there is something else.
    std::size_t head_length() const {
        if (symbol(0, '(')) return group_length(0);
        const std::size_t name = name_length(0);
        if (name == 0) return 0;
        if (symbol(name, '(')) return name + group_length(name);
        return name == 1 ? 1 : 0;
    }

    std::size_t take_opclass(KeyPart& part, std::size_t from) const {
        const std::size_t name = name_length(from);
        const std::size_t options = name > 0 && symbol(from + name, '(') ? group_length(from + name) : 0;
        part.opclass = text_of(from, from + name + options);
        return name + options;
    }

    void set_head(KeyPart& part, std::size_t head) const {
        if (head == 1 && is_name(0)) {
            part.column = token_name(text_, tokens_[0]);
        } else if (symbol(0, '(')) {
            part.expression = make_sql(text_of(1, head - 1), Dialect::postgres);
        } else {
            part.expression = make_sql(text_of(0, head), Dialect::postgres);
        }
    }

    /// `a || b collate nocase`: SQLite needs no parentheses here.
    std::optional<KeyPart> with_trailing_collation(KeyPart part) const {
        std::size_t last = end_;
        if (last > 2 && keyword(last - 2, "COLLATE") && is_name(last - 1)) {
            part.collate = text_of(last - 1, last);
            last -= 2;
        }
        part.expression = make_sql(text_of(0, last), Dialect::postgres);
        return part;
    }
};

bool is_call(const std::string& expression) {
    const auto part = parse_key_part(expression);
    return part && part->column.empty() && !expression.starts_with('(') && part->expression->text == expression &&
           expression.find('(') != std::string::npos && expression.ends_with(')');
}

}  // namespace

std::optional<KeyPart> parse_key_part(std::string_view text) { return Element(text).parse(); }

std::string key_part_text(const KeyPart& part) {
    std::string out = part.column.empty() ? part.expression->text : quote_name(part.column, Dialect::postgres);
    if (part.column.empty() && !is_call(out)) out = "(" + out + ")";
    if (!part.collate.empty()) out += " COLLATE " + *part.collate;
    if (!part.opclass.empty()) out += " " + *part.opclass;
    if (part.descending) out += " DESC";
    if (!part.nulls.empty()) out += part.nulls == "first" ? " NULLS FIRST" : " NULLS LAST";
    return out;
}

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> pieces;
    std::size_t begin = std::string_view::npos;
    std::size_t end = 0;
    int depth = 0;
    const auto finish = [&] {
        if (begin != std::string_view::npos) pieces.emplace_back(text.substr(begin, end - begin));
        begin = std::string_view::npos;
    };
    for (const Token& token : lex(text, Dialect::postgres)) {
        const char c = token.kind == TokenKind::symbol ? text[token.begin] : ' ';
        if (c == '(' || c == '[') ++depth;
        if (c == ')' || c == ']') --depth;
        if (c == ',' && depth == 0) {
            finish();
        } else if (token.kind != TokenKind::space) {
            if (begin == std::string_view::npos) begin = token.begin;
            end = token.end;
        }
    }
    finish();
    return pieces;
}

}  // namespace tenon
