// `tenon fmt`: a schema file in canonical form, its comments kept.
//
// The text is written anew from what was read; each comment goes back to the entry it stood at, found by the path of keys that
// leads there.  A file that uses anchors is left as it is: expanding them would undo what its author made them for.
#include <algorithm>
#include <map>

#include "schemas/joined.h"
#include "schemas/schema_writer.h"
#include "schemas/sql_tokens.h"
#include "schemas/yaml.h"
#include "schemas/yaml_events.h"

namespace tenon {
namespace {

/// A file may have been written where lines end with two characters.
std::vector<std::string> file_lines(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    for (std::string& line : lines) {
        if (line.ends_with('\r')) line.pop_back();
    }
    return lines;
}

/// True for a line whose value is the block below it: `|`, `|-`, `>+`, `|2-`.
bool opens_block(std::string_view content) {
    content = content.substr(0, content.find_last_not_of(' ') + 1);
    if (content.ends_with('-') || content.ends_with('+')) content.remove_suffix(1);
    if (!content.empty() && content.back() >= '1' && content.back() <= '9') content.remove_suffix(1);
    return (content.ends_with('|') || content.ends_with('>')) && (content.size() == 1 || content[content.size() - 2] == ' ');
}

/// Where a comment begins in a line, npos where there is none.  Quotes are heeded; block scalars are the caller's affair.
std::size_t comment_start(const std::string& line) {
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quote != 0) {
            if (line[i] == '\\' && quote == '"') ++i;
            if (line[i] == quote) quote = 0;
        } else if ((line[i] == '"' || line[i] == '\'') &&
                   (i == 0 || std::string_view(" [{,:-").find(line[i - 1]) != std::string_view::npos)) {
            quote = line[i];
        } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
            return i;
        }
    }
    return std::string::npos;
}

struct Line {
    std::string path;     ///< keys from the top, joined by newlines; empty for lines that have none of their own
    std::string comment;  ///< with its `#`
    bool whole = false;   ///< nothing but the comment
};

/// The paths of a file's lines by their indentation, and the comments among them.
std::vector<Line> outline(const std::string& text) {
    std::vector<Line> out;
    std::vector<std::pair<std::size_t, std::string>> stack;  // indentation, path
    std::map<std::string, int> items;
    std::size_t block_until = std::string::npos;  // inside a block scalar: the indentation it hangs on
    for (const std::string& line : file_lines(text)) {
        Line& here = out.emplace_back();
        const std::size_t indent = line.find_first_not_of(' ');
        if (indent == std::string::npos) continue;
        if (block_until != std::string::npos && indent > block_until) continue;
        block_until = std::string::npos;
        const std::size_t comment = comment_start(line);
        if (comment != std::string::npos) here.comment = line.substr(comment);
        here.whole = comment == indent;
        if (here.whole) continue;
        std::string content = line.substr(indent, comment == std::string::npos ? std::string::npos : comment - indent);
        content.erase(content.find_last_not_of(' ') + 1);
        while (!stack.empty() &&
               (stack.back().first > indent ||
                (stack.back().first == indent && !(content.starts_with("- ") && stack.back().second.back() != '-'))))
            stack.pop_back();
        std::string path = stack.empty() ? "" : stack.back().second + "\n";
        if (content.starts_with("- ") || content == "-") {
            path += std::to_string(items[path]++) + "-";
        } else {
            const auto colon = content.find(": ");
            std::string key = content.substr(0, colon != std::string::npos ? colon
                                                : content.ends_with(':')   ? content.size() - 1
                                                                           : content.size());
            if (key.size() > 1 && (key.front() == '"' || key.front() == '\'')) key = key.substr(1, key.size() - 2);
            path += key;
        }
        here.path = path;
        stack.emplace_back(indent, path);
        if (opens_block(content)) block_until = indent;
    }
    return out;
}

/// Lines that belong to a block scalar.
std::vector<bool> inside_blocks(const std::vector<std::string>& lines) {
    std::vector<bool> out(lines.size(), false);
    std::size_t block = std::string::npos;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t indent = lines[i].find_first_not_of(' ');
        if (block != std::string::npos && (indent == std::string::npos || indent > block)) {
            out[i] = true;
            continue;
        }
        block = std::string::npos;
        const std::string code = lines[i].substr(0, comment_start(lines[i]));
        if (indent != std::string::npos && opens_block(code)) block = indent;
    }
    return out;
}

