// Tables of a PostgreSQL database as a person would write them.
#include <algorithm>
#include <unordered_map>

#include "schemas/declare.h"
#include "schemas/declare_postgres.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// Tables by full_name().
class TableIndex {
public:
    explicit TableIndex(const Schema& schema) {
        for (const Table& table : schema.tables) tables_.emplace(table.full_name(), &table);
    }
    const Table* find(const std::string& name) const {
        const auto found = tables_.find(name);
        return found == tables_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string, const Table*> tables_;
};

const Column* column_named(const Table& table, const std::string& name) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    return found == table.columns.end() ? nullptr : &*found;
}

std::string conventional(const Table& table, const UniqueConstraint& unique) {
    return conventional_name(table.name, part_names(unique.columns), "key");
}
std::string conventional(const Table& table, const ForeignKey& key) {
    return conventional_name(table.name, key.columns, "fkey");
}
std::string conventional(const Table& table, const Index& index) {
    return conventional_name(table.name, part_names(index.columns), "idx");
}
std::string conventional(const Table& table, const PrimaryKey&) { return conventional_name(table.name, {}, "pkey"); }

template <class T>
bool has_conventional_name(const Table& table, const T& thing) {
    return thing.name.text == conventional(table, thing);
}

/// What a column has from the table above it, as resolve() passes it on.
Column passed_on(Column column) {
    column.identity.reset();
    column.storage = column.storage->passed_on();
    return column;
}

class TableDeclarer {
public:
    TableDeclarer(const Schema& inspected, Remarks& remarks, Schema& declared)
        : live_(inspected), remarks_(remarks), out_(declared), tables_(inspected) {}

    std::set<std::string> run() {
        for (const Table& live : live_.tables) {
            Table table = live;
            notes(table);
            for (Column& column : table.columns) declare_column(live, column);
            keys(table);
            leave_to_parents(live, table);
            if (!table.of_type.empty()) leave_to_type(table);
            table.partition_by = without_parentheses(table.partition_by);
            out_.tables.push_back(std::move(table));
        }
        for (std::size_t i = 0; i < out_.tables.size(); ++i) implied_by_key(live_.tables[i], out_.tables[i]);
        return std::move(serials_);
    }

private:
    const Schema& live_;
    Remarks& remarks_;
    Schema& out_;
    TableIndex tables_;  ///< as inspected
    std::set<std::string> serials_;

    void notes(Table& table) {
        const std::string id = table_id(table);
        table.comment = remarks_.comment(id);
        std::vector<std::string> columns;
        for (Column& column : table.columns) {
            columns.push_back(column_id(table, column.name));
            column.comment = remarks_.comment(columns.back());
        }
        if (auto grants = remarks_.grants(id, columns)) table.rights.edit().grants = std::move(grants);
        const auto constraints = [&](auto& things) {
            for (auto& thing : things) thing.comment = remarks_.comment(constraint_id(table, thing.name.text));
        };
        if (table.primary_key)
            table.primary_key->comment = remarks_.comment(constraint_id(table, table.primary_key->name.text));
        constraints(table.uniques);
        constraints(table.checks);
        constraints(table.foreign_keys);
        constraints(table.exclusions);
        for (Index& index : table.indexes) index.comment = remarks_.comment(index_id(table, index.name.text));
    }

    void declare_column(const Table& table, Column& column) {
        const std::string type = column.type.text;
        if (*column.not_null_name == conventional_name(table.name, {column.name}, "not_null") || !table.inherits.empty())
            column.not_null_name.clear();
        column.collate = collation_name(column.collate);
        if (column.generated) column.generated->expression = without_parentheses(column.generated->expression);
        if (column.identity) {
            column.identity->options = given_sequence_options(type, column.identity->options);
            if (column.identity->sequence == qualified(table.schema, conventional_name(table.name, {column.name}, "seq"))) {
                column.identity->sequence.clear();
            } else {
                const IdName name = name_of_id("SEQUENCE " + column.identity->sequence, "SEQUENCE ");
                column.identity->sequence = name.schema.empty() ? name.name : name.schema + "." + name.name;
            }
        }
        if (is_serial(table, column)) {
            column.type = make_sql(type == "integer"  ? "serial"
                                   : type == "bigint" ? "bigserial"
                                                      : "smallserial",
                                   Dialect::postgres);
            column.default_value.reset();
            return;
        }
        if (column.default_value) column.default_value = declared_default(live_, std::get<Sql>(*column.default_value), type);
        column.type = declared_type(live_, type);
    }

