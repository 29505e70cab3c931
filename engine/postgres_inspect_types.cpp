// Schemas, extensions, types and sequences of a PostgreSQL database.
#include <algorithm>

#include "engine/postgres_inspect.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

/// The schema's name as the model has it: public is the default one.
std::string model_schema(const std::string& name) { return name == "public" ? "" : name; }

void read_schemas(Inspection& in) {
    const Rows& rows = in.rows(Catalog::schemas);
    for (int r = 0; r < rows.count(); ++r) {
        const std::string name = in.text(rows, r, 1);
        in.name("pg_namespace", number(rows, r, 0), "SCHEMA " + quote(name));
        in.schema.schemas.push_back(name);
    }
    const Rows& extensions = in.rows(Catalog::extensions);
    for (int r = 0; r < extensions.count(); ++r) {
        Extension extension{
            .name = in.text(extensions, r, 1), .schema = in.text(extensions, r, 2), .version = in.text(extensions, r, 3)};
        in.name("pg_extension", number(extensions, r, 0), "EXTENSION " + quote(extension.name));
        in.schema.extensions.push_back(std::move(extension));
    }
}

void read_enums(Inspection& in, std::unordered_map<Oid, std::size_t>& enums) {
    const Rows& rows = in.rows(Catalog::enums);
    for (int r = 0; r < rows.count(); ++r) {
        const auto found = enums.find(number(rows, r, 0));
        if (found != enums.end()) in.schema.enums[found->second].values.push_back({.name = in.text(rows, r, 1)});
    }
}

/// Attributes of composite types stand among the columns.
void read_attributes(Inspection& in, const std::unordered_map<Oid, std::size_t>& composites) {
    const Rows& rows = in.rows(Catalog::columns);
    for (int r = 0; r < rows.count(); ++r) {
        const auto found = composites.find(number(rows, r, 0));
        if (found == composites.end()) continue;
        std::string type = in.text(rows, r, 3);
        if (!rows.null(r, 7)) type += " COLLATE " + in.text(rows, r, 7);
        in.schema.composites[found->second].attributes.emplace_back(in.text(rows, r, 2), make_sql(type, Dialect::postgres));
    }
}

void read_sequences(Inspection& in) {
    const Rows& rows = in.rows(Catalog::sequences);
    for (int r = 0; r < rows.count(); ++r) {
        if (rows.at(r, 13) == "i") continue;  // an identity column's, read with the table
        Sequence sequence{.schema = model_schema(in.text(rows, r, 1)),
                          .name = in.text(rows, r, 2),
                          .options = {},
                          .owned_by = {},
                          .comment = {}};
        const char* const keys[] = {"type", "start", "increment", "maxvalue", "minvalue", "cache"};
        for (int i = 0; i < 6; ++i) sequence.options[keys[i]] = in.text(rows, r, 3 + i);
        sequence.options["cycle"] = flag(rows, r, 9) ? "true" : "false";
        if (rows.at(r, 10) == "u") sequence.options["unlogged"] = "true";
        const std::string id = "SEQUENCE " + qualified(sequence.schema, sequence.name);
        in.name("pg_class", number(rows, r, 0), id);
        in.schema.sequences.push_back(std::move(sequence));
    }
}

}  // namespace

void read_types(Inspection& in) {
    read_schemas(in);
    std::unordered_map<Oid, std::size_t> enums;
    std::unordered_map<Oid, std::size_t> composites;
    const Rows& rows = in.rows(Catalog::types);
    for (int r = 0; r < rows.count(); ++r) {
        const Oid oid = number(rows, r, 0);
        const std::string schema = model_schema(in.text(rows, r, 1));
        const std::string name = in.text(rows, r, 2);
        const std::string full = qualified(schema, name);
        switch (rows.at(r, 3).front()) {
            case 'e':
                enums[oid] = in.schema.enums.size();
                in.schema.enums.push_back({.schema = schema, .name = name, .values = {}, .comment = {}, .renamed_from = {}});
                in.name("pg_type", oid, "TYPE " + full);
                break;
            case 'd': {
                Domain domain{.schema = schema, .name = name, .type = make_sql(in.text(rows, r, 6), Dialect::postgres)};
                domain.nullable = !flag(rows, r, 7);
                if (!rows.null(r, 8)) domain.default_value = make_sql(in.text(rows, r, 8), Dialect::postgres);
                domain.collate = in.text(rows, r, 9);
                in.schema.domains.push_back(std::move(domain));
                in.name("pg_type", oid, "DOMAIN " + full);
                break;
            }
            case 'c':
                composites[number(rows, r, 5)] = in.schema.composites.size();
                in.schema.composites.push_back({.schema = schema, .name = name, .attributes = {}, .comment = {}});
                in.name("pg_type", oid, "TYPE " + full);
                in.name("pg_class", number(rows, r, 5), "TYPE " + full);
                break;
            case 'r': {
                RangeType range{.schema = schema, .name = name, .subtype = make_sql(in.text(rows, r, 10), Dialect::postgres)};
                const char* const keys[] = {"subtype_opclass", "canonical", "subtype_diff", "collation",
                                            "multirange_type_name"};
                for (int i = 0; i < 5; ++i) {
                    if (!rows.null(r, 11 + i)) range.options[keys[i]] = in.text(rows, r, 11 + i);
                }
                in.schema.ranges.push_back(std::move(range));
                in.name("pg_type", oid, "TYPE " + full);
                break;
            }
            case 'b':
                if (number(rows, r, 4) == 0) in.schema.unmanaged.push_back({"base type", full, {}});
                break;
            default: break;
        }
    }
    read_enums(in, enums);
    read_attributes(in, composites);
    read_sequences(in);
}

}  // namespace tenon::postgres