/// The line of `lines` for a path, or for the nearest entry around it.
std::size_t nearest(const std::map<std::string, std::size_t>& lines, std::string path, bool& exact) {
    exact = true;
    while (true) {
        if (const auto found = lines.find(path); found != lines.end()) return found->second;
        exact = false;
        const auto parent = path.rfind('\n');
        if (parent == std::string::npos) return 0;
        path.resize(parent);
    }
}

/// Puts the comments of `source` into the canonical text.
std::string with_comments(const std::string& source, const std::string& canonical) {
    const std::vector<Line> before = outline(source);
    std::vector<std::string> lines = file_lines(canonical);
    std::map<std::string, std::size_t> places;
    const std::vector<Line> after = outline(canonical);
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (!after[i].path.empty()) places.try_emplace(after[i].path, i);
    }
    std::vector<std::vector<std::string>> above(lines.size() + 1);
    std::vector<std::string> behind(lines.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i].comment.empty()) continue;
        if (before[i].whole) {
            // It belongs to the next entry; at the end of the file it stays there.
            std::size_t next = i + 1;
            while (next < before.size() && before[next].path.empty()) ++next;
            bool exact = false;
            const std::size_t place = next < before.size() ? nearest(places, before[next].path, exact) : lines.size();
            above[place].push_back(before[i].comment);
            continue;
        }
        bool exact = false;
        const std::size_t place = nearest(places, before[i].path, exact);
        if (exact && place < lines.size() && behind[place].empty() && !opens_block(lines[place])) {
            behind[place] = before[i].comment;
        } else {
            above[place].push_back(before[i].comment);
        }
    }
    std::string out;
    for (std::size_t i = 0; i <= lines.size(); ++i) {
        const std::size_t indent = i < lines.size() ? std::min(lines[i].find_first_not_of(' '), lines[i].size()) : 0;
        for (const std::string& comment : above[i]) out += std::string(indent, ' ') + comment + "\n";
        if (i < lines.size()) out += lines[i] + (behind[i].empty() ? "" : "  " + behind[i]) + "\n";
    }
    return out;
}

/// Blank lines between tables and between sections, for the eye.
std::string with_space(const std::string& text) {
    std::string out;
    bool first_entry = true;
    const std::vector<std::string> lines = file_lines(text);
    const std::vector<bool> in_block = inside_blocks(lines);
    const auto is_comment = [&](std::size_t i) {
        const std::size_t start = lines[i].find_first_not_of(' ');
        return !in_block[i] && start != std::string::npos && lines[i][start] == '#';
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        // A comment goes with the entry below it.
        std::size_t entry = i;
        while (entry < lines.size() && is_comment(entry)) ++entry;
        const bool comment_above = i > 0 && is_comment(i - 1);
        const std::string& start = entry < lines.size() ? lines[entry] : lines[i];
        const bool section = !in_block[i] && !start.empty() && start[0] != ' ';
        const bool table = !in_block[i] && start.starts_with("  ") && start.size() > 2 && start[2] != ' ' &&
                           (start.ends_with(':') || opens_block(start));
        if (!comment_above && i > 0 && (section || (table && !first_entry))) out += "\n";
        if (section) first_entry = true;
        if (table && entry == i) first_entry = false;
        out += lines[i] + "\n";
    }
    return out;
}

/// Top-level `x-…` blocks, as they are.
std::string private_blocks(const std::string& source) {
    std::string out;
    bool inside = false;
    for (const std::string& line : file_lines(source)) {
        if (!line.empty() && line[0] != ' ' && line[0] != '#') inside = line.starts_with("x-");
        if (inside) out += line + "\n";
    }
    return out;
}

bool uses_anchors(const SchemaText& file) {
    const std::vector<std::string> lines = file_lines(file.text);
    const std::vector<bool> in_block = inside_blocks(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (in_block[i]) continue;
        const std::string code = lines[i].substr(0, comment_start(lines[i]));
        for (const std::string_view sign : {": &", ": *", "- &", "- *", "<<:", "[*", ", *"}) {
            if (code.find(sign) != std::string::npos) return true;
        }
    }
    return false;
}

}  // namespace

std::string write_schema(const Schema& declared) { return with_space(plain_yaml(declared)); }

std::string format_schema(const SchemaText& file) {
    // Bodies in files of their own are none of fmt's business.
    const Schema schema = read_schema({file}, [](const std::string&, const std::string& name) { return SchemaText{name, ""}; });
    if (uses_anchors(file)) return file.text;
    return with_space(private_blocks(file.text) + with_comments(file.text, plain_yaml(schema)));
}

}  // namespace tenon
