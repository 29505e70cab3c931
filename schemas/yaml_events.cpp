// The bridge to libyaml's event parser, which reads a schema some six times faster than the C++ libraries do.
#include "schemas/yaml_events.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

namespace tenon {
namespace {

constexpr std::size_t kDeepest = 40;          // far beyond any schema, far below the stack
constexpr std::size_t kAliasBudget = 200000;  // nodes that aliases may add to a file

bool is_null_text(std::string_view text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::size_t node_count(const YamlNode& node) {
    std::size_t count = 1;
    for (const YamlNode& item : node.items) count += node_count(item);
    for (const auto& [key, value] : node.entries) count += 1 + node_count(value);
    return count;
}

/// Thrown to end the reading; the problem is in the list already.
struct Stop {};

/// libyaml's parser and its present event, released with the value.
class Events {
public:
    explicit Events(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    }
    ~Events() {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// The next event, valid until the one after it; nullptr at a syntax error.
    const yaml_event_t* next() {
        yaml_event_delete(&event_);
        return yaml_parser_parse(&parser_, &event_) == 0 ? nullptr : &event_;
    }
    const yaml_parser_t& parser() const { return parser_; }

private:
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

std::string text_of(const yaml_char_t* text) { return text == nullptr ? "" : reinterpret_cast<const char*>(text); }

class Builder {
public:
    Builder(YamlProblems& problems, const YamlEntry& entry) : problems_(problems), entry_(entry) {}

    void take(const yaml_event_t& event) {
        const yaml_mark_t& mark = event.start_mark;
        switch (event.type) {
            case YAML_NO_EVENT:
            case YAML_STREAM_START_EVENT:
            case YAML_STREAM_END_EVENT:
            case YAML_DOCUMENT_END_EVENT: return;
            case YAML_DOCUMENT_START_EVENT:
                if (++documents_ > 1) fail(mark, "a second document", "a schema file holds one document: remove the `---`");
                return;
            case YAML_ALIAS_EVENT: return take_alias(mark, text_of(event.data.alias.anchor));
            case YAML_SCALAR_EVENT:
                return take_scalar(mark, event.data.scalar.style,
                                   {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length},
                                   text_of(event.data.scalar.anchor));
            case YAML_SEQUENCE_START_EVENT:
                return start(YamlNode::Kind::sequence, mark, text_of(event.data.sequence_start.anchor),
                             event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
            case YAML_MAPPING_START_EVENT:
                return start(YamlNode::Kind::mapping, mark, text_of(event.data.mapping_start.anchor),
                             event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT: return end();
        }
    }

private:
    /// A collection that is not yet closed.
    struct Open {
        YamlNode node;
        std::string anchor;  // empty: none
        std::optional<YamlNode> key;
        std::unordered_map<std::string, std::pair<int, int>> seen;  // keys and where they stand
        std::size_t given = 0;                                      // entries handed over already
    };

    YamlProblems& problems_;
    const YamlEntry& entry_;
    std::vector<Open> open_;
    std::map<std::string, YamlNode> anchors_;
    std::size_t budget_used_ = 0;
    int documents_ = 0;

    [[noreturn]] void fail(const yaml_mark_t& mark, std::string message, std::string hint) {
        const YamlNode at = node(YamlNode::Kind::null, mark);
        problems_.add(at, std::move(message), std::move(hint));
        throw Stop{};
    }

    static YamlNode node(YamlNode::Kind kind, const yaml_mark_t& mark) {
        YamlNode out;
        out.kind = kind;
        out.line = static_cast<int>(mark.line) + 1;
        out.column = static_cast<int>(mark.column) + 1;
        return out;
    }

    void take_alias(const yaml_mark_t& mark, const std::string& anchor) {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            const bool inside = std::ranges::find(open_, anchor, &Open::anchor) != open_.end();
            if (inside) fail(mark, "an alias to a node that contains it", "write the value out");
            fail(mark, "no anchor `&" + anchor + "` stands before this alias", "define it above, or put the text in quotes");
        }
        budget_used_ += node_count(found->second);
        if (budget_used_ > kAliasBudget)
            fail(mark, "the aliases of this file expand to too many nodes", "use fewer aliases of aliases");
        finish(YamlNode(found->second), {});
    }

    void take_scalar(const yaml_mark_t& mark, yaml_scalar_style_t style, std::string_view value, const std::string& anchor) {
        YamlNode scalar = node(YamlNode::Kind::scalar, mark);
        scalar.quoted = style != YAML_PLAIN_SCALAR_STYLE;
        scalar.text = value;
        if (value.find('\0') != std::string::npos)
            problems_.add(scalar, "a text that holds NUL", "no name or value may hold NUL");
        if (!scalar.quoted && is_null_text(value)) scalar.kind = YamlNode::Kind::null;
        finish(std::move(scalar), anchor);
    }

    void start(YamlNode::Kind kind, const yaml_mark_t& mark, std::string anchor, bool flow) {
        if (open_.size() >= kDeepest) fail(mark, "nested too deeply", "a schema needs no more than a dozen levels");
        Open& opened = open_.emplace_back();
        opened.node = node(kind, mark);
        opened.node.flow = flow;
        opened.anchor = std::move(anchor);
    }

    void end() {
        Open closed = std::move(open_.back());
        open_.pop_back();
        if (open_.empty()) return;  // the file itself
        merge(closed.node);
        if (open_.size() == 1 && closed.given > 0) {
            open_.back().key.reset();
            return;
        }
        finish(std::move(closed.node), closed.anchor);
    }

    /// A node is complete: it becomes an item, a key or a value of what is open.
    void finish(YamlNode done, const std::string& anchor) {
        if (!anchor.empty()) anchors_[anchor] = done;
        if (open_.empty()) {
            if (!done.is_null())
                problems_.add(done, "expected a mapping with `tables:`", "a schema file starts with `tables:`");
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is_sequence()) {
            parent.node.items.push_back(std::move(done));
            return;
        }
        if (!parent.key) {
            take_key(parent, std::move(done));
            return;
        }
        YamlNode key = std::move(*parent.key);
        parent.key.reset();
        if (open_.size() == 1) {
            entry_(key, nullptr, std::move(done));
        } else if (streaming(parent)) {
            ++parent.given;
            entry_(*open_[0].key, &key, std::move(done));
        } else {
            parent.node.entries.emplace_back(std::move(key), std::move(done));
        }
    }

    /// Entries of a top-level mapping go out one by one, unless the mapping has an anchor or is for the author alone.
    bool streaming(const Open& parent) const {
        return open_.size() == 2 && parent.node.is_mapping() && parent.anchor.empty() && !open_[0].key->text.starts_with("x-");
    }

    void take_key(Open& parent, YamlNode key) {
        if (!key.is_scalar() || (!key.quoted && (key.text == "true" || key.text == "false"))) {
            const std::string shown = key.text.empty() ? "this" : "`" + key.text + "`";
            problems_.add(key, shown + " cannot be a name here: YAML reads it as a value", "put it in quotes");
        }
        const auto [first, added] = parent.seen.try_emplace(key.text, key.line, key.column);
        if (!added && key.text != "<<") {
            problems_.add(key, "the key \"" + key.text + "\" stands twice",
                          "the first one is in line " + std::to_string(first->second.first) + "; remove one");
        }
        parent.key = std::move(key);
    }

    /// `<<: *base` and `<<: [*a, *b]`: keys of the mapping itself go before merged ones, earlier merged ones before later.
    void merge(YamlNode& mapping) {
        std::vector<YamlNode> bases;
        std::erase_if(mapping.entries, [&](auto& entry) {
            if (entry.first.text != "<<" || entry.first.quoted) return false;
            if (entry.second.is_sequence()) {
                std::ranges::move(entry.second.items, std::back_inserter(bases));
            } else {
                bases.push_back(std::move(entry.second));
            }
            return true;
        });
        for (YamlNode& base : bases) {
            if (!base.is_mapping()) problems_.add(base, "`<<` takes a mapping", "write `<<: *anchor` of a mapping");
            for (auto& [key, value] : base.entries) {
                if (mapping.find(key.text) == nullptr) mapping.entries.emplace_back(key, value);
            }
        }
    }
};

/// Where in the text byte `offset` stands.
std::pair<int, int> place_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto start = before.rfind('\n');
    return {static_cast<int>(line), static_cast<int>(offset - (start == std::string_view::npos ? 0 : start + 1)) + 1};
}

/// The first byte that is no UTF-8, or is NUL; npos where there is none.
std::size_t bad_byte(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0) return i;
        const std::size_t length = c < 0x80                ? 1
                                   : c >= 0xC2 && c < 0xE0 ? 2
                                   : c >= 0xE0 && c < 0xF0 ? 3
                                   : c >= 0xF0 && c < 0xF5 ? 4
                                                           : 0;
        if (length == 0 || i + length > text.size()) return i;
        for (std::size_t k = 1; k < length; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
        }
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
        if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
            (c == 0xF4 && second > 0x8F))
            return i;
        i += length;
    }
    return std::string_view::npos;
}

/// The byte at which the code point of that number (from 1) begins.
std::size_t byte_offset(std::string_view line, int column) {
    std::size_t at = 0;
    while (at < line.size()) {
        const bool starts = (static_cast<unsigned char>(line[at]) & 0xC0) != 0x80;
        if (starts && --column == 0) break;
        ++at;
    }
    return at;
}

std::string line_of(std::string_view text, int line) {
    for (int i = 1; i < line; ++i) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return "";
        text.remove_prefix(end + 1);
    }
    std::string out(text.substr(0, text.find('\n')));
    if (out.ends_with('\r')) out.pop_back();
    constexpr std::size_t kLongest = 200;
    if (out.size() > kLongest) out = out.substr(0, kLongest);
    return out;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto found = std::ranges::find_if(entries, [&](const auto& entry) { return entry.first.text == key; });
    return found == entries.end() ? nullptr : &found->second;
}

void YamlProblems::add(int line, int column, std::string message, std::string hint) {
    list_.push_back({.message = std::move(message),
                     .where = {name_, line, column},
                     .hint = std::move(hint),
                     .source_line = line_of(file_.text, line)});
}

std::string_view YamlProblems::line(int number) {
    const std::string_view text = file_.text;
    if (line_starts_.empty()) {
        line_starts_.push_back(0);
        for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
            line_starts_.push_back(at + 1);
    }
    const auto index = static_cast<std::size_t>(number - 1);
    if (number < 1 || index >= line_starts_.size()) return {};
    const std::size_t end = index + 1 < line_starts_.size() ? line_starts_[index + 1] - 1 : text.size();
    return text.substr(line_starts_[index], end - line_starts_[index]);
}

TextPlace YamlProblems::text_place(const YamlNode& scalar) {
    TextPlace place{.where = where(scalar), .block = false, .shift = {}, .file = {}};
    const std::string_view head = line(scalar.line);
    const std::size_t offset = byte_offset(head, scalar.column);
    if (!scalar.quoted || offset >= head.size()) return place;
    if (head[offset] == '"' || head[offset] == '\'') {
        ++place.where.column;
    } else if (head[offset] == '|') {
        place.block = true;
        ++place.where.line;
        std::string_view first;
        for (int next = place.where.line; first.find_first_not_of(" \r") == std::string_view::npos; ++next) {
            if (static_cast<std::size_t>(next) > line_starts_.size()) return place;
            first = line(next);
        }
        const auto digit = std::ranges::find_if(head.substr(offset), [](char c) { return c >= '1' && c <= '9'; });
        const std::size_t own = head.find_first_not_of(' ');
        const std::size_t indent =
            digit != head.end() ? own + static_cast<std::size_t>(*digit - '0') : first.find_first_not_of(' ');
        place.where.column = static_cast<int>(indent) + 1;
    }
    return place;
}

bool is_special_scalar(std::string_view text) { return is_null_text(text) || text == "true" || text == "false"; }

void read_yaml(const SchemaText& file, YamlProblems& problems, const YamlEntry& entry) {
    if (const std::size_t bad = bad_byte(file.text); bad != std::string_view::npos) {
        const auto [line, column] = place_of(file.text, bad);
        const bool nul = file.text[bad] == '\0';
        problems.add(line, column, nul ? "a NUL byte" : "the file is not UTF-8",
                     nul ? "no name or value may hold NUL" : "save it as UTF-8");
        return;
    }
    Events events(file.text);
    Builder builder(problems, entry);
    try {
        while (const yaml_event_t* event = events.next()) {
            builder.take(*event);
            if (event->type == YAML_STREAM_END_EVENT) return;
        }
    } catch (const Stop&) {
        return;  // the problem is noted
    }
    const yaml_parser_t& parser = events.parser();
    if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    problems.add(static_cast<int>(parser.problem_mark.line) + 1, static_cast<int>(parser.problem_mark.column) + 1,
                 "YAML: " + std::string(parser.problem), "check the indentation and the brackets here");
}

}  // namespace tenon
