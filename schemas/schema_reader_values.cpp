// Scalars, lists and mappings out of YAML nodes, with the errors that people make in them.
#include <algorithm>

#include "schemas/joined.h"
#include "schemas/schema_reader.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

std::string kind_name(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: return "nothing";
        case YamlNode::Kind::scalar: return "`" + node.text + "`";
        case YamlNode::Kind::sequence: return "a list";
        case YamlNode::Kind::mapping: return "a mapping";
    }
    return "";
}

}  // namespace

void SchemaReader::read_mapping(const YamlNode& node, const std::string& what, const std::vector<Key>& keys) {
    if (!expect_mapping(node, what)) return;
    for (const auto& [key, value] : node.entries) {
        const auto known = std::ranges::find(keys, key.text, &Key::name);
        if (known == keys.end()) {
            unknown_key(key, what, keys);
        } else {
            known->read(value);
        }
    }
}

void SchemaReader::unknown_key(const YamlNode& key, const std::string& what, const std::vector<Key>& keys) {
    if (!key.quoted && (key.text.find(')') != std::string::npos || key.text.find(']') != std::string::npos)) {
        problems_.add(key, "`" + key.text + "` is the rest of a value that a comma cut in two",
                      "inside `{ … }`, put whatever holds [ ] { } , ? in quotes: { type: \"decimal(10,2)\" }");
        return;
    }
    std::vector<std::string> known;
    for (const Key& k : keys) known.emplace_back(k.name);
    const std::string close = did_you_mean(key.text, known);
    problems_.add(key, "unknown key \"" + key.text + "\" in " + what,
                  close.empty() ? "known keys: " + joined(known) : "did you mean \"" + close + "\"?");
}

bool SchemaReader::expect_mapping(const YamlNode& node, std::string_view what) {
    if (node.is_mapping()) return true;
    problems_.add(node, "expected a mapping for " + std::string(what) + ", found " + kind_name(node),
                  "write `key: value` lines below it, indented");
    return false;
}

std::string SchemaReader::text(const YamlNode& node, std::string_view what) {
    if (node.is_scalar()) return node.text;
    problems_.add(node, "expected a text for " + std::string(what) + ", found " + kind_name(node), "write one value");
    return "";
}

std::string SchemaReader::name(const YamlNode& node, std::string_view what) {
    if (node.is_boolean() || node.is_null()) {
        problems_.add(node,
                      "expected a name for " + std::string(what) + ", found " +
                          (node.is_null() ? "null or nothing" : "`" + node.text + "`"),
                      "write the name; true, false, null and ~ must be quoted to be one: \"" +
                          (node.is_null() ? "null" : node.text) + "\"");
        return "";
    }
    std::string found = text(node, what);
    if (node.is_scalar() && found.empty()) problems_.add(node, "an empty name for " + std::string(what), "give it a name");
    return found;
}

bool SchemaReader::boolean(const YamlNode& node, std::string_view what) {
    if (node.is_boolean()) return node.text == "true";
    problems_.add(node, std::string(what) + " is true or false, found " + kind_name(node),
                  "write true or false, without quotes");
    return false;
}

std::string SchemaReader::choice(const YamlNode& node, std::string_view what, const std::vector<std::string>& allowed) {
    const std::string found = text(node, what);
    if (!node.is_scalar() || std::ranges::find(allowed, found) != allowed.end()) return found;
    const std::string close = did_you_mean(found, allowed);
    problems_.add(node, "`" + found + "` is no " + std::string(what),
                  close.empty() ? "one of: " + joined(allowed) : "did you mean \"" + close + "\"?");
    return "";
}

std::vector<std::string> SchemaReader::names(const YamlNode& node, std::string_view what) {
    std::vector<std::string> out;
    if (node.is_scalar()) {
        out.push_back(name(node, what));
    } else if (node.is_sequence()) {
        for (const YamlNode& item : node.items) out.push_back(name(item, what));
    } else {
        problems_.add(node, "expected a list of names for " + std::string(what) + ", found " + kind_name(node), "write [a, b]");
    }
    return out;
}

Sql SchemaReader::sql(const YamlNode& node, std::string_view what) {
    if (node.is_scalar()) return make_sql(node.text);
    Sql out;
    if (!node.is_mapping() || node.entries.empty()) {
        problems_.add(node, "expected SQL for " + std::string(what) + ", found " + kind_name(node),
                      "write the text, or { postgres: …, sqlite: … }");
        return out;
    }
    std::vector<Key> keys;
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
        keys.push_back({dialect_name(dialect),
                        [&, dialect](const YamlNode& value) { out.only.edit()[index_of(dialect)] = text(value, what); }});
    }
    read_mapping(node, std::string(what), keys);
    return out;
}

Options SchemaReader::options(const YamlNode& node, std::string_view what) {
    Options out;
    if (!expect_mapping(node, what)) return out;
    for (const auto& [key, value] : node.entries) out[key.text] = text(value, key.text);
    return out;
}

std::pair<std::string, std::string> SchemaReader::split_name(const YamlNode& key) { return split_name(key, key.text); }

/// `billing.invoice`; a name that holds dots is quoted, by YAML or (inside `a."b.c"`) as SQL does.
std::pair<std::string, std::string> SchemaReader::split_name(const YamlNode& key, std::string_view text) {
    if (text.empty()) problems_.add(key, "an empty name", "give it a name");
    const auto in_public = [](std::string schema, std::string name) {
        return std::pair{schema == "public" ? std::string{} : std::move(schema), std::move(name)};
    };
    if (text.find('"') != std::string_view::npos) {
        const std::vector<Token> tokens = lex(text, Dialect::postgres);
        const auto is_name = [](const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::name; };
        if (tokens.size() == 1 && is_name(tokens[0])) return {"", token_name(text, tokens[0])};
        if (tokens.size() == 3 && is_name(tokens[0]) && token_text(text, tokens[1]) == "." && is_name(tokens[2]))
            return in_public(token_name(text, tokens[0]), token_name(text, tokens[2]));
    }
    const auto dot = text.find('.');
    const bool literal = key.quoted && text.size() == key.text.size();
    if (dot == std::string_view::npos || literal) return {"", std::string(text)};
    return in_public(std::string(text.substr(0, dot)), std::string(text.substr(dot + 1)));
}

}  // namespace tenon
