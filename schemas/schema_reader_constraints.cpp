// Keys, constraints, indexes and relations out of YAML.
#include <algorithm>

#include "schemas/key_parts.h"
#include "schemas/schema_reader.h"
#include "schemas/sql_tokens.h"

namespace tenon {

KeyPart SchemaReader::key_part(const YamlNode& node, std::string_view what) {
    if (node.is_mapping()) {
        KeyPart part;
        const auto string = [&](auto& target) { return [&, this](const YamlNode& value) { target = text(value, what); }; };
        read_mapping(node, std::string(what),
                     {{"column", string(part.column)},
                      {"expression", [&](const YamlNode& value) { part.expression = sql(value, what); }},
                      {"desc", [&](const YamlNode& value) { part.descending = boolean(value, "desc"); }},
                      {"collate", string(part.collate)},
                      {"nulls",
                       [&](const YamlNode& value) {
                           part.nulls = choice(value, "nulls", {"first", "last"});
                       }},
                      {"opclass", string(part.opclass)}});
        return part;
    }
    const std::string found = name(node, what);
    if (found.empty()) return {};
    // `update_ts desc`, `lower(title)`, `name collate nocase desc`: the grammar of an index column.
    if (const auto part = parse_key_part(found)) return *part;
    problems_.add(node, "`" + found + "` is neither a column nor an expression", "write `name`, `name desc` or `lower(name)`");
    return {};
}

std::vector<KeyPart> SchemaReader::key_parts(const YamlNode& node, std::string_view what) {
    std::vector<KeyPart> parts;
    if (node.is_sequence()) {
        for (const YamlNode& item : node.items) parts.push_back(key_part(item, what));
    } else {
        parts.push_back(key_part(node, what));
    }
    if (parts.empty()) problems_.add(node, std::string(what) + " over no columns", "name the columns: [a, b]");
    return parts;
}

void SchemaReader::read_primary_key(Table& table, const YamlNode& node) {
    if (node.is_scalar() && !node.quoted && node.text == "none") {
        table.no_primary_key = true;
        return;
    }
    if (table.primary_key) {
        problems_.add(node, "the primary key of " + table.full_name() + " is declared twice",
                      "keep `primary_key:` of the table or of the column");
    }
    PrimaryKey key;
    std::string given;
    if (!node.is_mapping()) {
        key.columns = key_parts(node, "primary_key");
    } else {
        read_mapping(
            node, "primary_key",
            {{"columns", [&](const YamlNode& value) { key.columns = key_parts(value, "primary_key"); }},
             {"name", [&](const YamlNode& value) { given = name(value, "name"); }},
             {"autoincrement", [&](const YamlNode& value) { key.autoincrement = boolean(value, "autoincrement"); }},
             {"on_conflict", [&](const YamlNode& value) { key.conflict = text(value, "on_conflict"); }},
             {"include", [&](const YamlNode& value) { key.include = names(value, "include"); }},
             {"deferrable", [&](const YamlNode& value) { read_deferrable(key.deferrable, key.initially_deferred, value); }},
             {"storage", [&](const YamlNode& value) { key.storage = options(value, "storage"); }},
             {"comment", [&](const YamlNode& value) { key.comment = text(value, "comment"); }},
             {"renamed_from", [&](const YamlNode& value) { key.renamed_from = name(value, "renamed_from"); }}});
        if (key.columns.empty()) problems_.add(node, "a primary key without columns", "add `columns: [a, b]`");
        key.conflict = upper(*key.conflict);
    }
    key.name = constraint_name(given);
    table.primary_key = std::move(key);
}

void SchemaReader::read_uniques(Table& table, const YamlNode& node) {
    if (!node.is_sequence()) {
        problems_.add(node, "`unique` is a list of column lists", "write `unique: [[a, b]]`, or `unique: true` on one column");
        return;
    }
    for (const YamlNode& item : node.items) {
        UniqueConstraint unique;
        std::string given;
        unique.where = where(item);
        if (!item.is_mapping()) {
            unique.columns = key_parts(item, "unique");
        } else {
            read_mapping(
                item, "unique",
                {{"columns", [&](const YamlNode& value) { unique.columns = key_parts(value, "unique"); }},
                 {"name", [&](const YamlNode& value) { given = name(value, "name"); }},
                 {"on_conflict", [&](const YamlNode& value) { unique.conflict = upper(text(value, "on_conflict")); }},
                 {"include", [&](const YamlNode& value) { unique.include = names(value, "include"); }},
                 {"nulls_not_distinct",
                  [&](const YamlNode& value) { unique.nulls_not_distinct = boolean(value, "nulls_not_distinct"); }},
                 {"deferrable",
                  [&](const YamlNode& value) { read_deferrable(unique.deferrable, unique.initially_deferred, value); }},
                 {"storage", [&](const YamlNode& value) { unique.storage = options(value, "storage"); }},
                 {"comment", [&](const YamlNode& value) { unique.comment = text(value, "comment"); }},
                 {"renamed_from", [&](const YamlNode& value) { unique.renamed_from = name(value, "renamed_from"); }}});
        }
        unique.name = constraint_name(given);
        table.uniques.push_back(std::move(unique));
    }
}

/// `name: expression`, or a list for those without a name.
void SchemaReader::read_checks(Table& table, const YamlNode& node) {
    const auto add = [&](const std::string& given, const YamlNode& value) {
        Check check;
        check.name = constraint_name(given);
        check.where = where(value);
        const bool per_dialect = value.is_mapping() && (value.find("sqlite") != nullptr || value.find("postgres") != nullptr);
        if (value.is_mapping() && !per_dialect) {
            read_mapping(value, "check",
                         {{"check", [&](const YamlNode& v) { check.expression = sql(v, "check"); }},
                          {"name", [&](const YamlNode& v) { check.name = constraint_name(name(v, "name")); }},
                          {"no_inherit", [&](const YamlNode& v) { check.no_inherit = boolean(v, "no_inherit"); }},
                          {"not_valid", [&](const YamlNode& v) { check.not_valid = boolean(v, "not_valid"); }},
                          {"comment", [&](const YamlNode& v) { check.comment = text(v, "comment"); }},
                          {"renamed_from", [&](const YamlNode& v) { check.renamed_from = name(v, "renamed_from"); }}});
        } else {
            check.expression = sql(value, "check");
        }
        table.checks.push_back(std::move(check));
    };
    if (node.is_sequence()) {
        for (const YamlNode& item : node.items) add("", item);
    } else if (expect_mapping(node, "checks")) {
        for (const auto& [key, value] : node.entries) add(key.text, value);
    }
}

void SchemaReader::read_foreign_keys(Table& table, const YamlNode& node) {
    if (!node.is_sequence()) {
        problems_.add(node, "`foreign_keys` is a list",
                      "write `- { columns: [a, b], references: other, referenced_columns: [x, y] }`");
        return;
    }
    for (const YamlNode& item : node.items) {
        ForeignKey key;
        std::string given;
        key.where = where(item);
        std::vector<Key> keys{
            {"columns", [&](const YamlNode& value) { key.columns = names(value, "columns"); }},
            {"references",
             [&](const YamlNode& value) {
                 if (value.is_mapping()) {
                     read_mapping(value, "references",
                                  {{"table", [&](const YamlNode& v) { key.referenced_table = name(v, "table"); }},
                                   {"columns", [&](const YamlNode& v) { key.referenced_columns = names(v, "columns"); }}});
                 } else {
                     key.referenced_table = name(value, "references");
                 }
             }},
            {"referenced_columns", [&](const YamlNode& value) { key.referenced_columns = names(value, "referenced_columns"); }},
            {"name", [&](const YamlNode& value) { given = name(value, "name"); }},
            {"set_columns", [&](const YamlNode& value) { key.set_columns = names(value, "set_columns"); }},
            {"not_valid", [&](const YamlNode& value) { key.not_valid = boolean(value, "not_valid"); }},
            {"comment", [&](const YamlNode& value) { key.comment = text(value, "comment"); }},
            {"renamed_from", [&](const YamlNode& value) { key.renamed_from = name(value, "renamed_from"); }}};
        std::ranges::move(foreign_key_actions(key), std::back_inserter(keys));
        read_mapping(item, "foreign key", keys);
        key.name = constraint_name(given);
        if (key.columns.empty()) problems_.add(item, "a foreign key without columns", "add `columns: [a, b]`");
        if (key.referenced_table.empty())
            problems_.add(item, "a foreign key that refers to nothing", "add `references: table`");
        table.foreign_keys.push_back(std::move(key));
    }
}

void SchemaReader::read_exclusions(Table& table, const YamlNode& node) {
    if (!node.is_sequence()) {
        problems_.add(node, "`exclude` is a list", "write `- { using: gist, elements: [[room, =], [during, \"&&\"]] }`");
        return;
    }
    for (const YamlNode& item : node.items) {
        Exclusion exclusion;
        std::string given;
        exclusion.where = where(item);
        read_mapping(
            item, "exclude",
            {{"name", [&](const YamlNode& value) { given = name(value, "name"); }},
             {"using", [&](const YamlNode& value) { exclusion.method = text(value, "using"); }},
             {"elements",
              [&](const YamlNode& value) {
                  for (const YamlNode& element : value.items) {
                      if (element.items.size() != 2) {
                          problems_.add(element, "an element of `exclude` is a column or expression and an operator",
                                        "write [room, =]");
                          continue;
                      }
                      exclusion.elements.emplace_back(key_part(element.items[0], "exclude"),
                                                      text(element.items[1], "operator"));
                  }
              }},
             {"where", [&](const YamlNode& value) { exclusion.where_clause = sql(value, "where"); }},
             {"deferrable",
              [&](const YamlNode& value) { read_deferrable(exclusion.deferrable, exclusion.initially_deferred, value); }},
             {"comment", [&](const YamlNode& value) { exclusion.comment = text(value, "comment"); }},
             {"sql", [&](const YamlNode& value) { exclusion.definition = sql(value, "sql"); }},
             {"renamed_from", [&](const YamlNode& value) { exclusion.renamed_from = name(value, "renamed_from"); }}});
        exclusion.name = constraint_name(given);
        table.exclusions.push_back(std::move(exclusion));
    }
}

void SchemaReader::read_indexes(Table& table, const YamlNode& node) {
    if (!node.is_sequence()) {
        problems_.add(node, "`indexes` is a list", "write `- [a, b]`, or `- { columns: [a], unique: true }`");
        return;
    }
    for (const YamlNode& item : node.items) {
        Index index;
        std::string given;
        index.where = where(item);
        if (!item.is_mapping()) {
            index.columns = key_parts(item, "index");
        } else {
            read_mapping(item, "index",
                         {{"columns", [&](const YamlNode& value) { index.columns = key_parts(value, "index"); }},
                          {"name", [&](const YamlNode& value) { given = name(value, "name"); }},
                          {"unique", [&](const YamlNode& value) { index.unique = boolean(value, "unique"); }},
                          {"where", [&](const YamlNode& value) { index.where_clause = sql(value, "where"); }},
                          {"method", [&](const YamlNode& value) { index.method = text(value, "method"); }},
                          {"include", [&](const YamlNode& value) { index.include = names(value, "include"); }},
                          {"nulls_not_distinct",
                           [&](const YamlNode& value) { index.nulls_not_distinct = boolean(value, "nulls_not_distinct"); }},
                          {"concurrently", [&](const YamlNode& value) { index.concurrently = boolean(value, "concurrently"); }},
                          {"storage", [&](const YamlNode& value) { index.storage = options(value, "storage"); }},
                          {"statistics", [&](const YamlNode& value) { index.statistics = options(value, "statistics"); }},
                          {"tablespace", [&](const YamlNode& value) { index.tablespace = text(value, "tablespace"); }},
                          {"comment", [&](const YamlNode& value) { index.comment = text(value, "comment"); }},
                          {"renamed_from", [&](const YamlNode& value) { index.renamed_from = name(value, "renamed_from"); }}});
            if (index.columns.empty()) problems_.add(item, "an index without columns", "add `columns: [a, b]`");
        }
        index.name = constraint_name(given);
        table.indexes.push_back(std::move(index));
    }
}

void SchemaReader::read_relations(Table& table, const YamlNode& node) {
    if (!expect_mapping(node, "relations")) return;
    for (const auto& [key, value] : node.entries) {
        Relation relation;
        relation.name = key.text;
        relation.where = where(key);
        int leads = 0;
        const auto to = [&](RelationKind kind) {
            return [&, kind](const YamlNode& v) {
                relation.kind = kind;
                relation.table = name(v, "relation");
                ++leads;
            };
        };
        read_mapping(value, "relation " + key.text,
                     {{"one", to(RelationKind::one)},
                      {"many", to(RelationKind::many)},
                      {"via", [&](const YamlNode& v) { relation.via = names(v, "via"); }},
                      {"through", [&](const YamlNode& v) { relation.through = name(v, "through"); }},
                      {"back_populates", [&](const YamlNode& v) { relation.back_populates = name(v, "back_populates"); }}});
        if (leads != 1)
            problems_.add(key, "relation " + key.text + " leads to `one` or to `many` of a table",
                          "write { one: user } or { many: post }");
        table.relations.push_back(std::move(relation));
    }
}

}  // namespace tenon
