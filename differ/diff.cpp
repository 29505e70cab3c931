// The differ: two aligned schemas, one list of changes.
#include "differ/diff.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "differ/align_postgres.h"
#include "differ/pattern.h"
#include "schemas/sql_tokens.h"
#include "schemas/table_lookup.h"

namespace tenon {
namespace {

/// Pairs the things of two lists, in several rounds from the strictest to the loosest; each is tried over all that is left.
template <class T>
class Pairing {
public:
    Pairing(const std::vector<T>& from, const std::vector<T>& to)
        : from_(from), to_(to), taken_(from.size(), false), partner_(to.size(), nullptr) {}

    /// Pairs what has the same key, in order.
    template <class Key>
    void by_key(Key key) {
        std::unordered_map<std::string, std::vector<std::size_t>> places;
        for (std::size_t i = from_.size(); i > 0; --i) {
            if (!taken_[i - 1]) places[key(from_[i - 1])].push_back(i - 1);
        }
        for (std::size_t i = 0; i < to_.size(); ++i) {
            if (partner_[i] != nullptr) continue;
            const auto found = places.find(key(to_[i]));
            if (found == places.end() || found->second.empty()) continue;
            take(found->second.back(), i);
            found->second.pop_back();
        }
    }

    /// Pairs what `same` says is the same.  For short lists: each is compared with each.
    template <class Same>
    void by_likeness(Same same) {
        for (std::size_t i = 0; i < to_.size(); ++i) {
            for (std::size_t j = 0; j < from_.size() && partner_[i] == nullptr; ++j) {
                if (!taken_[j] && same(from_[j], to_[i])) take(j, i);
            }
        }
    }

    /// What is left as changes: drops first, then changes and additions in the order of `to`.
    void report(const std::string& table, std::vector<Change>& changes) const {
        for (std::size_t i = 0; i < from_.size(); ++i) {
            if (!taken_[i]) changes.push_back(Delta<T>{table, from_[i], std::nullopt});
        }
        for (std::size_t i = 0; i < to_.size(); ++i) {
            if (partner_[i] == nullptr) {
                changes.push_back(Delta<T>{table, std::nullopt, to_[i]});
            } else if (!(*partner_[i] == to_[i])) {
                changes.push_back(Delta<T>{table, *partner_[i], to_[i]});
            }
        }
    }

private:
    const std::vector<T>& from_;
    const std::vector<T>& to_;
    std::vector<bool> taken_;
    std::vector<const T*> partner_;

