// Internal: values of a query's row as what they are known to be.
#pragma once

#include <cstdint>
#include <string>

#include "engine/connection.h"

namespace tenon {

/// The text, or an empty one where the value is none.
inline std::string text_of(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

/// The number, or 0 where the value is none.
inline std::int64_t number_of(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? 0 : *number;
}

}  // namespace tenon
