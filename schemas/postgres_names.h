// How PostgreSQL's objects are named: as SQL, and as the ids by which dependencies speak of them.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "schemas/schema.h"

namespace tenon::postgres {

/// `name` as it must stand in PostgreSQL's SQL.
std::string quote(std::string_view name);

/// Qualified as SQL; an empty schema stands for public.
std::string qualified(std::string_view schema, std::string_view name);
std::string qualified(const Table& table);
/// The same for a name that Table::full_name() gave, among the tables of `schema`.
std::string qualified(const Schema& schema, std::string_view full_name);

/// "public.t" and "c" of "public.t.c", as they stand in SQL; nothing and the whole where there is no dot.
std::pair<std::string, std::string> split_last(const std::string& name);

/// Ids (see Object::id).
std::string table_id(const Table& table);
std::string column_id(const Table& table, std::string_view column);
std::string default_id(const Table& table, std::string_view column);
/// The sequence of an identity, by the id of its column.
std::string identity_id(const std::string& column_id);
std::string constraint_id(const Table& table, std::string_view name);
std::string index_id(const Table& table, std::string_view name);

/// Said about another thing: a comment, privileges, an owner.
bool is_remark(const Object& object);
/// Whose a thing shall be.
bool is_ownership(const Object& object);

/// An id as people read it: "materialized view", "public.m".
struct Called {
    std::string kind{};
    std::string name{};
};
Called called(std::string_view id);

}  // namespace tenon::postgres
