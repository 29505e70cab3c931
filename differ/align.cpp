// Making the target comparable with what is live: spelling of names, names nobody gave, kinds nobody speaks about.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "differ/align_names.h"
#include "differ/align_postgres.h"
#include "differ/diff.h"
#include "differ/pattern.h"
#include "schemas/sql_tokens.h"
#include "schemas/table_lookup.h"
#include "schemas/type.h"

namespace tenon {
namespace {

/// From's spelling of each name, by its folded form.
class Spelling {
public:
    void add(const std::string& name) { by_fold_[fold(name)] = name; }
    void apply(std::string& name) const {
        if (const auto found = by_fold_.find(fold(name)); found != by_fold_.end()) name = found->second;
    }

private:
    std::map<std::string, std::string> by_fold_;
};

Spelling columns_of(const Table& table) {
    Spelling spelling;
    for (const Column& column : table.columns) spelling.add(column.name);
    return spelling;
}

void respell(std::vector<KeyPart>& parts, const Spelling& columns) {
    for (KeyPart& part : parts) columns.apply(part.column);
}

/// Gives the things of `to` the spelling of the things of `from` that have the same name but for its case.
template <class T, class Name>
void respell_names(std::vector<T>& to, const std::vector<T>& from, Name name) {
    Spelling spelling;
    for (const T& thing : from) spelling.add(std::invoke(name, thing));
    for (T& thing : to) spelling.apply(std::invoke(name, thing));
}

void respell_table(Table& table, const TableLookup& from, const Spelling& tables) {
    const Table* live = from.find(table.full_name());
    const Spelling own = live == nullptr ? Spelling{} : columns_of(*live);
    for (Column& column : table.columns) own.apply(column.name);
    if (table.primary_key) respell(table.primary_key->columns, own);
    for (UniqueConstraint& unique : table.uniques) respell(unique.columns, own);
    for (Index& index : table.indexes) respell(index.columns, own);
    for (ForeignKey& key : table.foreign_keys) {
        std::ranges::for_each(key.columns, [&](std::string& name) { own.apply(name); });
        tables.apply(key.referenced_table);
        if (const Table* target = from.find(key.referenced_table)) {
            const Spelling theirs = columns_of(*target);
            std::ranges::for_each(key.referenced_columns, [&](std::string& name) { theirs.apply(name); });
        }
    }
    if (live == nullptr) return;
    respell_names(
        table.indexes, live->indexes, [](auto& index) -> auto& { return index.name.text; });
    respell_names(table.triggers, live->triggers, &Trigger::name);
    const auto constraint_name = [](auto& constraint) -> auto& { return constraint.name.text; };
    respell_names(table.uniques, live->uniques, constraint_name);
    respell_names(table.checks, live->checks, constraint_name);
    respell_names(table.foreign_keys, live->foreign_keys, constraint_name);
}

void respell_schema(const Schema& from, Schema& to) {
    respell_names(to.tables, from.tables, &Table::name);
    respell_names(to.views, from.views, &View::name);
    const TableLookup live(from);
    Spelling names;
    for (const Table& table : from.tables) names.add(table.name);
    for (Table& table : to.tables) respell_table(table, live, names);
}

/// What SQLite lets one say without effect, for it goes without saying: ON CONFLICT ABORT, and INITIALLY DEFERRED of a foreign
/// key that is not deferrable.
std::string effective(const std::string& conflict) { return conflict == "ABORT" ? "" : conflict; }
template <class T>
void drop_idle_words(T& constraint) {
    constraint.conflict = effective(constraint.conflict);
}
void drop_idle_words(ForeignKey& key) { key.initially_deferred = key.initially_deferred && key.deferrable; }

template <class T>
void take_idle_words(T& constraint, const T& other) {
    constraint.conflict = other.conflict;
}
void take_idle_words(ForeignKey& key, const ForeignKey& other) { key.initially_deferred = other.initially_deferred; }

/// Idle words are the live table's affair: each constraint that is the same without them takes them over.
template <class T>
void adopt_idle_words(std::vector<T>& to, const std::vector<T>& live) {
    for (T& constraint : to) {
        drop_idle_words(constraint);
        for (const T& other : live) {
            T plain = other;
            drop_idle_words(plain);
            if (!constraint.name.given.value) plain.name = constraint.name;
            if (!(plain == constraint)) continue;
            take_idle_words(constraint, other);
            break;
        }
    }
}

/// A declared `unique` is kept by a full unique index over the same columns as well as by a constraint.
void adopt_unique_indexes(Table& to, const Table& live) {
    std::erase_if(to.uniques, [&](const UniqueConstraint& unique) {
        const bool kept = std::ranges::find(live.uniques, unique) != live.uniques.end();
        if (kept || unique.name.given.value || !unique.conflict.empty()) return false;
        const auto index = std::ranges::find_if(live.indexes, [&](const Index& other) {
            return other.unique && other.where_clause.empty() && other.columns == unique.columns;
        });
        if (index == live.indexes.end()) return false;
        const bool declared =
            std::ranges::any_of(to.indexes, [&](const Index& other) { return same_name(other.name.text, index->name.text); });
        if (!declared) to.indexes.push_back(*index);
        return true;
    });
}

bool integer_key(const Table& table) {
    if (!table.primary_key || table.primary_key->columns.size() != 1) return false;
    const Column* column = find_column(table, table.primary_key->columns[0].column);
    return column != nullptr && affinity_of(column->type.text) == Affinity::integer;
}

/// True for a column of the key that the schema declares as nullable.
bool says_nullable(const Table& table, const Column& column) { return column.nullable && !table.primary_key->row_id; }

/// An `id` that nobody declared takes the live integer key as it is written, and so does a declared single integer key.
void adopt_key(Table& to, const Table& live) {
    if (!to.primary_key || !live.primary_key) return;
    if (!to.primary_key->name.given.value) to.primary_key->name.text = live.primary_key->name.text;
    drop_idle_words(*to.primary_key);
    if (effective(live.primary_key->conflict) == *to.primary_key->conflict)
        to.primary_key->conflict = live.primary_key->conflict;
    if (!integer_key(to) || !integer_key(live)) return;
    const std::string name = to.primary_key->columns[0].column;
    if (!same_name(name, live.primary_key->columns[0].column)) return;
    const auto column = std::ranges::find_if(to.columns, [&](const Column& c) { return same_name(c.name, name); });
    if (says_nullable(to, *column)) return;
    const bool wants_mark = to.primary_key->autoincrement && !live.primary_key->autoincrement;
    const PrimaryKey declared = *to.primary_key;
    const Aside<Placement> place = column->placement;
    *column = *find_column(live, name);
    column->placement = place;
    if (!wants_mark) to.primary_key = live.primary_key;
    to.primary_key->implicit = declared.implicit;
    to.primary_key->placement = declared.placement;
}

/// Whether a key's columns say NOT NULL is the live table's affair, unless the schema says that they may be null.
void adopt_key_nulls(Table& to, const Table& live) {
    if (!to.primary_key) return;
    for (const KeyPart& part : to.primary_key->columns) {
        const Column* theirs = find_column(live, part.column);
        const auto ours = std::ranges::find_if(to.columns, [&](const Column& c) { return same_name(c.name, part.column); });
        if (theirs == nullptr || ours == to.columns.end()) continue;
        if (says_nullable(to, *ours)) continue;
        ours->nullable = theirs->nullable;
        if (ours->not_null_name.empty() || ours->nullable) ours->not_null_name = theirs->not_null_name;
        ours->not_null_conflict = theirs->not_null_conflict;
    }
}

/// Tables that belong to someone else, or to another tool.
void keep_ignored(const Schema& from, Schema& to, const Intents& intents) {
    std::vector<Table> kept;
    const TableLookup declared(to);
    std::ranges::copy_if(from.tables, std::back_inserter(kept), [&](const Table& table) {
        return declared.find(table.full_name()) == nullptr && left_alone(table.full_name(), intents.ignored);
    });
    std::ranges::move(kept, std::back_inserter(to.tables));
}

void align_declared(const Schema& from, Schema& to, const Intents& intents) {
    const TableLookup live_tables(from);
    for (Table& table : to.tables) {
        const Table* live = live_tables.find(table.full_name());
        if (live == nullptr) continue;
        table.stored = {};  // what was written for the declared table need not say what this one becomes
        adopt_key(table, *live);
        adopt_key_nulls(table, *live);
        adopt_idle_words(table.uniques, live->uniques);
        adopt_idle_words(table.checks, live->checks);
        adopt_idle_words(table.foreign_keys, live->foreign_keys);
        adopt_names(table.uniques, live->uniques);
        adopt_names(table.checks, live->checks);
        adopt_names(table.foreign_keys, live->foreign_keys);
        adopt_names(table.indexes, live->indexes);
        adopt_unique_indexes(table, *live);
        if (!intents.mentioned.triggers) table.triggers = live->triggers;
        for (Column& column : table.columns) {
            const Column* theirs = find_column(*live, column.name);
            if (theirs == nullptr || column.nullable || theirs->nullable) continue;
            if (column.not_null_name.empty()) column.not_null_name = theirs->not_null_name;
            if (*column.not_null_conflict == effective(theirs->not_null_conflict))
                column.not_null_conflict = theirs->not_null_conflict;
        }
    }
    if (!intents.mentioned.views) {
        to.views = from.views;
    } else if (!intents.mentioned.triggers) {
        for (View& view : to.views) {
            const auto live =
                std::ranges::find_if(from.views, [&](const View& v) { return same_name(v.full_name(), view.full_name()); });
            view.triggers = live == from.views.end() ? std::vector<Trigger>{} : live->triggers;
        }
    }
    keep_ignored(from, to, intents);
}

/// `REFERENCES p` follows p's primary key.  Where that becomes another one, a key that stays as it was must name its columns.
void name_targets(const Schema& from, Schema& to) {
    const TableLookup live_tables(from);
    const TableLookup tables(to);
    const auto key_columns = [](const Table* table) {
        std::vector<std::string> names;
        if (table == nullptr || !table->primary_key) return names;
        for (const KeyPart& part : table->primary_key->columns) names.push_back(part.column);
        return names;
    };
    for (Table& table : to.tables) {
        const Table* live = live_tables.find(table.full_name());
        if (live == nullptr) continue;
        for (ForeignKey& key : table.foreign_keys) {
            const bool follows = std::ranges::any_of(
                live->foreign_keys, [&](const ForeignKey& other) { return other.implicit.value && other == key; });
            if (!follows) continue;
            const std::vector<std::string> before = key_columns(live_tables.find(key.referenced_table));
            key.names_columns = !before.empty() && before != key_columns(tables.find(key.referenced_table));
        }
    }
}

}  // namespace

Schema align(const Schema& from, const Schema& to, const Intents& intents) {
    Schema aligned = to;
    if (from.dialect == Dialect::sqlite) respell_schema(from, aligned);
    if (intents.declared) {
        aligned.unmanaged = from.unmanaged;
        if (from.dialect == Dialect::postgres) {
            postgres::adopt_live_names(from, aligned);
            keep_ignored(from, aligned, intents);
            postgres::keep_unmentioned(from, aligned, intents);
        } else {
            align_declared(from, aligned, intents);
        }
    }
    if (from.dialect == Dialect::sqlite) name_targets(from, aligned);
    if (from.dialect == Dialect::postgres) {
        postgres::forget_owners_grants(from, aligned);
        postgres::settle_not_null_names(from, aligned);
    }
    return aligned;
}

}  // namespace tenon
