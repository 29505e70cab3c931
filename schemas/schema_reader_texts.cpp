// What holds SQL of its own out of YAML: views, functions, triggers, rules, policies, statistics, and what has no key at all.
#include <algorithm>

#include "schemas/schema_reader.h"
#include "schemas/sql_tokens.h"

namespace tenon {

void SchemaReader::read_sql(Sql& target, Aside<TextPlace>& place, const YamlNode& node, std::string_view what) {
    target = sql(node, what);
    const YamlNode* const own = node.is_mapping() ? node.find(dialect_name(Dialect::postgres)) : &node;
    if (own != nullptr && own->is_scalar()) place = {problems_.text_place(*own)};
}

SchemaReader::Key SchemaReader::sql_file(Sql& target, Aside<TextPlace>& place) {
    return {"file", [&target, &place, this](const YamlNode& node) {
                const std::string found = text(node, "file");
                if (found.empty()) return;
                place.value.file = found;
                if (!bodies_) {
                    problems_.add(node, "the file `" + found + "` cannot be read from here", "write the SQL itself");
                    return;
                }
                try {
                    SchemaText body = bodies_(where(node).value.file, found);
                    target = make_sql(std::move(body.text));
                    place.value.where = {std::move(body.path), 1, 1};
                    place.value.block = true;
                } catch (const Error& error) {
                    problems_.add(node, error.what(), error.problems().front().hint);
                }
            }};
}

void SchemaReader::read_triggers(std::vector<Trigger>& triggers, const YamlNode& node) {
    schema_.mentioned.value.triggers = true;
    if (node.is_null() || !expect_mapping(node, "triggers")) return;
    for (const auto& [key, value] : node.entries) {
        Trigger& trigger = triggers.emplace_back();
        trigger.name = key.text;
        trigger.where = where(key);
        if (value.is_scalar()) {
            read_sql(trigger.definition, trigger.place, value, "trigger");
        } else {
            read_mapping(value, "trigger " + key.text,
                         {{"sql", [&](const YamlNode& v) { read_sql(trigger.definition, trigger.place, v, "sql"); }},
                          sql_file(trigger.definition, trigger.place),
                          {"state",
                           [&](const YamlNode& v) {
                               trigger.state = choice(v, "state", {"enabled", "disabled", "replica", "always"});
                           }},
                          {"comment", [&](const YamlNode& v) { trigger.comment = text(v, "comment"); }}});
        }
        if (trigger.state == "enabled") trigger.state.clear();
        if (trigger.definition.empty() && trigger.place.value.file.empty())
            problems_.add(key, "trigger " + key.text + " has no SQL", "add `sql: after update …`");
    }
}

void SchemaReader::read_table_texts(std::vector<TableText>& texts, const YamlNode& node, const std::string& what) {
    if (node.is_null() || !expect_mapping(node, what)) return;
    for (const auto& [key, value] : node.entries) {
        TableText& entry = texts.emplace_back();
        entry.name = key.text;
        entry.where = where(key);
        if (value.is_scalar()) {
            read_sql(entry.definition, entry.place, value, what);
        } else {
            std::vector<Key> keys{{"sql", [&](const YamlNode& v) { read_sql(entry.definition, entry.place, v, "sql"); }},
                                  sql_file(entry.definition, entry.place),
                                  {"comment", [&](const YamlNode& v) { entry.comment = text(v, "comment"); }}};
            if (what == "rules")
                keys.push_back({"state", [&](const YamlNode& v) {
                                    entry.state = choice(v, "state", {"enabled", "disabled", "replica", "always"});
                                }});
            if (what == "statistics") keys.push_back({"target", [&](const YamlNode& v) { entry.state = text(v, "target"); }});
            read_mapping(value, what + " " + key.text, keys);
        }
        if (entry.state == "enabled") entry.state.clear();
        if (entry.definition.empty() && entry.place.value.file.empty()) {
            problems_.add(key, key.text + " has no SQL",
                          what == "policies" ? "add `sql: for select using (…)`"
                          : what == "rules"  ? "add `sql: on insert to … do instead nothing`"
                                             : "add `sql: (dependencies) on a, b`");
        }
    }
}

/// `[a, b]` names the columns; `{ a: { comment: …, default: { sql: … } } }` says something of them.
void SchemaReader::read_view_columns(View& view, const YamlNode& node) {
    if (!node.is_mapping()) {
        view.columns = names(node, "columns");
        return;
    }
    for (const auto& [key, value] : node.entries) {
        ViewColumn column;
        column.name = key.text;
        read_mapping(value, "column " + key.text,
                     {{"comment", [&](const YamlNode& v) { column.comment = text(v, "comment"); }},
                      {"default", [&](const YamlNode& v) {
                           if (v.is_mapping()) {
                               read_mapping(
                                   v, "default",
                                   {{"sql", [&](const YamlNode& given) { column.default_value = sql(given, "default"); }}});
                           } else if (v.is_scalar()) {
                               column.default_value = make_sql(v.quoted ? quote_literal(v.text) : v.text);
                           }
                       }}});
        view.column_notes.push_back(std::move(column));
    }
}

void SchemaReader::read_view(const YamlNode& key, const YamlNode& value) {
    View view;
    std::tie(view.schema, view.name) = split_name(key);
    view.where = where(key);
    if (value.is_scalar()) {
        read_sql(view.definition, view.place, value, "view");
    } else {
        std::vector<Key> keys = notes(view.comment, view.rights);
        const auto string = [&](std::string& target) {
            return [&, this](const YamlNode& node) { target = text(node, "this"); };
        };
        keys.insert(keys.end(), {{"as", [&](const YamlNode& v) { read_sql(view.definition, view.place, v, "as"); }},
                                 sql_file(view.definition, view.place),
                                 {"columns", [&](const YamlNode& v) { read_view_columns(view, v); }},
                                 {"materialized", [&](const YamlNode& v) { view.materialized = boolean(v, "materialized"); }},
                                 {"with", [&](const YamlNode& v) { view.options = options(v, "with"); }},
                                 {"with_data", [&](const YamlNode& v) { view.with_data = boolean(v, "with_data"); }},
                                 {"access_method", string(view.access_method)},
                                 {"tablespace", string(view.tablespace)},
                                 {"cluster_on", string(view.cluster_on)},
                                 {"indexes",
                                  [&](const YamlNode& v) {
                                      Table holder;
                                      read_indexes(holder, v);
                                      view.indexes = std::move(holder.indexes);
                                  }},
                                 {"rules",
                                  [&](const YamlNode& v) {
                                      schema_.mentioned.value.rules = true;
                                      read_table_texts(view.rules, v, "rules");
                                  }},
                                 {"triggers", [&](const YamlNode& v) { read_triggers(view.triggers, v); }}});
        read_mapping(value, "view " + key.text, keys);
    }
    if (view.definition.empty() && view.place.value.file.empty())
        problems_.add(key, "view " + key.text + " has no SELECT", "add `as: select …`");
    if (!view.materialized && !view.indexes.empty())
        problems_.add(key, "view " + key.text + " has indexes, and is not materialized",
                      "add `materialized: true`, or remove them");
    schema_.views.push_back(std::move(view));
}

/// `touch`, `billing.touch`, `add(integer, integer)`.
void SchemaReader::read_function(const YamlNode& key, const YamlNode& value) {
    Function function;
    const auto open = key.text.find('(');
    std::tie(function.schema, function.name) = split_name(key, std::string_view(key.text).substr(0, open));
    if (open != std::string::npos) {
        const bool closed = key.text.ends_with(')');
        if (!closed)
            problems_.add(key, "the argument types of " + key.text + " are not closed",
                          "write `" + function.name + "(integer, text)`");
        function.arguments = closed ? key.text.substr(open + 1, key.text.size() - open - 2) : key.text.substr(open + 1);
    }
    function.where = where(key);
    if (value.is_scalar()) {
        read_sql(function.definition, function.place, value, "function");
    } else {
        std::vector<Key> keys = notes(function.comment, function.rights);
        keys.push_back({"sql", [&](const YamlNode& v) { read_sql(function.definition, function.place, v, "sql"); }});
        keys.push_back(sql_file(function.definition, function.place));
        read_mapping(value, "function " + key.text, keys);
    }
    if (function.definition.empty() && function.place.value.file.empty())
        problems_.add(key, "function " + key.text + " has no SQL", "add `sql: create function …`");
    schema_.functions.push_back(std::move(function));
}

/// `AGGREGATE public.sum2(integer)`, `PUBLICATION app`, …: what has no key of its own, by its kind and name.
void SchemaReader::read_object(const YamlNode& key, const YamlNode& value) {
    Object object;
    object.id = key.text;
    object.place.value.where = problems_.where(key);
    if (value.is_scalar()) {
        read_sql(object.definition, object.place, value, "object");
    } else {
        std::vector<Key> keys = notes(object.comment, object.rights);
        keys.push_back({"sql", [&](const YamlNode& v) { read_sql(object.definition, object.place, v, "sql"); }});
        keys.push_back(sql_file(object.definition, object.place));
        read_mapping(value, "object " + key.text, keys);
    }
    if (object.definition.empty() && object.place.value.file.empty())
        problems_.add(key, key.text + " has no SQL", "add `sql: create …`");
    schema_.objects.push_back(std::move(object));
}

}  // namespace tenon
