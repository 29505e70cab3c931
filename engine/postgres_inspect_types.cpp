// Schemas, extensions and types of a PostgreSQL database.
#include <algorithm>

#include "engine/postgres_inspect.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

void read_schemas(Inspection& in) {
    const Rows& rows = in.rows(Catalog::schemas);
    for (int r = 0; r < rows.count(); ++r) {
        const std::string name = in.text(rows, r, 1);
        in.name(SystemTable::namespaces, number(rows, r, 0), "SCHEMA " + quote(name));
        in.schema.schemas.push_back(name);
    }
}

void read_extensions(Inspection& in) {
    const Rows& extensions = in.rows(Catalog::extensions);
    for (int r = 0; r < extensions.count(); ++r) {
        Extension extension{
            .name = in.text(extensions, r, 1), .schema = in.text(extensions, r, 2), .version = in.text(extensions, r, 3)};
        in.name(SystemTable::extensions, number(extensions, r, 0), "EXTENSION " + quote(extension.name));
        in.schema.extensions.push_back(std::move(extension));
    }
}

/// What rows of a catalog say of the types in `list`: each is handed over with its row.
template <class Type, class Read>
void for_each_row(const Inspection& in, Catalog catalog, std::vector<Type>& list, const Read& read) {
    const Rows& rows = in.rows(catalog);
    for (int r = 0; r < rows.count(); ++r) {
        const auto found = in.type_places.find(number(rows, r, 0));
        if (found != in.type_places.end()) read(list[found->second], rows, r);
    }
}

void read_domain(const Inspection& in, Domain& domain, const Rows& rows, int r) {
    domain.type = make_sql(in.text(rows, r, 1), Dialect::postgres);
    domain.nullable = !flag(rows, r, 2);
    if (!rows.null(r, 3)) domain.default_value = make_sql(in.text(rows, r, 3), Dialect::postgres);
    domain.collate = in.text(rows, r, 4);
}

void read_range(const Inspection& in, RangeType& range, const Rows& rows, int r) {
    range.subtype = make_sql(in.text(rows, r, 1), Dialect::postgres);
    const char* const keys[] = {"subtype_opclass", "canonical", "subtype_diff", "collation", "multirange_type_name"};
    for (int i = 0; i < 5; ++i) {
        if (!rows.null(r, 2 + i)) range.options[keys[i]] = in.text(rows, r, 2 + i);
    }
}

/// Composite types are relations with columns.
void read_composites(Inspection& in) {
    std::unordered_map<Oid, std::size_t> composites;
    const Rows& relations = in.rows(Catalog::relations);
    for (int r = 0; r < relations.count(); ++r) {
        if (relations.at(r, 3) != "c") continue;
        const std::string* schema = in.schema_of(number(relations, r, 1));
        const Oid type = number(relations, r, 15);
        if (schema == nullptr || in.is_member(SystemTable::types, type)) continue;
        CompositeType composite{
            .schema = model_schema(*schema), .name = in.text(relations, r, 2), .attributes = {}, .comment = {}};
        const std::string id = "TYPE " + qualified(composite.schema, composite.name);
        in.name(SystemTable::types, type, id);
        in.name(SystemTable::relations, number(relations, r, 0), id);
        composites[number(relations, r, 0)] = in.schema.composites.size();
        in.schema.composites.push_back(std::move(composite));
    }
    if (composites.empty()) return;
    const Rows& rows = in.rows(Catalog::columns);
    for (const int r : in_order(rows, {0, 1, 1})) {
        const auto found = composites.find(number(rows, r, 0));
        if (found == composites.end()) continue;
        std::string type = column_type(in, rows, r);
        if (!rows.null(r, 7)) type += " COLLATE " + in.text(rows, r, 7);
        in.schema.composites[found->second].attributes.emplace_back(in.text(rows, r, 2), make_sql(type, Dialect::postgres));
    }
}

}  // namespace

void read_types(Inspection& in) {
    read_schemas(in);
    const Rows& rows = in.rows(Catalog::types);
    for (int r = 0; r < rows.count(); ++r) {
        const Oid oid = number(rows, r, 0);
        const std::string* found = in.schema_of(number(rows, r, 1));
        if (found == nullptr || in.is_member(SystemTable::types, oid)) continue;
        const std::string schema = model_schema(*found);
        const std::string name = in.text(rows, r, 2);
        const std::string full = qualified(schema, name);
        switch (rows.at(r, 3).front()) {
            case 'e':
                in.type_places[oid] = in.schema.enums.size();
                in.schema.enums.push_back({.schema = schema, .name = name, .values = {}, .comment = {}, .renamed_from = {}});
                in.name(SystemTable::types, oid, "TYPE " + full);
                break;
            case 'd':
                in.type_places[oid] = in.schema.domains.size();
                in.schema.domains.push_back({.schema = schema, .name = name});
                in.name(SystemTable::types, oid, "DOMAIN " + full);
                break;
            case 'r':
                in.type_places[oid] = in.schema.ranges.size();
                in.schema.ranges.push_back({.schema = schema, .name = name});
                in.name(SystemTable::types, oid, "TYPE " + full);
                break;
            case 'b':
                in.schema.unmanaged.push_back({"base type", full, make_sql(in.text(rows, r, 7), Dialect::postgres)});
                break;
            case 'p': in.schema.unmanaged.push_back({"shell type", full, {}}); break;
            default: break;
        }
    }
    read_composites(in);
}

void read_rarer_types(Inspection& in) {
    read_extensions(in);
    for_each_row(in, Catalog::enums, in.schema.enums,
                 [&](EnumType& type, const Rows& rows, int r) { type.values.push_back({.name = in.text(rows, r, 1)}); });
    for_each_row(in, Catalog::domains, in.schema.domains,
                 [&](Domain& domain, const Rows& rows, int r) { read_domain(in, domain, rows, r); });
    for_each_row(in, Catalog::ranges, in.schema.ranges,
                 [&](RangeType& range, const Rows& rows, int r) { read_range(in, range, rows, r); });
}

}  // namespace tenon::postgres
