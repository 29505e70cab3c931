// Running compiled queries on PostgreSQL: rows stream, relations come in batches of parents.
//
// libpq answers one statement at a time, so a query with relations reads its rows through a cursor, in one snapshot with all
// that belongs to them.
#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "engine/postgres_cells.h"
#include "engine/postgres_connection.h"
#include "engine/query_parameters.h"
#include "engine/query_plan.h"
#include "engine/query_rows.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

using postgres::Cell;

/// What is read of a table, and how its cells are written.
class Reader {
public:
    explicit Reader(const TablePlan& plan) : plan_(plan) {
        for (const CellPlan& cell : plan.cells) cells_.push_back(postgres::cell_of(*find_column(*plan.table, cell.column)));
    }

    std::string columns() const {
        std::string out;
        for (const CellPlan& cell : plan_.cells) add(out, cell.column);
        for (const std::string& column : plan_.hidden) add(out, column);
        return out.empty() ? "1" : out;
    }

    /// The row's object without its closing brace.
    void write(JsonWriter& out, const Rows& row, int offset) const {
        int index = offset;
        for (std::size_t i = 0; i < cells_.size(); ++i, ++index) {
            out.raw(plan_.cells[i].key);
            if (row.null(0, index)) {
                out.null();
            } else {
                postgres::write_cell(out, row.at(0, index), row.type(index), cells_[i]);
            }
        }
        if (cells_.empty()) out.raw("{");
    }

    LoadedRow load(const Rows& row, int offset) const {
        JsonWriter out;
        write(out, row, offset);
        LoadedRow loaded;
        loaded.json = out.text();
        for (const RelationPlan& relation : plan_.relations) {
            std::vector<Value>& key = loaded.keys.emplace_back();
            for (const int place : relation.parent_places) key.push_back(key_at(row, offset + place));
        }
        return loaded;
    }

    static Value key_at(const Rows& row, int index) {
        return row.null(0, index) ? Value{} : postgres::key_value(row.at(0, index), row.type(index));
    }

private:
    const TablePlan& plan_;
    std::vector<Cell> cells_;

    void add(std::string& out, const std::string& column) const {
        out += (out.empty() ? "" : ", ") + postgres::selected(*find_column(*plan_.table, column), "t");
    }
};

/// A cursor over a query, inside a transaction of its own where the caller has none open.
class Cursor {
public:
    Cursor(Connection& connection, const std::string& sql, const std::vector<Value>& parameters)
        : connection_(connection), own_(!connection.in_transaction()) {
        if (own_) connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        connection.query("DECLARE tenon_rows NO SCROLL CURSOR FOR " + sql, parameters, {});
    }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    ~Cursor() {
        try {
            connection_.execute(own_ ? "ROLLBACK" : "CLOSE tenon_rows");
        } catch (const Error&) {
            // The transaction has failed, and the cursor is gone with it.
        }
    }

    void fetch(const std::function<void(const Rows&)>& row) {
        stream_rows(connection_, "FETCH " + std::to_string(kBatch) + " FROM tenon_rows", {}, row);
    }

private:
    Connection& connection_;
    bool own_;
};

class Executor {
public:
    Executor(Connection& connection, const WritePiece& write) : connection_(connection), write_(write) {}

    void run(const TablePlan& plan, const QueryRequest& request) {
        const Reader reader(plan);
        const BoundCondition condition = bind_by_position(request, Dialect::postgres);
        std::string sql = "SELECT " + reader.columns() + " FROM " + plan.name + " AS t";
        if (!condition.sql.empty()) sql += " WHERE (" + condition.sql + "\n)";
        if (!plan.order.empty()) sql += " ORDER BY " + plan.order;
        sql += limit_clause(request, Dialect::postgres);
        if (!request.ndjson) out_.raw("[");
        if (plan.relations.empty()) {
            stream(reader, sql, condition.values, request.ndjson);
        } else {
            stream_batches(plan, reader, sql, condition.values, request.ndjson);
        }
        if (!request.ndjson) out_.raw("]");
        if (!out_.text().empty()) write_(out_.text());
    }

private:
    Connection& connection_;
    const WritePiece& write_;
    JsonWriter out_;
    bool first_ = true;

    void separate(bool ndjson) {
        if (!first_ && !ndjson) out_.raw(",");
        first_ = false;
    }

