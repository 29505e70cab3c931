// Compiling queries.
#include "engine/query_plan.h"

#include <algorithm>
#include <map>

#include "differ/json_text.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
    const std::string close = did_you_mean(name, known);
    if (!close.empty()) return "did you mean \"" + close + "\"?";
    return known.empty() ? "there are none" : "known: " + joined(known);
}

std::vector<std::string> column_names(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    return names;
}

std::string order_list(const Table& table, const std::vector<std::string>& wanted) {
    std::string out;
    const auto add = [&](const std::string& column, bool descending) {
        out += (out.empty() ? "" : ", ") + ("t." + quoted(column)) + (descending ? " DESC" : "");
    };
    for (const std::string& item : wanted) {
        const bool descending = item.starts_with('-');
        const std::string name = item.substr(descending || item.starts_with('+') ? 1 : 0);
        require_column(table, name);
        add(name, descending);
    }
    if (wanted.empty() && table.primary_key) {
        for (const KeyPart& part : table.primary_key->columns) add(part.column, false);
    }
    return out;
}

const ForeignKey* key_between(const Table& from, const Table& to, const std::vector<std::string>& via) {
    const auto found = std::ranges::find_if(from.foreign_keys, [&](const ForeignKey& key) {
        return same_name(key.referenced_table, to.full_name()) &&
               (via.empty() || std::ranges::equal(via, key.columns, same_name));
    });
    return found == from.foreign_keys.end() ? nullptr : &*found;
}

/// Relation paths as a tree: the first name of each path, with the rests below it.
std::map<std::string, std::vector<std::string>> first_steps(const std::vector<std::string>& paths) {
    std::map<std::string, std::vector<std::string>> steps;
    for (const std::string& path : paths) {
        const auto dot = path.find('.');
        std::vector<std::string>& below = steps[path.substr(0, dot)];
        if (dot != std::string::npos) below.push_back(path.substr(dot + 1));
    }
    return steps;
}

RelationPlan plan_relation(const Schema& schema, const Table& table, const Relation& relation,
                           const std::vector<std::string>& below, TablePlan& parent, Dialect dialect) {
    const Table& child = table_named(schema, relation.table);
    RelationPlan plan;
    plan.key = json_quote(relation.name) + ":";
    plan.many = relation.kind == RelationKind::many;
    QueryRequest request;
    request.table = relation.table;
    request.with = below;
    plan.child = plan_table(schema, child, request, dialect);
    plan.alias = "t";
    const auto parents = [&](const std::vector<std::string>& columns) {
        for (const std::string& column : columns) plan.parent_places.push_back(parent.place_of(column));
    };
    if (!relation.through.empty()) {
        const Table& through = table_named(schema, relation.through);
        const ForeignKey* mine = key_between(through, table, relation.via);
        const ForeignKey* theirs = nullptr;
        for (const ForeignKey& key : through.foreign_keys) {
            if (same_name(key.referenced_table, child.full_name()) && &key != mine) theirs = &key;
        }
        if (mine == nullptr || theirs == nullptr)
            throw Error(ErrorCode::error, "the relation " + relation.name + " has no way through " + relation.through);
        parents(mine->referenced_columns);
        plan.child_columns = mine->columns;
        plan.alias = "j";
        plan.join = " JOIN " + table_in_sql(through, dialect) + " AS j ON ";
        for (std::size_t i = 0; i < theirs->columns.size(); ++i) {
            plan.join +=
                (i == 0 ? "" : " AND ") + ("j." + quoted(theirs->columns[i])) + " = t." + quoted(theirs->referenced_columns[i]);
        }
        return plan;
    }
    const ForeignKey* key = plan.many ? key_between(child, table, relation.via) : key_between(table, child, relation.via);
    if (key == nullptr)
        throw Error(ErrorCode::error,
                    "the relation " + table.full_name() + "." + relation.name + " has no foreign key to follow");
    parents(plan.many ? key->referenced_columns : key->columns);
    plan.child_columns = plan.many ? key->columns : key->referenced_columns;
    return plan;
}

}  // namespace

int TablePlan::place_of(const std::string& column) {
    const auto cell = std::ranges::find_if(cells, [&](const CellPlan& plan) { return same_name(plan.column, column); });
    if (cell != cells.end()) return static_cast<int>(cell - cells.begin());
    const auto known = std::ranges::find_if(hidden, [&](const std::string& other) { return same_name(other, column); });
    const auto place = static_cast<int>(cells.size()) + static_cast<int>(known - hidden.begin());
    if (known == hidden.end()) hidden.push_back(column);
    return place;
}