    /// As `serial` would have made it.
    bool is_serial(const Table& table, const Column& column) {
        const std::string& type = column.type.text;
        if ((type != "integer" && type != "bigint" && type != "smallint") || column.nullable || !column.default_value ||
            column.inherited || !table.partition_of.empty() || !table.of_type.empty())
            return false;
        const std::string name = conventional_name(table.name, {column.name}, "seq");
        const auto sequence = std::ranges::find_if(
            live_.sequences, [&](const Sequence& s) { return qualified(s.schema, s.name) == qualified(table.schema, name); });
        if (sequence == live_.sequences.end() || sequence->owned_by != qualified(table) + "." + quote(column.name))
            return false;
        auto options = sequence_options(type, {});
        options["type"] = type;
        const std::string full = qualified(table.schema, name);
        const bool plain = sequence->options == options && !remarks_.has("SEQUENCE " + full) &&
                           std::get<Sql>(*column.default_value) ==
                               make_sql("nextval(" + quote_literal(full) + "::regclass)", Dialect::postgres);
        if (plain) serials_.insert(full);
        return plain;
    }

    void keys(Table& table) {
        if (!table.primary_key) {
            table.no_primary_key = table.partition_of.empty() && table.of_type.empty();
        } else if (is_implicit_id(table)) {
            table.primary_key.reset();
            table.columns.erase(table.columns.begin());
        }
        for (Check& check : table.checks) check.expression = without_parentheses(check.expression);
        for (Exclusion& exclusion : table.exclusions) {
            if (parse_exclusion(exclusion.definition.text, exclusion)) {
                exclusion.definition = {};
                for (auto& [part, operation] : exclusion.elements) shorten(part);
                exclusion.where_clause = without_parentheses(exclusion.where_clause);
            } else {
                exclusion.elements.clear();
            }
        }
        std::erase_if(table.indexes, [](const Index& index) { return index.invalid; });
        for (Index& index : table.indexes) {
            for (KeyPart& part : index.columns) shorten(part);
            index.where_clause = without_parentheses(index.where_clause);
        }
    }

    static void shorten(KeyPart& part) {
        part.expression = without_parentheses(part.expression);
        if (part.collate->starts_with("pg_catalog.\"")) part.collate = part.collate->substr(11);
    }

    /// An `id` as Tenon would add it by itself.
    static bool is_implicit_id(const Table& table) {
        const PrimaryKey& key = *table.primary_key;
        Column plain;
        plain.name = "id";
        plain.type = make_sql("bigint", Dialect::postgres);
        plain.identity = Identity{};
        PrimaryKey plain_key;
        plain_key.columns.push_back({.column = "id"});
        plain_key.name = key.name;
        const auto about_id = [](const std::vector<KeyPart>& parts) { return parts.size() == 1 && parts[0].column == "id"; };
        const bool alone =
            std::ranges::none_of(table.uniques, [&](const UniqueConstraint& u) { return about_id(u.columns); }) &&
            std::ranges::none_of(table.indexes, [&](const Index& i) { return about_id(i.columns); }) &&
            std::ranges::none_of(table.foreign_keys,
                                 [](const ForeignKey& k) { return k.columns == std::vector<std::string>{"id"}; });
        return table.partition_of.empty() && table.of_type.empty() && table.inherits.empty() &&
               has_conventional_name(table, key) && key == plain_key && table.columns.front() == plain && alone;
    }

    /// What a partitioned table or a parent says is not said again.
    void leave_to_parents(const Table& live, Table& table) const {
        if (!live.partition_of.empty()) {
            const Table* parent = tables_.find(live.partition_of);
            if (parent == nullptr) return;
            const bool silent = std::ranges::all_of(table.columns, [](const Column& column) { return column.comment.empty(); });
            if (silent && same_columns(live, *parent)) table.columns.clear();
            for (Column& column : table.columns) column.inherited = false;
            return;
        }
        std::erase_if(table.columns, [&](const Column& column) {
            if (!column.inherited || !column.comment.empty()) return false;
            return std::ranges::any_of(live.inherits, [&](const std::string& name) {
                const Table* parent = tables_.find(name);
                const Column* theirs = parent == nullptr ? nullptr : column_named(*parent, column.name);
                if (theirs == nullptr) return false;
                Column alike = passed_on(*theirs);
                alike.inherited = true;
                return alike == *column_named(live, column.name);
            });
        });
    }

    /// Does a partition have its parent's columns, in their order?
    static bool same_columns(const Table& live, const Table& parent) {
        return std::ranges::equal(live.columns, parent.columns, [&](const Column& own, const Column& theirs) {
            Column alike = passed_on(theirs);
            alike.inherited = own.inherited;
            return own == alike;
        });
    }

    static void leave_to_type(Table& table) {
        std::erase_if(table.columns, [](const Column& column) {
            Column plain;
            plain.name = column.name;
            plain.type = column.type;
            plain.collate = column.collate;
            plain.nullable = true;
            return column == plain;
        });
    }

