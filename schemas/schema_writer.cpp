// A declared schema as canonical YAML: short forms where they say all.
#include <algorithm>

#include "schemas/schema_writer.h"
#include "schemas/sql_tokens.h"
#include "schemas/yaml.h"
#include "schemas/yaml_tree.h"

namespace tenon {
namespace {

YamlValue sql_value(const Sql& sql) {
    if (sql.only == Sql::Texts{}) return YamlValue::scalar(sql.text);
    YamlValue out = YamlValue::mapping();
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
        if (const auto& own = (*sql.only)[index_of(dialect)]) out.add(std::string(dialect_name(dialect)), YamlValue::scalar(*own));
    }
    return out;
}

YamlValue names_value(const std::vector<std::string>& names) {
    YamlValue out = YamlValue::sequence();
    for (const std::string& name : names) out.items.push_back(YamlValue::scalar(name));
    return out;
}

YamlValue options_value(const Options& options) {
    YamlValue out = YamlValue::mapping();
    for (const auto& [key, value] : options) out.add(key, YamlValue::scalar(value));
    return out;
}

std::string lower(std::string text) { return fold(text); }

/// A key part as one text, in the grammar that reads it: a name that is no plain word is quoted as SQL quotes it.
YamlValue part_value(const KeyPart& part) {
    if (!part.nulls.empty() || !part.opclass.empty()) {
        YamlValue out = YamlValue::mapping();
        out.add_text("column", part.column);
        if (part.column.empty()) out.add("expression", sql_value(part.expression));
        return out.add_text("collate", part.collate)
            .add_flag("desc", part.descending)
            .add_text("nulls", part.nulls)
            .add_text("opclass", part.opclass);
    }
    const std::string head = part.column.empty() ? part.expression->text : quote_name(part.column, Dialect::sqlite);
    return YamlValue::scalar(head + (part.collate.empty() ? "" : " collate " + lower(part.collate)) +
                             (part.descending ? " desc" : ""));
}

YamlValue parts_value(const std::vector<KeyPart>& parts) {
    YamlValue out = YamlValue::sequence();
    for (const KeyPart& part : parts) out.items.push_back(part_value(part));
    return out;
}

bool plain_parts(const std::vector<KeyPart>& parts) {
    return std::ranges::all_of(parts, [](const KeyPart& part) {
        return !part.column.empty() && part.collate.empty() && !part.descending && part.nulls.empty() && part.opclass.empty();
    });
}

std::string deferrable_text(bool deferrable, bool deferred) { return !deferrable ? "" : deferred ? "deferred" : "immediate"; }

void add_actions(YamlValue& out, const ForeignKey& key) {
    out.add_text("on_delete", key.on_delete).add_text("on_update", key.on_update).add_text("match", key.match);
    out.add_text("deferrable", deferrable_text(key.deferrable, key.initially_deferred)).add_flag("unchecked", key.unchecked);
}

YamlValue default_value(const Default& value) {
    return match(
        value,
        [](const Literal& literal) {
            return literal.kind == Literal::Kind::null     ? YamlValue::word("null")
                   : literal.kind == Literal::Kind::string ? YamlValue::scalar(literal.text)
                                                           : YamlValue::word(literal.text);
        },
        [](const Sql& sql) { return YamlValue::mapping().add("sql", sql_value(sql)); });
}

/// A string default that would be read as a number needs quotes.
bool reads_as_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
           text.find_first_of("0123456789") != std::string::npos;
}

/// What of a table's constraints is said inside the columns.
struct Inline {
    std::vector<const UniqueConstraint*> uniques;
    std::vector<const ForeignKey*> foreign_keys;
    std::vector<const Index*> indexes;
    bool key = false;
};

template <class T>
bool holds(const std::vector<const T*>& list, const T& thing) {
    return std::ranges::find(list, &thing) != list.end();
}

/// `t.c`, unless the names themselves hold dots.
bool dotted(const ForeignKey& key) {
    return key.referenced_columns.size() == 1 && key.referenced_columns[0].find('.') == std::string::npos &&
           !key.referenced_table.empty();
}

