// The PostgreSQL side of resolve(): columns, keys, partitions, sequences.
#include "schemas/resolve_postgres.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve.h"
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon::postgres {
namespace {

constexpr int kDeepest = 40;  // of tables that inherit from each other

std::string in_public(const std::string& schema) { return schema == "public" ? "" : schema; }

class Settling {
public:
    Settling(const Schema& declared, Schema& out) : declared_(declared), out_(out) {}

    void run() {
        types();
        for (Table& table : out_.tables) {
            table.schema = schema_of_table(in_public(table.schema), table.name);
            for (Column& column : table.columns) settle_column(table, column);
        }
        for (Table& table : out_.tables) {
            if (!table.of_type.empty()) take_attributes(table);
        }
        inherit();
        for (Table& table : out_.tables) {
            settle_keys(table);
            if (table.replica_identity == "default") table.replica_identity.clear();
        }
        for (Table& table : out_.tables) attach_parts(table);
        std::unordered_map<std::string, std::string> columns;  // as the schema language has them, to SQL
        for (const Table& table : out_.tables) {
            if (out_.sequences.empty()) break;
            for (const Column& column : table.columns)
                columns.emplace(table.full_name() + "." + column.name, qualified(table) + "." + quote(column.name));
        }
        for (Sequence& sequence : out_.sequences) settle_sequence(sequence, columns);
        schemas();
        make_objects(declared_, out_);
        forget_notes();
    }

private:
    const Schema& declared_;
    Schema& out_;
    std::unordered_map<std::string, std::size_t> tables_;  ///< by full_name()
    std::unordered_map<std::string, Sql> types_;           ///< settled, by what was given
    std::set<std::string> attached_;                       ///< partitions whose keys and indexes are settled

    Sql type_of(const Sql& declared) const {
        return make_sql(server_type(dialect_type(declared, Dialect::postgres, declared_), declared_), Dialect::postgres);
    }

    /// Thousands of columns are of a few types.
    const Sql& settled_type(const std::string& given) {
        const auto [at, fresh] = types_.try_emplace(given);
        if (fresh) at->second = make_sql(server_type(given, declared_), Dialect::postgres);
        return at->second;
    }

    static void settle_default(Boxed<Default>& value, const std::string& type, bool domain) {
        const Literal* literal = value ? std::get_if<Literal>(&*value) : nullptr;
        if (literal == nullptr) return;
        if (literal->kind == Literal::Kind::null && !domain) {
            value.reset();
        } else {
            value = make_sql(server_literal(*literal, type), Dialect::postgres);
        }
    }

    bool is_domain(const std::string& type) const {
        return std::ranges::any_of(declared_.domains, [&](const Domain& d) { return qualified(d.schema, d.name) == type; });
    }

    void types() {
        for (Domain& domain : out_.domains) {
            domain.type = type_of(domain.type);
            domain.collate = server_collation(domain.collate, declared_);
            settle_default(domain.default_value, domain.type.text, false);
            int count = 0;
            for (Check& check : domain.checks) {
                check.expression = make_sql(text_for(check.expression, Dialect::postgres), Dialect::postgres);
                if (check.name.text.empty())
                    check.name = {
                        .text = conventional_name(domain.name, {}, count == 0 ? "check" : "check" + std::to_string(count)),
                        .given = {false}};
                ++count;
            }
        }
        for (CompositeType& type : out_.composites) {
            for (auto& [name, sql] : type.attributes) sql = attribute_type(sql);
        }
        for (RangeType& type : out_.ranges) type.subtype = type_of(type.subtype);
    }

    /// `text collate "C"`: the collation stays behind the type.
    Sql attribute_type(const Sql& declared) const {
        const std::string& text = text_for(declared, Dialect::postgres);
        for (const Token& token : lex(text, Dialect::postgres)) {
            if (!is_keyword(text, token, "COLLATE")) continue;
            return make_sql(server_type(text.substr(0, token.begin), declared_) + " COLLATE " + text.substr(token.end + 1),
                            Dialect::postgres);
        }
        return type_of(declared);
    }

    void settle_column(Table& table, Column& column) {
        if (!column.type.empty()) column.type = settled_type(column.type.text);
        column.collate = server_collation(column.collate, declared_);
        settle_default(column.default_value, column.type.text, is_domain(column.type.text));
        if (const std::string integer = serial_type(column.type.text); !integer.empty()) make_serial(table, column, integer);
        if (column.identity) {
            column.nullable = false;
            column.identity->options = sequence_options(column.type.text, std::move(column.identity->options));
            const std::string given = column.identity->sequence;
            column.identity->sequence = given.empty()
                                            ? qualified(table.schema, conventional_name(table.name, {column.name}, "seq"))
                                            : qualified_text(given);
        }
    }

    /// `name` or `schema.name` as SQL.
    static std::string qualified_text(const std::string& name) {
        const auto dot = name.rfind('.');
        return dot == std::string::npos ? qualified("", name) : qualified(name.substr(0, dot), name.substr(dot + 1));
    }

    void make_serial(const Table& table, Column& column, const std::string& integer) {
        Sequence sequence;
        sequence.schema = in_public(table.schema);
        sequence.name = conventional_name(table.name, {column.name}, "seq");
        sequence.options = {{"type", integer}};
        sequence.owned_by = table.full_name() + "." + column.name;
        sequence.where = column.where;
        column.type = make_sql(integer, Dialect::postgres);
        column.nullable = false;
        column.default_value =
            make_sql("nextval(" + quote_literal(qualified(sequence.schema, sequence.name)) + "::regclass)", Dialect::postgres);
        const bool known = std::ranges::any_of(out_.sequences, [&](const Sequence& other) {
            return other.schema == sequence.schema && other.name == sequence.name;
        });
        if (!known) out_.sequences.push_back(std::move(sequence));
    }

    /// Columns of a typed table that the table itself does not speak of.
    void take_attributes(Table& table) const {
        table.of_type = server_type(table.of_type, declared_);
        for (const CompositeType& type : out_.composites) {
            if (qualified(type.schema, type.name) != table.of_type) continue;
            std::vector<Column> columns;
            for (const auto& [name, sql] : type.attributes) {
                const auto own = std::ranges::find(table.columns, name, &Column::name);
                Column column = own == table.columns.end() ? Column{} : *own;
                column.name = name;
                column.type = sql;
                if (own == table.columns.end()) column.nullable = true;
                columns.push_back(std::move(column));
            }
            table.columns = std::move(columns);
        }
    }

    Table* table_named(const std::string& name) {
        if (tables_.empty()) {
            for (std::size_t i = 0; i < out_.tables.size(); ++i) tables_.emplace(out_.tables[i].full_name(), i);
        }
        const auto found = tables_.find(name);
        return found == tables_.end() ? nullptr : &out_.tables[found->second];
    }

    static std::vector<std::string> parents_of(const Table& table) {
        return table.partition_of.empty() ? table.inherits : std::vector<std::string>{table.partition_of};
    }

    void inherit() {
        std::set<std::string> done;
        for (Table& table : out_.tables) inherit(table, done, 0);
    }

    void inherit(Table& table, std::set<std::string>& done, int depth) {
        if (depth > kDeepest || !done.insert(table.full_name()).second) return;
        for (std::string& name : table.inherits) {
            if (name.starts_with("public.")) name = name.substr(7);
        }
        const std::vector<std::string> parents = parents_of(table);
        if (parents.empty()) return;
        std::vector<Column> columns;
        for (const std::string& name : parents) {
            Table* parent = table_named(name);
            if (parent == nullptr) continue;
            inherit(*parent, done, depth + 1);
            for (const Column& column : parent->columns) {
                const bool there = std::ranges::any_of(columns, [&](const Column& c) { return c.name == column.name; });
                if (there) continue;
                const auto own = std::ranges::find(table.columns, column.name, &Column::name);
                Column inherited = own == table.columns.end() ? column : *own;
                inherited.inherited = own == table.columns.end() || own->inherited;
                if (own == table.columns.end()) {
                    inherited.identity.reset();
                    inherited.storage = column.storage->passed_on();
                    inherited.comment.clear();
                }
                columns.push_back(std::move(inherited));
            }
        }
        // A partition that gives its columns gives their order too.
        if (!table.partition_of.empty() && !table.columns.empty()) {
            for (Column& column : table.columns) column.inherited = true;
            for (const Column& column : columns) {
                if (std::ranges::find(table.columns, column.name, &Column::name) == table.columns.end())
                    table.columns.push_back(column);
            }
            return;
        }
        for (const Column& own : table.columns) {
            if (std::ranges::find(columns, own.name, &Column::name) == columns.end()) columns.push_back(own);
        }
        table.columns = std::move(columns);
    }

    void settle_parts(std::vector<KeyPart>& parts) const {
        for (KeyPart& part : parts) {
            if (!part.collate.empty() && part.collate->find('.') == std::string::npos) {
                const std::string name = part.collate->starts_with('"')
                                             ? token_name(part.collate, lex(part.collate, Dialect::postgres).front())
                                             : fold(part.collate);
                part.collate = server_collation(name, declared_);
            }
        }
    }

    void settle_keys(Table& table) const {
        if (table.primary_key) {
            for (const KeyPart& part : table.primary_key->columns) {
                const auto column = std::ranges::find(table.columns, part.column, &Column::name);
                if (column != table.columns.end()) column->nullable = false;
            }
        }
        for (Index& index : table.indexes) {
            settle_parts(index.columns);
            index.concurrently = false;
            if (index.method == "btree") index.method.clear();
        }
        for (Exclusion& exclusion : table.exclusions) {
            if (exclusion.definition.empty()) {
                settle_parts_of(exclusion);
                exclusion.definition = make_sql(exclusion_text(exclusion), Dialect::postgres);
            }
            exclusion.elements.clear();
            exclusion.method.clear();
            exclusion.where_clause = {};
            exclusion.deferrable = exclusion.initially_deferred = false;
        }
        for (ForeignKey& key : table.foreign_keys) {
            if (key.referenced_table.starts_with("public.")) key.referenced_table = key.referenced_table.substr(7);
        }
    }

    void settle_parts_of(Exclusion& exclusion) const {
        for (auto& [part, operation] : exclusion.elements) {
            std::vector<KeyPart> one{part};
            settle_parts(one);
            part = one[0];
        }
    }

    /// Keys and indexes of a partitioned table are its partitions' too; where a partition has one that does the same, that is
    /// it.
    void attach_parts(Table& table) {
        if (table.partition_of.empty() || !attached_.insert(table.full_name()).second) return;
        Table* const parent = table_named(table.partition_of);
        if (parent == nullptr) return;
        attach_parts(*parent);
        if (parent->primary_key) {
            if (!table.primary_key) {
                table.primary_key = parent->primary_key;
                table.primary_key->name = {.text = conventional_name(table.name, {}, "pkey"), .given = {false}};
                table.primary_key->comment.clear();
            }
            table.primary_key->attached_to = qualified(parent->schema, parent->primary_key->name.text);
            for (const KeyPart& part : table.primary_key->columns) {
                const auto column = std::ranges::find(table.columns, part.column, &Column::name);
                if (column != table.columns.end()) column->nullable = false;
            }
        }
        attach_each(*parent, table, parent->uniques, table.uniques, "key");
        attach_each(*parent, table, parent->indexes, table.indexes, "idx");
    }

    template <class T>
    static void attach_each(const Table& parent, const Table& table, const std::vector<T>& theirs, std::vector<T>& own,
                            std::string_view suffix) {
        std::vector<T> added;
        for (const T& thing : theirs) {
            const auto does_the_same = [&](const T& other) {
                T alike = other;
                alike.name = thing.name;
                alike.comment = thing.comment;
                alike.storage = thing.storage;
                alike.attached_to = thing.attached_to;
                if constexpr (requires { alike.tablespace; }) alike.tablespace = thing.tablespace;
                return other.attached_to.empty() && alike == thing;
            };
            const std::string name = qualified(parent.schema, thing.name.text);
            if (const auto found = std::ranges::find_if(own, does_the_same); found != own.end()) {
                found->attached_to = name;
                continue;
            }
            T derived = thing;
            std::vector<std::string> columns;
            for (const KeyPart& part : thing.columns) columns.push_back(part.column.empty() ? "expr" : part.column);
            derived.name = {.text = free_name(table, columns, suffix, own, added), .given = {false}};
            derived.comment.clear();
            derived.attached_to = name;
            added.push_back(std::move(derived));
        }
        std::ranges::move(added, std::back_inserter(own));
    }

    template <class T>
    static std::string free_name(const Table& table, const std::vector<std::string>& columns, std::string_view suffix,
                                 const std::vector<T>& own, const std::vector<T>& added) {
        std::string name = conventional_name(table.name, columns, suffix);
        const auto taken = [&](const std::vector<T>& things) {
            return std::ranges::any_of(things, [&](const T& thing) { return thing.name.text == name; });
        };
        for (int n = 1; taken(own) || taken(added); ++n)
            name = conventional_name(table.name, columns, std::string(suffix) + std::to_string(n));
        return name;
    }

    void settle_sequence(Sequence& sequence, const std::unordered_map<std::string, std::string>& columns) const {
        const std::string given = sequence.options.take("type").value_or("bigint");
        const std::string type = server_type(given, declared_);
        if (sequence.options.take("unlogged") == "true") sequence.options["unlogged"] = "true";
        sequence.options = sequence_options(type, std::move(sequence.options));
        sequence.options["type"] = type;
        auto owner = columns.find(sequence.owned_by);
        constexpr std::string_view kPublic = "public.";
        if (owner == columns.end() && sequence.owned_by.starts_with(kPublic))
            owner = columns.find(sequence.owned_by.substr(kPublic.size()));
        if (owner != columns.end()) sequence.owned_by = owner->second;
    }

    /// `public` is there unless the schema says otherwise; a schema that a name speaks of is there too.
    void schemas() {
        std::set<std::string> names(out_.schemas.begin(), out_.schemas.end());
        const bool no_public =
            std::ranges::any_of(declared_.schema_notes, [](const NamespaceNotes& note) { return note.absent; });
        if (!no_public) names.insert("public");
        const auto take = [&](const auto& things) {
            for (const auto& thing : things) {
                if (!thing.schema.empty()) names.insert(thing.schema);
            }
        };
        take(out_.tables);
        take(out_.enums);
        take(out_.domains);
        take(out_.composites);
        take(out_.ranges);
        take(out_.sequences);
        take(declared_.collations);
        take(declared_.views);
        take(declared_.functions);
        out_.schemas.assign(names.begin(), names.end());
    }

    /// Comments, owners and privileges have become Objects.
    void forget_notes() {
        const auto forget = [](auto& things) {
            for (auto& thing : things) {
                thing.comment.clear();
                if constexpr (requires { thing.rights; }) thing.rights = {};
            }
        };
        forget(out_.tables);
        forget(out_.enums);
        forget(out_.domains);
        forget(out_.composites);
        forget(out_.ranges);
        forget(out_.sequences);
        for (Domain& domain : out_.domains) forget(domain.checks);
        for (CompositeType& type : out_.composites) type.attribute_comments.clear();
        for (Table& table : out_.tables) {
            for (Column& column : table.columns) column.comment.clear();
            table.triggers.clear();
            table.rules.clear();
            table.policies.clear();
            table.statistics.clear();
            forget(table.uniques);
            forget(table.checks);
            forget(table.foreign_keys);
            forget(table.exclusions);
            forget(table.indexes);
            if (table.primary_key) table.primary_key->comment.clear();
        }
        out_.collations.clear();
        out_.functions.clear();
        out_.views.clear();
        out_.schema_notes.clear();
        out_.default_privileges.clear();
    }
};

}  // namespace

std::string serial_type(const std::string& type) {
    const std::string name = fold(type);
    if (name == "serial" || name == "serial4") return "integer";
    if (name == "bigserial" || name == "serial8") return "bigint";
    if (name == "smallserial" || name == "serial2") return "smallint";
    return "";
}

void settle(const Schema& declared, Schema& resolved) { Settling(declared, resolved).run(); }

}  // namespace tenon::postgres
