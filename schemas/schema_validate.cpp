// Validation of a declared schema: everything that one entry alone cannot tell.
#include "schemas/schema_validate.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "schemas/joined.h"
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon {
namespace {

constexpr int kDeepest = 40;  // of tables that inherit from each other

class Validator {
public:
    Validator(Schema& schema, const std::vector<SchemaText>& files) : schema_(schema), files_(files) {
        for (Table& table : schema.tables) tables_.try_emplace(fold(table.full_name()), &table);
    }

    std::vector<Problem> run() {
        unique_names(schema_.tables, "table");
        unique_names(schema_.views, "view");
        unique_names(schema_.enums, "enum", true);
        for (Table& table : schema_.tables) {
            columns(table);
            if (table.partition_of.empty()) primary_key(table);
            parents(table);
            keys_and_indexes(table);
        }
        for (Table& table : schema_.tables) {
            for (ForeignKey& key : table.foreign_keys) foreign_key(table, key);
        }
        for (const Table& table : schema_.tables) {
            for (const Relation& relation : table.relations) this->relation(table, relation);
        }
        renames();
        std::ranges::stable_sort(problems_, {},
                                 [](const Problem& p) { return std::tuple(p.where.file, p.where.line, p.where.column); });
        return std::move(problems_);
    }

private:
    Schema& schema_;
    const std::vector<SchemaText>& files_;
    std::map<std::string, Table*> tables_;
    std::vector<Problem> problems_;

    void add(const Aside<Where>& where, std::string message, std::string hint) {
        problems_.push_back({.message = std::move(message),
                             .where = where.value,
                             .hint = std::move(hint),
                             .source_line = source_line(where.value)});
    }

    std::string source_line(const Where& where) const {
        const auto file = std::ranges::find(files_, where.file.str(), &SchemaText::path);
        if (file == files_.end()) return "";
        std::size_t start = 0;
        for (int line = 1; line < where.line; ++line) start = file->text.find('\n', start) + 1;
        return file->text.substr(start, file->text.find('\n', start) - start);
    }

    const Table* table_named(const std::string& name) const {
        auto found = tables_.find(fold(name));
        // A dot need not stand between a schema and a name.
        if (found == tables_.end()) found = tables_.find(fold(full_name_of("public", name)));
        return found == tables_.end() ? nullptr : found->second;
    }

    std::string close_table(const std::string& name) const {
        std::vector<std::string> names;
        for (const Table& table : schema_.tables) names.push_back(table.full_name());
        const std::string close = did_you_mean(name, names);
        return close.empty() ? "declare the table, or correct the name" : "did you mean \"" + close + "\"?";
    }

    /// The tables whose columns this one has too.
    static std::vector<std::string> parents_of(const Table& table) {
        return table.partition_of.empty() ? table.inherits : std::vector<std::string>{table.partition_of};
    }

    std::vector<std::string> column_names(const Table& table, int depth = 0) const {
        std::vector<std::string> names;
        for (const Column& column : table.columns) names.push_back(column.name);
        if (has_implicit_id(table)) names.push_back("id");
        for (const CompositeType& type : schema_.composites) {
            if (!same_name(qualified_name(type), table.of_type) && !same_name("public." + type.name, table.of_type)) continue;
            for (const auto& [attribute, sql] : type.attributes) names.push_back(attribute);
        }
        for (const std::string& name : parents_of(table)) {
            const Table* parent = table_named(name);
            if (parent == nullptr || depth > kDeepest) continue;
            for (std::string& inherited : column_names(*parent, depth + 1)) names.push_back(std::move(inherited));
        }
        return names;
    }

    template <class T>
    static std::string qualified_name(const T& thing) {
        return full_name_of(schema_of_table(thing.schema, thing.name), thing.name);
    }

    static bool has_implicit_id(const Table& table) {
        return !table.primary_key && !table.no_primary_key && table.partition_of.empty() && find_column(table, "id") == nullptr;
    }

    bool has_column(const Table& table, const std::string& name) const {
        if (find_column(table, name) != nullptr || (has_implicit_id(table) && same_name(name, "id"))) return true;
        if (table.partition_of.empty() && table.inherits.empty() && table.of_type.empty()) return false;
        const std::vector<std::string> names = column_names(table);
        return std::ranges::any_of(names, [&](const std::string& other) { return same_name(other, name); });
    }

    void parents(const Table& table) {
        for (const std::string& name : table.inherits) {
            if (table_named(name) == nullptr)
                add(table.where, "the table " + table.full_name() + " inherits from " + name + ", which does not exist",
                    close_table(name));
        }
    }

    void known_column(const Table& table, const std::string& name, const Aside<Where>& where, const std::string& what) {
        if (name.empty() || has_column(table, name)) return;
        const std::string close = did_you_mean(name, column_names(table));
        add(where, what + " names the column " + table.full_name() + "." + name + ", which does not exist",
            close.empty() ? "declare the column, or correct the name" : "did you mean \"" + close + "\"?");
    }

    template <class T>
    void unique_names(const std::vector<T>& things, const std::string& what, bool by_case = false) {
        std::map<std::string, const T*> seen;
        for (const T& thing : things) {
            const std::string name = qualified_name(thing);
            const auto [first, added] = seen.try_emplace(by_case ? name : fold(name), &thing);
            if (added) continue;
            const Where& where = first->second->where.value;
            add(thing.where, "the " + what + " " + name + " is declared twice",
                "the first one stands at " + where.file.str() + ":" + std::to_string(where.line));
        }
    }

    void columns(const Table& table) {
        std::set<std::string> seen;
        for (const Column& column : table.columns) {
            if (!seen.insert(fold(column.name)).second) {
                add(column.where, "the column " + table.full_name() + "." + column.name + " is declared twice",
                    "SQL names ignore case: rename or remove one");
            }
            if (column.default_value) default_fits(table, column);
            if (!column.json->format.empty()) format_fits(table, column);
        }
    }

    void default_fits(const Table& table, const Column& column) {
        const auto* literal = std::get_if<Literal>(&*column.default_value);
        if (literal == nullptr) return;
        const std::string name = table.full_name() + "." + column.name;
        if (literal->kind == Literal::Kind::null) {
            if (!column.nullable)
                add(column.where, "the default of " + name + " is null, and the column is NOT NULL",
                    "make it nullable with `?`, or give another default");
            return;
        }
        const auto type =
            std::ranges::find_if(schema_.enums, [&](const EnumType& e) { return same_name(e.name, column.type.text); });
        if (type != schema_.enums.end()) {
            std::vector<std::string> values;
            for (const EnumValue& value : type->values) values.push_back(value.name);
            if (std::ranges::find(values, literal->text) != values.end()) return;
            const std::string close = did_you_mean(literal->text, values);
            add(column.where, "the default `" + literal->text + "` of " + name + " is no value of enum " + type->name,
                close.empty() ? "use one of its values" : "did you mean \"" + close + "\"?");
            return;
        }
        const TypeParts parts = split_type(column.type.text);
        if (parts.row == nullptr || parts.array) return;
        const auto wrong = [&](const std::string& hint) {
            add(column.where, "the default `" + literal->text + "` of " + name + " does not fit the type " + column.type.text,
                hint);
        };
        const bool number = literal->kind == Literal::Kind::number;
        switch (parts.row->kind) {
            case ValueKind::integer:
                if (!number || literal->text.find_first_of(".eE") != std::string::npos)
                    wrong("write a whole number, or { sql: … } for an expression");
                break;
            case ValueKind::real:
            case ValueKind::decimal:
                if (!number) wrong("write a number, or { sql: … } for an expression");
                break;
            case ValueKind::boolean:
                if (literal->kind != Literal::Kind::boolean) wrong("write true or false");
                break;
            case ValueKind::text: {
                int longest = 0;
                if (parts.arguments.size() == 1)
                    std::from_chars(parts.arguments[0].data(), parts.arguments[0].data() + parts.arguments[0].size(), longest);
                const auto length =
                    std::ranges::count_if(literal->text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
                if (longest > 0 && length > longest) wrong("it is longer than " + std::to_string(longest) + " characters");
                break;
            }
            case ValueKind::date:
            case ValueKind::time:
            case ValueKind::timestamp:
            case ValueKind::timestamptz:
                if (literal->text.find_first_of("0123456789") == std::string::npos)
                    wrong("write a date or time, or { sql: now() } for an expression");
                break;
            case ValueKind::interval:
            case ValueKind::uuid:
            case ValueKind::json:
            case ValueKind::bytes: break;
        }
    }

    void format_fits(const Table& table, const Column& column) {
        const auto kind = value_kind(column.type.text);
        const auto row = std::ranges::find(json_format_rows(), column.json->format, &JsonFormatRow::name);
        if (!kind || row == json_format_rows().end() || std::ranges::find(row->kinds, *kind) != row->kinds.end()) return;
        add(column.where,
            "the json format `" + column.json->format + "` does not apply to " + table.full_name() + "." + column.name +
                " of type " + column.type.text,
            "remove it, or change the type");
    }

    /// SQLite takes NULL for a key, unless the table is of a newer kind or the key is its rowid.
    void nullable_key(const Table& table, const Column& column) {
        const std::string what = "the column " + table.full_name() + "." + column.name + " is in the primary key and ";
        if (!column.says_nullable.value) {
            add(column.where, what + "may be null",
                "remove the `?`, or write `nullable: true` for the NULLs that SQLite allows");
        } else if (table.strict || table.without_rowid) {
            add(column.where, what + "is never null where the table is STRICT or WITHOUT ROWID", "remove `nullable: true`");
        } else if (table.primary_key->columns.size() == 1 && !table.primary_key->columns[0].descending &&
                   same_name(column.type.text, "integer")) {
            add(column.where, what + "is the number of its row, which is never null", "remove `nullable: true`");
        }
    }

    void primary_key(const Table& table) {
        if (table.primary_key) {
            for (const KeyPart& part : table.primary_key->columns) {
                known_column(table, part.column, table.where, "the primary key");
                const Column* column = find_column(table, part.column);
                if (column != nullptr && column->nullable) nullable_key(table, *column);
            }
            if (table.no_primary_key)
                add(table.where, "the table " + table.full_name() + " has a primary key and says `primary_key: none`",
                    "remove one of them");
            return;
        }
        const Column* id = find_column(table, "id");
        if (id != nullptr && !table.no_primary_key) {
            add(id->where, "the table " + table.full_name() + " declares a column `id` and no primary key",
                "is it the key? then add `primary_key: true` to it; else `primary_key: none` to the table");
        }
        if (table.without_rowid && table.no_primary_key) {
            add(table.where, "a table without rowid needs a primary key", "remove `without_rowid`, or declare a key");
        }
    }

    void keys_and_indexes(const Table& table) {
        const auto parts = [&](const std::vector<KeyPart>& columns, const Aside<Where>& where, const std::string& what) {
            for (const KeyPart& part : columns) known_column(table, part.column, where, what);
        };
        for (const UniqueConstraint& unique : table.uniques) parts(unique.columns, unique.where, "a unique constraint");
        std::set<std::string> names;
        for (const Index& index : table.indexes) {
            parts(index.columns, index.where, "an index");
            if (!index.name.text.empty() && !names.insert(fold(index.name.text)).second) {
                add(index.where, "the index " + index.name.text + " is declared twice", "rename or remove one");
            }
        }
        for (const Check& check : table.checks) {
            if (check.expression.empty()) add(check.where, "an empty check on " + table.full_name(), "write the expression");
        }
    }

    /// True where `columns` are unique in the table.
    bool is_key(const Table& table, const std::vector<std::string>& columns, int depth = 0) const {
        const Table* parent = table.partition_of.empty() || depth > kDeepest ? nullptr : table_named(table.partition_of);
        if (parent != nullptr && is_key(*parent, columns, depth + 1)) return true;
        const auto same = [&](const std::vector<KeyPart>& parts) {
            return parts.size() == columns.size() && std::ranges::all_of(parts, [&](const KeyPart& part) {
                       return std::ranges::any_of(columns,
                                                  [&](const std::string& name) { return same_name(name, part.column); });
                   });
        };
        if (has_implicit_id(table) && columns.size() == 1 && same_name(columns[0], "id")) return true;
        return (table.primary_key && same(table.primary_key->columns)) ||
               std::ranges::any_of(table.uniques, [&](const UniqueConstraint& unique) { return same(unique.columns); }) ||
               std::ranges::any_of(table.indexes, [&](const Index& index) {
                   return index.unique && index.where_clause.empty() && same(index.columns);
               });
    }

    void foreign_key(const Table& table, ForeignKey& key) {
        for (const std::string& name : key.columns) known_column(table, name, key.where, "a foreign key");
        const Table* target = table_named(key.referenced_table);
        if (target == nullptr) {
            if (!key.unchecked)
                add(key.where,
                    "the foreign key of " + table.full_name() + " refers to the table " + key.referenced_table +
                        ", which does not exist",
                    close_table(key.referenced_table));
            return;
        }
        key.referenced_table = target->full_name();
        if (key.referenced_columns.empty()) {
            if (target->primary_key) {
                for (const KeyPart& part : target->primary_key->columns) key.referenced_columns.push_back(part.column);
            } else {
                key.referenced_columns = {"id"};
            }
        }
        bool known = true;
        for (const std::string& name : key.referenced_columns) {
            known = known && has_column(*target, name);
            if (!key.unchecked) known_column(*target, name, key.where, "the foreign key of " + table.full_name());
        }
        if (key.columns.size() != key.referenced_columns.size()) {
            add(key.where,
                "a foreign key of " + std::to_string(key.columns.size()) + " columns refers to " +
                    std::to_string(key.referenced_columns.size()),
                "name as many columns on both sides");
            return;
        }
        if (known && !key.unchecked && !is_key(*target, key.referenced_columns)) {
            add(key.where,
                "the foreign key of " + table.full_name() + " refers to " + target->full_name() + "(" +
                    joined(key.referenced_columns) + "), which is not unique",
                "declare these columns unique, or refer to the primary key");
        }
    }

    static std::vector<const ForeignKey*> keys_between(const Table& from, const Table& to,
                                                       const std::vector<std::string>& via) {
        std::vector<const ForeignKey*> keys;
        for (const ForeignKey& key : from.foreign_keys) {
            const bool fits = same_name(key.referenced_table, to.full_name());
            if (fits && (via.empty() || std::ranges::equal(via, key.columns, same_name))) keys.push_back(&key);
        }
        return keys;
    }

    void relation(const Table& table, const Relation& relation) {
        const std::string name = table.full_name() + "." + relation.name;
        if (has_column(table, relation.name))
            add(relation.where, "the relation " + name + " has the name of a column", "rename the relation");
        const Table* other = table_named(relation.table);
        if (other == nullptr) {
            add(relation.where, "the relation " + name + " leads to the table " + relation.table + ", which does not exist",
                close_table(relation.table));
            return;
        }
        if (!relation.through.empty()) {
            const Table* join = table_named(relation.through);
            if (join == nullptr) {
                add(relation.where,
                    "the relation " + name + " goes through the table " + relation.through + ", which does not exist",
                    close_table(relation.through));
            } else if (keys_between(*join, table, {}).empty() || keys_between(*join, *other, {}).empty()) {
                add(relation.where,
                    "the join table " + relation.through + " has no foreign keys to both " + table.full_name() + " and " +
                        other->full_name(),
                    "add them");
            }
        } else {
            const Table& holder = relation.kind == RelationKind::one ? table : *other;
            const Table& target = relation.kind == RelationKind::one ? *other : table;
            const auto keys = keys_between(holder, target, relation.via);
            if (keys.empty()) {
                add(relation.where,
                    "the relation " + name + " has no foreign key from " + holder.full_name() + " to " + target.full_name() +
                        (relation.via.empty() ? "" : " over " + joined(relation.via)),
                    "add a column with `references: " + target.full_name() + ".id` to " + holder.full_name());
            } else if (keys.size() > 1) {
                add(relation.where, "more than one foreign key fits the relation " + name,
                    "say which one with `via: " + keys[0]->columns[0] + "`");
            }
        }
        if (relation.back_populates.empty()) return;
        const auto back = std::ranges::find(other->relations, relation.back_populates, &Relation::name);
        if (back == other->relations.end()) {
            std::vector<std::string> names;
            for (const Relation& r : other->relations) names.push_back(r.name);
            const std::string close = did_you_mean(relation.back_populates, names);
            add(relation.where,
                "the other side of " + name + ", " + other->full_name() + "." + relation.back_populates + ", does not exist",
                close.empty() ? "declare it under `relations:` of " + other->full_name() : "did you mean \"" + close + "\"?");
        } else if (!same_name(back->table, table.full_name()) ||
                   (!back->back_populates.empty() && back->back_populates != relation.name) ||
                   back->through != relation.through || (relation.through.empty() && back->kind == relation.kind)) {
            add(relation.where, "the two sides of " + name + " and " + other->full_name() + "." + back->name + " disagree",
                "one side is `one`, the other `many`, of each other's table, and each back_populates the other");
        }
    }

    void renames() {
        std::map<std::string, std::string> starts;
        const auto check = [&](const std::string& scope, const std::string& from, const std::string& to,
                               const Aside<Where>& where, bool exists) {
            if (from.empty()) return;
            if (exists) add(where, "`renamed_from: " + from + "`, but " + from + " is still declared", "remove one of the two");
            const auto [first, added] = starts.try_emplace(scope + fold(from), to);
            if (!added) add(where, "two renames start from " + from + ": " + first->second + " and " + to, "keep one of them");
        };
        for (const Table& table : schema_.tables) {
            check("table ", table.renamed_from, table.full_name(), table.where, table_named(table.renamed_from) != nullptr);
            for (const Column& column : table.columns) {
                check("column " + fold(table.full_name()) + ".", column.renamed_from, column.name, column.where,
                      find_column(table, *column.renamed_from) != nullptr);
            }
        }
        for (const EnumType& type : schema_.enums) {
            for (const EnumValue& value : type.values) {
                const bool exists =
                    std::ranges::any_of(type.values, [&](const EnumValue& other) { return other.name == value.renamed_from; });
                check("value " + type.name + ".", value.renamed_from, value.name, type.where, exists);
            }
        }
    }
};

}  // namespace

std::vector<Problem> validate(Schema& schema, const std::vector<SchemaText>& files) { return Validator(schema, files).run(); }

}  // namespace tenon
