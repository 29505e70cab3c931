// A plan: ordered statements with all that reports, migration files and the runner need to know of each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "differ/change.h"
#include "differ/intents.h"

namespace tenon {

/// What a statement endangers or costs.
struct Hazard {
    enum class Kind {
        data_loss,   ///< rows or values are destroyed
        conversion,  ///< values are converted; a guard stops where one would not survive
        constraint,  ///< existing rows may break the new rule; a guard stops
        scan,        ///< reads the whole table
        copy,        ///< copies the whole table
        breaks,      ///< something that mentions the object stops working (a trigger body, a view)
        lock,        ///< others wait, for a moment
    };
    Kind kind = Kind::scan;
    std::string object{};   ///< "post.title"
    std::string message{};  ///< a sentence for people
    bool operator==(const Hazard&) const = default;
};
/// "data-loss", "conversion", "constraint", "scan", "copy", "breaks", "lock".
std::string_view hazard_name(Hazard::Kind kind);

enum class StepKind {
    guard,      ///< a proof: `sql` is a SELECT of one number, which must be 0; rows in the way are shown by `examples`
    statement,  ///< anything else
};

/// PostgreSQL: a lock on a table that is there already.
struct StepLock {
    std::string table{};  ///< as Table::full_name() has it
    std::string mode{};   ///< "ACCESS EXCLUSIVE"
    bool operator==(const StepLock&) const = default;
};

struct Step {
    StepKind kind = StepKind::statement;
    std::string sql{};  ///< one statement, without `;`
    std::string why{};  ///< the change it serves: "add column post.subtitle"
    int group = 0;      ///< transaction group
    std::vector<Hazard> hazards{};
    std::string message{};   ///< guard: what is wrong when the number is not 0 ("post.title: values that are no integer")
    std::string examples{};  ///< guard: a SELECT that shows a few of the rows in the way
    std::string flag{};      ///< guard: what approves the loss ("--allow-destructive=post.title"), or empty
    std::string hint{};      ///< guard: what to do ("give `backfill:`, or …")
    bool yes_or_no = false;  ///< guard: the number says that something is wrong, and counts no rows
    bool converts = false;   ///< guard: reads values as another type, which the server may refuse to do
    bool slow = false;       ///< reads or writes a whole table: worth a progress bar
    std::vector<StepLock> locks{};  ///< PostgreSQL
    std::string work{};             ///< PostgreSQL: "none", "scan", "index", "rewrite"; empty for a guard
    int lock_slots = 0;             ///< PostgreSQL: entries of the server's lock table beside `locks`
    bool operator==(const Step&) const = default;
};

struct Plan {
    Dialect dialect = Dialect::sqlite;
    std::vector<Step> steps{};                ///< guards first
    bool foreign_keys_off = false;            ///< SQLite: foreign keys are switched off before BEGIN
    std::vector<std::string> irreversible{};  ///< "values of post.title": what the way back cannot bring back
    bool empty() const { return steps.empty(); }
};

/// The plan as the transactions in which it is run, by the groups of its steps: one, but for PostgreSQL where a statement needs
/// what an earlier one has committed.
std::vector<Plan> transactions(const Plan& plan);

/// The whole plan as a script that `sqlite3 -bail` (or `psql`) runs: BEGIN IMMEDIATE, guards, statements, COMMIT.  Guards are
/// written as inserts into a temporary table whose CHECK fails, named after the guard's message; on PostgreSQL as a DO block.
std::string script(const Plan& plan);

/// The same without BEGIN and COMMIT where the plan is one plain transaction (a migration file's body).
std::string migration_body(const Plan& plan);

/// True where the body must be marked `transaction:false` (it holds its own BEGIN and COMMIT).
bool needs_own_transaction(const Plan& plan);

}  // namespace tenon
