// Internal: tables that Tenon leaves alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon {

/// True where `name` matches `pattern`, in which `*` stands for any run of characters; ASCII case is ignored.
bool matches_pattern(std::string_view name, std::string_view pattern);

/// True for the history table of another migration tool.
bool is_foreign_history(std::string_view table);

/// True for a table that somebody else owns: it matches a pattern of `ignored`, or is another tool's history.
bool left_alone(std::string_view table, const std::vector<std::string>& ignored);

}  // namespace tenon
