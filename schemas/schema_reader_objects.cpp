// Everything beside tables out of YAML, and the door to the reader.
#include <algorithm>

#include "schemas/schema_reader.h"
#include "schemas/schema_validate.h"
#include "schemas/sql_tokens.h"

namespace tenon {

void SchemaReader::read_entry(const YamlNode& section, const YamlNode* key, const YamlNode& value) {
    struct Section {
        std::string_view name;
        void (SchemaReader::*read)(const YamlNode&, const YamlNode&);
        bool Mentioned::*mentioned;
    };
    static const std::vector<Section> kSections{
        {"tables", &SchemaReader::read_table, nullptr},
        {"enums", &SchemaReader::read_enum, &Mentioned::enums},
        {"views", &SchemaReader::read_view, &Mentioned::views},
        {"functions", &SchemaReader::read_function, &Mentioned::functions},
        {"domains", &SchemaReader::read_domain, &Mentioned::domains},
        {"composites", &SchemaReader::read_composite, &Mentioned::composites},
        {"ranges", &SchemaReader::read_range, &Mentioned::ranges},
        {"sequences", &SchemaReader::read_sequence, &Mentioned::sequences},
        {"collations", &SchemaReader::read_collation, &Mentioned::collations},
        {"extensions", &SchemaReader::read_extension, &Mentioned::extensions},
        {"schemas", nullptr, &Mentioned::schemas},
    };
    if (section.text.starts_with("x-")) return;
    const auto found = std::ranges::find(kSections, section.text, &Section::name);
    if (found == kSections.end()) {
        std::vector<Key> keys;
        for (const Section& known : kSections) keys.push_back({known.name, {}});
        if (key == nullptr || problems_.list().empty() || problems_.list().back().where.line != section.line)
            unknown_key(section, "the schema", keys);
        return;
    }
    if (found->mentioned != nullptr) schema_.mentioned.value.*(found->mentioned) = true;
    if (found->name == "schemas") {
        schema_.schemas = names(value, "schemas");
    } else if (key != nullptr) {
        if (!key->text.empty()) {
            (this->*(found->read))(*key, value);
        } else {
            problems_.add(*key, "an empty name", "give it a name");
        }
    } else if (found->name == "extensions" && value.is_sequence()) {
        for (const YamlNode& item : value.items)
            schema_.extensions.push_back({.name = name(item, "extension"), .schema = {}, .version = {}, .where = where(item)});
    } else if (!value.is_null()) {
        expect_mapping(value, section.text);
    }
}

void SchemaReader::read_enum(const YamlNode& key, const YamlNode& value) {
    EnumType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    const auto read_values = [&](const YamlNode& node) {
        if (!node.is_sequence() || node.items.empty())
            problems_.add(node, "the values of an enum are a list", "write [sad, ok, happy]");
        for (const YamlNode& item : node.items) {
            EnumValue entry;
            if (item.is_mapping() && item.entries.size() == 1) {
                entry.name = item.entries[0].first.text;
                read_mapping(item.entries[0].second, "enum value",
                             {{"renamed_from", [&](const YamlNode& v) { entry.renamed_from = name(v, "renamed_from"); }}});
            } else {
                entry.name = name(item, "enum value");
            }
            const bool twice =
                std::ranges::any_of(type.values, [&](const EnumValue& other) { return other.name == entry.name; });
            if (twice && !entry.name.empty())
                problems_.add(item, "the value `" + entry.name + "` stands twice in enum " + type.name, "remove one");
            type.values.push_back(std::move(entry));
        }
    };
    if (value.is_mapping()) {
        read_mapping(value, "enum " + key.text,
                     {{"values", read_values},
                      {"comment", [&](const YamlNode& v) { type.comment = text(v, "comment"); }},
                      {"renamed_from", [&](const YamlNode& v) { type.renamed_from = name(v, "renamed_from"); }}});
    } else {
        read_values(value);
    }
    schema_.enums.push_back(std::move(type));
}

void SchemaReader::read_view(const YamlNode& key, const YamlNode& value) {
    View view;
    std::tie(view.schema, view.name) = split_name(key);
    view.where = where(key);
    if (value.is_scalar()) {
        view.definition = sql(value, "view");
    } else {
        read_mapping(value, "view " + key.text,
                     {{"as", [&](const YamlNode& v) { view.definition = sql(v, "as"); }},
                      {"columns", [&](const YamlNode& v) { view.columns = names(v, "columns"); }},
                      {"materialized", [&](const YamlNode& v) { view.materialized = boolean(v, "materialized"); }},
                      {"comment", [&](const YamlNode& v) { view.comment = text(v, "comment"); }},
                      {"triggers", [&](const YamlNode& v) {
                           Table holder;
                           read_triggers(holder, v);
                           view.triggers = std::move(holder.triggers);
                       }}});
    }
    if (view.definition.empty()) problems_.add(key, "view " + key.text + " has no SELECT", "add `as: select …`");
    schema_.views.push_back(std::move(view));
}

void SchemaReader::read_function(const YamlNode& key, const YamlNode& value) {
    Function function;
    std::tie(function.schema, function.name) = split_name(key);
    function.where = where(key);
    if (value.is_scalar()) {
        function.definition = sql(value, "function");
    } else {
        read_mapping(value, "function " + key.text, {{"sql", [&](const YamlNode& v) { function.definition = sql(v, "sql"); }}});
    }
    if (function.definition.empty()) problems_.add(key, "function " + key.text + " has no SQL", "add `sql: create function …`");
    schema_.functions.push_back(std::move(function));
}

void SchemaReader::read_domain(const YamlNode& key, const YamlNode& value) {
    Domain domain;
    std::tie(domain.schema, domain.name) = split_name(key);
    domain.where = where(key);
    Column column;
    column.name = domain.name;
    column.nullable = true;
    Table checks;
    if (value.is_scalar()) {
        read_type(column, value);
    } else {
        read_mapping(value, "domain " + key.text,
                     {{"type", [&](const YamlNode& v) { read_type(column, v); }},
                      {"nullable", [&](const YamlNode& v) { column.nullable = boolean(v, "nullable"); }},
                      {"default", [&](const YamlNode& v) { read_default(column, v); }},
                      {"collate", [&](const YamlNode& v) { column.collate = text(v, "collate"); }},
                      {"check",
                       [&](const YamlNode& v) {
                           Check check;
                           check.name.given = {false};
                           check.expression = sql(v, "check");
                           checks.checks.push_back(std::move(check));
                       }},
                      {"checks", [&](const YamlNode& v) { read_checks(checks, v); }},
                      {"comment", [&](const YamlNode& v) { domain.comment = text(v, "comment"); }}});
    }
    if (column.type.empty()) problems_.add(key, "domain " + key.text + " has no type", "add `type:`");
    domain.type = column.type;
    domain.nullable = column.nullable;
    domain.default_value = column.default_value;
    domain.collate = column.collate;
    domain.checks = std::move(checks.checks);
    schema_.domains.push_back(std::move(domain));
}

void SchemaReader::read_composite(const YamlNode& key, const YamlNode& value) {
    CompositeType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    if (!expect_mapping(value, "composite " + key.text)) return;
    for (const auto& [attribute, node] : value.entries) type.attributes.emplace_back(attribute.text, sql(node, "attribute"));
    schema_.composites.push_back(std::move(type));
}

void SchemaReader::read_range(const YamlNode& key, const YamlNode& value) {
    RangeType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    if (value.is_scalar()) {
        type.subtype = sql(value, "subtype");
    } else {
        type.options = options(value, "range " + key.text);
        if (auto subtype = type.options.take("subtype")) type.subtype = make_sql(*subtype);
    }
    if (type.subtype.empty()) problems_.add(key, "range " + key.text + " has no subtype", "add `subtype: integer`");
    schema_.ranges.push_back(std::move(type));
}

void SchemaReader::read_sequence(const YamlNode& key, const YamlNode& value) {
    Sequence sequence;
    std::tie(sequence.schema, sequence.name) = split_name(key);
    sequence.where = where(key);
    if (!value.is_null()) sequence.options = options(value, "sequence " + key.text);
    if (auto owner = sequence.options.take("owned_by")) sequence.owned_by = *owner;
    if (auto comment = sequence.options.take("comment")) sequence.comment = *comment;
    schema_.sequences.push_back(std::move(sequence));
}

void SchemaReader::read_collation(const YamlNode& key, const YamlNode& value) {
    Collation collation;
    std::tie(collation.schema, collation.name) = split_name(key);
    collation.where = where(key);
    collation.options = options(value, "collation " + key.text);
    schema_.collations.push_back(std::move(collation));
}

void SchemaReader::read_extension(const YamlNode& key, const YamlNode& value) {
    Extension extension;
    extension.name = key.text;
    extension.where = where(key);
    if (!value.is_null()) {
        read_mapping(value, "extension " + key.text,
                     {{"version", [&](const YamlNode& v) { extension.version = text(v, "version"); }},
                      {"schema", [&](const YamlNode& v) { extension.schema = text(v, "schema"); }}});
    }
    schema_.extensions.push_back(std::move(extension));
}

Schema read_schema(const std::vector<SchemaText>& files) {
    Schema schema;
    Mentioned& mentioned = schema.mentioned.value;
    mentioned = {.views = false,
                 .triggers = false,
                 .functions = false,
                 .enums = false,
                 .domains = false,
                 .composites = false,
                 .ranges = false,
                 .sequences = false,
                 .collations = false,
                 .extensions = false,
                 .schemas = false};
    std::vector<Problem> problems;
    for (const SchemaText& file : files) {
        YamlProblems found(file);
        SchemaReader reader(schema, found);
        read_yaml(file, found, [&](const YamlNode& section, const YamlNode* key, YamlNode value) {
            reader.read_entry(section, key, value);
        });
        std::ranges::move(found.list(), std::back_inserter(problems));
    }
    // What a broken file means is not worth guessing at: its own mistakes come first.
    if (problems.empty()) problems = validate(schema, files);
    if (!problems.empty()) throw Error(ErrorCode::error, std::move(problems));
    return schema;
}

}  // namespace tenon
