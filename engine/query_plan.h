// Internal: a query compiled once: SQL, cell plans, and the relations that hang on it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json_cells.h"
#include "engine/query_request.h"

namespace tenon {

struct RelationPlan;

/// How the rows of one table are read and written.
struct TablePlan {
    const Table* table = nullptr;
    std::string name{};                 ///< the table as it stands in SQL
    std::vector<CellPlan> cells{};      ///< columns that are written, in declared order
    std::vector<std::string> hidden{};  ///< columns that are read for relations alone, after the cells
    std::vector<RelationPlan> relations;
    std::string order{};  ///< ORDER BY list; empty where there is nothing to order by

    /// The place of a column among what is read; adds it to `hidden` where it is not read yet.
    int place_of(const std::string& column);
    /// "t"."a", "t"."b": everything that is read.
    std::string column_list(const std::string& alias) const;
};

/// A relation to be loaded for batches of parents, in one statement each.
struct RelationPlan {
    std::string key{};  ///< `"posts":`
    bool many = false;
    TablePlan child;
    std::vector<int> parent_places{};          ///< where the parent's half of the key stands in its row
    std::vector<std::string> child_columns{};  ///< the child's half, or the join table's
    std::string join{};                        ///< ` JOIN "through" AS j ON …`, many to many
    std::string alias{};                       ///< of the table that child_columns belong to
};

/// `schema` with the `id` that nobody declared in each table that has one, as SQLite names its tables.
Schema accessor_schema(const Schema& declared);

/// The table as it stands in SQL.
std::string table_in_sql(const Table& table, Dialect dialect);

/// @throws Error for unknown names, with a suggestion.
TablePlan plan_table(const Schema& schema, const Table& table, const QueryRequest& request, Dialect dialect);

/// LIMIT and OFFSET, or nothing.
std::string limit_clause(const QueryRequest& request, Dialect dialect);

/// One dialect's way of running a compiled query; run_query() chooses.
using WritePiece = std::function<void(std::string_view)>;
void run_sqlite_query(Connection& connection, const TablePlan& plan, const QueryRequest& request, const WritePiece& write);
void run_postgres_query(Connection& connection, const TablePlan& plan, const QueryRequest& request, const WritePiece& write);

/// The table of that name.  @throws Error with a suggestion.
const Table& table_named(const Schema& schema, const std::string& name);

/// Throws where the table has no such column.
void require_column(const Table& table, const std::string& name);

}  // namespace tenon
