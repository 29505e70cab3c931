// The accessor's public face over run_query.
#include "engine/models.h"

#include <algorithm>
#include <ostream>

#include "engine/query_parameters.h"
#include "engine/query_plan.h"
#include "schemas/sql_tokens.h"

namespace tenon {

const Value& RowView::value(std::string_view column) const {
    const auto found = std::ranges::find_if(names_, [&](const std::string& name) { return same_name(name, column); });
    if (found == names_.end()) throw Error(ErrorCode::error, "the row has no column " + std::string(column));
    return values_[static_cast<std::size_t>(found - names_.begin())];
}

void RowView::wrong_kind(std::string_view column, bool null) {
    throw Error(ErrorCode::error, std::string(column) + (null ? " is NULL" : " is of another kind"),
                null ? "ask for std::optional" : "ask for the kind that is stored");
}

Query::Query(Database database, std::shared_ptr<const Schema> schema, std::string table)
    : database_(std::move(database)), schema_(std::move(schema)) {
    request_.table = std::move(table);
}

Query Query::where(const Condition& condition) && {
    condition_ = condition_ && condition;
    return std::move(*this);
}

QueryRequest Query::finished(bool ndjson) const {
    const Table& table = table_named(*schema_, request_.table);
    for (const std::string& column : condition_.columns) require_column(table, column);
    QueryRequest request = request_;
    request.ndjson = ndjson;
    request.where = condition_.sql;
    for (std::size_t i = 0; i < condition_.values.size(); ++i)
        request.params.emplace_back("p" + std::to_string(i), condition_.values[i]);
    return request;
}

std::string Query::json() const {
    std::string out;
    run_query(database_.connection(), *schema_, finished(false), [&](std::string_view piece) { out += piece; });
    return out;
}

std::string Query::ndjson() const {
    std::string out;
    run_query(database_.connection(), *schema_, finished(true), [&](std::string_view piece) { out += piece; });
    return out;
}

void Query::write_json(std::ostream& out) const {
    run_query(database_.connection(), *schema_, finished(false), [&](std::string_view piece) { out << piece; });
}

void Query::write_ndjson(std::ostream& out) const {
    run_query(database_.connection(), *schema_, finished(true), [&](std::string_view piece) { out << piece; });
}

void Query::each(const std::function<void(const RowView&)>& row) const {
    const Dialect dialect = database_.connection().dialect();
    const QueryRequest request = finished(false);
    const Schema whole = accessor_schema(*schema_);
    const TablePlan plan = plan_table(whole, table_named(whole, request.table), request, dialect);
    std::vector<std::string> names;
    for (const CellPlan& cell : plan.cells) names.push_back(cell.column);
    const BoundCondition condition = bind_by_position(request, dialect);
    std::string sql = "SELECT " + plan.column_list("t") + " FROM " + plan.name + " AS t";
    if (!condition.sql.empty()) sql += " WHERE " + condition.sql;
    if (!plan.order.empty()) sql += " ORDER BY " + plan.order;
    sql += limit_clause(request, dialect);
    database_.connection().query(sql, condition.values, [&](std::span<const Value> values) { row(RowView(names, values)); });
}

std::int64_t Query::count() const {
    const Dialect dialect = database_.connection().dialect();
    const QueryRequest request = finished(false);
    const BoundCondition condition = bind_by_position(request, dialect);
    const std::string where = condition.sql.empty() ? "" : " WHERE " + condition.sql;
    const Value found = database_.connection().scalar(
        "SELECT count(*) FROM " + table_in_sql(table_named(*schema_, request.table), dialect) + " AS t" + where,
        condition.values);
    return std::get<std::int64_t>(found);
}

std::int64_t Model::insert(Transaction& transaction, const std::vector<std::pair<std::string, Value>>& values) const {
    Connection& connection = transaction.connection();
    const Table& table = table_named(*schema_, table_);
    std::string columns;
    std::string marks;
    std::vector<Value> given;
    for (const auto& [column, value] : values) {
        require_column(table, column);
        given.push_back(value);
        columns += (columns.empty() ? "" : ", ") + quoted(column);
        marks += (marks.empty() ? "$" : ", $") + std::to_string(given.size());
    }
    const std::string sql = "INSERT INTO " + table_in_sql(table, connection.dialect()) +
                            (values.empty() ? " DEFAULT VALUES" : " (" + columns + ") VALUES (" + marks + ")");
    if (connection.dialect() == Dialect::sqlite) {
        connection.query(sql, given, {});
        return std::get<std::int64_t>(connection.scalar("SELECT last_insert_rowid()"));
    }
    const bool one_key = table.primary_key && table.primary_key->columns.size() == 1;
    const Value id =
        connection.scalar(one_key ? sql + " RETURNING " + quoted(table.primary_key->columns[0].column) : sql, given);
    const auto* number = std::get_if<std::int64_t>(&id);
    return number == nullptr ? 0 : *number;
}

Models::Models(Database database, const Schema& schema)
    : database_(std::move(database)), schema_(std::make_shared<const Schema>(accessor_schema(schema))) {}

Model Models::operator[](const std::string& table) const {
    table_named(*schema_, table);
    return {database_, schema_, table};
}

}  // namespace tenon