    /// A column whose type its foreign key tells needs none.
    void implied_by_key(const Table& live, Table& table) const {
        for (ForeignKey& key : table.foreign_keys) {
            key.unchecked = !leads_to_key(out_, key);
            const bool dotted = key.referenced_columns.size() == 1 && key.referenced_columns[0].find('.') == std::string::npos;
            const bool plain = key.columns.size() == 1 && dotted && has_conventional_name(live, key) && !key.unchecked &&
                               key.comment.empty() && !key.not_valid && key.set_columns.empty();
            const bool once =
                std::ranges::count_if(table.foreign_keys, [&](const ForeignKey& k) { return k.columns == key.columns; }) == 1;
            const Table* target = tables_.find(key.referenced_table);
            if (!plain || !once || target == nullptr || target == &live || !target->partition_of.empty()) continue;
            const Column* theirs = column_named(*target, key.referenced_columns[0]);
            const Column* mine = column_named(live, key.columns[0]);
            const auto own = std::ranges::find(table.columns, key.columns[0], &Column::name);
            if (theirs == nullptr || mine == nullptr || own == table.columns.end() || theirs->type != mine->type) continue;
            if (!own->type.text.ends_with("serial")) own->type = {};
        }
    }
};

/// Takes names away, looks at what resolve() gives instead, and puts those back that differ.
class NameTaker {
public:
    NameTaker(const Schema& inspected, Schema& declared) : out_(declared), tables_(inspected) {}

    void run() {
        for (const Table& table : out_.tables) named_.push_back(table);
        for (Table& table : out_.tables) {
            if (table.primary_key) forget(table, *table.primary_key);
            const auto all = [&](auto& things) {
                for (auto& thing : things) forget(table, thing);
            };
            all(table.uniques);
            all(table.foreign_keys);
            all(table.indexes);
            if (!table.partition_of.empty()) leave_parts(table);
            forget_attachment(table);
        }
        for (Table& table : named_) forget_attachment(table);
        constexpr int kRounds = 4;
        for (int round = 0; round < kRounds; ++round) {
            if (right()) return;
        }
    }

private:
    Schema& out_;
    TableIndex tables_;         ///< as inspected
    std::vector<Table> named_;  ///< as they were

    template <class T>
    static void forget(const Table& table, T& thing) {
        if (has_conventional_name(table, thing)) thing.name = {.text = {}, .given = {false}};
    }

    /// Which part of the parent does the same is found again by resolve().
    static void forget_attachment(Table& table) {
        for (UniqueConstraint& unique : table.uniques) unique.attached_to.clear();
        for (Index& index : table.indexes) index.attached_to.clear();
        if (table.primary_key) table.primary_key->attached_to.clear();
    }

    /// Parts that a partition has from its parent, under the name that it would have anyway.
    void leave_parts(Table& table) const {
        const Table* parent = tables_.find(table.partition_of);
        if (parent == nullptr) return;
        const auto leave = [](auto& things) {
            std::erase_if(things, [](const auto& thing) {
                return !thing.attached_to.empty() && thing.name.text.empty() && thing.comment.empty() && thing.storage.empty();
            });
        };
        leave(table.uniques);
        leave(table.indexes);
        const auto& key = table.primary_key;
        if (key && parent->primary_key && key->name.text.empty() && key->comment.empty() && key->storage.empty())
            table.primary_key.reset();
    }

    static std::vector<std::string> names(const Table& table) {
        std::vector<std::string> out;
        if (table.primary_key) out.push_back(table.primary_key->name.text);
        for (const UniqueConstraint& unique : table.uniques) out.push_back(unique.name.text);
        for (const ForeignKey& key : table.foreign_keys) out.push_back(key.name.text);
        for (const Index& index : table.indexes) {
            if (!index.invalid) out.push_back(index.name.text);
        }
        std::ranges::sort(out);
        return out;
    }

    bool right() {
        const Schema back = resolve(out_, Dialect::postgres);
        bool all_right = true;
        for (std::size_t i = 0; i < out_.tables.size(); ++i) {
            const Table* live = tables_.find(out_.tables[i].full_name());
            if (live == nullptr || names(back.tables[i]) == names(*live)) continue;
            Table& table = out_.tables[i];
            if (table.primary_key || named_[i].primary_key) table.primary_key = named_[i].primary_key;
            table.uniques = named_[i].uniques;
            table.foreign_keys = named_[i].foreign_keys;
            table.indexes = named_[i].indexes;
            all_right = false;
        }
        return all_right;
    }
};

}  // namespace

std::set<std::string> declare_tables(const Schema& inspected, Remarks& remarks, Schema& declared) {
    return TableDeclarer(inspected, remarks, declared).run();
}

void leave_out_names(const Schema& inspected, Schema& declared) { NameTaker(inspected, declared).run(); }

}  // namespace tenon::postgres
