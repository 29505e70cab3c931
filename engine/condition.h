// Conditions of queries as values: they may be built in a loop, and are checked when the query is planned.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/connection.h"

namespace tenon {

/// A condition over a table's columns.
struct Condition {
    std::string sql{};                   ///< over columns as t."name" and parameters as :p0, :p1, …
    std::vector<Value> values{};         ///< of the parameters, in order
    std::vector<std::string> columns{};  ///< the columns it speaks of

    friend Condition operator&&(Condition a, const Condition& b) { return joined(std::move(a), " AND ", b); }
    friend Condition operator||(Condition a, const Condition& b) { return joined(std::move(a), " OR ", b); }
    friend Condition operator!(Condition a) {
        a.sql = "NOT (" + a.sql + ")";
        return a;
    }

private:
    static Condition joined(Condition a, const char* word, const Condition& b);
};

/// What a column is compared with, beside its equality: contains("x"), starts_with("x").
struct Match {
    std::string pattern{};  ///< of LIKE, with `\` before what shall be literal
};
Match contains(std::string_view text);
Match starts_with(std::string_view text);
Match ends_with(std::string_view text);

/// A column of the queried table: col("score") > 10 && col("name").in({"a", "b"}).
class ColumnRef {
public:
    explicit ColumnRef(std::string name) : name_(std::move(name)) {}

    Condition is_null() const { return compare("IS NULL", {}); }
    Condition is_not_null() const { return compare("IS NOT NULL", {}); }
    /// No value of an empty list is ever found.
    Condition in(const std::vector<Value>& values) const;
    Condition matches(const Match& match) const;

    friend Condition operator==(const ColumnRef& c, const Value& v) { return c.compare("IS", {v}); }
    friend Condition operator!=(const ColumnRef& c, const Value& v) { return c.compare("IS NOT", {v}); }
    friend Condition operator<(const ColumnRef& c, const Value& v) { return c.compare("<", {v}); }
    friend Condition operator<=(const ColumnRef& c, const Value& v) { return c.compare("<=", {v}); }
    friend Condition operator>(const ColumnRef& c, const Value& v) { return c.compare(">", {v}); }
    friend Condition operator>=(const ColumnRef& c, const Value& v) { return c.compare(">=", {v}); }

private:
    std::string name_;
    Condition compare(const char* op, std::vector<Value> values) const;
};
inline ColumnRef col(std::string name) { return ColumnRef(std::move(name)); }

}  // namespace tenon
