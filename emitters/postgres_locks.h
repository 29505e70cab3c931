// What PostgreSQL's statements lock, read and rewrite, told from their text.  Measured on PostgreSQL 15; CREATE … CONCURRENTLY
// and the like by its manual.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emitters/plan.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// The modes of table locks, from weak to strong.
enum class LockMode {
    none,
    access_share,
    row_share,
    row_exclusive,
    share_update_exclusive,  ///< reads and writes go on; other DDL waits
    share,                   ///< writes wait
    share_row_exclusive,     ///< writes wait
    exclusive,               ///< writes wait
    access_exclusive,        ///< reads wait too
};
/// "ACCESS EXCLUSIVE"
std::string_view lock_name(LockMode mode);

/// What a statement does with the rows while it holds its locks.
enum class Work {
    none,     ///< the catalogs alone
    scan,     ///< reads the whole table
    index,    ///< reads the whole table and builds an index
    rewrite,  ///< writes the whole table anew, with all its indexes
};
/// "none", "scan", "index", "rewrite"
std::string_view work_name(Work work);

struct TableLock {
    std::string table{};  ///< as Table::full_name() has it
    LockMode mode = LockMode::none;
    bool operator==(const TableLock&) const = default;
};

struct StatementCost {
    std::vector<TableLock> locks{};  ///< of tables that `before` holds; each once, the table that is worked on first
    Work work = Work::none;          ///< on the first of them
    int slots = 0;                   ///< entries of the server's lock table that it takes beside `locks`, about
};

/// The cost of one statement on a database that holds `before`.  A table that `before` lacks is new: nobody waits for it.
StatementCost cost_of(std::string_view sql, const Schema& before);

/// Fills in what each statement of the plan locks and costs, as hazards too, on a database that holds `before`.
void tell_costs(Plan& plan, const Schema& before);

/// How many entries of the server's lock table the largest transaction of a plan takes, about; tell_costs() comes first.
int lock_slots(const Plan& plan);

/// True where a column's values are kept as they are: a wider varchar, a wider numeric, text.
bool keeps_storage(std::string_view from, std::string_view to);

}  // namespace tenon::postgres
