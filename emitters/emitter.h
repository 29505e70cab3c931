// Changes to plans, one emitter per dialect.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emitters/plan.h"

namespace tenon {

/// What an engine can do, filled from its version and settings.  Emitters read it; nothing else knows versions.
struct Capabilities {
    int version = 0;                     ///< 3040001, 150004
    bool native_drop_column = true;      ///< SQLite 3.35
    bool native_rename_column = true;    ///< SQLite 3.25
    bool native_set_not_null = false;    ///< SQLite 3.53
    bool edit_stored_definition = true;  ///< false: defensive mode, or `rebuild: classic`
    bool exchange_root_pages = true;     ///< false: `rebuild: classic`
    bool transactional_ddl = true;
    bool concurrent_indexes = false;  ///< PostgreSQL
};
Capabilities sqlite_capabilities(int version);

/// Settings of one planning run.
struct PlanOptions {
    Capabilities capabilities{};
    Decisions decisions{};
    Intents intents{};
    bool guards = true;  ///< false: scratch databases, which hold no rows
};

class Emitter {
public:
    virtual ~Emitter() = default;

    /// Statements that make everything in `schema` on an empty database (scratch, first migration), in order.
    virtual std::vector<std::string> create_all(const Schema& schema) const = 0;

    /// Native renames, to be run before the rest of the plan is made (the caller inspects in between, on scratch).
    virtual Plan rename(const Schema& from, const std::vector<Rename>& renames, const Capabilities& capabilities) const = 0;

    /// The ordered plan for changes without renames of tables and columns.
    virtual Plan plan(const Changes& changes, const PlanOptions& options) const = 0;
};

/// The emitter of a dialect.  @throws Error for a dialect that has none yet.
std::unique_ptr<Emitter> make_emitter(Dialect dialect);

}  // namespace tenon
