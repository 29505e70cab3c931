// Two PostgreSQL schemas as single items: what can be made, altered and dropped by itself, and how.
//
// The emitter decides the fate of each item (see postgres_fates.h) and orders what has to be done by what stands on what.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "differ/change.h"
#include "emitters/emitter.h"
#include "emitters/plan.h"
#include "emitters/postgres_circles.h"
#include "emitters/postgres_ddl.h"

namespace tenon::postgres {

/// The order among things that do not stand on each other; drops go by it backwards.
enum class Rank {
    schema,
    extension,
    type,
    bounds,  ///< of a partition that stays with its parent: what changes there reaches it before and after
    sequence,
    function,
    table,
    column,
    column_default,
    owned_by,
    constraint,
    index,
    attachment,
    foreign_key,
    view,
    view_index,
    rule,
    trigger,
    policy,
    other,
    comment,
    ownership,
    grants,
};

struct Item {
    std::string id{};
    Rank rank = Rank::other;
    std::string owner{};  ///< the item with which it goes when that is dropped; empty if none
    bool in_from = false;
    bool in_to = false;
    bool equal = false;
    std::optional<Statements> alter{};  ///< in both and different: how to alter in place; empty: drop and make anew
    Statements make{};
    Statements drop{};
    Statements finish{};               ///< after a remake: what the drop put aside goes at last
    Statements secure{};               ///< a table: puts its policies in force, which are for other people's rows, at last
    bool keeps_values = false;         ///< a column of both with values of its own: never dropped for something else's sake
    bool takes_owner = false;          ///< can be made only while no column is of its owner, which is made anew with it
    bool comes_first = false;          ///< is made before anything new is of its owner
    bool retypes = false;              ///< a column whose type changes, with all that follows from it
    std::string passes{};              ///< a column that is of another type from the drop to the make
    Statements retype{};               ///< a column in both: how to bring it to a type of the same name made anew
    std::vector<std::string> needs{};  ///< ids that `to` must have first, beside those the catalog knows
    std::vector<std::string> frees{};  ///< ids that can be dropped only after this is
    std::vector<std::string> holds{};  ///< names among relations that are its own in `from`, beside that of its id
    std::vector<std::string> wants{};  ///< the same in `to`
    std::vector<Step> guards{};
    std::vector<Hazard> hazards{};
    std::string why{};
};

/// All items, in the order of their making, and the ids that stand for another item on either side.
struct Items {
    std::map<std::string, Item> by_id{};
    std::vector<std::string> order{};
    std::map<std::string, std::string> from_alias{};
    std::map<std::string, std::string> to_alias{};
    Circles circles{};               ///< of the old schema
    std::set<std::string> anew{};    ///< tables of both sides that are dropped and made, see postgres_anew.h
    std::set<std::string> remade{};  ///< ids of what is dropped and made though it is equal, for the sake of something else

    Item& add(const std::string& id, Rank rank);
    Item* find(const std::string& id);
    /// The item that stands for `id` on one side.
    const std::string& resolve(const std::map<std::string, std::string>& alias, const std::string& id) const;
};

bool has(const std::vector<std::string>& names, const std::string& name);

/// The name that an id takes among relations and types, or among routines, whatever its kind; empty for all else.
std::string place_of(const std::string& id);

Items make_items(const Changes& changes, const PlanOptions& options);

/// Parts of make_items().
void add_types(const Changes& changes, Items& items);
void add_tables(const Changes& changes, const PlanOptions& options, Items& items);
void add_constraints(const Schema& schema_from, const Schema& schema_to, const Table* from, const Table* to, Items& items);
/// What ties the table, of one side or of both, to its type, its partitioned table and its indexes.
void add_ties(const Changes& changes, const Table* from, const Table* to, Items& items);
/// Says at last what tells the table's rows apart.
Item& choose_replica_identity(const Table& table, Items& items);
/// A key cannot lead from a logged table to an unlogged one, and two tables that change refer to each other meanwhile.
void remake_keys_across_persistence(const Changes& changes, Items& items);
void add_owned_sequences(const Changes& changes, Items& items);
void add_sequence_values(const Changes& changes, Items& items);
void add_partition_rows(const Changes& changes, const PlanOptions& options, Items& items);
/// Columns of the row types of tables and views.
void add_row_types(const Changes& changes, Items& items);
void add_objects(const Changes& changes, Items& items);
/// Guards of new rules over rows that are there; all items must be there.
void add_row_guards(const Changes& changes, const Intents& intents, Items& items);
void add_owners(const Changes& changes, Items& items);
/// What is made has no privileges from the database's default privileges unless the schema leaves them to those.
void leave_out_default_privileges(const Changes& changes, const PlanOptions& options, Items& items);

}  // namespace tenon::postgres
