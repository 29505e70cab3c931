// Which database a text or a schema is meant for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon {

/// The databases Tenon speaks to.  A new one is added here; the compiler then names every switch to extend.
enum class Dialect { sqlite, postgres };

inline constexpr std::size_t kDialectCount = 2;

/// Index of a dialect in arrays of size kDialectCount.
constexpr std::size_t index_of(Dialect dialect) { return static_cast<std::size_t>(dialect); }

/// "sqlite" or "postgres", as written in YAML keys, file headers and JSON.
constexpr std::string_view dialect_name(Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite: return "sqlite";
        case Dialect::postgres: return "postgres";
    }
    return "";
}

}  // namespace tenon
