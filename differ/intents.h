// What a declared schema says about the way from old to new, apart from the new state itself.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

/// A rename a person declared (`renamed_from`, or `--rename`).
struct Rename {
    enum class Kind { table, column, index, constraint, enum_type, enum_value };
    Kind kind = Kind::column;
    std::string table{};  ///< column, index, constraint: the table under its *new* name; enum_value: the enum
    std::string from{};
    std::string to{};
    bool operator==(const Rename&) const = default;
};

/// Per-column wishes, keyed by {table, column} under their new names.
using ColumnTexts = std::map<std::pair<std::string, std::string>, Sql>;

struct Intents {
    std::vector<Rename> renames{};
    ColumnTexts using_expressions{};     ///< `using:` over the old table's columns (old names)
    ColumnTexts backfills{};             ///< `backfill:` what rows get in an added or newly NOT NULL column
    Mentioned mentioned{};               ///< kinds the schema speaks about; others are left alone
    bool declared = false;               ///< the target is a schema file: unnamed constraints match by meaning
    std::vector<std::string> ignored{};  ///< patterns (`*` wildcard) of tables that belong to someone else
    bool column_order = false;           ///< `--column-order`: a different order is a difference
};

/// What the person decided on the command line.
struct Decisions {
    bool allow_destructive = false;          ///< bare: drops of objects
    bool undoing = false;                    ///< the way back: values that would be lost there are asked for when it is run
    std::set<std::string> allowed_losses{};  ///< "table.column" or "table"
    std::vector<Rename> renames{};           ///< --rename
};

/// The intents of a declared schema, texts chosen for `dialect`.
Intents intents_of(const Schema& declared, Dialect dialect);

/// The intents for the way back: renames reversed; using and backfill do not apply.
Intents reverse(const Intents& intents);

}  // namespace tenon
