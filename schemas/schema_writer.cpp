// A declared schema as canonical YAML: short forms where they say all.
#include <algorithm>
#include <set>

#include "schemas/schema_writer.h"

namespace tenon {
namespace {

template <class T, class Value>
void add_section(YamlValue& out, const std::string& name, const std::vector<T>& things, bool mentioned, Value value) {
    if (things.empty() && !mentioned) return;
    YamlValue section = YamlValue::mapping(true);
    for (const T& thing : things) {
        if constexpr (requires { thing.schema; }) {
            section.add(std::is_same_v<T, Extension> ? thing.name : entry_key(thing.schema, thing.name), value(thing));
        } else {
            section.add(thing.id, value(thing));
        }
    }
    out.add(name, std::move(section));
}

/// Kinds that shall be as the schema says though no entry of theirs is there to say so.
std::vector<std::string> complete_kinds(const Schema& schema) {
    const Mentioned& mentioned = schema.mentioned.value;
    const auto none = [&](auto member, auto view_member) {
        return std::ranges::all_of(schema.tables, [&](const Table& table) { return (table.*member).empty(); }) &&
               std::ranges::all_of(schema.views, [&](const View& view) { return (view.*view_member).empty(); });
    };
    const auto no_tables = [&](auto member) {
        return std::ranges::all_of(schema.tables, [&](const Table& table) { return (table.*member).empty(); });
    };
    std::vector<std::string> out;
    if (mentioned.triggers && none(&Table::triggers, &View::triggers)) out.emplace_back("triggers");
    if (mentioned.rules && none(&Table::rules, &View::rules)) out.emplace_back("rules");
    if (mentioned.policies && no_tables(&Table::policies)) out.emplace_back("policies");
    if (mentioned.statistics && no_tables(&Table::statistics)) out.emplace_back("statistics");
    if (mentioned.grants) out.emplace_back("grants");
    return out;
}

/// Partitions stand below their table.
std::vector<Table> standing_alone(const Schema& schema) {
    std::set<std::string> names;
    for (const Table& table : schema.tables) names.insert(table.full_name());
    std::vector<Table> out;
    std::ranges::copy_if(schema.tables, std::back_inserter(out),
                         [&](const Table& table) { return table.partition_of.empty() || !names.contains(table.partition_of); });
    return out;
}

}  // namespace

std::string plain_yaml(const Schema& declared) {
    const bool complete = declared.mentioned.value == Mentioned{};
    const Mentioned mentioned = complete ? Mentioned::none() : declared.mentioned.value;
    YamlValue out = YamlValue::mapping(true);
    if (complete) {
        out.add("complete", YamlValue::word("true"));
    } else if (const std::vector<std::string> kinds = complete_kinds(declared); !kinds.empty()) {
        out.add("complete", names_value(kinds));
    }
    if (!declared.schema_notes.empty() || mentioned.schemas) out.add("schemas", schemas_value(declared));
    add_section(out, "extensions", declared.extensions, mentioned.extensions, [](const Extension& extension) {
        return YamlValue::mapping().add_text("version", extension.version).add_text("schema", extension.schema);
    });
    add_section(out, "collations", declared.collations, mentioned.collations,
                [](const Collation& c) { return notes_value(options_value(c.options), c.comment, c.rights); });
    add_section(out, "enums", declared.enums, mentioned.enums, enum_value);
    add_section(out, "domains", declared.domains, mentioned.domains, domain_value);
    add_section(out, "composites", declared.composites, mentioned.composites, composite_value);
    add_section(out, "ranges", declared.ranges, mentioned.ranges, [](const RangeType& type) {
        YamlValue options = YamlValue::mapping().add("subtype", sql_value(type.subtype));
        for (const auto& [key, value] : type.options) options.add(key, YamlValue::scalar(value));
        return notes_value(std::move(options), type.comment, type.rights);
    });
    add_section(out, "sequences", declared.sequences, mentioned.sequences, [](const Sequence& sequence) {
        return notes_value(options_value(sequence.options).add_text("owned_by", sequence.owned_by), sequence.comment,
                           sequence.rights);
    });
    if (!declared.functions.empty() || mentioned.functions) {
        YamlValue section = YamlValue::mapping(true);
        for (const Function& function : declared.functions) {
            const std::string key = entry_key(function.schema, function.name);
            section.add(function.arguments ? key + "(" + *function.arguments + ")" : key, function_value(function));
        }
        out.add("functions", std::move(section));
    }
    add_section(out, "tables", standing_alone(declared), true,
                [&](const Table& table) { return table_value(declared, table); });
    add_section(out, "views", declared.views, mentioned.views, view_value);
    add_section(out, "objects", declared.objects, mentioned.objects, object_value);
    if (!declared.default_privileges.empty() || mentioned.default_privileges)
        out.add("default_privileges", default_privileges_value(declared.default_privileges));
    return print_yaml(out);
}

}  // namespace tenon
