// What a dialect would hold of a declared schema.
#include "schemas/resolve.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "schemas/resolve_postgres.h"
#include "schemas/resolve_sqlite.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/table_lookup.h"
#include "schemas/type.h"

namespace tenon {
namespace {

constexpr std::size_t kLongestName = 63;  // PostgreSQL cuts names there; one convention for both dialects

Sql chosen(const Sql& sql, Dialect dialect) { return sql.empty() ? Sql{} : make_sql(text_for(sql, dialect), dialect); }

std::vector<std::string> plain_columns(const std::vector<KeyPart>& parts) {
    std::vector<std::string> names;
    for (const KeyPart& part : parts) names.push_back(part.column.empty() ? "expr" : part.column);
    return names;
}

/// Gives conventional names, each once in its scope.
class Namer {
public:
    void take(const std::string& scope, const std::string& name) { taken_.insert(scope + "\n" + fold(name)); }
    std::string give(const std::string& scope, const std::string& table, const std::vector<std::string>& columns,
                     std::string_view suffix) {
        std::string name = conventional_name(table, columns, suffix);
        for (int n = 1; !taken_.insert(scope + "\n" + fold(name)).second; ++n)
            name = conventional_name(table, columns, std::string(suffix) + std::to_string(n));
        return name;
    }

private:
    std::set<std::string> taken_;
};

class Resolver {
public:
    Resolver(const Schema& declared, Dialect dialect) : declared_(declared), dialect_(dialect) {}

    Schema run() {
        Schema out;
        out.dialect = dialect_;
        out.mentioned = declared_.mentioned;
        for (const Table& table : declared_.tables) take_names(table);
        for (const Table& table : declared_.tables) {
            // SQLite has no partitions: the table holds all rows.
            if (dialect_ == Dialect::sqlite && !table.partition_of.empty()) continue;
            sources_.push_back(&table);
            out.tables.push_back(resolve_table(table));
        }
        take_referenced_types(out);
        for (const View& view : declared_.views) {
            // One that has a text for the other dialect alone is that one's.
            if (!text_for(view.definition, dialect_).empty()) out.views.push_back(resolve_view(view));
        }
        if (dialect_ == Dialect::postgres) {
            out.enums = declared_.enums;
            out.domains = declared_.domains;
            out.composites = declared_.composites;
            out.ranges = declared_.ranges;
            out.sequences = declared_.sequences;
            out.collations = declared_.collations;
            out.extensions = declared_.extensions;
            out.schemas = declared_.schemas;
            postgres::settle(declared_, out);
        }
        return out;
    }

private:
    const Schema& declared_;
    Dialect dialect_;
    Namer namer_;
    std::vector<const Table*> sources_;  ///< of the resolved tables, in their order

    /// On PostgreSQL a name is taken among the indexes of a schema, or among the constraints of a table; on SQLite everywhere.
    std::string scope(const Table& table, bool index) const {
        if (dialect_ == Dialect::sqlite) return "";
        return index ? "index " + table.schema : "table " + table.full_name();
    }

    void take_names(const Table& table) {
        const auto take = [&](const auto& things, bool index) {
            for (const auto& thing : things) {
                if (!thing.name.text.empty()) namer_.take(scope(table, index), thing.name.text);
            }
        };
        take(table.uniques, true);
        take(table.exclusions, true);
        take(table.indexes, true);
        take(table.checks, false);
        take(table.foreign_keys, false);
        if (dialect_ == Dialect::postgres && table.primary_key && !table.primary_key->name.text.empty())
            namer_.take(scope(table, true), table.primary_key->name.text);
    }

