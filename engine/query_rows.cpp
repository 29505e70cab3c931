// Keys of rows, to find what belongs together.
#include "engine/query_rows.h"

#include <algorithm>

namespace tenon {

std::string group_text(const std::vector<Value>& values) {
    std::string out;
    for (const Value& value : values) {
        const std::string text = match(
            value, [](std::monostate) { return std::string("-"); },
            [](std::int64_t number) { return "=" + std::to_string(number); },
            [](double number) { return "=" + std::to_string(number); }, [](const std::string& s) { return "=" + s; },
            [](const Blob& blob) { return "=" + blob.bytes; });
        out += std::to_string(text.size()) + ":" + text;
    }
    return out;
}

bool has_null(const std::vector<Value>& values) {
    return std::ranges::any_of(values, [](const Value& value) { return std::holds_alternative<std::monostate>(value); });
}

}  // namespace tenon
