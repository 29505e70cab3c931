// The bridge to yaml-cpp's event parser.
#include "schemas/yaml_events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <streambuf>
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

/// Thrown through yaml-cpp to end the parse; the problem is in the list already.
struct Stop {};

/// Reads a string without copying it.
class TextBuffer : public std::streambuf {
public:
    explicit TextBuffer(std::string_view text) {
        char* const begin = const_cast<char*>(text.data());  // streambuf's interface is older than const; nothing is written
        setg(begin, begin, begin + text.size());
    }
};

class Builder : public YAML::EventHandler {
public:
    Builder(YamlProblems& problems, const YamlEntry& entry) : problems_(problems), entry_(entry) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) fail(mark, "a second document", "a schema file holds one document: remove the `---`");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { finish(node(YamlNode::Kind::null, mark), anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) fail(mark, "an alias to a node that contains it", "write the value out");
        budget_used_ += node_count(found->second);
        if (budget_used_ > kAliasBudget)
            fail(mark, "the aliases of this file expand to too many nodes", "use fewer aliases of aliases");
        finish(YamlNode(found->second), 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
        YamlNode scalar = node(YamlNode::Kind::scalar, mark);
        scalar.quoted = tag == "!";
        scalar.text = value;
        if (value.find('\0') != std::string::npos)
            problems_.add(scalar, "a text that holds NUL", "no name or value may hold NUL");
        if (!scalar.quoted && is_null_text(value)) scalar.kind = YamlNode::Kind::null;
        finish(std::move(scalar), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        start(YamlNode::Kind::sequence, mark, anchor, style);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        start(YamlNode::Kind::mapping, mark, anchor, style);
    }
    void OnMapEnd() override { end(); }

private:
    /// A collection that is not yet closed.
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        std::optional<YamlNode> key;
        std::unordered_map<std::string, std::pair<int, int>> seen;  // keys and where they stand
        std::size_t given = 0;                                      // entries handed over already
    };

    YamlProblems& problems_;
    const YamlEntry& entry_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    std::size_t budget_used_ = 0;
    int documents_ = 0;

    [[noreturn]] void fail(const YAML::Mark& mark, std::string message, std::string hint) {
        problems_.add(mark.line + 1, mark.column + 1, std::move(message), std::move(hint));
        throw Stop{};
    }

    static YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark) {
        YamlNode out;
        out.kind = kind;
        out.line = mark.line + 1;
        out.column = mark.column + 1;
        return out;
    }

    void start(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
        if (open_.size() >= kDeepest) fail(mark, "nested too deeply", "a schema needs no more than a dozen levels");
        Open& opened = open_.emplace_back();
        opened.node = node(kind, mark);
        opened.node.flow = style == YAML::EmitterStyle::Flow;
        opened.anchor = anchor;
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
    void finish(YamlNode done, YAML::anchor_t anchor) {
        if (anchor != 0) anchors_[anchor] = done;
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
        return open_.size() == 2 && parent.node.is_mapping() && parent.anchor == 0 && !open_[0].key->text.starts_with("x-");
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
    TextBuffer buffer(file.text);
    std::istream stream(&buffer);
    Builder builder(problems, entry);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stop&) {
        // The problem is noted.
    } catch (const YAML::Exception& error) {
        problems.add(error.mark.line + 1, error.mark.column + 1, "YAML: " + error.msg,
                     "check the indentation and the brackets here");
    }
}

}  // namespace tenon
