// Internal: what the parts of PostgreSQL's inspection share.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/postgres_catalog.h"
#include "engine/postgres_connection.h"
#include "schemas/schema.h"

namespace tenon::postgres {

using Oid = std::uint32_t;

/// The catalogs as they were read, and what is known so far of the objects in them.
class Inspection {
public:
    explicit Inspection(std::vector<Rows> results);

    const Rows& rows(Catalog query) const { return results_[static_cast<std::size_t>(query)]; }

    /// A cell as text; schemas that a scratch transaction put aside get their own name back.
    std::string text(const Rows& rows, int row, int column) const;

    /// Remembers how an object of a catalog is called.
    void name(std::string_view catalog, Oid oid, std::string id);
    /// The id, or nullptr.
    const std::string* id_of(std::string_view catalog, Oid oid) const;

    /// The name of a system catalog, by its own oid.
    std::string_view catalog(const Rows& rows, int row, int column) const;

    Schema schema{};
    std::unordered_map<Oid, std::size_t> tables{};                ///< pg_class oid to index in schema.tables
    std::unordered_map<Oid, std::vector<std::string>> columns{};  ///< by attnum - 1; empty where dropped
    std::unordered_map<Oid, std::string> relations{};             ///< pg_class oid to qualified SQL name

private:
    std::vector<Rows> results_;
    std::unordered_map<std::uint64_t, std::string> ids_;  ///< by key()
    std::unordered_map<Oid, std::string> catalogs_;
    std::unordered_map<std::string_view, Oid> catalog_oids_;  ///< of the names in `catalogs_`

    /// Objects are numbered within their catalog.
    std::optional<std::uint64_t> key(std::string_view catalog, Oid oid) const;
};

template <class Number = Oid>
Number number(const Rows& rows, int row, int column) {
    Number value{};
    const std::string_view text = rows.at(row, column);
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}
inline bool flag(const Rows& rows, int row, int column) { return rows.at(row, column) == "t"; }
/// "1 3 0" as numbers.
std::vector<int> numbers(std::string_view text);
/// "a=1\nb=2" as a map.
Options options(std::string_view text, const std::string& prefix = "");

/// Options of a column, "a=1, b=2", without those that the server keeps for itself (`pg_…`: newer minor versions have some).
std::string attribute_options(std::string_view text);

void read_types(Inspection& inspection);
void read_tables(Inspection& inspection);
void read_constraints_and_indexes(Inspection& inspection);
void read_objects(Inspection& inspection);
void read_dependencies(Inspection& inspection);

}  // namespace tenon::postgres
