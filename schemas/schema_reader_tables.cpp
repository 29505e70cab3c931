// Tables and columns out of YAML.
#include <algorithm>
#include <charconv>

#include "schemas/postgres_names.h"
#include "schemas/schema_reader.h"
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon {
namespace {

const std::vector<std::string> kActions{"cascade", "set null", "set default", "restrict", "no action"};
const std::vector<std::string> kConflicts{"abort", "rollback", "fail", "ignore", "replace"};

bool is_number(std::string_view text) {
    double value = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() &&
           text.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace

void SchemaReader::read_table(const YamlNode& key, const YamlNode& value) {
    Table table;
    std::tie(table.schema, table.name) = split_name(key);
    table.schema = schema_of_table(table.schema, table.name);
    table.where = where(key);
    read_mapping(value, "table " + key.text, table_keys(table));
    add_table(std::move(table));
}

/// A partitioned table brings its partitions along, which are tables of their own.
void SchemaReader::add_table(Table table) {
    std::vector<Table> partitions = std::move(partitions_[table.full_name()]);
    partitions_.erase(table.full_name());
    schema_.tables.push_back(std::move(table));
    for (Table& partition : partitions) add_table(std::move(partition));
}

void SchemaReader::read_partitions(const Table& parent, const YamlNode& node) {
    if (node.is_null() || !expect_mapping(node, "partitions")) return;
    std::vector<Table> found;
    for (const auto& [key, value] : node.entries) {
        Table partition;
        std::tie(partition.schema, partition.name) = split_name(key);
        partition.schema = schema_of_table(partition.schema, partition.name);
        partition.partition_of = parent.full_name();
        partition.where = where(key);
        if (value.is_mapping() && (value.find("bounds") != nullptr)) {
            std::vector<Key> keys = table_keys(partition);
            keys.push_back({"bounds", [&](const YamlNode& v) { partition.partition_bound = sql(v, "bounds"); }});
            read_mapping(value, "partition " + key.text, keys);
        } else {
            partition.partition_bound = sql(value, "bounds");
        }
        if (partition.partition_bound.empty())
            problems_.add(key, "partition " + key.text + " has no bounds", "write `for values …`, or `default`");
        found.push_back(std::move(partition));
    }
    partitions_[parent.full_name()] = std::move(found);
}

std::vector<SchemaReader::Key> SchemaReader::table_keys(Table& table) {
    const auto flag = [&](bool& target) { return [&, this](const YamlNode& node) { target = boolean(node, "this"); }; };
    const auto string = [&](auto& target) { return [&, this](const YamlNode& node) { target = text(node, "this"); }; };
    std::vector<Key> keys = notes(table.comment, table.rights);
    keys.insert(keys.end(), {{"renamed_from", string(table.renamed_from)},
                             {"columns", [&](const YamlNode& node) { read_columns(table, node); }},
                             {"primary_key", [&](const YamlNode& node) { read_primary_key(table, node); }},
                             {"unique", [&](const YamlNode& node) { read_uniques(table, node); }},
                             {"checks", [&](const YamlNode& node) { read_checks(table, node); }},
                             {"foreign_keys", [&](const YamlNode& node) { read_foreign_keys(table, node); }},
                             {"exclude", [&](const YamlNode& node) { read_exclusions(table, node); }},
                             {"indexes", [&](const YamlNode& node) { read_indexes(table, node); }},
                             {"triggers", [&](const YamlNode& node) { read_triggers(table.triggers, node); }},
                             {"rules",
                              [&](const YamlNode& node) {
                                  schema_.mentioned.value.rules = true;
                                  read_table_texts(table.rules.edit(), node, "rules");
                              }},
                             {"policies",
                              [&](const YamlNode& node) {
                                  schema_.mentioned.value.policies = true;
                                  read_table_texts(table.policies.edit(), node, "policies");
                              }},
                             {"statistics",
                              [&](const YamlNode& node) {
                                  schema_.mentioned.value.statistics = true;
                                  read_table_texts(table.statistics.edit(), node, "statistics");
                              }},
                             {"relations", [&](const YamlNode& node) { read_relations(table, node); }},
                             {"strict", flag(table.strict)},
                             {"without_rowid", flag(table.without_rowid)},
                             {"partition_by", [&](const YamlNode& node) { table.partition_by = sql(node, "partition_by"); }},
                             {"partitions", [&](const YamlNode& node) { read_partitions(table, node); }},
                             {"inherits", [&](const YamlNode& node) { table.inherits = names(node, "inherits"); }},
                             {"of", string(table.of_type)},
                             {"unlogged", flag(table.unlogged)},
                             {"storage", [&](const YamlNode& node) { table.storage = options(node, "storage"); }},
                             {"access_method", string(table.access_method)},
                             {"tablespace", string(table.tablespace)},
                             {"cluster_on", string(table.cluster_on)},
                             {"row_security",
                              [&](const YamlNode& node) {
                                  table.row_security = choice(node, "row_security", {"enabled", "forced", "forced only"});
                              }},
                             {"replica_identity", string(table.replica_identity)}});
    return keys;
}

void SchemaReader::read_columns(Table& table, const YamlNode& node) {
    if (!expect_mapping(node, "columns")) return;
    table.columns.reserve(table.columns.size() + node.entries.size());
    for (const auto& [key, value] : node.entries) read_column(table, key, value);
}

void SchemaReader::read_column(Table& table, const YamlNode& key, const YamlNode& value) {
    Column column;
    column.name = key.text;
    column.where = where(key);
    if (column.name.empty()) problems_.add(key, "an empty column name", "give it a name");
    const std::string qualified = table.full_name() + "." + column.name;
    if (value.is_scalar()) {
        read_type(column, value);
        table.columns.push_back(std::move(column));
        return;
    }
    if (value.is_null()) {
        problems_.add(key, "column " + qualified + " has no type",
                      "write `" + column.name + ": text`, or a mapping with `type:`");
        table.columns.push_back(std::move(column));
        return;
    }
    std::optional<ForeignKey> reference;
    bool unique = false;
    bool indexed = false;
    bool key_column = false;
    bool autoincrement = false;
    std::optional<bool> stored;
    const YamlNode* generated_at = nullptr;
    std::optional<bool> nullable;
    ForeignKey actions;
    const auto string = [&](auto& target) { return [&, this](const YamlNode& node) { target = text(node, "this"); }; };
    std::vector<Key> keys{
        {"type", [&](const YamlNode& node) { read_type(column, node); }},
        {"nullable", [&](const YamlNode& node) { nullable = boolean(node, "nullable"); }},
        {"default", [&](const YamlNode& node) { read_default(column, node); }},
        {"references",
         [&](const YamlNode& node) {
             reference.emplace();
             reference->where = where(node);
             read_references(*reference, node);
         }},
        {"unique", [&](const YamlNode& node) { unique = boolean(node, "unique"); }},
        {"index", [&](const YamlNode& node) { indexed = boolean(node, "index"); }},
        {"primary_key",
         [&](const YamlNode& node) {
             autoincrement = node.is_scalar() && node.text == "autoincrement";
             key_column = autoincrement || boolean(node, "primary_key");
         }},
        {"check",
         [&](const YamlNode& node) {
             Check check;
             check.name.given = {false};
             check.expression = sql(node, "check");
             check.where = where(node);
             table.checks.push_back(std::move(check));
         }},
        {"generated",
         [&](const YamlNode& node) {
             generated_at = &node;
             column.generated.emplace();
             column.generated->expression = sql(node, "generated");
         }},
        {"stored", [&](const YamlNode& node) { stored = boolean(node, "stored"); }},
        {"identity",
         [&](const YamlNode& node) {
             column.identity.emplace();
             if (node.is_mapping()) {
                 column.identity->options = options(node, "identity");
                 if (column.identity->options.take("generated") == "always") column.identity->kind = IdentityKind::always;
                 column.identity->sequence = column.identity->options.take("sequence").value_or("");
                 known_options(node, "identity", column.identity->options,
                               {"start", "increment", "minvalue", "maxvalue", "cache", "cycle"});
             } else if (choice(node, "identity", {"always", "by default"}) == "always") {
                 column.identity->kind = IdentityKind::always;
             }
         }},
        {"collate", string(column.collate)},
        {"comment", string(column.comment)},
        {"not_null", string(column.not_null_name)},
        {"inherited", [&](const YamlNode& node) { column.inherited = boolean(node, "inherited"); }},
        {"options",
         [&](const YamlNode& node) {
             std::string& said = column.storage.edit().options;
             for (const auto& [option, given] : options(node, "options"))
                 said += (said.empty() ? "" : ", ") + option + "=" + given;
         }},
        {"storage",
         [&](const YamlNode& node) {
             column.storage.edit().mode = choice(node, "storage", {"plain", "main", "external", "extended"});
         }},
        {"compression",
         [&](const YamlNode& node) {
             column.storage.edit().compression = choice(node, "compression", {"pglz", "lz4"});
         }},
        {"statistics",
         [&](const YamlNode& node) {
             int target = 0;
             const std::string found = text(node, "statistics");
             const auto [end, error] = std::from_chars(found.data(), found.data() + found.size(), target);
             if (error != std::errc{} || end != found.data() + found.size() || target < 0 || target > 10000) {
                 problems_.add(node, "statistics is a number from 0 to 10000", "write `statistics: 500`");
             }
             column.storage.edit().statistics = target;
         }},
        {"on_conflict", [&](const YamlNode& node) { column.on_conflict = upper(choice(node, "on_conflict", kConflicts)); }},
        {"renamed_from", string(column.renamed_from)},
        {"using", [&](const YamlNode& node) { column.using_expression = sql(node, "using"); }},
        {"backfill", [&](const YamlNode& node) { column.backfill = sql(node, "backfill"); }},
        {"json", [&](const YamlNode& node) { read_json(column, node); }},
    };
    std::ranges::move(foreign_key_actions(actions), std::back_inserter(keys));
    read_mapping(value, "column " + qualified, keys);

    if (nullable) column.nullable = *nullable;
    column.says_nullable = {nullable.value_or(false)};
    if (column.nullable && !column.not_null_name.empty())
        problems_.add(key, "column " + qualified + " is nullable, and `not_null` names what says that it is not",
                      "remove `not_null`, or the `?` behind the type");
    if (column.generated && stored) column.generated->stored = *stored;
    if (column.generated && column.default_value) {
        problems_.add(*generated_at, "column " + qualified + " has both `generated` and `default`",
                      "a generated column has no default: remove one of them");
    }
    if (stored && !column.generated)
        problems_.add(key, "`stored` without `generated`", "say what the column is generated from");
    if (reference) {
        reference->columns = {column.name};
        reference->name.given = {false};
        reference->on_delete = actions.on_delete;
        reference->on_update = actions.on_update;
        reference->match = actions.match;
        reference->deferrable = actions.deferrable;
        reference->initially_deferred = actions.initially_deferred;
        reference->unchecked = actions.unchecked;
        table.foreign_keys.push_back(*reference);
    } else if (!(actions == ForeignKey{})) {
        problems_.add(key, "column " + qualified + " says what happens to a foreign key, and has none",
                      "add `references: table.column`");
    } else if (column.type.empty()) {
        problems_.add(key, "column " + qualified + " has no type", "add `type:`");
    }
    if (unique) {
        UniqueConstraint constraint;
        constraint.name.given = {false};
        constraint.columns.push_back({.column = column.name});
        constraint.conflict = column.on_conflict == "ABORT" ? "" : column.on_conflict;
        constraint.where = column.where;
        table.uniques.push_back(std::move(constraint));
    }
    if (indexed) {
        Index index;
        index.name.given = {false};
        index.columns.push_back({.column = column.name});
        index.where = column.where;
        table.indexes.push_back(std::move(index));
    }
    if (key_column) {
        if (!table.primary_key) table.primary_key.emplace();
        table.primary_key->name.given = {false};
        table.primary_key->columns.push_back({.column = column.name});
        table.primary_key->autoincrement = table.primary_key->autoincrement || autoincrement;
    }
    table.columns.push_back(std::move(column));
}

void SchemaReader::read_type(Column& column, const YamlNode& node) {
    const auto take = [&](std::string found, const YamlNode& at) {
        if (found.ends_with('?')) {
            found.pop_back();
            column.nullable = true;
        }
        const bool letter =
            !found.empty() && ((found[0] >= 'a' && found[0] <= 'z') || (found[0] >= 'A' && found[0] <= 'Z') ||
                               found[0] == '"' || found[0] == '_' || static_cast<unsigned char>(found[0]) > 127);
        if (!letter) {
            problems_.add(at, "`" + at.text + "` is no type", "a type begins with a letter: text, integer, varchar(40), …");
            return found;
        }
        if (std::ranges::count(found, '(') != std::ranges::count(found, ')')) {
            problems_.add(at, "the type `" + at.text + "` is cut in two",
                          "inside `{ … }`, put whatever holds [ ] { } , ? in quotes: { type: \"decimal(10,2)\" }");
            return found;
        }
        const TypeParts parts = split_type(found);
        if (parts.row != nullptr) {
            const int given = static_cast<int>(parts.arguments.size());
            if (given < parts.row->min_arguments || given > parts.row->max_arguments) {
                problems_.add(at,
                              "the type " + std::string(parts.row->name) + " does not take " +
                                  (given == 0 ? "no" : std::to_string(given)) + " argument" + (given == 1 ? "" : "s"),
                              parts.row->max_arguments == 0 ? "write `" + std::string(parts.row->name) + "`"
                                                            : "write `" + std::string(parts.row->name) +
                                                                  (parts.row->max_arguments == 1 ? "(40)`" : "(10,2)`"));
            }
        }
        return found;
    };
    if (node.is_mapping()) {
        column.type = sql(node, "type");
        for (auto& text : column.type.only.edit()) {
            if (!text || !text->ends_with('?')) continue;
            text->pop_back();
            column.nullable = true;
        }
        return;
    }
    if (node.is_null() || node.is_boolean()) {
        problems_.add(node, "expected a type, found " + (node.text.empty() ? "nothing" : "`" + node.text + "`"),
                      "write text, integer, varchar(40), …");
        return;
    }
    const std::string found = text(node, "type");
    if (node.is_scalar()) column.type = make_sql(take(found, node));
}

void SchemaReader::read_default(Column& column, const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: column.default_value = Literal{}; return;
        case YamlNode::Kind::scalar: {
            Literal literal{.kind = Literal::Kind::string, .text = node.text};
            if (node.is_boolean()) literal.kind = Literal::Kind::boolean;
            if (!node.quoted && is_number(node.text)) literal.kind = Literal::Kind::number;
            column.default_value = literal;
            return;
        }
        case YamlNode::Kind::sequence:
            problems_.add(node, "a default is one value", "write a scalar, or { sql: … } for an expression");
            return;
        case YamlNode::Kind::mapping:
            read_mapping(node, "default",
                         {{"sql", [&](const YamlNode& value) { column.default_value = sql(value, "default"); }}});
    }
}

void SchemaReader::read_json(Column& column, const YamlNode& node) {
    if (node.is_boolean()) {
        column.json.edit().hidden = node.text == "false";
        return;
    }
    std::vector<std::string> formats;
    for (const JsonFormatRow& row : json_format_rows()) formats.emplace_back(row.name);
    read_mapping(node, "json",
                 {{"format", [&](const YamlNode& value) { column.json.edit().format = choice(value, "json format", formats); }},
                  {"name", [&](const YamlNode& value) { column.json.edit().name = name(value, "json name"); }}});
}

/// `user.id`, `billing.invoice.id`; a name that holds dots of its own is given as [table, column].
void SchemaReader::read_references(ForeignKey& key, const YamlNode& node) {
    if (node.is_sequence()) {
        const std::vector<std::string> parts = names(node, "references");
        if (parts.size() == 2) {
            key.referenced_table = parts[0];
            key.referenced_columns = {parts[1]};
            return;
        }
    }
    const auto [table, column] = postgres::split_last(node.is_scalar() ? node.text : "");
    if (table.empty() || column.empty()) {
        problems_.add(node, "`references` names a table and a column", "write `references: user.id`");
        return;
    }
    key.referenced_table = table;
    key.referenced_columns = {column};
}

void SchemaReader::read_deferrable(bool& deferrable, bool& deferred, const YamlNode& node) {
    if (node.is_boolean()) {
        deferrable = node.text == "true";
    } else {
        deferred = choice(node, "deferrable", {"deferred", "immediate", "true", "false"}) == "deferred";
        deferrable = true;
    }
}

std::vector<SchemaReader::Key> SchemaReader::foreign_key_actions(ForeignKey& key) {
    const auto action = [this](auto& target) {
        return [&target, this](const YamlNode& node) {
            target = choice(node, "referential action", kActions);
            if (target == "no action") target.clear();
        };
    };
    return {
        {"on_delete", action(key.on_delete)},
        {"on_update", action(key.on_update)},
        {"match",
         [&key, this](const YamlNode& node) {
             key.match = choice(node, "match", {"simple", "full", "partial"});
             if (key.match == "simple") key.match.clear();
         }},
        {"deferrable", [&key, this](const YamlNode& node) { read_deferrable(key.deferrable, key.initially_deferred, node); }},
        {"unchecked", [&key, this](const YamlNode& node) { key.unchecked = boolean(node, "unchecked"); }}};
}

}  // namespace tenon