Inline inline_of(const Table& table) {
    Inline out;
    const auto single = [](const std::vector<KeyPart>& parts) { return parts.size() == 1 && plain_parts(parts); };
    for (const UniqueConstraint& unique : table.uniques) {
        const Column* column = single(unique.columns) ? find_column(table, unique.columns[0].column) : nullptr;
        const bool plain = unique.name.text.empty() && unique.include.empty() && !unique.deferrable &&
                           !unique.nulls_not_distinct && unique.renamed_from.empty();
        const bool once =
            std::ranges::none_of(out.uniques, [&](const UniqueConstraint* other) { return other->columns == unique.columns; });
        if (column != nullptr && plain && once && unique.conflict == column->on_conflict) out.uniques.push_back(&unique);
    }
    for (const ForeignKey& key : table.foreign_keys) {
        const bool plain = key.columns.size() == 1 && key.name.text.empty() && dotted(key) && key.set_columns.empty() &&
                           !key.not_valid && key.renamed_from.empty();
        const bool once =
            std::ranges::none_of(out.foreign_keys, [&](const ForeignKey* other) { return other->columns == key.columns; });
        if (plain && once) out.foreign_keys.push_back(&key);
    }
    for (const Index& index : table.indexes) {
        Index bare;
        bare.columns = index.columns;
        bare.name = index.name;
        const bool once =
            std::ranges::none_of(out.indexes, [&](const Index* other) { return other->columns == index.columns; });
        if (single(index.columns) && index.name.text.empty() && bare == index && once) out.indexes.push_back(&index);
    }
    if (table.primary_key) {
        PrimaryKey bare;
        bare.columns = table.primary_key->columns;
        bare.autoincrement = table.primary_key->autoincrement;
        bare.name = table.primary_key->name;
        out.key = single(bare.columns) && bare == *table.primary_key && bare.name.text.empty() &&
                  find_column(table, bare.columns[0].column) != nullptr;
    }
    return out;
}

YamlValue column_value(const Table& table, const Column& column, const Inline& inside) {
    YamlValue out = YamlValue::mapping();
    const auto about = [&](const auto& thing) { return thing != nullptr && same_name(thing->columns[0].column, column.name); };
    const auto key =
        std::ranges::find_if(inside.foreign_keys, [&](const ForeignKey* k) { return same_name(k->columns[0], column.name); });
    const bool references = key != inside.foreign_keys.end();
    const bool own_type = column.type.only != Sql::Texts{};
    if (own_type) {
        out.add("type", sql_value(column.type));
    } else if (!column.type.text.empty()) {
        out.add_text("type", column.type.text + (column.nullable ? "?" : ""));
    }
    if (column.nullable && (own_type || column.type.text.empty())) out.add_flag("nullable", true);
    if (references) {
        out.add_text("references", (*key)->referenced_table + "." + (*key)->referenced_columns[0]);
        add_actions(out, **key);
    }
    if (inside.key && same_name(table.primary_key->columns[0].column, column.name)) {
        out.add("primary_key", YamlValue::word(table.primary_key->autoincrement ? "autoincrement" : "true"));
    }
    out.add_flag("unique", std::ranges::any_of(inside.uniques, about));
    out.add_flag("index", std::ranges::any_of(inside.indexes, about));
    if (column.default_value) {
        YamlValue value = default_value(*column.default_value);
        const auto* literal = std::get_if<Literal>(&*column.default_value);
        if (literal != nullptr && literal->kind == Literal::Kind::string && reads_as_number(literal->text))
            value = YamlValue::word("\"" + literal->text + "\"");
        out.add("default", std::move(value));
    }
    if (column.generated) {
        out.add("generated", sql_value(column.generated->expression));
        if (!column.generated->stored) out.add("stored", YamlValue::word("false"));
    }
    if (column.identity) {
        const std::string kind = column.identity->kind == IdentityKind::always ? "always" : "by default";
        if (column.identity->options.empty()) {
            out.add_text("identity", kind);
        } else {
            YamlValue options = options_value(column.identity->options);
            options.add_text("generated", kind);
            out.add("identity", std::move(options));
        }
    }
    out.add_text("collate", lower(column.collate))
        .add_text("on_conflict", lower(column.on_conflict))
        .add_text("comment", column.comment);
    out.add_text("storage", column.storage).add_text("compression", column.compression);
    if (column.statistics) out.add("statistics", YamlValue::word(std::to_string(*column.statistics)));
    out.add_text("renamed_from", column.renamed_from);
    if (!column.using_expression.empty()) out.add("using", sql_value(column.using_expression));
    if (!column.backfill.empty()) out.add("backfill", sql_value(column.backfill));
    if (column.json->hidden) out.add("json", YamlValue::word("false"));
    if (!column.json->name.empty() || !column.json->format.empty()) {
        out.add("json", YamlValue::mapping().add_text("name", column.json->name).add_text("format", column.json->format));
    }
    const bool only_type = out.entries.size() == 1 && out.entries[0].first == "type" && !own_type;
    return only_type ? out.entries[0].second : out;
}

