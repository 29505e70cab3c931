// Making the target comparable with what is live: spelling of names, names nobody gave, kinds nobody speaks about.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "differ/diff.h"
#include "differ/pattern.h"
#include "differ/table_lookup.h"
#include "schemas/sql_tokens.h"
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

/// One name of `to` whose counterpart in `from` is known.
void respell_name(std::string& name, const std::string& live) {
    if (same_name(name, live)) name = live;
}

void respell_table(Table& table, const Table* live, const TableLookup& tables) {
    const Spelling own = live == nullptr ? Spelling{} : columns_of(*live);
    for (Column& column : table.columns) own.apply(column.name);
    if (table.primary_key) respell(table.primary_key->columns, own);
    for (UniqueConstraint& unique : table.uniques) respell(unique.columns, own);
    for (Index& index : table.indexes) respell(index.columns, own);
    for (ForeignKey& key : table.foreign_keys) {
        std::ranges::for_each(key.columns, [&](std::string& name) { own.apply(name); });
        if (const Table* target = tables.find(key.referenced_table)) {
            key.referenced_table = target->full_name();
            const Spelling theirs = columns_of(*target);
            std::ranges::for_each(key.referenced_columns, [&](std::string& name) { theirs.apply(name); });
        }
    }
    if (live == nullptr) return;
    for (Column& column : table.columns) {
        if (const Column* theirs = find_column(*live, column.name)) respell_name(column.not_null_name, theirs->not_null_name);
    }
    if (table.primary_key && live->primary_key) respell_name(table.primary_key->name.text, live->primary_key->name.text);
    respell_names(table.triggers, live->triggers, &Trigger::name);
    const auto given_name = [](auto& thing) -> auto& { return thing.name.text; };
    respell_names(table.uniques, live->uniques, given_name);
    respell_names(table.checks, live->checks, given_name);
    respell_names(table.foreign_keys, live->foreign_keys, given_name);
    respell_names(table.indexes, live->indexes, given_name);
}

const View* find_view(const Schema& schema, const View& like) {
    const auto found = std::ranges::find_if(schema.views, [&](const View& view) { return same_name(view.full_name(), like.full_name()); });
    return found == schema.views.end() ? nullptr : &*found;
}

void respell_schema(const Schema& from, const TableLookup& tables, Schema& to) {
    respell_names(to.tables, from.tables, &Table::name);
    respell_names(to.views, from.views, &View::name);
    respell_names(to.unmanaged, from.unmanaged, &Unmanaged::name);
    for (Table& table : to.tables) respell_table(table, tables.find(table.full_name()), tables);
    for (View& view : to.views) {
        const View* live = view.triggers.empty() ? nullptr : find_view(from, view);
        if (live != nullptr) respell_names(view.triggers, live->triggers, &Trigger::name);
    }
}

