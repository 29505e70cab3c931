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
        {"schemas", &SchemaReader::read_schema_entry, &Mentioned::schemas},
        {"objects", &SchemaReader::read_object, &Mentioned::objects},
        {"default_privileges", nullptr, &Mentioned::default_privileges},
        {"complete", nullptr, nullptr},
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
    if (found->name == "complete") {
        read_complete(key == nullptr ? value : *key);
    } else if (found->name == "default_privileges") {
        if (key == nullptr) read_default_privileges(value);
        if (key != nullptr)
            problems_.add(section, "`default_privileges` is a list",
                          "write `- { role: app, on: tables, grants: { reader: [select] } }`");
    } else if (key != nullptr) {
        if (!key->text.empty()) {
            (this->*(found->read))(*key, value);
        } else {
            problems_.add(*key, "an empty name", "give it a name");
        }
    } else if (found->name == "schemas" && !value.is_mapping()) {
        if (!value.is_null()) read_schemas(value);
    } else if (found->name == "extensions" && value.is_sequence()) {
        for (const YamlNode& item : value.items)
            schema_.extensions.push_back({.name = name(item, "extension"), .schema = {}, .version = {}, .where = where(item)});
    } else if (!value.is_null()) {
        expect_mapping(value, section.text);
    }
}

/// `complete: true`: what is not in the schema shall not be; or the kinds of which that holds.
void SchemaReader::read_complete(const YamlNode& node) {
    Mentioned& mentioned = schema_.mentioned.value;
    if (!node.is_sequence()) {
        if (boolean(node, "complete")) mentioned = Mentioned{};
        return;
    }
    struct Kind {
        std::string_view name;
        bool Mentioned::*mentioned;
    };
    static const std::vector<Kind> kKinds{
        {"views", &Mentioned::views},           {"triggers", &Mentioned::triggers},
        {"functions", &Mentioned::functions},   {"enums", &Mentioned::enums},
        {"domains", &Mentioned::domains},       {"composites", &Mentioned::composites},
        {"ranges", &Mentioned::ranges},         {"sequences", &Mentioned::sequences},
        {"collations", &Mentioned::collations}, {"extensions", &Mentioned::extensions},
        {"schemas", &Mentioned::schemas},       {"policies", &Mentioned::policies},
        {"rules", &Mentioned::rules},           {"statistics", &Mentioned::statistics},
        {"objects", &Mentioned::objects},       {"default_privileges", &Mentioned::default_privileges},
        {"grants", &Mentioned::grants}};
    std::vector<std::string> names;
    for (const Kind& kind : kKinds) names.emplace_back(kind.name);
    for (const YamlNode& item : node.items) {
        const std::string found = choice(item, "kind", names);
        const auto kind = std::ranges::find(kKinds, found, &Kind::name);
        if (kind != kKinds.end()) mentioned.*(kind->mentioned) = true;
    }
}

void SchemaReader::read_enum(const YamlNode& key, const YamlNode& value) {
    EnumType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    const auto read_values = [&](const YamlNode& node) {
        if (!node.is_sequence()) problems_.add(node, "the values of an enum are a list", "write [sad, ok, happy]");
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
        std::vector<Key> keys = notes(type.comment, type.rights);
        keys.push_back({"values", read_values});
        keys.push_back({"renamed_from", [&](const YamlNode& v) { type.renamed_from = name(v, "renamed_from"); }});
        read_mapping(value, "enum " + key.text, keys);
    } else {
        read_values(value);
    }
    schema_.enums.push_back(std::move(type));
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
        std::vector<Key> keys = notes(domain.comment, domain.rights);
        keys.insert(keys.end(), {{"type", [&](const YamlNode& v) { read_type(column, v); }},
                                 {"nullable", [&](const YamlNode& v) { column.nullable = boolean(v, "nullable"); }},
                                 {"default", [&](const YamlNode& v) { read_default(column, v); }},
                                 {"collate", [&](const YamlNode& v) { column.collate = text(v, "collate"); }},
                                 {"check",
                                  [&](const YamlNode& v) {
                                      Check check;
                                      check.name.given = {false};
                                      check.expression = sql(v, "check");
                                      check.where = where(v);
                                      checks.checks.push_back(std::move(check));
                                  }},
                                 {"checks", [&](const YamlNode& v) { read_checks(checks, v); }}});
        read_mapping(value, "domain " + key.text, keys);
    }
    if (column.type.empty()) problems_.add(key, "domain " + key.text + " has no type", "add `type:`");
    domain.type = column.type;
    domain.nullable = column.nullable;
    domain.default_value = column.default_value;
    domain.collate = column.collate;
    domain.checks = std::move(checks.checks);
    schema_.domains.push_back(std::move(domain));
}

