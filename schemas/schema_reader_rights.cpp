// Comments, owners and privileges out of YAML.
#include <algorithm>
#include <array>

#include "schemas/schema_reader.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

const std::vector<std::string>& privilege_words() {
    static const std::vector<std::string> kWords{"all",      "select",     "insert",  "update",      "delete",
                                                 "truncate", "references", "trigger", "maintain",    "usage",
                                                 "create",   "execute",    "set",     "alter system"};
    return kWords;
}

/// `update (a, b) with grant option` taken apart; only the word is looked at here.
std::string privilege_word(std::string_view text) {
    std::string word = fold(text);
    if (word.starts_with("no ")) word = word.substr(3);
    if (const auto end = word.find('('); end != std::string::npos) word = word.substr(0, end);
    if (const auto option = word.find(" with grant option"); option != std::string::npos) word = word.substr(0, option);
    word.erase(word.find_last_not_of(' ') + 1);
    return word;
}

}  // namespace

std::vector<SchemaReader::Key> SchemaReader::notes(std::string& comment, Rights& rights) {
    return {{"comment", [&comment, this](const YamlNode& node) { comment = text(node, "comment"); }},
            {"owner", [&rights, this](const YamlNode& node) { rights.owner = name(node, "owner"); }},
            {"grants", [&rights, this](const YamlNode& node) { read_grants(rights.grants.emplace(), node); }}};
}

std::vector<SchemaReader::Key> SchemaReader::notes(Rare<std::string>& comment, Rare<Rights>& rights) {
    return {{"comment", [&comment, this](const YamlNode& node) { comment = text(node, "comment"); }},
            {"owner", [&rights, this](const YamlNode& node) { rights.edit().owner = name(node, "owner"); }},
            {"grants", [&rights, this](const YamlNode& node) { read_grants(rights.edit().grants.emplace(), node); }}};
}

void SchemaReader::read_grants(Grants& grants, const YamlNode& node) {
    if (node.is_null() || !expect_mapping(node, "grants")) return;
    for (const auto& [role, value] : node.entries) {
        std::vector<std::string>& privileges = grants[role.text];
        const auto add = [&](const YamlNode& item) {
            const std::string found = text(item, "privilege");
            const std::string word = privilege_word(found);
            if (item.is_scalar() && std::ranges::find(privilege_words(), word) == privilege_words().end()) {
                const std::string close = did_you_mean(word, privilege_words());
                problems_.add(item, "`" + found + "` is no privilege",
                              close.empty() ? "write select, insert, update (column), execute, usage, …"
                                            : "did you mean \"" + close + "\"?");
            }
            privileges.push_back(found);
        };
        if (value.is_sequence()) {
            for (const YamlNode& item : value.items) add(item);
        } else {
            add(value);
        }
    }
}

void SchemaReader::read_schemas(const YamlNode& node) {
    for (std::string& found : names(node, "schemas")) {
        NamespaceNotes note;
        note.name = found;
        note.where = where(node);
        schema_.schema_notes.push_back(std::move(note));
        schema_.schemas.push_back(std::move(found));
    }
}

void SchemaReader::read_schema_entry(const YamlNode& key, const YamlNode& value) {
    NamespaceNotes note;
    note.name = key.text;
    note.where = where(key);
    if (!value.is_null()) {
        std::vector<Key> keys = notes(note.comment, note.rights);
        keys.push_back({"absent", [&](const YamlNode& v) { note.absent = boolean(v, "absent"); }});
        read_mapping(value, "schema " + key.text, keys);
    }
    if (note.absent && note.name != "public")
        problems_.add(key, "a schema that shall be absent is not listed",
                      "only `public` is there unless it says `absent: true`");
    if (!note.absent) schema_.schemas.push_back(note.name);
    schema_.schema_notes.push_back(std::move(note));
}

void SchemaReader::read_default_privileges(const YamlNode& node) {
    if (node.is_null()) return;
    if (!node.is_sequence()) {
        problems_.add(node, "`default_privileges` is a list",
                      "write `- { role: app, on: tables, grants: { reader: [select] } }`");
        return;
    }
    for (const YamlNode& item : node.items) {
        DefaultPrivileges entry;
        entry.where = where(item);
        read_mapping(item, "default_privileges",
                     {{"role", [&](const YamlNode& v) { entry.role = name(v, "role"); }},
                      {"schema", [&](const YamlNode& v) { entry.schema = name(v, "schema"); }},
                      {"on",
                       [&](const YamlNode& v) {
                           entry.objects = choice(v, "kind", {"tables", "sequences", "functions", "types", "schemas"});
                       }},
                      {"grants", [&](const YamlNode& v) { read_grants(entry.grants, v); }}});
        if (entry.role.empty() || entry.objects.empty())
            problems_.add(item, "default privileges name the role whose objects they are for, and what they are on",
                          "write { role: app, on: tables, grants: { reader: [select] } }");
        schema_.default_privileges.push_back(std::move(entry));
    }
}

void SchemaReader::known_options(const YamlNode& node, const std::string& what, const Options& options,
                                 const std::vector<std::string>& known) {
    for (const auto& option : options) {
        const std::string& name = option.first;
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto at = std::ranges::find_if(node.entries, [&](const auto& entry) { return entry.first.text == name; });
        std::vector<Key> keys;
        for (const std::string& key : known) keys.push_back({key, {}});
        unknown_key(at == node.entries.end() ? node : at->first, what, keys);
    }
}

}  // namespace tenon
