// Running compiled queries on SQLite: rows stream, relations come in batches of parents.
#include <sqlite3.h>

#include <memory>
#include <unordered_map>

#include "engine/query_plan.h"
#include "engine/query_rows.h"
#include "engine/sqlite_handle.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement_ = std::unique_ptr<sqlite3_stmt, Finalize>;

Value value_at(sqlite3_stmt* row, int index) {
    switch (sqlite3_column_type(row, index)) {
        case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(row, index));
        case SQLITE_FLOAT: return sqlite3_column_double(row, index);
        case SQLITE_TEXT:
            return std::string(reinterpret_cast<const char*>(sqlite3_column_text(row, index)),
                               static_cast<std::size_t>(sqlite3_column_bytes(row, index)));
        case SQLITE_BLOB: {
            const void* data = sqlite3_column_blob(row, index);
            return Blob{std::string(data == nullptr ? "" : static_cast<const char*>(data),
                                    static_cast<std::size_t>(sqlite3_column_bytes(row, index)))};
        }
        default: return std::monostate{};
    }
}

class Executor {
public:
    Executor(Connection& connection, const std::function<void(std::string_view)>& write)
        : database_(sqlite_handle(connection)), write_(write) {}

    void run(const TablePlan& plan, const QueryRequest& request) {
        std::string sql = "SELECT " + plan.column_list("t") + " FROM " + plan.name + " AS t";
        if (!request.where.empty()) sql += " WHERE (" + request.where + "\n)";
        if (!plan.order.empty()) sql += " ORDER BY " + plan.order;
        sql += limit_clause(request, Dialect::sqlite);
        const Statement_ statement = prepare(sql);
        bind_named(statement.get(), request.params);
        if (!request.ndjson) out_.raw("[");
        if (plan.relations.empty()) {
            stream(statement.get(), plan, request.ndjson);
        } else {
            stream_batches(statement.get(), plan, request.ndjson);
        }
        if (!request.ndjson) out_.raw("]");
        if (!out_.text().empty()) write_(out_.text());
    }

private:
    sqlite3* database_;
    const std::function<void(std::string_view)>& write_;
    JsonWriter out_;
    bool first_ = true;

    [[noreturn]] void fail(const std::string& sql) const {
        throw Error(ErrorCode::error, std::string(sqlite3_errmsg(database_)) + "\n  in: " + sql);
    }

    Statement_ prepare(const std::string& sql) const {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int status = sqlite3_prepare_v2(database_, sql.c_str(), static_cast<int>(sql.size()), &statement, &tail);
        Statement_ owned(statement);
        if (status != SQLITE_OK) fail(sql);
        if (tail != nullptr && !split_statements(tail, Dialect::sqlite).empty())
            throw Error(ErrorCode::error, "the condition holds more than one statement");
        return owned;
    }

    static void bind(sqlite3_stmt* statement, int index, const Value& value) {
        match(
            value, [&](std::monostate) { sqlite3_bind_null(statement, index); },
            [&](std::int64_t number) { sqlite3_bind_int64(statement, index, number); },
            [&](double number) { sqlite3_bind_double(statement, index, number); },
            [&](const std::string& text) {
                sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
            },
            [&](const Blob& blob) {
                sqlite3_bind_blob64(statement, index, blob.bytes.data(), blob.bytes.size(), SQLITE_TRANSIENT);
            });
    }

