// Internal: the queries by which a PostgreSQL schema is read, one round trip for all of them.
#pragma once

#include <string>

#include "engine/postgres_assembled.h"

namespace tenon::postgres {

/// The results of catalog_queries(), in their order.
enum class Catalog {
    catalogs,  ///< the system's own tables, which dependencies and comments name by number
    schemas,
    extensions,
    types,
    enums,
    relations,
    columns,
    constraints,
    indexes,
    opclasses,
    collations,
    sequences,
    inherits,
    objects,  ///< everything that is an Object, in one form: class, oid, id, definition, shape, owner, undo
    comments,
    grants,
    owners,    ///< whose is what is not ours; the first row says who we are
    rewrites,  ///< the rules behind views
    dependencies,
};

/// The queries for a server of this version (150004), each ended by `;`.  search_path must be empty.
std::string catalog_queries(int version, Assembly assembly);

/// Schemas that a scratch transaction has put aside begin with this; they are not read, and named by their own name.
inline constexpr const char* kAside = "tenon_aside_";

}  // namespace tenon::postgres
