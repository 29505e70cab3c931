// Internal: the queries by which a PostgreSQL schema is read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/postgres_assembled.h"
#include "engine/postgres_connection.h"

namespace tenon::postgres {

/// What the queries are about.
enum class Catalog {
    schemas,
    sequences,
    dependencies,
    types,
    relations,
    inherits,
    opclasses,
    columns,  ///< before the indexes, so that they are read while the server works on those
    present,  ///< one row: which of the rarer kinds there are
    indexes,
    constraints,
    not_nulls,  ///< from PostgreSQL 18 on
    comments,
    extensions,
    domains,
    ranges,
    enums,
    arrays,
    objects,   ///< everything that is an Object, in one form: system table, oid, id, definition, shape, owner, undo
    rewrites,  ///< the rules behind views
    grants,
    owners,  ///< whose is what is not ours, where its own row does not tell; the first row says who we are
};
inline constexpr std::size_t kCatalogs = static_cast<std::size_t>(Catalog::owners) + 1;

struct CatalogQuery {
    Catalog result{};
    std::string sql{};
};

/// The queries for a server of one version (150004).  search_path must be empty, and all must run in one transaction.
class CatalogQueries {
public:
    explicit CatalogQueries(int version);

    /// Those that every database is asked, in the order in which their results are of use.
    std::vector<CatalogQuery> of_all() const;
    /// Those about rarer kinds: to plan a query over 30 catalogs costs more than to read a hundred tables, so what is not there
    /// is not asked about.  `present` is what Catalog::present gave.
    std::vector<CatalogQuery> of_rare(const Rows& present) const;

private:
    int version_;
    std::vector<std::pair<Catalog, Assembled>> rare_;
    std::set<std::string> notes_;        ///< that rare_ looks for
    std::vector<std::string> existing_;  ///< the queries of Part::exists in rare_

    void settle(std::string& sql) const;
};

/// The name of a type that the query of columns leaves unnamed.
std::string_view plain_type(std::uint32_t oid);

/// Schemas that a scratch transaction has put aside begin with this; they are not read, and named by their own name.
inline constexpr const char* kAside = "tenon_aside_";

}  // namespace tenon::postgres
