// Internal: names nobody gave.
#pragma once

#include <algorithm>
#include <vector>

#include "schemas/schema.h"
#include "schemas/sql_tokens.h"

namespace tenon {

/// Each constraint of `to` whose name nobody gave takes the name of a live one that does the same.
template <class T>
void adopt_names(std::vector<T>& to, const std::vector<T>& live) {
    std::vector<const T*> free;
    for (const T& constraint : live) {
        const bool taken = std::ranges::any_of(to, [&](const T& other) {
            return other.name.given.value && !other.name.text.empty() && same_name(other.name.text, constraint.name.text);
        });
        if (!taken) free.push_back(&constraint);
    }
    for (T& constraint : to) {
        if (constraint.name.given.value) continue;
        // The live one of the same name first, so that nothing is renamed for nothing.
        const auto same = [&](const T* other) {
            T renamed = constraint;
            renamed.name = other->name;
            return renamed == *other;
        };
        auto found = std::ranges::find_if(
            free, [&](const T* other) { return same_name(other->name.text, constraint.name.text) && same(other); });
        if (found == free.end()) found = std::ranges::find_if(free, same);
        if (found == free.end()) continue;
        constraint.name.text = (*found)->name.text;
        free.erase(found);
    }
}

}  // namespace tenon
