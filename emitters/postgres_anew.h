// Tables that ALTER TABLE cannot bring to what they shall be.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "differ/change.h"
#include "emitters/postgres_items.h"

namespace tenon::postgres {

using TableMap = std::map<std::string, const Table*>;

/// Tables by their full names.
TableMap by_name(const Schema& schema);
/// The column of exactly that name, or nullptr.
const Column* column_of(const Table& table, const std::string& name);

/// The table and the partitions below it, however deep.
std::vector<const Table*> with_partitions(const Schema& schema, const Table& table);

/// Full names of what the table inherits from, or is a partition of.
std::vector<std::string> parents_of(const Table& table);

/// The parent, by inheritance or as a partition, whose column this is; or nullptr.
const Table* parent_with(const TableMap& tables, const Table& table, const std::string& column);

/// Full names of the tables of both sides that are dropped and made anew, their rows waiting meanwhile: partitioned otherwise
/// (by a column of another type, too), a column or check that shall be the parent's and is the table's own, columns
/// of its type or parents in another order, or beneath such a table. `items` must have the types already.
std::set<std::string> tables_made_anew(const Changes& changes, const Items& items);

/// Columns of `table` that its partition key names.
std::vector<std::string> partition_columns(const Table& table);

/// Checks that the table has from what it inherits, and not by itself.
std::vector<Check> inherited_checks(const Schema& schema, const Table& table);

}  // namespace tenon::postgres
