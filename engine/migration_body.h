// The body of a migration as the steps in which it is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/migration_file.h"

namespace tenon {

/// A step of a body.
struct BodyStep {
    enum class Kind {
        begin,      ///< BEGIN in any of its forms
        commit,     ///< COMMIT or END
        setting,    ///< a setting of the connection, outside of a transaction (PRAGMA, SET): run again after a stop
        guard,      ///< `sql` is a SELECT of one number, which must be 0
        statement,  ///< anything else
    };
    Kind kind = Kind::statement;
    std::string sql{};      ///< one statement, without `;`
    std::string message{};  ///< guard: what is wrong when the number is not 0
    bool counts = true;     ///< guard: the number is one of rows; false: it says yes or no
    std::string hint{};     ///< guard: what to do about it
    int line = 1;           ///< line of the file
    bool operator==(const BodyStep&) const = default;
};

/// Takes a body apart.  Where it does not hold its own BEGIN and is not marked `transaction:false`, one transaction is put
/// around it.  The statements of a guard (emitters/plan.h: script) become one step.
/// @throws Error for a ROLLBACK, a BEGIN inside a transaction, or a transaction left open.
std::vector<BodyStep> body_steps(const Migration& migration, Direction direction, Dialect dialect);

/// True where a statement or a guard stands outside of a transaction: a stop behind it leaves it done.
bool works_outside_transactions(const std::vector<BodyStep>& steps);

/// The renames of tables and columns among the steps, in order.
struct BodyRename {
    std::string table{};   ///< as Table::full_name() has it
    std::string column{};  ///< empty: the table is renamed
    std::string to{};
};
std::vector<BodyRename> body_renames(const std::vector<BodyStep>& steps, Dialect dialect);

}  // namespace tenon