    void flush() {
        if (out_.text().size() < kFlushAt) return;
        write_(out_.text());
        out_.clear();
    }

    void stream(const Reader& reader, const std::string& sql, const std::vector<Value>& parameters, bool ndjson) {
        stream_rows(connection_, sql, parameters, [&](const Rows& row) {
            separate(ndjson);
            reader.write(out_, row, 0);
            out_.raw(ndjson ? "}\n" : "}");
            flush();
        });
    }

    void stream_batches(const TablePlan& plan, const Reader& reader, const std::string& sql,
                        const std::vector<Value>& parameters, bool ndjson) {
        Cursor cursor(connection_, sql, parameters);
        std::vector<LoadedRow> batch;
        do {
            batch.clear();
            cursor.fetch([&](const Rows& row) { batch.push_back(reader.load(row, 0)); });
            load_relations(plan, batch);
            for (const LoadedRow& row : batch) {
                separate(ndjson);
                out_.raw(row.json);
                out_.raw(ndjson ? "}\n" : "}");
                flush();
            }
        } while (batch.size() == kBatch);
    }

    /// Appends each relation of the plan to the rows: one statement per relation and batch.
    void load_relations(const TablePlan& plan, std::vector<LoadedRow>& rows) {
        for (std::size_t r = 0; r < plan.relations.size(); ++r) {
            const RelationPlan& relation = plan.relations[r];
            const bool bare = plan.cells.empty() && r == 0;
            const auto children = load_children(relation, rows, r);
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

    using Children = std::unordered_map<std::string, std::vector<std::string>>;

    Children load_children(const RelationPlan& relation, const std::vector<LoadedRow>& parents, std::size_t r) {
        // Each key once: many posts share one user.
        std::unordered_map<std::string, const std::vector<Value>*> wanted;
        std::vector<Value> parameters;
        std::string list;
        for (const LoadedRow& parent : parents) {
            if (has_null(parent.keys[r]) || !wanted.try_emplace(group_text(parent.keys[r]), &parent.keys[r]).second) continue;
            std::string one;
            for (const Value& value : parent.keys[r]) {
                parameters.push_back(value);
                one += (one.empty() ? "$" : ", $") + std::to_string(parameters.size());
            }
            list += (list.empty() ? "(" : ", (") + one + ")";
        }
        Children children;
        if (parameters.empty()) return children;

        const Reader reader(relation.child);
        std::string columns;
        std::string compared;
        for (const std::string& column : relation.child_columns) {
            const std::string name = relation.alias + "." + quoted(column);
            compared += (compared.empty() ? "" : ", ") + name;
            const Column* own = relation.alias == "t" ? find_column(*relation.child.table, column) : nullptr;
            columns += (own == nullptr ? name : postgres::selected(*own, relation.alias)) + ", ";
        }
        const std::size_t width = relation.child_columns.size();
        const std::string sql = "SELECT " + columns + reader.columns() + " FROM " + relation.child.name + " AS t" +
                                relation.join + " WHERE " + (width == 1 ? compared : "(" + compared + ")") + " IN (" + list +
                                ")" + (relation.child.order.empty() ? "" : " ORDER BY " + relation.child.order);
        std::vector<LoadedRow> rows;
        stream_rows(connection_, sql, parameters, [&](const Rows& row) {
            std::vector<Value> key;
            for (std::size_t i = 0; i < width; ++i) key.push_back(Reader::key_at(row, static_cast<int>(i)));
            rows.push_back(reader.load(row, static_cast<int>(width)));
            rows.back().group = group_text(key);
        });
        if (!relation.child.relations.empty()) load_relations_in_batches(relation.child, rows);
        for (LoadedRow& row : rows) children[row.group].push_back(std::move(row.json) + "}");
        return children;
    }

    void load_relations_in_batches(const TablePlan& plan, std::vector<LoadedRow>& rows) {
        for (std::size_t begin = 0; begin < rows.size(); begin += kBatch) {
            const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
            const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kBatch, rows.size()));
            std::vector<LoadedRow> batch(std::make_move_iterator(first), std::make_move_iterator(last));
            load_relations(plan, batch);
            std::ranges::move(batch, first);
        }
    }
};

}  // namespace

void run_postgres_query(Connection& connection, const TablePlan& plan, const QueryRequest& request, const WritePiece& write) {
    Executor(connection, write).run(plan, request);
}

}  // namespace tenon
