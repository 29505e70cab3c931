// The model accessor: the tables of a schema as objects that query rows, follow relations and write JSON.
//
//     auto db     = tenon::open("sqlite:///blog.db");
//     auto models = tenon::Models(db, tenon::load_schema("schemas/blog.yaml"));
//     std::string json = models["post"].where("title", contains("tenon")).with("user").order_by("-update_ts").limit(15).json();
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/condition.h"
#include "engine/database.h"
#include "engine/query_request.h"
#include "schemas/schema.h"

namespace tenon {

/// A row while it is visited: valid until the next one.
class RowView {
public:
    RowView(const std::vector<std::string>& names, std::span<const Value> values) : names_(names), values_(values) {}

    /// The value of a column.  @throws Error for an unknown column.
    const Value& value(std::string_view column) const;
    /// The value as std::int64_t, double, bool or std::string, or std::optional of one.
    /// @throws Error where it is NULL (and T no optional) or of another kind.
    template <class T>
    T get(std::string_view column) const;

private:
    const std::vector<std::string>& names_;
    std::span<const Value> values_;

    [[noreturn]] static void wrong_kind(std::string_view column, bool null);
};

/// A query under construction.  Each call gives the query on, so calls chain; a query may be copied and run again.
/// Unknown names are errors with a suggestion when the query is run.
class Query {
public:
    Query(Database database, std::shared_ptr<const Schema> schema, std::string table);

    template <class... Names>
    Query select(Names... columns) && {
        (request_.select.emplace_back(columns), ...);
        return std::move(*this);
    }
    template <class... Names>
    Query omit(Names... columns) && {
        (request_.omit.emplace_back(columns), ...);
        return std::move(*this);
    }
    /// Rows that fulfil this condition too.
    Query where(const Condition& condition) &&;
    Query where(std::string column, const Value& value) && { return std::move(*this).where(col(std::move(column)) == value); }
    Query where(std::string column, const char* value) && {
        return std::move(*this).where(col(std::move(column)) == Value{std::string(value)});
    }
    Query where(std::string column, const Match& match) && {
        return std::move(*this).where(col(std::move(column)).matches(match));
    }
    /// Order by these columns, `-` before a descending one; without, rows come by primary key.
    template <class... Names>
    Query order_by(Names... columns) && {
        (request_.order.emplace_back(columns), ...);
        return std::move(*this);
    }
    Query limit(std::int64_t rows) && {
        request_.limit = rows;
        return std::move(*this);
    }
    Query offset(std::int64_t rows) && {
        request_.offset = rows;
        return std::move(*this);
    }
    /// Related rows too: "user", "posts.tags".  One statement per relation and batch of 500 parents.
    template <class... Paths>
    Query with(Paths... paths) && {
        (request_.with.emplace_back(paths), ...);
        return std::move(*this);
    }

    /// One JSON array.
    std::string json() const;
    /// A row a line.
    std::string ndjson() const;
    /// The same, written in pieces: memory does not grow with the result.
    void write_json(std::ostream& out) const;
    void write_ndjson(std::ostream& out) const;
    /// Hands over each row; relations are not part of rows.
    void each(const std::function<void(const RowView&)>& row) const;
    std::int64_t count() const;

private:
    Database database_;
    std::shared_ptr<const Schema> schema_;
    QueryRequest request_;
    Condition condition_;

    QueryRequest finished(bool ndjson) const;
};

/// A table of the schema.
class Model {
public:
    Model(Database database, std::shared_ptr<const Schema> schema, std::string table)
        : database_(std::move(database)), schema_(std::move(schema)), table_(std::move(table)) {}

    Query query() const { return {database_, schema_, table_}; }
    template <class... A>
    Query select(A... a) const {
        return query().select(a...);
    }
    template <class... A>
    Query omit(A... a) const {
        return query().omit(a...);
    }
    template <class... A>
    Query where(A&&... a) const {
        return query().where(std::forward<A>(a)...);
    }
    template <class... A>
    Query order_by(A... a) const {
        return query().order_by(a...);
    }
    template <class... A>
    Query with(A... a) const {
        return query().with(a...);
    }
    Query limit(std::int64_t rows) const { return query().limit(rows); }
    std::string json() const { return query().json(); }
    std::int64_t count() const { return query().count(); }

    /// Inserts a row in a transaction and gives its id: the rowid on SQLite, the key on PostgreSQL (0 where that is no
    /// integer).
    /// @throws Error for unknown columns or a broken constraint.
    std::int64_t insert(Transaction& transaction, const std::vector<std::pair<std::string, Value>>& values) const;

private:
    Database database_;
    std::shared_ptr<const Schema> schema_;
    std::string table_;
};

/// The tables of a schema over a database.
class Models {
public:
    Models(Database database, const Schema& schema);
    /// @throws Error with a suggestion for a table that the schema does not have.
    Model operator[](const std::string& table) const;

private:
    Database database_;
    std::shared_ptr<const Schema> schema_;
};

template <class T>
T RowView::get(std::string_view column) const {
    const Value& found = value(column);
    if constexpr (requires { typename T::value_type; } && !std::is_same_v<T, std::string>) {
        if (std::holds_alternative<std::monostate>(found)) return std::nullopt;
        return get<typename T::value_type>(column);
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (const auto* text = std::get_if<std::string>(&found)) return *text;
    } else if constexpr (std::is_floating_point_v<T>) {
        if (const auto* real = std::get_if<double>(&found)) return static_cast<T>(*real);
        if (const auto* number = std::get_if<std::int64_t>(&found)) return static_cast<T>(*number);
    } else {
        if (const auto* number = std::get_if<std::int64_t>(&found)) return static_cast<T>(*number);
    }
    wrong_kind(column, std::holds_alternative<std::monostate>(found));
}

}  // namespace tenon
