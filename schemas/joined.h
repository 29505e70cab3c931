// Lists as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>

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

}  // namespace tenon
