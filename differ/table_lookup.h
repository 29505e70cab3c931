// Internal: tables by name, where many are looked up.
#pragma once

#include <string_view>
#include <unordered_map>

#include "schemas/schema.h"
#include "schemas/sql_tokens.h"

namespace tenon {

/// Finds tables as find_table does, in constant time.  Holds on to the schema: it must outlive the lookup and stay as it is.
class TableLookup {
public:
    explicit TableLookup(const Schema& schema) {
        for (const Table& table : schema.tables) by_name_.try_emplace(fold(table.full_name()), &table);
    }
    /// The table of that name, or nullptr.
    const Table* find(std::string_view name) const {
        const auto found = by_name_.find(fold(name));
        return found == by_name_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string, const Table*> by_name_{};
};

}  // namespace tenon
