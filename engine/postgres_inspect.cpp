// Reading the schema of a PostgreSQL database: one round trip, then plain lookups by object id.
#include "engine/postgres_inspect.h"

#include <algorithm>

#include "engine/inspect.h"

namespace tenon::postgres {

std::string Inspection::text(const Rows& rows, int row, int column) const {
    std::string out(rows.at(row, column));
    if (aside_) replace_all(out, kAside, "");
    return out;
}

void Inspection::take(Catalog query, Rows rows) {
    results_.at(static_cast<std::size_t>(query)) = std::move(rows);
    // As soon as there is what a part needs, so that it goes on side by side with the server.
    if (query == Catalog::dependencies) note_dependencies();
    if (query == Catalog::columns) {
        reserve_ids({Catalog::sequences, Catalog::relations});
        read_types(*this);
        read_tables(*this);
    }
    if (query == Catalog::indexes) {
        reserve_ids({Catalog::indexes});
        read_indexes(*this);
        read_early_dependencies(*this);
        results_.at(static_cast<std::size_t>(Catalog::columns)) = Rows();  // the most of all
    }
    if (query == Catalog::constraints) {
        reserve_ids({Catalog::constraints});
        read_constraints(*this);
    }
}

Schema Inspection::finished() {
    read_rarer_types(*this);
    read_not_nulls(*this);
    read_objects(*this);
    read_dependencies(*this);
    return std::move(schema);
}

void Inspection::reserve_ids(std::initializer_list<Catalog> queries) {
    std::size_t count = ids_.size();
    for (const Catalog query : queries) count += static_cast<std::size_t>(rows(query).count());
    ids_.reserve(count);
}

/// What must be known beforehand.
void Inspection::note_dependencies() {
    const Rows& schemas = rows(Catalog::schemas);
    for (int r = 0; r < schemas.count(); ++r) schemas_[number(schemas, r, 0)] = text(schemas, r, 1);
    const Rows& sequences = rows(Catalog::sequences);
    for (int r = 0; r < sequences.count(); ++r) sequence_owners_[number(sequences, r, 0)] = {};
    const Rows& dependencies = rows(Catalog::dependencies);
    for (int r = 0; r < dependencies.count(); ++r) {
        const std::string_view kind = dependencies.at(r, 6);
        const SystemTable in = system_table(dependencies, r, 0);
        const Oid oid = number(dependencies, r, 1);
        if (kind == "e") members_.insert(key(in, oid));
        if (in == SystemTable::relations && kind == "i" && system_table(dependencies, r, 3) == SystemTable::constraints)
            constraint_indexes_.insert(oid);
        if (in == SystemTable::defaults) entangled_defaults_.insert(oid);
        if (system_table(dependencies, r, 3) == SystemTable::defaults) entangled_defaults_.insert(number(dependencies, r, 4));
        if (in != SystemTable::relations || (kind != "a" && kind != "i")) continue;
        const auto sequence = sequence_owners_.find(oid);
        if (sequence == sequence_owners_.end() || system_table(dependencies, r, 3) != SystemTable::relations) continue;
        sequence->second = {
            .relation = number(dependencies, r, 4), .column = number<int>(dependencies, r, 5), .identity = kind == "i"};
    }
}

const std::string* Inspection::schema_of(Oid oid) const {
    const auto found = schemas_.find(oid);
    return found == schemas_.end() ? nullptr : &found->second;
}

const SequenceOwner* Inspection::owner_of_sequence(Oid oid) const {
    const auto found = sequence_owners_.find(oid);
    return found == sequence_owners_.end() || found->second.column == 0 ? nullptr : &found->second;
}

const std::string* Inspection::id_of(SystemTable in, Oid oid) const {
    const auto found = ids_.find(key(in, oid));
    return found == ids_.end() ? nullptr : &found->second;
}

const Table* table_at(const Inspection& in, Oid oid) {
    const auto found = in.relations.find(oid);
    return found == in.relations.end() || !found->second.table ? nullptr : &in.schema.tables[*found->second.table];
}

Table* table_at(Inspection& in, Oid oid) { return const_cast<Table*>(table_at(std::as_const(in), oid)); }

std::vector<int> in_order(const Rows& rows, std::array<int, 3> columns) {
    std::vector<std::pair<std::array<Oid, 3>, int>> keys;
    keys.reserve(static_cast<std::size_t>(rows.count()));
    for (int r = 0; r < rows.count(); ++r)
        keys.emplace_back(std::array{number(rows, r, columns[0]), number(rows, r, columns[1]), number(rows, r, columns[2])}, r);
    std::ranges::sort(keys);
    std::vector<int> order;
    order.reserve(keys.size());
    for (const auto& [key, row] : keys) order.push_back(row);
    return order;
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
    if (text.empty()) return out;
    for (const auto& [key, value] : options(text)) {
        if (!key.starts_with("pg_")) out += (out.empty() ? "" : ", ") + key + "=" + value;
    }
    return out;
}

/// All catalogs, in one round trip and one snapshot.
Schema inspect_postgres(Connection& connection) {
    // Inside a transaction (a scratch) the settings are put back by the savepoint; else the snapshot is one for all queries.
    const bool inside = connection.in_transaction();
    const CatalogQueries queries(server_version(connection));
    std::vector<std::string> statements{inside ? "SAVEPOINT tenon_inspect" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                        "SET LOCAL jit = off", "SET LOCAL search_path = ''",
                                        "SET LOCAL quote_all_identifiers = off"};
    if (!inside) statements.push_back("SET LOCAL lock_timeout = " + std::to_string(lock_timeout(connection).count()));
    std::vector<Catalog> asked;
    const std::size_t before = statements.size();
    const auto ask = [&](std::vector<CatalogQuery> more) {
        for (CatalogQuery& query : more) {
            asked.push_back(query.result);
            statements.push_back(std::move(query.sql));
        }
    };
    ask(queries.of_all());
    Inspection inspection(inside);
    inspection.schema.dialect = Dialect::postgres;
    query_in_a_row(connection, std::exchange(statements, {}), [&](std::size_t place, Rows rows) {
        if (place < before) return std::vector<std::string>{};
        const Catalog query = asked.at(place - before);
        if (query == Catalog::present) {
            ask(queries.of_rare(rows));
            if (inside) statements.emplace_back("ROLLBACK TO SAVEPOINT tenon_inspect");
            statements.emplace_back(inside ? "RELEASE SAVEPOINT tenon_inspect" : "COMMIT");
        }
        inspection.take(query, std::move(rows));
        return std::exchange(statements, {});
    });
    return inspection.finished();
}

}  // namespace tenon::postgres