YamlValue checks_value(const std::vector<Check>& checks) {
    const auto body = [](const Check& check) {
        if (!check.no_inherit && !check.not_valid && check.renamed_from.empty()) return sql_value(check.expression);
        return YamlValue::mapping()
            .add("check", sql_value(check.expression))
            .add_flag("no_inherit", check.no_inherit)
            .add_flag("not_valid", check.not_valid)
            .add_text("renamed_from", check.renamed_from);
    };
    const bool all_named = std::ranges::all_of(checks, [](const Check& check) { return !check.name.text.empty(); });
    if (all_named) {
        YamlValue out = YamlValue::mapping(true);
        for (const Check& check : checks) out.add(check.name.text, body(check));
        return out;
    }
    YamlValue out = YamlValue::sequence(true);
    for (const Check& check : checks) {
        YamlValue item = body(check);
        if (!check.name.text.empty()) {
            if (item.kind != YamlValue::Kind::mapping || item.entries[0].first != "check")
                item = YamlValue::mapping().add("check", std::move(item));
            item.add_text("name", check.name.text);
        }
        out.items.push_back(std::move(item));
    }
    return out;
}

YamlValue triggers_value(const std::vector<Trigger>& triggers) {
    YamlValue out = YamlValue::mapping(true);
    for (const Trigger& trigger : triggers)
        out.add(trigger.name, YamlValue::mapping().add("sql", sql_value(trigger.definition)));
    return out;
}

void add_constraints(YamlValue& out, const Table& table, const Inline& inside) {
    YamlValue uniques = YamlValue::sequence(true);
    for (const UniqueConstraint& unique : table.uniques) {
        if (holds(inside.uniques, unique)) continue;
        YamlValue item = YamlValue::mapping().add("columns", parts_value(unique.columns));
        item.add_text("name", unique.name.text)
            .add_text("on_conflict", lower(unique.conflict))
            .add_flag("nulls_not_distinct", unique.nulls_not_distinct);
        if (!unique.include.empty()) item.add("include", names_value(unique.include));
        item.add_text("deferrable", deferrable_text(unique.deferrable, unique.initially_deferred))
            .add_text("renamed_from", unique.renamed_from);
        uniques.items.push_back(item.entries.size() == 1 ? item.entries[0].second : item);
    }
    if (!uniques.empty()) out.add("unique", std::move(uniques));
    if (!table.checks.empty()) out.add("checks", checks_value(table.checks));
    YamlValue keys = YamlValue::sequence(true);
    for (const ForeignKey& key : table.foreign_keys) {
        if (holds(inside.foreign_keys, key)) continue;
        YamlValue item = YamlValue::mapping()
                             .add("columns", names_value(key.columns))
                             .add("references", YamlValue::scalar(key.referenced_table));
        if (!key.referenced_columns.empty()) item.add("referenced_columns", names_value(key.referenced_columns));
        item.add_text("name", key.name.text);
        add_actions(item, key);
        if (!key.set_columns.empty()) item.add("set_columns", names_value(key.set_columns));
        item.add_flag("not_valid", key.not_valid).add_text("renamed_from", key.renamed_from);
        keys.items.push_back(std::move(item));
    }
    if (!keys.empty()) out.add("foreign_keys", std::move(keys));
    YamlValue exclusions = YamlValue::sequence(true);
    for (const Exclusion& exclusion : table.exclusions) {
        YamlValue elements = YamlValue::sequence();
        for (const auto& [part, symbol] : exclusion.elements) {
            YamlValue pair = YamlValue::sequence();
            pair.items = {part_value(part), YamlValue::scalar(symbol)};
            elements.items.push_back(std::move(pair));
        }
        YamlValue item = YamlValue::mapping()
                             .add_text("name", exclusion.name.text)
                             .add_text("using", exclusion.method)
                             .add("elements", std::move(elements));
        if (!exclusion.where_clause.empty()) item.add("where", sql_value(exclusion.where_clause));
        item.add_text("deferrable", deferrable_text(exclusion.deferrable, exclusion.initially_deferred))
            .add_text("renamed_from", exclusion.renamed_from);
        exclusions.items.push_back(std::move(item));
    }
    if (!exclusions.empty()) out.add("exclude", std::move(exclusions));
    YamlValue indexes = YamlValue::sequence(true);
    for (const Index& index : table.indexes) {
        if (holds(inside.indexes, index)) continue;
        YamlValue item = YamlValue::mapping().add("columns", parts_value(index.columns));
        item.add_flag("unique", index.unique);
        if (!index.where_clause.empty()) item.add("where", sql_value(index.where_clause));
        item.add_text("name", index.name.text).add_text("method", index.method);
        if (!index.include.empty()) item.add("include", names_value(index.include));
        item.add_flag("nulls_not_distinct", index.nulls_not_distinct).add_flag("concurrently", index.concurrently);
        if (!index.storage.empty()) item.add("storage", options_value(index.storage));
        item.add_text("renamed_from", index.renamed_from);
        indexes.items.push_back(item.entries.size() == 1 ? item.entries[0].second : item);
    }
    if (!indexes.empty()) out.add("indexes", std::move(indexes));
}

