// The differ: two aligned schemas, one list of changes.
#include "differ/diff.h"

#include <algorithm>
#include <functional>
#include <map>

#include "differ/pattern.h"
#include "differ/table_lookup.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// Pairs the things of two lists.  Each rule, called from the strictest to the loosest, is tried over all that is left.
template <class T>
class Pairing {
public:
    Pairing(const std::vector<T>& from, const std::vector<T>& to)
        : from_(from), to_(to), taken_(from.size()), partner_(to.size()) {}

    template <class Same>
    void pair(Same same) {
        for (std::size_t i = 0; i < to_.size(); ++i) {
            for (std::size_t j = 0; j < from_.size() && !partner_[i]; ++j) {
                if (!taken_[j] && same(from_[j], to_[i])) join(j, i);
            }
        }
    }

    /// Pairs by name, case aside.  Not by comparing each with each: there may be ten thousand views.
    template <class Name>
    void pair_by_name(Name name) {
        std::multimap<std::string, std::size_t> places;
        for (std::size_t j = 0; j < from_.size(); ++j) {
            if (!taken_[j]) places.emplace(fold(std::invoke(name, from_[j])), j);
        }
        for (std::size_t i = 0; i < to_.size(); ++i) {
            const std::string wanted = fold(std::invoke(name, to_[i]));
            const auto found = places.lower_bound(wanted);
            if (partner_[i] || found == places.end() || found->first != wanted) continue;
            join(found->second, i);
            places.erase(found);
        }
    }

    /// What is left as changes: drops first, then changes and additions in the order of `to`.
    void report(const std::string& table, std::vector<Change>& changes) const {
        for (std::size_t j = 0; j < from_.size(); ++j) {
            if (!taken_[j]) changes.push_back(Delta<T>{table, from_[j], std::nullopt});
        }
        for (std::size_t i = 0; i < to_.size(); ++i) {
            if (!partner_[i]) {
                changes.push_back(Delta<T>{table, std::nullopt, to_[i]});
            } else if (const T& live = from_[*partner_[i]]; !(live == to_[i])) {
                changes.push_back(Delta<T>{table, live, to_[i]});
            }
        }
    }

private:
    const std::vector<T>& from_;
    const std::vector<T>& to_;
    std::vector<bool> taken_;
    std::vector<std::optional<std::size_t>> partner_;

    void join(std::size_t from, std::size_t to) {
        taken_[from] = true;
        partner_[to] = from;
    }
};

