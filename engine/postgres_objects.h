// Internal: queries that give the text of every object that is made by a text of its own.
#pragma once

#include <string>

#include "engine/postgres_assembled.h"

namespace tenon::postgres {

/// Queries that find a row where there is anything of a kind that may stand on nothing, so that no dependency tells of it.
/// A catalog that was always empty has no size: to look at it takes no plan.
inline constexpr const char* kAnyPublication = "SELECT WHERE pg_relation_size('pg_publication') > 0";
inline constexpr const char* kAnyWrapper = "SELECT WHERE pg_relation_size('pg_foreign_data_wrapper') > 0";
inline constexpr const char* kAnyLanguage =
    "SELECT FROM pg_language WHERE oid >= 16384 UNION ALL SELECT FROM pg_am WHERE oid >= 16384 UNION ALL "
    "SELECT FROM pg_conversion WHERE oid >= 16384 UNION ALL SELECT WHERE pg_relation_size('pg_transform') > 0";

/// Rows of {system table, oid, id, definition, shape (a line each), owner, undo}: see Object in schemas/schema.h.
Assembled object_query(int version);
/// Rows of {system table, oid, number, text}.
std::string comment_query();
/// Rows of {system table, oid, number, id's rest, definition, undo}: what differs from the privileges an object is born with.
Assembled grant_query();
/// Rows of {system table, oid, role}, after one of {0, 0, the current role}: the owners of what is not the current role's, but
/// for schemas, relations and types, which tell it themselves.
Assembled owner_query();

}  // namespace tenon::postgres