YamlValue table_value(const Table& table) {
    const Inline inside = inline_of(table);
    YamlValue out = YamlValue::mapping(true);
    out.add_text("comment", table.comment).add_text("renamed_from", table.renamed_from);
    YamlValue columns = YamlValue::mapping(true);
    for (const Column& column : table.columns) columns.add(column.name, column_value(table, column, inside));
    out.add("columns", std::move(columns));
    if (table.no_primary_key) out.add("primary_key", YamlValue::word("none"));
    if (table.primary_key && !inside.key) {
        const PrimaryKey& key = *table.primary_key;
        YamlValue item = YamlValue::mapping().add("columns", parts_value(key.columns));
        item.add_text("name", key.name.text)
            .add_flag("autoincrement", key.autoincrement)
            .add_text("on_conflict", lower(key.conflict));
        if (!key.include.empty()) item.add("include", names_value(key.include));
        item.add_text("deferrable", deferrable_text(key.deferrable, key.initially_deferred))
            .add_text("renamed_from", key.renamed_from);
        out.add("primary_key", item.entries.size() == 1 ? item.entries[0].second : item);
    }
    add_constraints(out, table, inside);
    if (!table.triggers.empty()) out.add("triggers", triggers_value(table.triggers));
    YamlValue relations = YamlValue::mapping(true);
    for (const Relation& relation : table.relations) {
        YamlValue item = YamlValue::mapping().add_text(relation.kind == RelationKind::one ? "one" : "many", relation.table);
        if (!relation.via.empty())
            item.add("via", relation.via.size() == 1 ? YamlValue::scalar(relation.via[0]) : names_value(relation.via));
        relations.add(relation.name,
                      item.add_text("through", relation.through).add_text("back_populates", relation.back_populates));
    }
    if (!relations.empty()) out.add("relations", std::move(relations));
    out.add_flag("strict", table.strict).add_flag("without_rowid", table.without_rowid);
    if (!table.partition_by.empty()) out.add("partition_by", sql_value(table.partition_by));
    YamlValue partitions = YamlValue::mapping(true);
    for (const Partition& partition : table.partitions) {
        YamlValue item = sql_value(partition.bounds);
        if (!partition.partition_by.empty())
            item = YamlValue::mapping()
                       .add("bounds", sql_value(partition.bounds))
                       .add("partition_by", sql_value(partition.partition_by));
        partitions.add(partition.name, std::move(item));
    }
    if (!partitions.empty()) out.add("partitions", std::move(partitions));
    if (!table.inherits.empty()) out.add("inherits", names_value(table.inherits));
    out.add_flag("unlogged", table.unlogged);
    if (!table.storage.empty()) out.add("storage", options_value(table.storage));
    return out.add_text("row_security", table.row_security).add_text("replica_identity", table.replica_identity);
}

