// Internal: finding tables by name without walking the schema each time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "schemas/schema.h"
#include "schemas/sql_tokens.h"

namespace tenon {

/// The tables of a schema by name (ASCII case ignored).  The schema outlives it, and its tables stay where they are.
class TableLookup {
public:
    explicit TableLookup(const Schema& schema) {
        for (const Table& table : schema.tables) tables_.try_emplace(fold(table.full_name()), &table);
    }
    const Table* find(std::string_view name) const {
        const auto found = tables_.find(fold(name));
        return found == tables_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string, const Table*> tables_;
};

}  // namespace tenon