/// Each constraint of `to` whose name nobody gave takes the name of a live one that does the same.
template <class T>
void adopt_names(std::vector<T>& to, const std::vector<T>& live) {
    std::vector<const T*> free;
    for (const T& constraint : live) {
        const bool taken = std::ranges::any_of(to, [&](const T& other) {
            return other.name.given.value && !other.name.text.empty() && same_name(other.name.text, constraint.name.text);
        });
        if (!taken) free.push_back(&constraint);
    }
    for (T& constraint : to) {
        if (constraint.name.given.value) continue;
        // The live one of the same name first, so that nothing is renamed for nothing.
        const auto same = [&](const T* other) {
            T renamed = constraint;
            renamed.name = other->name;
            return renamed == *other;
        };
        auto found = std::ranges::find_if(
            free, [&](const T* other) { return same_name(other->name.text, constraint.name.text) && same(other); });
        if (found == free.end()) found = std::ranges::find_if(free, same);
        if (found == free.end()) continue;
        constraint.name.text = (*found)->name.text;
        free.erase(found);
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

/// An `id` that nobody declared takes the live integer key as it is written.  A declared single integer key takes its type: on
/// SQLite all of them hold the same numbers.
void adopt_key(Table& to, const Table& live) {
    if (!to.primary_key || !live.primary_key) return;
    if (!to.primary_key->name.given.value) to.primary_key->name.text = live.primary_key->name.text;
    if (!integer_key(to) || !integer_key(live)) return;
    const std::string& name = live.primary_key->columns[0].column;
    if (!same_name(to.primary_key->columns[0].column, name)) return;
    const auto column = std::ranges::find_if(to.columns, [&](const Column& c) { return same_name(c.name, name); });
    const PrimaryKey declared = *to.primary_key;
    Column adopted = *find_column(live, name);
    if (!declared.implicit.value) {
        // What else a person said about the column still counts.
        adopted.default_value = column->default_value;
        adopted.generated = column->generated;
        adopted.collate = column->collate;
    }
    *column = std::move(adopted);
    if (declared.autoincrement && !live.primary_key->autoincrement) return;
    to.primary_key = live.primary_key;
    to.primary_key->implicit = declared.implicit;
    if (!declared.implicit.value) to.primary_key->conflict = declared.conflict;
}

/// Whether a key's columns say NOT NULL is the live table's affair.
void adopt_key_nulls(Table& to, const Table& live) {
    if (!to.primary_key) return;
    for (const KeyPart& part : to.primary_key->columns) {
        const Column* theirs = find_column(live, part.column);
        const auto ours = std::ranges::find_if(to.columns, [&](const Column& c) { return same_name(c.name, part.column); });
        if (theirs == nullptr || ours == to.columns.end()) continue;
        ours->nullable = theirs->nullable;
        ours->not_null_name = theirs->not_null_name;
        ours->not_null_conflict = theirs->not_null_conflict;
    }
}

void align_table(Table& table, const Table& live, const Mentioned& mentioned) {
    adopt_key(table, live);
    adopt_key_nulls(table, live);
    adopt_names(table.uniques, live.uniques);
    adopt_names(table.checks, live.checks);
    adopt_names(table.foreign_keys, live.foreign_keys);
    adopt_names(table.exclusions, live.exclusions);
    adopt_names(table.indexes, live.indexes);
    adopt_unique_indexes(table, live);
    if (!mentioned.triggers) table.triggers = live.triggers;
    // The name of a NOT NULL cannot be declared.
    for (Column& column : table.columns) {
        const Column* theirs = find_column(live, column.name);
        if (theirs != nullptr && !column.nullable && !theirs->nullable) column.not_null_name = theirs->not_null_name;
    }
}

/// Kinds that the schema does not speak about stay as they are.
void keep_unmentioned(const Schema& from, Schema& to, const Mentioned& mentioned) {
    const auto keep = [&](bool spoken_of, auto member) {
        if (!spoken_of) to.*member = from.*member;
    };
    keep(mentioned.views, &Schema::views);
    keep(mentioned.functions, &Schema::functions);
    keep(mentioned.enums, &Schema::enums);
    keep(mentioned.domains, &Schema::domains);
    keep(mentioned.composites, &Schema::composites);
    keep(mentioned.ranges, &Schema::ranges);
    keep(mentioned.sequences, &Schema::sequences);
    keep(mentioned.collations, &Schema::collations);
    keep(mentioned.extensions, &Schema::extensions);
    keep(mentioned.schemas, &Schema::schemas);
    if (mentioned.triggers) return;
    for (View& view : to.views) {
        const auto live =
            std::ranges::find_if(from.views, [&](const View& other) { return same_name(other.full_name(), view.full_name()); });
        if (live != from.views.end()) view.triggers = live->triggers;
    }
}

void align_declared(const Schema& from, const TableLookup& tables, Schema& to, const Intents& intents) {
    for (Table& table : to.tables) {
        if (const Table* live = tables.find(table.full_name())) align_table(table, *live, intents.mentioned);
    }
    keep_unmentioned(from, to, intents.mentioned);
    to.unmanaged = from.unmanaged;
    std::vector<Table> kept;
    const TableLookup wanted(to);
    for (const Table& live : from.tables) {
        if (wanted.find(live.full_name()) == nullptr && left_alone(live.full_name(), intents.ignored)) kept.push_back(live);
    }
    std::ranges::move(kept, std::back_inserter(to.tables));
}

}  // namespace

Schema align(const Schema& from, const Schema& to, const Intents& intents) {
    Schema aligned = to;
    const TableLookup tables(from);
    if (from.dialect == Dialect::sqlite) respell_schema(from, tables, aligned);
    if (intents.declared) align_declared(from, tables, aligned, intents);
    return aligned;
}

}  // namespace tenon