template <class T, class Value>
void add_section(YamlValue& out, const std::string& name, const std::vector<T>& things, bool mentioned, Value value) {
    if (things.empty() && !mentioned) return;
    YamlValue section = YamlValue::mapping(true);
    for (const T& thing : things) {
        std::string key = thing.name;
        if constexpr (requires { thing.schema; }) {
            if (!thing.schema.empty() && !std::is_same_v<T, Extension>) key = thing.schema + "." + thing.name;
        }
        section.add(std::move(key), value(thing));
    }
    out.add(name, std::move(section));
}

YamlValue enum_value(const EnumType& type) {
    YamlValue values = YamlValue::sequence();
    for (const EnumValue& value : type.values) {
        values.items.push_back(
            value.renamed_from.empty()
                ? YamlValue::scalar(value.name)
                : YamlValue::mapping().add(value.name, YamlValue::mapping().add_text("renamed_from", value.renamed_from)));
    }
    if (type.comment.empty() && type.renamed_from.empty()) return values;
    return YamlValue::mapping(true)
        .add("values", std::move(values))
        .add_text("comment", type.comment)
        .add_text("renamed_from", type.renamed_from);
}

YamlValue view_value(const View& view) {
    YamlValue out = YamlValue::mapping(true).add("as", sql_value(view.definition));
    if (!view.columns.empty()) out.add("columns", names_value(view.columns));
    out.add_flag("materialized", view.materialized).add_text("comment", view.comment);
    if (!view.triggers.empty()) out.add("triggers", triggers_value(view.triggers));
    return out;
}

YamlValue domain_value(const Domain& domain) {
    YamlValue out = YamlValue::mapping().add("type", sql_value(domain.type));
    if (!domain.nullable) out.add("nullable", YamlValue::word("false"));
    if (domain.default_value) out.add("default", default_value(*domain.default_value));
    out.add_text("collate", domain.collate).add_text("comment", domain.comment);
    if (!domain.checks.empty()) out.add("checks", checks_value(domain.checks));
    return out;
}

}  // namespace

std::string plain_yaml(const Schema& declared) {
    const Mentioned& mentioned = declared.mentioned.value;
    YamlValue out = YamlValue::mapping(true);
    if (!declared.schemas.empty()) out.add("schemas", names_value(declared.schemas));
    add_section(out, "extensions", declared.extensions, mentioned.extensions, [](const Extension& extension) {
        return YamlValue::mapping().add_text("version", extension.version).add_text("schema", extension.schema);
    });
    add_section(out, "collations", declared.collations, mentioned.collations,
                [](const Collation& c) { return options_value(c.options); });
    add_section(out, "enums", declared.enums, mentioned.enums, enum_value);
    add_section(out, "domains", declared.domains, mentioned.domains, domain_value);
    add_section(out, "composites", declared.composites, mentioned.composites, [](const CompositeType& type) {
        YamlValue attributes = YamlValue::mapping();
        for (const auto& [name, sql] : type.attributes) attributes.add(name, sql_value(sql));
        return attributes;
    });
    add_section(out, "ranges", declared.ranges, mentioned.ranges, [](const RangeType& type) {
        YamlValue options = YamlValue::mapping().add("subtype", sql_value(type.subtype));
        for (const auto& [key, value] : type.options) options.add(key, YamlValue::scalar(value));
        return options;
    });
    add_section(out, "sequences", declared.sequences, mentioned.sequences, [](const Sequence& sequence) {
        return options_value(sequence.options).add_text("owned_by", sequence.owned_by).add_text("comment", sequence.comment);
    });
    add_section(out, "functions", declared.functions, mentioned.functions,
                [](const Function& f) { return YamlValue::mapping(true).add("sql", sql_value(f.definition)); });
    add_section(out, "tables", declared.tables, true, table_value);
    add_section(out, "views", declared.views, mentioned.views, view_value);
    return print_yaml(out);
}

}  // namespace tenon
