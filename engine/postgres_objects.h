// Internal: queries that give the text of every object that is made by a text of its own.
#pragma once

#include <string>

#include "engine/postgres_assembled.h"

namespace tenon::postgres {

/// Rows of {system table, oid, id, definition, shape (a line each), owner, undo}: see Object in schemas/schema.h.
Assembled object_query(int version);
/// Rows of {system table, oid, number, text, the text that an extension comes with}.
std::string comment_query();
/// Rows of {system table, oid, number, id's rest, definition, undo}: what differs from the privileges an object is born with.
Assembled grant_query();
/// Rows of {system table, oid, role}, after one of {0, 0, the current role}: the owners of what is not the current role's, but
/// for schemas, relations and types, which tell it themselves.
Assembled owner_query();

}  // namespace tenon::postgres
