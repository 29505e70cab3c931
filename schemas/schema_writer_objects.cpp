// Types, views, functions and the rest as canonical YAML.
#include <algorithm>

#include "schemas/schema_writer.h"
#include "schemas/sql_tokens.h"

namespace tenon {

YamlValue enum_value(const EnumType& type) {
    YamlValue values = YamlValue::sequence();
    for (const EnumValue& value : type.values) {
        values.items.push_back(
            value.renamed_from.empty()
                ? YamlValue::scalar(value.name)
                : YamlValue::mapping().add(value.name, YamlValue::mapping().add_text("renamed_from", value.renamed_from)));
    }
    const YamlValue notes = notes_value(YamlValue::mapping(true), type.comment, type.rights);
    if (notes.entries.empty() && type.renamed_from.empty()) return values;
    return notes_value(YamlValue::mapping(true).add("values", std::move(values)), type.comment, type.rights)
        .add_text("renamed_from", type.renamed_from);
}

YamlValue view_value(const View& view) {
    YamlValue out = YamlValue::mapping(true);
    add_sql(out, "as", view.definition, view.place.value);
    if (!view.columns.empty()) out.add("columns", names_value(view.columns));
    if (!view.column_notes.empty()) {
        YamlValue columns = YamlValue::mapping(true);
        for (const ViewColumn& column : view.column_notes) {
            YamlValue item = YamlValue::mapping();
            if (!column.default_value.empty())
                item.add("default", YamlValue::mapping().add("sql", sql_value(column.default_value)));
            columns.add(column.name, item.add_text("comment", column.comment));
        }
        out.add("columns", std::move(columns));
    }
    out.add_flag("materialized", view.materialized);
    if (!view.with_data) out.add("with_data", YamlValue::word("false"));
    if (!view.options.empty()) out.add("with", options_value(view.options));
    out.add_text("access_method", view.access_method).add_text("tablespace", view.tablespace);
    if (!view.indexes.empty()) out.add("indexes", indexes_value(view.indexes));
    out.add_text("cluster_on", view.cluster_on);
    out = notes_value(std::move(out), view.comment, view.rights);
    if (!view.rules.empty()) out.add("rules", table_texts_value(view.rules, "state"));
    if (!view.triggers.empty()) out.add("triggers", triggers_value(view.triggers));
    return out;
}

YamlValue domain_value(const Domain& domain) {
    YamlValue out = YamlValue::mapping().add("type", sql_value(domain.type));
    if (!domain.nullable) out.add("nullable", YamlValue::word("false"));
    if (domain.default_value) out.add("default", default_value(*domain.default_value));
    out = notes_value(std::move(out.add_text("collate", domain.collate)), domain.comment, domain.rights);
    if (!domain.checks.empty()) out.add("checks", checks_value(domain.checks));
    return out;
}

YamlValue composite_value(const CompositeType& type) {
    YamlValue attributes = YamlValue::mapping();
    for (const auto& [name, sql] : type.attributes) {
        const auto comment = type.attribute_comments.find(name);
        YamlValue value = sql_value(sql);
        if (comment != type.attribute_comments.end())
            value = YamlValue::mapping().add("type", std::move(value)).add_text("comment", comment->second);
        attributes.add(name, std::move(value));
    }
    const YamlValue notes = notes_value(YamlValue::mapping(), type.comment, type.rights);
    // An attribute of that name would be taken for the key.
    const bool short_form =
        notes.entries.empty() && std::ranges::none_of(type.attributes, [](const auto& a) { return a.first == "attributes"; });
    if (short_form) return attributes;
    attributes.block = !attributes.empty();
    return notes_value(YamlValue::mapping(true).add("attributes", std::move(attributes)), type.comment, type.rights);
}

YamlValue function_value(const Function& function) {
    YamlValue out = YamlValue::mapping(true);
    add_sql(out, "sql", function.definition, function.place.value);
    return notes_value(std::move(out), function.comment, function.rights);
}

YamlValue object_value(const Object& object) {
    YamlValue out = YamlValue::mapping();
    add_sql(out, "sql", object.definition, object.place.value);
    out = notes_value(std::move(out), object.comment, object.rights);
    if (out.entries.size() == 1 && out.entries[0].first == "sql") return out.entries[0].second;
    out.block = true;
    return out;
}

YamlValue schemas_value(const Schema& schema) {
    const auto plain = [](const NamespaceNotes& note) {
        return note.comment.empty() && note.rights == Rights{} && !note.absent;
    };
    if (std::ranges::all_of(schema.schema_notes, plain)) return names_value(schema.schemas);
    YamlValue out = YamlValue::mapping(true);
    for (const NamespaceNotes& note : schema.schema_notes)
        out.add(note.name, notes_value(YamlValue::mapping().add_flag("absent", note.absent), note.comment, note.rights));
    return out;
}

YamlValue default_privileges_value(const std::vector<DefaultPrivileges>& list) {
    YamlValue out = YamlValue::sequence(true);
    for (const DefaultPrivileges& entry : list) {
        out.items.push_back(YamlValue::mapping()
                                .add_text("role", entry.role)
                                .add_text("schema", entry.schema)
                                .add_text("on", entry.objects)
                                .add("grants", grants_value(entry.grants)));
    }
    return out;
}

}  // namespace tenon
