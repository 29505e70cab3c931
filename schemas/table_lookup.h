// Internal: finding tables by name without walking the schema each time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "schemas/schema.h"
#include "schemas/sql_tokens.h"

namespace tenon {

/// The tables of a schema by name (its dialect says whether case counts; in a declared schema it does not).  The schema
/// outlives it, and its tables stay where they are.
class TableLookup {
public:
    explicit TableLookup(const Schema& schema) : dialect_(schema.dialect.value_or(Dialect::sqlite)) {
        for (const Table& table : schema.tables) tables_.try_emplace(name_key(table.full_name(), dialect_), &table);
    }
    const Table* find(std::string_view name) const {
        const auto found = tables_.find(name_key(name, dialect_));
        return found == tables_.end() ? nullptr : found->second;
    }

private:
    Dialect dialect_;
    std::unordered_map<std::string, const Table*> tables_;
};

}  // namespace tenon
