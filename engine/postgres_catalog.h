// Internal: the queries by which a PostgreSQL schema is read, one round trip for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/postgres_assembled.h"

namespace tenon::postgres {

/// The results of catalog_queries(), in their order: first what the reader must know of all that follows.
enum class Catalog {
    schemas,
    sequences,
    dependencies,
    extensions,
    types,
    ranges,
    enums,
    inherits,
    relations,
    opclasses,
    columns,  ///< before the indexes, so that they are read while the server works on those
    indexes,
    constraints,
    objects,   ///< everything that is an Object, in one form: system table, oid, id, definition, shape, owner, undo
    rewrites,  ///< the rules behind views
    comments,
    grants,
    owners,  ///< whose is what is not ours, where its own row does not tell; the first row says who we are
    last = owners,
};

/// The name of a type that the query of columns leaves unnamed.
std::string_view plain_type(std::uint32_t oid);

/// The queries for a server of this version (150004), each ended by `;`.  search_path must be empty.
std::string catalog_queries(int version, Assembly assembly);

/// Schemas that a scratch transaction has put aside begin with this; they are not read, and named by their own name.
inline constexpr const char* kAside = "tenon_aside_";

}  // namespace tenon::postgres
