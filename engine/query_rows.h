// Internal: rows that a query reads ahead, to bring them together with those of their relations.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/connection.h"

namespace tenon {

/// Text is handed over in pieces of about this many bytes.
inline constexpr std::size_t kFlushAt = 65536;
/// So many parents get their relations by one query.
inline constexpr std::size_t kBatch = 500;

/// A row read ahead: its JSON without the closing brace, and the values that its relations go by.
struct LoadedRow {
    std::string json{};
    std::vector<std::vector<Value>> keys{};  ///< one list per relation
    std::string group{};                     ///< a child row: whose it is
};

/// A key's values as one text: equal texts for equal keys, and for values that SQLite's affinities make equal.
std::string group_text(const std::vector<Value>& values);

/// A key with a NULL in it has no partner.
bool has_null(const std::vector<Value>& values);

}  // namespace tenon
