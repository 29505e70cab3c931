// Reading the schema of a PostgreSQL database: one round trip, then plain lookups by object id.
#include "engine/postgres_inspect.h"

#include "engine/inspect.h"

namespace tenon::postgres {

std::string Inspection::text(const Rows& rows, int row, int column) const {
    std::string out(rows.at(row, column));
    const std::string_view aside = kAside;
    for (auto at = out.find(aside); at != std::string::npos; at = out.find(aside, at)) out.erase(at, aside.size());
    return out;
}

Inspection::Inspection(std::vector<Rows> results) : results_(std::move(results)) {
    const Rows& known = rows(Catalog::catalogs);
    for (int r = 0; r < known.count(); ++r) catalogs_[number(known, r, 0)] = known.at(r, 1);
    for (const auto& [oid, name] : catalogs_) catalog_oids_[name] = oid;
}

std::string_view Inspection::catalog(const Rows& rows, int row, int column) const {
    const auto found = catalogs_.find(number(rows, row, column));
    return found == catalogs_.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::uint64_t> Inspection::key(std::string_view catalog, Oid oid) const {
    constexpr int kOidBits = 32;
    const auto found = catalog_oids_.find(catalog);
    return found == catalog_oids_.end() ? std::nullopt : std::optional(std::uint64_t{found->second} << kOidBits | oid);
}

void Inspection::name(std::string_view catalog, Oid oid, std::string id) {
    if (const auto at = key(catalog, oid)) ids_[*at] = std::move(id);
}

const std::string* Inspection::id_of(std::string_view catalog, Oid oid) const {
    const auto at = key(catalog, oid);
    const auto found = at ? ids_.find(*at) : ids_.end();
    return found == ids_.end() ? nullptr : &found->second;
}

std::vector<int> numbers(std::string_view text) {
    std::vector<int> out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        int value = 0;
        const auto parsed = std::from_chars(at, end, value);
        if (parsed.ec == std::errc{}) out.push_back(value);
        at = parsed.ec == std::errc{} ? parsed.ptr : at + 1;
        while (at < end && *at == ' ') ++at;
    }
    return out;
}

Options options(std::string_view text, const std::string& prefix) {
    Options out;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        const auto equals = line.find('=');
        out[prefix + std::string(line.substr(0, equals))] = equals == std::string_view::npos ? "" : line.substr(equals + 1);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return out;
}

std::string attribute_options(std::string_view text) {
    std::string out;
    for (const auto& [key, value] : options(text)) {
        if (!key.starts_with("pg_")) out += (out.empty() ? "" : ", ") + key + "=" + value;
    }
    return out;
}

/// All catalogs, in one round trip and one snapshot.
std::vector<Rows> read_catalogs(Connection& connection, Assembly assembly) {
    // Inside a transaction (a scratch) the settings are put back by the savepoint; else the snapshot is one for all queries.
    const bool inside = connection.in_transaction();
    std::string sql = inside ? "SAVEPOINT tenon_inspect; " : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ";
    sql +=
        "SET LOCAL jit = off; SET LOCAL search_path = ''; SET LOCAL quote_all_identifiers = off; SET LOCAL "
        "cursor_tuple_fraction = "
        "1;\n";
    sql += catalog_queries(server_version(connection), assembly);
    const std::string undo = inside ? "ROLLBACK TO SAVEPOINT tenon_inspect; RELEASE SAVEPOINT tenon_inspect" : "ROLLBACK";
    try {
        return query_all(connection, sql + (inside ? undo : "COMMIT"));
    } catch (const Error& error) {
        // A database without PL/pgSQL, or a role that may not use it.
        constexpr std::string_view kNoLanguage = "42704";
        constexpr std::string_view kNoPrivilege = "42501";
        const bool language = error.state() == kNoLanguage || error.state() == kNoPrivilege;
        if (assembly == Assembly::whole || !language) throw;
        query_all(connection, undo);
        return read_catalogs(connection, Assembly::whole);
    }
}

Schema inspect_postgres(Connection& connection) {
    Inspection inspection(read_catalogs(connection, Assembly::block));
    inspection.schema.dialect = Dialect::postgres;
    read_types(inspection);
    read_tables(inspection);
    read_constraints_and_indexes(inspection);
    read_objects(inspection);
    read_dependencies(inspection);
    return std::move(inspection.schema);
}

}  // namespace tenon::postgres