    /// A column without a type of its own has that of the column it refers to, which may stand in a row of such columns: of a
    /// `serial` the integer, not the numbering.
    void take_referenced_types(Schema& schema) const {
        const TableLookup tables(schema);
        for (bool found = true; found;) {
            found = false;
            for (std::size_t t = 0; t < schema.tables.size(); ++t) {
                Table& table = schema.tables[t];
                for (const ForeignKey& key : table.foreign_keys) {
                    const Table* target = tables.find(key.referenced_table);
                    for (std::size_t i = 0; target != nullptr && i < key.columns.size() && i < key.referenced_columns.size();
                         ++i) {
                        const auto own = std::ranges::find_if(
                            table.columns, [&](const Column& c) { return same_name(c.name, key.columns[i]); });
                        const Column* theirs = find_column(*target, key.referenced_columns[i]);
                        if (own == table.columns.end() || theirs == nullptr || !own->type.empty() || theirs->type.empty())
                            continue;
                        // SQLite knows columns without a type; such a one was declared so.
                        const Column* declared = find_column(*sources_[t], own->name);
                        if (declared == nullptr || !declared->type.empty()) continue;
                        own->type = theirs->type;
                        if (const std::string integer = postgres::serial_type(own->type.text);
                            dialect_ == Dialect::postgres && !integer.empty())
                            own->type = make_sql(integer, dialect_);
                        found = true;
                    }
                }
            }
        }
    }

    Table resolve_table(const Table& source) {
        Table table = source;
        if (dialect_ == Dialect::sqlite) sqlite::qualify(table.schema, table.name);
        table.renamed_from.clear();
        table.relations.clear();
        table.no_primary_key = false;
        const bool implicit = add_implicit_key(source, table);
        if (table.columns.empty() && dialect_ == Dialect::sqlite)
            throw Error(ErrorCode::error, "the table " + source.full_name() + " has no columns", "add `columns:`",
                        source.where.value);
        for (Column& column : table.columns) resolve_column(source, table, column);
        if (dialect_ == Dialect::sqlite) sqlite::settle_key(table, implicit);
        resolve_constraints(table);
        std::erase_if(table.triggers, [&](const Trigger& trigger) { return text_for(trigger.definition, dialect_).empty(); });
        for (Trigger& trigger : table.triggers) {
            trigger.definition =
                dialect_ == Dialect::sqlite ? sqlite::whole_trigger(trigger, table.name) : chosen(trigger.definition, dialect_);
        }
        if (dialect_ == Dialect::sqlite) {
            sqlite::drop_foreign_features(table);
        } else {
            table.strict = table.without_rowid = false;
            for (Column& column : table.columns) column.nullable = column.nullable && !in_key(table, column);
        }
        return table;
    }

    bool add_implicit_key(const Table& source, Table& table) const {
        if (source.primary_key || source.no_primary_key || !source.partition_of.empty() || !source.of_type.empty())
            return false;
        Column id;
        id.name = "id";
        id.type = make_sql(dialect_ == Dialect::sqlite ? "INTEGER" : "bigint", dialect_);
        if (dialect_ == Dialect::postgres) id.identity = Identity{};
        id.where = source.where;
        table.columns.insert(table.columns.begin(), id);
        PrimaryKey key;
        key.name.given = {false};
        key.columns.push_back({.column = "id"});
        key.implicit = {true};
        table.primary_key = key;
        return true;
    }

    void resolve_column(const Table& source, Table& table, Column& column) {
        const std::string declared_type = column.type.text;
        const bool implicit = find_column(source, column.name) == nullptr;
        if (!implicit) {
            if (dialect_ == Dialect::sqlite) sqlite::refuse_wide_decimal(column, source.full_name());
            column.type = make_sql(table.strict && dialect_ == Dialect::sqlite ? sqlite::strict_type(column.type, declared_)
                                                                               : dialect_type(column.type, dialect_, declared_),
                                   dialect_);
        }
        if (dialect_ == Dialect::sqlite) sqlite::spread_type(declared_, declared_type, table, column);
        if (column.default_value) column.default_value = resolve_default(*column.default_value, declared_type);
        if (column.generated) column.generated->expression = chosen(column.generated->expression, dialect_);
        if (dialect_ == Dialect::sqlite && !column.nullable && column.on_conflict != "ABORT")
            column.not_null_conflict = column.on_conflict;
        column.on_conflict.clear();
        column.renamed_from.clear();
        column.using_expression = {};
        column.backfill = {};
        column.json = {};
    }

    Default resolve_default(const Default& value, const std::string& type) const {
        return match(
            value, [&](const Literal& literal) -> Default { return make_sql(literal_text(literal, type), dialect_); },
            [&](const Sql& sql) -> Default {
                const std::string& text = text_for(sql, dialect_);
                return make_sql(dialect_ == Dialect::sqlite ? sqlite::translated(text, type) : text, dialect_);
            });
    }

