// The accessor's public face over run_query.
#include "engine/models.h"

#include <algorithm>
#include <ostream>

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
    const QueryRequest request = finished(false);
    const Schema whole = accessor_schema(*schema_);
    const TablePlan plan = plan_table(whole, table_named(whole, request.table), request);
    std::vector<std::string> names;
    for (const CellPlan& cell : plan.cells) names.push_back(cell.column);
    std::string sql = "SELECT " + plan.column_list("t") + " FROM " + quoted(plan.name) + " AS t";
    if (!request.where.empty()) sql += " WHERE " + request.where;
    if (!plan.order.empty()) sql += " ORDER BY " + plan.order;
    if (request.limit || request.offset)
        sql += " LIMIT " + std::to_string(request.limit.value_or(-1)) + " OFFSET " + std::to_string(request.offset.value_or(0));
    // The parameters stand in the order of their numbers, so they may be given by position.
    database_.connection().query(sql, condition_.values, [&](std::span<const Value> values) { row(RowView(names, values)); });
}

std::int64_t Query::count() const {
    const QueryRequest request = finished(false);
    const Table& table = table_named(*schema_, request.table);
    const std::string name = table.schema.empty() ? table.name : table.schema + "_" + table.name;
    const std::string where = request.where.empty() ? "" : " WHERE " + request.where;
    const Value found =
        database_.connection().scalar("SELECT count(*) FROM " + quoted(name) + " AS t" + where, condition_.values);
    return std::get<std::int64_t>(found);
}

std::int64_t Model::insert(Transaction& transaction, const std::vector<std::pair<std::string, Value>>& values) const {
    const Table& table = table_named(*schema_, table_);
    const std::string name = table.schema.empty() ? table.name : table.schema + "_" + table.name;
    std::string columns;
    std::string marks;
    std::vector<Value> given;
    for (const auto& [column, value] : values) {
        require_column(table, column);
        columns += (columns.empty() ? "" : ", ") + quoted(column);
        marks += marks.empty() ? "?" : ", ?";
        given.push_back(value);
    }
    const std::string sql =
        "INSERT INTO " + quoted(name) + (values.empty() ? " DEFAULT VALUES" : " (" + columns + ") VALUES (" + marks + ")");
    transaction.connection().query(sql, given, {});
    const Value id = transaction.connection().scalar("SELECT last_insert_rowid()");
    return std::get<std::int64_t>(id);
}

Models::Models(Database database, const Schema& schema)
    : database_(std::move(database)), schema_(std::make_shared<const Schema>(accessor_schema(schema))) {}

Model Models::operator[](const std::string& table) const {
    table_named(*schema_, table);
    return {database_, schema_, table};
}

}  // namespace tenon
