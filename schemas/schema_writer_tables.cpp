// Tables as canonical YAML: what a column can say by itself is said there.
#include <algorithm>

#include "schemas/key_parts.h"
#include "schemas/schema_writer.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

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
                           !unique.nulls_not_distinct && unique.renamed_from.empty() && unique.storage.empty() &&
                           unique.comment.empty();
        const bool once =
            std::ranges::none_of(out.uniques, [&](const UniqueConstraint* other) { return other->columns == unique.columns; });
        if (column != nullptr && plain && once && unique.conflict == column->on_conflict) out.uniques.push_back(&unique);
    }
    for (const ForeignKey& key : table.foreign_keys) {
        const bool plain = key.columns.size() == 1 && key.name.text.empty() && dotted(key) && key.set_columns.empty() &&
                           !key.not_valid && key.renamed_from.empty() && key.comment.empty();
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
        bare.implicit = table.primary_key->implicit;
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
    const bool question = column.nullable && !own_type && !column.type.text.empty() && !in_key(table, column);
    if (own_type) {
        out.add("type", sql_value(column.type));
    } else if (!column.type.text.empty()) {
        out.add_text("type", column.type.text + (question ? "?" : ""));
    }
    if (column.nullable && !question) out.add_flag("nullable", true);
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
        if (column.identity->options.empty() && column.identity->sequence.empty()) {
            out.add_text("identity", kind);
        } else {
            YamlValue options = options_value(column.identity->options);
            options.add_text("generated", kind).add_text("sequence", column.identity->sequence);
            out.add("identity", std::move(options));
        }
    }
    out.add_text("collate", column.collate)
        .add_text("on_conflict", fold(column.on_conflict))
        .add_text("not_null", column.not_null_name)
        .add_text("comment", column.comment);
    const ColumnStorage& storage = *column.storage;
    out.add_text("storage", storage.mode).add_text("compression", storage.compression);
    if (storage.statistics) out.add("statistics", YamlValue::word(std::to_string(*storage.statistics)));
    if (!storage.options.empty()) {
        YamlValue options = YamlValue::mapping();
        for (const std::string& option : split_at_commas(storage.options)) {
            const auto equals = option.find('=');
            options.add(option.substr(0, equals),
                        YamlValue::scalar(equals == std::string::npos ? "" : option.substr(equals + 1)));
        }
        out.add("options", std::move(options));
    }
    out.add_flag("inherited", column.inherited);
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

void add_constraints(YamlValue& out, const Table& table, const Inline& inside) {
    YamlValue uniques = YamlValue::sequence(true);
    for (const UniqueConstraint& unique : table.uniques) {
        if (holds(inside.uniques, unique)) continue;
        YamlValue item = YamlValue::mapping().add("columns", parts_value(unique.columns));
        item.add_text("name", unique.name.text)
            .add_text("on_conflict", fold(unique.conflict))
            .add_flag("nulls_not_distinct", unique.nulls_not_distinct);
        if (!unique.include.empty()) item.add("include", names_value(unique.include));
        item.add_text("deferrable", deferrable_text(unique.deferrable, unique.initially_deferred));
        if (!unique.storage.empty()) item.add("storage", options_value(unique.storage));
        item.add_text("comment", unique.comment).add_text("renamed_from", unique.renamed_from);
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
        item.add_flag("not_valid", key.not_valid).add_text("comment", key.comment).add_text("renamed_from", key.renamed_from);
        keys.items.push_back(std::move(item));
    }
    if (!keys.empty()) out.add("foreign_keys", std::move(keys));
    YamlValue exclusions = YamlValue::sequence(true);
    for (const Exclusion& exclusion : table.exclusions) {
        YamlValue item = YamlValue::mapping().add_text("name", exclusion.name.text);
        if (exclusion.elements.empty()) {
            item.add("sql", sql_value(exclusion.definition));
        } else {
            YamlValue elements = YamlValue::sequence();
            for (const auto& [part, symbol] : exclusion.elements) {
                YamlValue pair = YamlValue::sequence();
                pair.items = {part_value(part), YamlValue::scalar(symbol)};
                elements.items.push_back(std::move(pair));
            }
            item.add_text("using", exclusion.method).add("elements", std::move(elements));
            if (!exclusion.where_clause.empty()) item.add("where", sql_value(exclusion.where_clause));
            item.add_text("deferrable", deferrable_text(exclusion.deferrable, exclusion.initially_deferred));
        }
        item.add_text("comment", exclusion.comment).add_text("renamed_from", exclusion.renamed_from);
        exclusions.items.push_back(std::move(item));
    }
    if (!exclusions.empty()) out.add("exclude", std::move(exclusions));
    std::vector<Index> rest;
    for (const Index& index : table.indexes) {
        if (!holds(inside.indexes, index)) rest.push_back(index);
    }
    if (!rest.empty()) out.add("indexes", indexes_value(rest));
}

