// Printing YAML.
#include "schemas/yaml_tree.h"

#include <algorithm>

#include "schemas/yaml_events.h"

namespace tenon {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kLongestKey = 1000;

bool plain_text(std::string_view text, bool flow) {
    if (text.empty() || is_special_scalar(text) || text == "<<" || text.front() == ' ' || text.back() == ' ' ||
        text.back() == ':')
        return false;
    static constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`";
    const bool dash_word = text.front() == '-' && text.size() > 1 && text[1] != ' ' && !flow;
    if (kIndicators.find(text.front()) != std::string_view::npos && !dash_word) return false;
    if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos || text.starts_with("---") ||
        text.starts_with("..."))
        return false;
    if (flow && (text.find_first_of("[]{},?") != std::string_view::npos || text.find(':') != std::string_view::npos))
        return false;
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

std::string double_quoted(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += "\\x";
            out += kHex[static_cast<unsigned char>(c) >> 4];
            out += kHex[static_cast<unsigned char>(c) & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string scalar_text(const YamlValue& value, bool flow) {
    return value.verbatim || plain_text(value.text, flow) ? value.text : double_quoted(value.text);
}

std::string key_text(const std::string& key, bool flow) {
    return plain_text(key, flow) && key.find(':') == std::string::npos ? key : double_quoted(key);
}

/// A text of several lines that may stand as `|`.
bool literal_block(const YamlValue& value) {
    const std::string& text = value.text;
    if (value.kind != YamlValue::Kind::scalar || text.find('\n') == std::string::npos || text.front() == '\n' ||
        text.ends_with("\n\n"))
        return false;
    const std::size_t first = text.find_first_not_of(' ');
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'; }) &&
           first != std::string::npos && text[first] != '\n' && text[first] != '\t';
}

/// `|` where the text ends a line, else `|-`; a digit where the first line begins with a space.
std::string block_head(const std::string& text) {
    return std::string(text.front() == ' ' ? "|2" : "|") + (text.back() == '\n' ? "" : "-");
}

std::string flow_text(const YamlValue& value) {
    switch (value.kind) {
        case YamlValue::Kind::scalar: return scalar_text(value, true);
        case YamlValue::Kind::sequence: {
            std::string out = "[";
            for (const YamlValue& item : value.items) out += (out.size() == 1 ? "" : ", ") + flow_text(item);
            return out + "]";
        }
        case YamlValue::Kind::mapping: break;
    }
    if (value.entries.empty()) return "{}";
    std::string out = "{ ";
    for (const auto& [key, entry] : value.entries)
        out += (out.size() == 2 ? "" : ", ") + key_text(key, true) + ": " + flow_text(entry);
    return out + " }";
}

bool wants_block(const YamlValue& value, std::size_t used) {
    if (value.kind == YamlValue::Kind::scalar) return false;
    if (value.empty()) return false;
    if (value.block) return true;
    const std::string flow = flow_text(value);
    return flow.size() + used > kWidth || flow.find("\\n") != std::string::npos;
}

void print_mapping(const YamlValue& mapping, std::size_t indent, std::string& out, bool first_in_line);

void print_sequence(const YamlValue& sequence, std::size_t indent, std::string& out) {
    for (const YamlValue& item : sequence.items) {
        out += std::string(indent, ' ') + "- ";
        if (item.kind == YamlValue::Kind::mapping && wants_block(item, indent + 2)) {
            print_mapping(item, indent + 2, out, true);
        } else {
            out += (item.kind == YamlValue::Kind::scalar ? scalar_text(item, false) : flow_text(item)) + "\n";
        }
    }
}

void print_mapping(const YamlValue& mapping, std::size_t indent, std::string& out, bool first_in_line) {
    for (const auto& [key, value] : mapping.entries) {
        if (!first_in_line) out += std::string(indent, ' ');
        first_in_line = false;
        std::string head = key_text(key, false) + ":";
        // YAML reads a key of more than 1024 characters only after a `?`.
        if (head.size() > kLongestKey) {
            out += "? " + head.substr(0, head.size() - 1) + "\n" + std::string(indent, ' ');
            head = ":";
        }
        out += head;
        if (literal_block(value)) {
            out += " " + block_head(value.text) + "\n";
            const std::size_t size = value.text.ends_with('\n') ? value.text.size() - 1 : value.text.size();
            std::size_t at = 0;
            while (at <= size) {
                const std::size_t end = std::min(value.text.find('\n', at), value.text.size());
                const std::string line = value.text.substr(at, end - at);
                out += (line.empty() ? "" : std::string(indent + 2, ' ') + line) + "\n";
                at = end + 1;
            }
        } else if (!wants_block(value, indent + head.size() + 1)) {
            out += " " + (value.kind == YamlValue::Kind::scalar ? scalar_text(value, false) : flow_text(value)) + "\n";
        } else if (value.kind == YamlValue::Kind::sequence) {
            out += "\n";
            print_sequence(value, indent + 2, out);
        } else {
            out += "\n";
            print_mapping(value, indent + 2, out, false);
        }
    }
}

}  // namespace

std::string print_yaml(const YamlValue& mapping) {
    std::string out;
    print_mapping(mapping, 0, out, false);
    return out;
}

}  // namespace tenon