    std::string literal_text(const Literal& literal, const std::string& type) const {
        const auto kind = value_kind(type);
        switch (literal.kind) {
            case Literal::Kind::null: return "NULL";
            case Literal::Kind::boolean:
                return dialect_ == Dialect::sqlite ? (literal.text == "true" ? "1" : "0") : literal.text;
            case Literal::Kind::number: return kind == ValueKind::text ? quote_literal(literal.text) : literal.text;
            case Literal::Kind::string: return quote_literal(literal.text);
        }
        return "";
    }

    void resolve_constraints(Table& table) {
        const auto name = [&](ConstraintName& given, const std::vector<std::string>& columns, std::string_view suffix) {
            const bool index = suffix != "check" && suffix != "fkey";
            if (given.text.empty())
                given = {.text = namer_.give(scope(table, index), table.name, columns, suffix), .given = {false}};
        };
        const auto parts = [&](std::vector<KeyPart>& list) {
            for (KeyPart& part : list) part.expression = chosen(part.expression, dialect_);
        };
        for (UniqueConstraint& unique : table.uniques) {
            parts(unique.columns);
            name(unique.name, plain_columns(unique.columns), "key");
            unique.renamed_from.clear();
        }
        for (Check& check : table.checks) {
            check.expression = chosen(check.expression, dialect_);
            name(check.name, mentioned_column(table, check.expression.text), "check");
            check.renamed_from.clear();
        }
        for (ForeignKey& key : table.foreign_keys) {
            name(key.name, key.columns, "fkey");
            if (dialect_ == Dialect::sqlite) sqlite::qualify_reference(key.referenced_table);
            key.unchecked = false;
            key.renamed_from.clear();
        }
        for (Exclusion& exclusion : table.exclusions) {
            exclusion.definition = chosen(exclusion.definition, dialect_);
            exclusion.where_clause = chosen(exclusion.where_clause, dialect_);
            std::vector<KeyPart> elements;
            for (const auto& element : exclusion.elements) elements.push_back(element.first);
            name(exclusion.name, plain_columns(elements), "excl");
            exclusion.renamed_from.clear();
        }
        for (Index& index : table.indexes) {
            parts(index.columns);
            index.where_clause = chosen(index.where_clause, dialect_);
            name(index.name, plain_columns(index.columns), "idx");
            index.renamed_from.clear();
        }
        if (table.primary_key) {
            table.primary_key->renamed_from.clear();
            if (dialect_ == Dialect::postgres) name(table.primary_key->name, {}, "pkey");
        }
    }

    /// The one column that an expression speaks of, as PostgreSQL names checks; none where there are several.
    static std::vector<std::string> mentioned_column(const Table& table, const std::string& expression) {
        const std::vector<std::string> names = mentioned_names(expression, Dialect::postgres);
        std::vector<std::string> found;
        for (const Column& column : table.columns) {
            if (std::ranges::binary_search(names, fold(column.name))) found.push_back(column.name);
        }
        return found.size() == 1 ? found : std::vector<std::string>{};
    }