/// `{ width: integer, height: integer }`, or `{ attributes: { … }, comment: … }`.
void SchemaReader::read_composite(const YamlNode& key, const YamlNode& value) {
    CompositeType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    if (!expect_mapping(value, "composite " + key.text)) return;
    const auto read_attributes = [&](const YamlNode& node) {
        if (!expect_mapping(node, "attributes")) return;
        for (const auto& entry : node.entries) {
            const YamlNode& attribute = entry.first;
            const YamlNode& given = entry.second;
            if (!given.is_mapping() || given.find("type") == nullptr) {
                type.attributes.emplace_back(attribute.text, sql(given, "attribute"));
                continue;
            }
            Sql attribute_type;
            read_mapping(
                given, "attribute " + attribute.text,
                {{"type", [&](const YamlNode& v) { attribute_type = sql(v, "type"); }},
                 {"comment", [&](const YamlNode& v) { type.attribute_comments[attribute.text] = text(v, "comment"); }}});
            type.attributes.emplace_back(attribute.text, attribute_type);
        }
    };
    const YamlNode* const attributes = value.find("attributes");
    if (attributes != nullptr && attributes->is_mapping()) {
        std::vector<Key> keys = notes(type.comment, type.rights);
        keys.push_back({"attributes", read_attributes});
        read_mapping(value, "composite " + key.text, keys);
    } else {
        read_attributes(value);
    }
    schema_.composites.push_back(std::move(type));
}

/// The options of a mapping that are not `comment`, `owner` or `grants`.
Options SchemaReader::options_beside(const YamlNode& node, const std::string& what, std::string& comment, Rights& rights) {
    Options out;
    if (!expect_mapping(node, what)) return out;
    const std::vector<Key> known = notes(comment, rights);
    for (const auto& [key, value] : node.entries) {
        const auto note = std::ranges::find(known, key.text, &Key::name);
        if (note != known.end()) {
            note->read(value);
        } else {
            out[key.text] = text(value, key.text);
        }
    }
    return out;
}

void SchemaReader::read_range(const YamlNode& key, const YamlNode& value) {
    RangeType type;
    std::tie(type.schema, type.name) = split_name(key);
    type.where = where(key);
    if (value.is_scalar()) {
        type.subtype = sql(value, "subtype");
    } else {
        type.options = options_beside(value, "range " + key.text, type.comment, type.rights);
        if (auto subtype = type.options.take("subtype")) type.subtype = make_sql(*subtype);
    }
    if (type.subtype.empty()) problems_.add(key, "range " + key.text + " has no subtype", "add `subtype: integer`");
    schema_.ranges.push_back(std::move(type));
}

void SchemaReader::read_sequence(const YamlNode& key, const YamlNode& value) {
    Sequence sequence;
    std::tie(sequence.schema, sequence.name) = split_name(key);
    sequence.where = where(key);
    if (!value.is_null()) sequence.options = options_beside(value, "sequence " + key.text, sequence.comment, sequence.rights);
    if (auto owner = sequence.options.take("owned_by")) sequence.owned_by = *owner;
    known_options(value, "sequence " + key.text, sequence.options,
                  {"type", "start", "increment", "minvalue", "maxvalue", "cache", "cycle", "unlogged"});
    schema_.sequences.push_back(std::move(sequence));
}

void SchemaReader::read_collation(const YamlNode& key, const YamlNode& value) {
    Collation collation;
    std::tie(collation.schema, collation.name) = split_name(key);
    collation.where = where(key);
    collation.options = options_beside(value, "collation " + key.text, collation.comment, collation.rights);
    known_options(value, "collation " + key.text, collation.options,
                  {"provider", "locale", "lc_collate", "lc_ctype", "deterministic", "rules", "from"});
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

Schema read_schema(const std::vector<SchemaText>& files, const BodyReader& bodies) {
    Schema schema;
    schema.mentioned.value = Mentioned::none();
    std::vector<Problem> problems;
    for (const SchemaText& file : files) {
        YamlProblems found(file);
        SchemaReader reader(schema, found, bodies);
        read_yaml(file, found, [&](const YamlNode& section, const YamlNode* key, const YamlNode& value) {
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