/// Things that are known by a name of their own.
template <class T, class Name>
void diff_named(const std::string& table, const std::vector<T>& from, const std::vector<T>& to, Name name,
                std::vector<Change>& changes) {
    if (from == to) return;
    Pairing<T> pairing(from, to);
    pairing.pair_by_name(name);
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
void diff_constraints(const std::string& table, const std::vector<T>& from, const std::vector<T>& to,
                      std::vector<Change>& changes) {
    if (from == to) return;
    Pairing<T> pairing(from, to);
    pairing.pair([](const T& a, const T& b) { return a == b; });
    pairing.pair([](const T& a, const T& b) { return !a.name.text.empty() && same_name(a.name.text, b.name.text); });
    pairing.pair([](const T& a, const T& b) { return same_subject(a, b); });
    pairing.report(table, changes);
}

TableOptions options_of(const Table& table, const Table& other, bool column_order) {
    TableOptions options{.comment = table.comment,
                         .strict = table.strict,
                         .without_rowid = table.without_rowid,
                         .column_order = {},
                         .unlogged = table.unlogged,
                         .storage = table.storage,
                         .partition_by = table.partition_by,
                         .inherits = table.inherits,
                         .row_security = table.row_security,
                         .replica_identity = table.replica_identity};
    if (column_order) {
        for (const Column& column : table.columns) {
            if (find_column(other, column.name) != nullptr) options.column_order.push_back(fold(column.name));
        }
    }
    return options;
}

void diff_table(const Table& from, const Table& to, bool column_order, std::vector<Change>& changes) {
    const std::string name = to.full_name();
    const TableOptions from_options = options_of(from, to, column_order);
    const TableOptions to_options = options_of(to, from, column_order);
    if (from_options != to_options) changes.push_back(Delta<TableOptions>{name, from_options, to_options});
    diff_named(name, from.columns, to.columns, &Column::name, changes);
    if (from.primary_key != to.primary_key) changes.push_back(Delta<PrimaryKey>{name, from.primary_key, to.primary_key});
    diff_constraints(name, from.uniques, to.uniques, changes);
    diff_constraints(name, from.checks, to.checks, changes);
    diff_constraints(name, from.foreign_keys, to.foreign_keys, changes);
    diff_constraints(name, from.exclusions, to.exclusions, changes);
    diff_named(name, from.partitions, to.partitions, &Partition::name, changes);
    diff_named(
        name, from.indexes, to.indexes, [](const Index& index) { return index.name.text; }, changes);
    diff_named(name, from.triggers, to.triggers, &Trigger::name, changes);
}

std::string full_name_of(const std::string& name) { return name; }
std::string full_name_of(const Extension& extension) { return extension.name; }  // its schema is a property
template <class T>
std::string full_name_of(const T& thing) {
    if constexpr (requires { thing.schema; }) {
        if (!thing.schema.empty()) return thing.schema + "." + thing.name;
    }
    return thing.name;
}

void diff_types(const Schema& from, const Schema& to, std::vector<Change>& changes) {
    const auto full = [](const auto& thing) { return full_name_of(thing); };
    const auto self = [](const std::string& name) { return name; };
    diff_named("", from.schemas, to.schemas, self, changes);
    diff_named("", from.extensions, to.extensions, &Extension::name, changes);
    diff_named("", from.collations, to.collations, full, changes);
    diff_named("", from.enums, to.enums, full, changes);
    diff_named("", from.domains, to.domains, full, changes);
    diff_named("", from.composites, to.composites, full, changes);
    diff_named("", from.ranges, to.ranges, full, changes);
    diff_named("", from.sequences, to.sequences, full, changes);
    diff_named("", from.functions, to.functions, full, changes);
}

void diff_views(const Schema& from, const Schema& to, std::vector<Change>& changes) {
    if (from.views == to.views) return;
    // A view's triggers are changes of their own, so that a new one does not remake the view.
    const auto bare = [](std::vector<View> views) {
        for (View& view : views) view.triggers.clear();
        return views;
    };
    diff_named(
        "", bare(from.views), bare(to.views), [](const View& view) { return view.full_name(); }, changes);
    std::map<std::string, const View*> live;
    for (const View& view : from.views) live.emplace(fold(view.full_name()), &view);
    for (const View& view : to.views) {
        const auto found = live.find(fold(view.full_name()));
        diff_named(view.full_name(), found == live.end() ? std::vector<Trigger>{} : found->second->triggers, view.triggers,
                   &Trigger::name, changes);
    }
}

/// Shadow tables follow their virtual table.
std::vector<Unmanaged> without_shadows(std::vector<Unmanaged> objects) {
    std::erase_if(objects, [](const Unmanaged& object) { return object.kind == "shadow table"; });
    return objects;
}

/// Names the things of a kind that the schema does not speak about.
template <class T>
void name_all(const std::vector<T>& things, const char* kind, std::vector<Unmanaged>& named) {
    for (const T& thing : things) named.push_back({kind, full_name_of(thing), {}});
}

/// What is left alone, to be named.
std::vector<Unmanaged> left_alone_in(const Schema& from, const TableLookup& wanted, const Intents& intents) {
    std::vector<Unmanaged> named = without_shadows(from.unmanaged);
    if (!intents.declared) return named;
    const Mentioned& mentioned = intents.mentioned;
    for (const Table& table : from.tables) {
        if (wanted.find(table.full_name()) != nullptr) {
            if (!mentioned.triggers) name_all(table.triggers, "trigger", named);
        } else if (left_alone(table.full_name(), intents.ignored)) {
            named.push_back({"table", table.full_name(), {}});
        }
    }
    if (!mentioned.views) name_all(from.views, "view", named);
    if (!mentioned.triggers) {
        for (const View& view : from.views) name_all(view.triggers, "trigger", named);
    }
    if (!mentioned.functions) name_all(from.functions, "function", named);
    if (!mentioned.enums) name_all(from.enums, "enum", named);
    if (!mentioned.domains) name_all(from.domains, "domain", named);
    if (!mentioned.composites) name_all(from.composites, "composite type", named);
    if (!mentioned.ranges) name_all(from.ranges, "range type", named);
    if (!mentioned.sequences) name_all(from.sequences, "sequence", named);
    if (!mentioned.collations) name_all(from.collations, "collation", named);
    if (!mentioned.extensions) name_all(from.extensions, "extension", named);
    if (!mentioned.schemas) name_all(from.schemas, "schema", named);
    return named;
}

}  // namespace

Changes diff(const Schema& from, const Schema& to, const Intents& intents) {
    Changes changes{.from = from, .to = align(from, to, intents), .list = {}, .questions = {}, .unmanaged = {}};
    std::vector<Change>& list = changes.list;
    const Schema& target = changes.to;
    const TableLookup live_tables(from);
    // What was aligned holds the tables that are left alone; what was asked for does not.
    changes.unmanaged = left_alone_in(from, TableLookup(to), intents);
    diff_types(from, target, list);
    for (const Table& table : target.tables) {
        const Table* live = live_tables.find(table.full_name());
        if (live == nullptr) {
            list.push_back(Delta<Table>{"", std::nullopt, table});
        } else if (!(*live == table)) {
            diff_table(*live, table, intents.column_order, list);
        }
    }
    diff_views(from, target, list);
    if (!intents.declared)
        diff_named("", without_shadows(from.unmanaged), without_shadows(target.unmanaged), &Unmanaged::name, list);
    const TableLookup wanted(target);
    for (const Table& table : from.tables) {
        if (wanted.find(table.full_name()) == nullptr) list.push_back(Delta<Table>{"", table, std::nullopt});
    }
    changes.questions = likely_renames(from, target);
    return changes;
}

}  // namespace tenon