    View resolve_view(const View& source) const {
        View view = source;
        if (dialect_ == Dialect::sqlite) {
            sqlite::qualify(view.schema, view.name);
            view.definition = sqlite::whole_view(view);
            view.materialized = false;
            view.comment.clear();
            std::erase_if(view.triggers,
                          [&](const Trigger& trigger) { return text_for(trigger.definition, dialect_).empty(); });
            for (Trigger& trigger : view.triggers) trigger.definition = sqlite::whole_trigger(trigger, view.name);
        } else {
            view.definition = chosen(view.definition, dialect_);
        }
        view.columns.clear();
        return view;
    }
};

}  // namespace

Schema resolve(const Schema& declared, Dialect dialect) { return Resolver(declared, dialect).run(); }

std::string conventional_name(std::string_view table, const std::vector<std::string>& columns, std::string_view suffix) {
    std::string middle;
    for (const std::string& column : columns) middle += "_" + column;
    std::string head = std::string(table) + middle;
    const std::size_t room = kLongestName - suffix.size() - 1;
    if (head.size() > room) {
        head.resize(room);
        // Not in the middle of a character.
        while (!head.empty() && (static_cast<unsigned char>(head.back()) & 0xC0) == 0x80) head.pop_back();
        if (!head.empty() && static_cast<unsigned char>(head.back()) >= 0xC0) head.pop_back();
    }
    return head + "_" + std::string(suffix);
}

std::vector<std::string> skipped_keys(const Schema& declared, Dialect dialect) {
    std::vector<std::string> out;
    const auto skip = [&](bool used, const std::string& where, std::string_view key) {
        if (used) out.push_back(where + ": " + std::string(key));
    };
    const bool on_sqlite = dialect == Dialect::sqlite;
    if (on_sqlite) {
        skip(!declared.composites.empty(), "schema", "composites");
        skip(!declared.ranges.empty(), "schema", "ranges");
        skip(!declared.sequences.empty(), "schema", "sequences");
        skip(!declared.collations.empty(), "schema", "collations");
        skip(!declared.extensions.empty(), "schema", "extensions");
        skip(!declared.schemas.empty(), "schema", "schemas");
        skip(!declared.functions.empty(), "schema", "functions");
        skip(!declared.objects.empty(), "schema", "objects");
        skip(!declared.default_privileges.empty(), "schema", "default_privileges");
        for (const View& view : declared.views) {
            skip(view.materialized, view.full_name(), "materialized");
            skip(!view.options.empty(), view.full_name(), "with");
            skip(!view.indexes.empty(), view.full_name(), "indexes");
            skip(!view.rules.empty(), view.full_name(), "rules");
            skip(!view.column_notes.empty(), view.full_name(), "columns");
            skip(!view.comment.empty(), view.full_name(), "comment");
            skip(view.rights.grants.has_value(), view.full_name(), "grants");
            skip(!view.rights.owner.empty(), view.full_name(), "owner");
        }
    }
    for (const Table& table : declared.tables) {
        const std::string name = table.full_name();
        if (on_sqlite && !table.partition_of.empty()) {
            skip(true, table.partition_of, "partitions: " + name);
            continue;
        }
        if (on_sqlite) {
            skip(!table.partition_by.empty(), name, "partition_by");
            skip(!table.policies.empty(), name, "policies");
            skip(!table.rules.empty(), name, "rules");
            skip(!table.statistics.empty(), name, "statistics");
            skip(table.rights->grants.has_value(), name, "grants");
            skip(!table.rights->owner.empty(), name, "owner");
            skip(!table.of_type.empty(), name, "of");
            skip(!table.access_method.empty(), name, "access_method");
            skip(!table.tablespace.empty(), name, "tablespace");
            skip(!table.cluster_on.empty(), name, "cluster_on");
            skip(!table.inherits.empty(), name, "inherits");
            skip(table.unlogged, name, "unlogged");
            skip(!table.storage.empty(), name, "storage");
            skip(!table.exclusions.empty(), name, "exclude");
            skip(!table.row_security.empty(), name, "row_security");
            skip(!table.replica_identity.empty(), name, "replica_identity");
            skip(!table.comment.empty(), name, "comment");
        } else {
            skip(table.strict, name, "strict");
            skip(table.without_rowid, name, "without_rowid");
        }
        for (const Column& column : table.columns) {
            const std::string full = name + "." + column.name;
            if (on_sqlite) {
                skip(!column.storage->mode.empty(), full, "storage");
                skip(!column.storage->compression.empty(), full, "compression");
                skip(column.storage->statistics.has_value(), full, "statistics");
                skip(column.identity.has_value(), full, "identity");
                skip(!column.comment.empty(), full, "comment");
                skip(!column.storage->options.empty(), full, "options");
            } else {
                skip(!column.on_conflict.empty(), full, "on_conflict");
                skip(column.nullable && in_key(table, column), full, "nullable");
            }
        }
        for (const Index& index : table.indexes) {
            if (!on_sqlite) break;
            const std::string full = name + ": index " + (index.name.text.empty() ? "" : index.name.text);
            skip(!index.method.empty(), full, "method");
            skip(!index.include.empty(), full, "include");
            skip(index.nulls_not_distinct, full, "nulls_not_distinct");
            skip(index.concurrently, full, "concurrently");
            skip(!index.storage.empty(), full, "storage");
        }
    }
    return out;
}

}  // namespace tenon