    static void bind_named(sqlite3_stmt* statement, const std::vector<std::pair<std::string, Value>>& params) {
        std::vector<bool> bound(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) + 1, false);
        for (const auto& [name, value] : params) {
            int index = 0;
            for (const char* const sign : {":", "@", "$", "?"}) {
                if (index == 0) index = sqlite3_bind_parameter_index(statement, (sign + name).c_str());
            }
            if (index == 0)
                throw Error(ErrorCode::error, "the condition has no parameter :" + name,
                            "write :" + name + " where the value belongs");
            bind(statement, index, value);
            bound[static_cast<std::size_t>(index)] = true;
        }
        for (std::size_t i = 1; i < bound.size(); ++i) {
            if (bound[i]) continue;
            const char* name = sqlite3_bind_parameter_name(statement, static_cast<int>(i));
            throw Error(ErrorCode::error, std::string("the parameter ") + (name == nullptr ? "?" : name) + " has no value",
                        "give it: --param name=value");
        }
    }

    bool step(sqlite3_stmt* statement) const {
        const int status = sqlite3_step(statement);
        if (status == SQLITE_ROW) return true;
        if (status != SQLITE_DONE) fail(sqlite3_sql(statement));
        return false;
    }

    /// The row's object without its closing brace.
    static void write_cells(JsonWriter& out, sqlite3_stmt* row, const TablePlan& plan, int offset) {
        int index = offset;
        for (const CellPlan& cell : plan.cells) {
            out.raw(cell.key);
            sqlite3_value* const value = sqlite3_column_value(row, index++);
            if (sqlite3_value_type(value) == SQLITE_NULL) {
                out.null();
            } else {
                cell.write(out, value, cell);
            }
        }
        if (plan.cells.empty()) out.raw("{");
    }

    void separate(bool ndjson) {
        if (!first_ && !ndjson) out_.raw(",");
        first_ = false;
    }

    void flush() {
        if (out_.text().size() < kFlushAt) return;
        write_(out_.text());
        out_.clear();
    }

    void stream(sqlite3_stmt* statement, const TablePlan& plan, bool ndjson) {
        while (step(statement)) {
            separate(ndjson);
            write_cells(out_, statement, plan, 0);
            out_.raw(ndjson ? "}\n" : "}");
            flush();
        }
    }

    void stream_batches(sqlite3_stmt* statement, const TablePlan& plan, bool ndjson) {
        std::vector<LoadedRow> batch;
        const auto emit = [&] {
            load_relations(plan, batch);
            for (const LoadedRow& row : batch) {
                separate(ndjson);
                out_.raw(row.json);
                out_.raw(ndjson ? "}\n" : "}");
                flush();
            }
            batch.clear();
        };
        while (step(statement)) {
            batch.push_back(load(statement, plan, 0));
            if (batch.size() == kBatch) emit();
        }
        emit();
    }

    static LoadedRow load(sqlite3_stmt* row, const TablePlan& plan, int offset) {
        JsonWriter out;
        write_cells(out, row, plan, offset);
        LoadedRow loaded;
        loaded.json = out.text();
        for (const RelationPlan& relation : plan.relations) {
            std::vector<Value>& key = loaded.keys.emplace_back();
            for (const int place : relation.parent_places) key.push_back(value_at(row, offset + place));
        }
        return loaded;
    }

    /// Appends each relation of the plan to the rows: one statement per relation and batch.
    void load_relations(const TablePlan& plan, std::vector<LoadedRow>& rows) {
        for (std::size_t r = 0; r < plan.relations.size(); ++r) {
            const RelationPlan& relation = plan.relations[r];
            const bool bare = plan.cells.empty() && r == 0;
            std::unordered_map<std::string, std::vector<std::string>> children = load_children(relation, rows, r);
            for (LoadedRow& row : rows) {
                row.json += (bare ? "" : ",") + relation.key;
                const auto found = has_null(row.keys[r]) ? children.end() : children.find(group_text(row.keys[r]));
                if (!relation.many) {
                    row.json += found == children.end() ? "null" : found->second.front();
                    continue;
                }
                row.json += '[';
                if (found != children.end()) {
                    for (std::size_t i = 0; i < found->second.size(); ++i) row.json += (i == 0 ? "" : ",") + found->second[i];
                }
                row.json += ']';
            }
        }
    }

    std::unordered_map<std::string, std::vector<std::string>> load_children(const RelationPlan& relation,
                                                                            const std::vector<LoadedRow>& parents,
                                                                            std::size_t r) {
        // Each key once: many posts share one user.
        std::unordered_map<std::string, const std::vector<Value>*> wanted;
        std::vector<const std::vector<Value>*> keys;
        for (const LoadedRow& parent : parents) {
            if (!has_null(parent.keys[r]) && wanted.try_emplace(group_text(parent.keys[r]), &parent.keys[r]).second)
                keys.push_back(&parent.keys[r]);
        }
        std::unordered_map<std::string, std::vector<std::string>> children;
        if (keys.empty()) return children;

        std::string columns;
        for (const std::string& column : relation.child_columns)
            columns += (columns.empty() ? "" : ", ") + (relation.alias + ".") + quoted(column);
        const std::size_t width = relation.child_columns.size();
        std::string one = "(";
        for (std::size_t i = 0; i < width; ++i) one += i == 0 ? "?" : ", ?";
        one += ")";
        std::string list;
        for (std::size_t i = 0; i < keys.size(); ++i) list += (i == 0 ? "" : ", ") + (width == 1 ? std::string("?") : one);
        const std::string sql = "SELECT " + columns + ", " + relation.child.column_list("t") + " FROM " + relation.child.name +
                                " AS t" + relation.join + " WHERE " +
                                (width == 1 ? columns + " IN (" + list + ")" : "(" + columns + ") IN (VALUES " + list + ")") +
                                (relation.child.order.empty() ? "" : " ORDER BY " + relation.child.order);
        const Statement_ statement = prepare(sql);
        int index = 0;
        for (const std::vector<Value>* key : keys) {
            for (const Value& value : *key) bind(statement.get(), ++index, value);
        }
        std::vector<LoadedRow> batch;
        const auto keep = [&] {
            if (!relation.child.relations.empty()) load_relations(relation.child, batch);
            for (LoadedRow& row : batch) children[row.group].push_back(std::move(row.json) + "}");
            batch.clear();
        };
        while (step(statement.get())) {
            std::vector<Value> key;
            for (std::size_t i = 0; i < width; ++i) key.push_back(value_at(statement.get(), static_cast<int>(i)));
            batch.push_back(load(statement.get(), relation.child, static_cast<int>(width)));
            batch.back().group = group_text(key);
            if (batch.size() == kBatch) keep();
        }
        keep();
        return children;
    }
};

}  // namespace

void run_sqlite_query(Connection& connection, const TablePlan& plan, const QueryRequest& request, const WritePiece& write) {
    Executor(connection, write).run(plan, request);
}

}  // namespace tenon