    void take(std::size_t from, std::size_t to) {
        taken_[from] = true;
        partner_[to] = &from_[from];
    }
};

/// Things that are known by a name of their own.
template <class T, class Name>
void diff_named(Dialect dialect, const std::string& table, const std::vector<T>& from, const std::vector<T>& to, Name name,
                std::vector<Change>& changes) {
    Pairing<T> pairing(from, to);
    pairing.by_key([&](const T& thing) { return name_key(std::invoke(name, thing), dialect); });
    pairing.report(table, changes);
}

bool same_subject(const UniqueConstraint& a, const UniqueConstraint& b) { return a.columns == b.columns; }
bool same_subject(const Check& a, const Check& b) { return a.expression == b.expression; }
bool same_subject(const ForeignKey& a, const ForeignKey& b) {
    return a.columns == b.columns && a.referenced_table == b.referenced_table;
}
bool same_subject(const Exclusion& a, const Exclusion& b) { return a.elements == b.elements; }

/// Constraints are the same when they are equal, else when they have a name in common, else when they are about the same.
template <class T>
void diff_constraints(Dialect dialect, const std::string& table, const std::vector<T>& from, const std::vector<T>& to,
                      std::vector<Change>& changes) {
    Pairing<T> pairing(from, to);
    pairing.by_likeness([](const T& a, const T& b) { return a == b; });
    pairing.by_likeness([&](const T& a, const T& b) {
        return !a.name.text.empty() && name_key(a.name.text, dialect) == name_key(b.name.text, dialect);
    });
    pairing.by_likeness([](const T& a, const T& b) { return same_subject(a, b); });
    pairing.report(table, changes);
}

TableOptions options_of(Dialect dialect, const Table& table, const Table& other, bool column_order) {
    TableOptions options{.comment = table.comment,
                         .strict = table.strict,
                         .without_rowid = table.without_rowid,
                         .column_order = {},
                         .unlogged = table.unlogged,
                         .storage = table.storage,
                         .partition_by = table.partition_by,
                         .inherits = table.inherits,
                         .row_security = table.row_security,
                         .replica_identity = table.replica_identity,
                         .partition_of = table.partition_of,
                         .partition_bound = table.partition_bound,
                         .of_type = table.of_type,
                         .access_method = table.access_method,
                         .tablespace = table.tablespace,
                         .cluster_on = table.cluster_on};
    if (column_order) {
        for (const Column& column : table.columns) {
            if (find_column(other, column.name, dialect) != nullptr)
                options.column_order.push_back(name_key(column.name, dialect));
        }
    }
    return options;
}

void diff_table(Dialect dialect, const Table& from, const Table& to, bool column_order, std::vector<Change>& changes) {
    const std::string name = to.full_name();
    const TableOptions from_options = options_of(dialect, from, to, column_order);
    const TableOptions to_options = options_of(dialect, to, from, column_order);
    if (from_options != to_options) changes.push_back(Delta<TableOptions>{name, from_options, to_options});
    diff_named(dialect, name, from.columns, to.columns, &Column::name, changes);
    if (from.primary_key != to.primary_key) changes.push_back(Delta<PrimaryKey>{name, from.primary_key, to.primary_key});
    diff_constraints(dialect, name, from.uniques, to.uniques, changes);
    diff_constraints(dialect, name, from.checks, to.checks, changes);
    diff_constraints(dialect, name, from.foreign_keys, to.foreign_keys, changes);
    diff_constraints(dialect, name, from.exclusions, to.exclusions, changes);
    diff_named(
        dialect, name, from.indexes, to.indexes, [](const Index& index) { return index.name.text; }, changes);
    diff_named(dialect, name, from.triggers, to.triggers, &Trigger::name, changes);
}

std::string full_name_of(const auto& thing) {
    return tenon::full_name_of(schema_of_table(thing.schema, thing.name), thing.name);
}

void diff_types(Dialect dialect, const Schema& from, const Schema& to, std::vector<Change>& changes) {
    const auto full = [](const auto& thing) { return full_name_of(thing); };
    const auto self = [](const std::string& name) { return name; };
    diff_named(dialect, "", from.schemas, to.schemas, self, changes);
    diff_named(dialect, "", from.extensions, to.extensions, &Extension::name, changes);
    diff_named(dialect, "", from.collations, to.collations, full, changes);
    diff_named(dialect, "", from.enums, to.enums, full, changes);
    diff_named(dialect, "", from.domains, to.domains, full, changes);
    diff_named(dialect, "", from.composites, to.composites, full, changes);
    diff_named(dialect, "", from.ranges, to.ranges, full, changes);
    diff_named(dialect, "", from.sequences, to.sequences, full, changes);
    diff_named(dialect, "", from.functions, to.functions, full, changes);
    diff_named(dialect, "", from.objects, to.objects, &Object::id, changes);
}

void diff_views(Dialect dialect, const Schema& from, const Schema& to, std::vector<Change>& changes) {
    // A view's triggers are changes of their own, so that a new one does not remake the view.
    const auto bare = [](std::vector<View> views) {
        for (View& view : views) view.triggers.clear();
        return views;
    };
    const std::vector<View> from_views = bare(from.views);
    const std::vector<View> to_views = bare(to.views);
    diff_named(
        dialect, "", from_views, to_views, [](const View& view) { return view.full_name(); }, changes);
    std::unordered_map<std::string, const View*> live;
    for (const View& view : from.views) live.try_emplace(name_key(view.full_name(), dialect), &view);
    for (const View& view : to.views) {
        const auto found = live.find(name_key(view.full_name(), dialect));
        diff_named(dialect, view.full_name(), found == live.end() ? std::vector<Trigger>{} : found->second->triggers,
                   view.triggers, &Trigger::name, changes);
    }
}

/// Shadow tables follow their virtual table.
std::vector<Unmanaged> without_shadows(std::vector<Unmanaged> objects) {
    std::erase_if(objects, [](const Unmanaged& object) { return object.kind == "shadow table"; });
    return objects;
}

/// What is left alone, to be named.
std::vector<Unmanaged> left_alone_in(const Schema& from, const TableLookup& to, const Intents& intents) {
    std::vector<Unmanaged> named = without_shadows(from.unmanaged);
    if (!intents.declared) return named;
    for (const Table& table : from.tables) {
        if (to.find(table.full_name()) == nullptr && left_alone(table.full_name(), intents.ignored)) {
            named.push_back({"table", table.full_name(), {}});
        }
        if (intents.mentioned.triggers) continue;
        for (const Trigger& trigger : table.triggers) named.push_back({"trigger", trigger.name, trigger.definition});
    }
    for (const View& view : from.views) {
        if (!intents.mentioned.views) named.push_back({"view", view.full_name(), view.definition});
        if (intents.mentioned.triggers) continue;
        for (const Trigger& trigger : view.triggers) named.push_back({"trigger", trigger.name, trigger.definition});
    }
    return named;
}

/// True where the two are equal as they stand, so that there is nothing to align.
bool alike(Dialect dialect, const Schema& from, const Schema& to) {
    const TableLookup live(from);
    const bool tables = from.tables.size() == to.tables.size() && std::ranges::all_of(to.tables, [&](const Table& table) {
                            const Table* found = live.find(table.full_name());
                            return found != nullptr && *found == table;
                        });
    if (!tables || from.views != to.views) return false;
    std::vector<Change> types;
    diff_types(dialect, from, to, types);
    return types.empty();
}

}  // namespace

Changes diff(const Schema& from, const Schema& to, const Intents& intents) {
    Changes changes = compare(from, to, intents);
    changes.from = from;
    if (changes.empty()) changes.to = align(from, to, intents);
    return changes;
}

Changes compare(const Schema& from, const Schema& to, const Intents& intents) {
    const Dialect dialect = from.dialect.value_or(Dialect::sqlite);
    Changes changes{
        .from = {}, .to = {}, .list = {}, .questions = {}, .unmanaged = left_alone_in(from, TableLookup(to), intents)};
    if (intents.declared && !intents.column_order && alike(dialect, from, to)) return changes;
    changes.to = align(from, to, intents);
    std::vector<Change>& list = changes.list;
    const Schema& target = changes.to;
    if (intents.declared && from.dialect == Dialect::postgres)
        std::ranges::move(postgres::kept_objects(from, to, target), std::back_inserter(changes.unmanaged));
    const TableLookup live_tables(from);
    const TableLookup target_tables(target);
    diff_types(dialect, from, target, list);
    for (const Table& table : target.tables) {
        const Table* live = live_tables.find(table.full_name());
        if (live == nullptr) {
            list.push_back(Delta<Table>{"", std::nullopt, table});
        } else if (!(*live == table) || intents.column_order) {
            diff_table(dialect, *live, table, intents.column_order, list);
        }
    }
    diff_views(dialect, from, target, list);
    if (!intents.declared) {
        const std::vector<Unmanaged> have = without_shadows(from.unmanaged);
        const std::vector<Unmanaged> want = without_shadows(target.unmanaged);
        diff_named(dialect, "", have, want, &Unmanaged::name, list);
    }
    for (const Table& table : from.tables) {
        if (target_tables.find(table.full_name()) == nullptr) list.push_back(Delta<Table>{"", table, std::nullopt});
    }
    if (!list.empty()) changes.questions = likely_renames(from, target);
    return changes;
}

}  // namespace tenon