/// The partitions below a table: their bounds alone, or all that is said of them.
YamlValue partitions_value(const Schema& schema, const Table& table) {
    YamlValue out = YamlValue::mapping(true);
    for (const Table& partition : schema.tables) {
        if (partition.partition_of.empty() || partition.partition_of != table.full_name()) continue;
        YamlValue item = table_value(schema, partition);
        YamlValue bounds = sql_value(partition.partition_bound);
        if (item.entries.empty()) {
            item = std::move(bounds);
        } else {
            item.entries.insert(item.entries.begin(), {"bounds", std::move(bounds)});
        }
        out.add(entry_key(partition.schema, partition.name), std::move(item));
    }
    return out;
}

}  // namespace

YamlValue indexes_value(const std::vector<Index>& indexes) {
    YamlValue out = YamlValue::sequence(true);
    for (const Index& index : indexes) {
        YamlValue item = YamlValue::mapping().add("columns", parts_value(index.columns));
        item.add_flag("unique", index.unique);
        if (!index.where_clause.empty()) item.add("where", sql_value(index.where_clause));
        item.add_text("name", index.name.text).add_text("method", index.method);
        if (!index.include.empty()) item.add("include", names_value(index.include));
        item.add_flag("nulls_not_distinct", index.nulls_not_distinct).add_flag("concurrently", index.concurrently);
        if (!index.storage.empty()) item.add("storage", options_value(index.storage));
        if (!index.statistics.empty()) item.add("statistics", options_value(index.statistics));
        item.add_text("tablespace", index.tablespace)
            .add_text("comment", index.comment)
            .add_text("renamed_from", index.renamed_from);
        out.items.push_back(item.entries.size() == 1 ? item.entries[0].second : item);
    }
    return out;
}

YamlValue table_value(const Schema& schema, const Table& table) {
    const Inline inside = inline_of(table);
    YamlValue out = YamlValue::mapping(true);
    out.add_text("comment", table.comment).add_text("owner", table.rights->owner).add_text("renamed_from", table.renamed_from);
    YamlValue columns = YamlValue::mapping(true);
    for (const Column& column : table.columns) columns.add(column.name, column_value(table, column, inside));
    if (!columns.empty() || (table.partition_of.empty() && table.of_type.empty())) out.add("columns", std::move(columns));
    if (table.no_primary_key) out.add("primary_key", YamlValue::word("none"));
    if (table.primary_key && !inside.key) {
        const PrimaryKey& key = *table.primary_key;
        YamlValue item = YamlValue::mapping().add("columns", parts_value(key.columns));
        item.add_text("name", key.name.text)
            .add_flag("autoincrement", key.autoincrement)
            .add_text("on_conflict", fold(key.conflict));
        if (!key.include.empty()) item.add("include", names_value(key.include));
        item.add_text("deferrable", deferrable_text(key.deferrable, key.initially_deferred));
        if (!key.storage.empty()) item.add("storage", options_value(key.storage));
        item.add_text("comment", key.comment).add_text("renamed_from", key.renamed_from);
        out.add("primary_key", item.entries.size() == 1 ? item.entries[0].second : item);
    }
    add_constraints(out, table, inside);
    if (!table.triggers.empty()) out.add("triggers", triggers_value(table.triggers));
    if (!table.rules.empty()) out.add("rules", table_texts_value(table.rules, "state"));
    if (!table.policies.empty()) out.add("policies", table_texts_value(table.policies, "state"));
    if (!table.statistics.empty()) out.add("statistics", table_texts_value(table.statistics, "target"));
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
    YamlValue partitions = partitions_value(schema, table);
    if (!partitions.empty()) out.add("partitions", std::move(partitions));
    if (!table.inherits.empty()) out.add("inherits", names_value(table.inherits));
    out.add_text("of", table.of_type);
    out.add_flag("unlogged", table.unlogged);
    if (!table.storage.empty()) out.add("storage", options_value(table.storage));
    out.add_text("access_method", table.access_method)
        .add_text("tablespace", table.tablespace)
        .add_text("cluster_on", table.cluster_on);
    out.add_text("row_security", table.row_security).add_text("replica_identity", table.replica_identity);
    if (table.rights->grants) out.add("grants", grants_value(*table.rights->grants));
    return out;
}

}  // namespace tenon
