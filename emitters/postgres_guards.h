// Proofs that the rows of a PostgreSQL table can live in the new schema, and how values become another type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emitters/plan.h"
#include "schemas/schema.h"

namespace tenon::postgres {

class Converter;

/// `sql` counts the rows in the way.
Step guard(std::string sql, std::string message, std::string hint);

/// A NOT NULL column without anything to fill it can only be added to an empty table.
Step table_is_empty(const Table& from, const Table& to, const Column& column);
/// A partition that is dropped holds no rows: they are those of the partitioned table.
Step partition_is_empty(const Table& partition);
/// For a partition that becomes a table of its own, and a table that inherits no more: to those who read the parent its rows
/// are gone.
Step leaves_nothing_out(const Table& table, const std::string& parent);
/// For a table that becomes a partition; `condition` as rows_within() gives it.
Step rows_are_within(const Table& from, const std::string& condition, const std::string& bound);
/// A column that becomes NOT NULL holds none.
Step no_nulls(const Table& from, const Column& column);
/// A column that becomes, or stays, of an enum holds nothing that this does not have; nothing where none can be.
std::optional<Step> enum_has_values(const Schema& from_schema, const Schema& to_schema, const Table& table, const Column& from,
                                    const Column& to);
/// "public.e" of "public.e[]"
std::string element_of(const Sql& type);

/// The way of one column's values to another type.
struct Conversion {
    std::string using_expression{};  ///< empty: the assignment cast
    std::optional<Step> guard{};     ///< values that would not convert back equal, or not at all
    std::vector<Hazard> hazards{};
};
/// What a column of the type holds: a domain's values are its base type's.
std::string stored_type(const Schema& schema, const std::string& type);
/// `converter` is for what the expression holds of types made anew.
Conversion conversion_of(const Schema& from_schema, const Schema& to_schema, const Table& table, const Column& from,
                         const Column& to, const std::string& given, Converter& converter);

}  // namespace tenon::postgres
