// Lists as text, and text as a list.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

/// What `text` makes of each thing, separated.
template <class Things, class Text = std::identity>
std::string joined(const Things& things, std::string_view separator = ", ", Text text = {}) {
    std::string out;
    bool first = true;
    for (const auto& thing : things) {
        if (!first) out += separator;
        first = false;
        out += std::invoke(text, thing);
    }
    return out;
}

/// The lines of a text, without their ends.
inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines.emplace_back(line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return lines;
}

}  // namespace tenon