std::string TablePlan::column_list(const std::string& alias) const {
    std::string out;
    const auto add = [&](const std::string& column) { out += (out.empty() ? "" : ", ") + (alias + ".") + quoted(column); };
    for (const CellPlan& cell : cells) add(cell.column);
    for (const std::string& column : hidden) add(column);
    return out.empty() ? "1" : out;
}

Schema accessor_schema(const Schema& declared) {
    Schema schema = declared;
    for (Table& table : schema.tables) {
        if (table.primary_key || table.no_primary_key || schema.dialect) continue;
        Column id;
        id.name = "id";
        id.type = make_sql("bigint");
        table.columns.insert(table.columns.begin(), id);
        table.primary_key.emplace();
        table.primary_key->columns.push_back({.column = "id"});
    }
    return schema;
}

const Table& table_named(const Schema& schema, const std::string& name) {
    if (const Table* table = find_table(schema, name)) return *table;
    std::vector<std::string> names;
    for (const Table& table : schema.tables) names.push_back(table.full_name());
    throw Error(ErrorCode::error, "there is no table " + name, suggestion(name, names));
}

void require_column(const Table& table, const std::string& name) {
    if (find_column(table, name) == nullptr)
        throw Error(ErrorCode::error, "there is no column " + table.full_name() + "." + name,
                    suggestion(name, column_names(table)));
}

std::string table_in_sql(const Table& table, Dialect dialect) {
    switch (dialect) {
        case Dialect::sqlite: return quoted(table.schema.empty() ? table.name : table.schema + "_" + table.name);
        case Dialect::postgres: return postgres::qualified(table);
    }
    return "";
}

std::string limit_clause(const QueryRequest& request, Dialect dialect) {
    if (!request.limit && !request.offset) return "";
    const std::string all = dialect == Dialect::sqlite ? "-1" : "ALL";
    return " LIMIT " + (request.limit ? std::to_string(*request.limit) : all) + " OFFSET " +
           std::to_string(request.offset.value_or(0));
}

void run_query(Connection& connection, const Schema& schema, const QueryRequest& request,
               const std::function<void(std::string_view)>& write) {
    const Schema whole = accessor_schema(schema);
    const TablePlan plan = plan_table(whole, table_named(whole, request.table), request, connection.dialect());
    switch (connection.dialect()) {
        case Dialect::sqlite: return run_sqlite_query(connection, plan, request, write);
        case Dialect::postgres: return run_postgres_query(connection, plan, request, write);
    }
}

TablePlan plan_table(const Schema& schema, const Table& table, const QueryRequest& request, Dialect dialect) {
    TablePlan plan;
    plan.table = &table;
    plan.name = table_in_sql(table, dialect);
    for (const std::string& name : request.select) require_column(table, name);
    for (const std::string& name : request.omit) require_column(table, name);
    const auto listed = [](const std::vector<std::string>& names, const std::string& name) {
        return std::ranges::any_of(names, [&](const std::string& other) { return same_name(other, name); });
    };
    for (const Column& column : table.columns) {
        if (column.json->hidden || listed(request.omit, column.name)) continue;
        if (request.select.empty() || listed(request.select, column.name)) plan.cells.push_back(cell_plan(column));
    }
    if (!plan.cells.empty()) plan.cells.front().key.front() = '{';
    plan.order = order_list(table, request.order);
    const auto steps = first_steps(request.with);
    for (const auto& step : steps) {
        const std::string& name = step.first;
        const bool known =
            std::ranges::any_of(table.relations, [&](const Relation& relation) { return relation.name == name; });
        if (known) continue;
        std::vector<std::string> names;
        for (const Relation& relation : table.relations) names.push_back(relation.name);
        throw Error(ErrorCode::error, "the table " + table.full_name() + " has no relation " + name, suggestion(name, names));
    }
    for (const Relation& relation : table.relations) {
        if (const auto step = steps.find(relation.name); step != steps.end()) {
            RelationPlan related = plan_relation(schema, table, relation, step->second, plan, dialect);
            plan.relations.push_back(std::move(related));
        }
    }
    return plan;
}

}  // namespace tenon
