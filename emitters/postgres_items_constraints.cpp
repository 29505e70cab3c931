// Constraints and indexes as items.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "emitters/postgres_alter.h"
#include "emitters/postgres_anew.h"
#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

std::string rename_constraint(const Table& table, const std::string& old, const std::string& now) {
    return "ALTER TABLE " + qualified(table) + " RENAME CONSTRAINT " + quote(old) + " TO " + quote(now);
}

/// Keys differ in what their index can be told.
template <class Key>
std::optional<Statements> alter_key(const Table& table, const Key& from, const Key& to) {
    Key now = from;
    now.storage = to.storage;
    if (from.attached_to.empty()) now.attached_to = to.attached_to;
    if (!(now == to)) return std::nullopt;
    return alter_storage("ALTER INDEX " + qualified(table.schema, to.name.text), from.storage, to.storage);
}

std::optional<Statements> alter_check(const Table& table, const Check& from, const Check& to) {
    Check now = from;
    now.not_valid = to.not_valid;
    if (!(now == to) || to.not_valid) return std::nullopt;
    return Statements{"ALTER TABLE " + qualified(table) + " VALIDATE CONSTRAINT " + quote(to.name.text)};
}

std::optional<Statements> alter_foreign_key(const Table& table, const ForeignKey& from, const ForeignKey& to) {
    ForeignKey now = from;
    now.not_valid = to.not_valid;
    now.deferrable = to.deferrable;
    now.initially_deferred = to.initially_deferred;
    if (!(now == to) || (to.not_valid && !from.not_valid)) return std::nullopt;
    Statements out;
    const std::string start = "ALTER TABLE " + qualified(table) + " ";
    const std::string name = quote(to.name.text);
    if (from.deferrable != to.deferrable || from.initially_deferred != to.initially_deferred) {
        out.push_back(start + "ALTER CONSTRAINT " + name +
                      (to.deferrable
                           ? (to.initially_deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE INITIALLY IMMEDIATE")
                           : " NOT DEFERRABLE"));
    }
    if (from.not_valid && !to.not_valid) out.push_back(start + "VALIDATE CONSTRAINT " + name);
    return out;
}

class ConstraintItems {
public:
    ConstraintItems(const Schema& from_schema, const Schema& to_schema, const Table* from, const Table* to, Items& items)
        : from_schema_(from_schema), to_schema_(to_schema), from_(from), to_(to), items_(items) {}

    void run() {
        const auto of = [](const Table* table, auto member) {
            return table != nullptr ? table->*member : decltype(table->*member){};
        };
        add<PrimaryKey>(
            keys_of(from_), keys_of(to_), [](const PrimaryKey& key) { return constraint_clause(key); }, alter_key<PrimaryKey>);
        add<UniqueConstraint>(
            of(from_, &Table::uniques), of(to_, &Table::uniques),
            [](const UniqueConstraint& key) { return constraint_clause(key); }, alter_key<UniqueConstraint>);
        add<Check>(
            of(from_, &Table::checks), of(to_, &Table::checks), [](const Check& check) { return constraint_clause(check); },
            alter_check);
        add<Exclusion>(
            of(from_, &Table::exclusions), of(to_, &Table::exclusions), [](const Exclusion& e) { return constraint_clause(e); },
            [](const Table&, const Exclusion&, const Exclusion&) { return std::optional<Statements>{}; });
        add<ForeignKey>(
            of(from_, &Table::foreign_keys), of(to_, &Table::foreign_keys),
            [&](const ForeignKey& key) { return constraint_clause(to_schema_, key); }, alter_foreign_key);
        add_indexes();
    }

private:
    const Schema& from_schema_;
    const Schema& to_schema_;
    const Table* from_;
    const Table* to_;
    Items& items_;

    /// A partition's index goes with the partitioned table's: its id, by the qualified name of the index.
    static std::string parent_id(const Schema& schema, const std::string& index) {
        if (index.empty()) return "";
        for (const Table& table : schema.tables) {
            if (table.partition_by.empty()) continue;
            if (table.primary_key && qualified(table.schema, table.primary_key->name.text) == index)
                return constraint_id(table, table.primary_key->name.text);
            for (const UniqueConstraint& unique : table.uniques) {
                if (qualified(table.schema, unique.name.text) == index) return constraint_id(table, unique.name.text);
            }
        }
        return "INDEX " + index;
    }

    static std::vector<PrimaryKey> keys_of(const Table* table) {
        return table != nullptr && table->primary_key ? std::vector<PrimaryKey>{*table->primary_key}
                                                      : std::vector<PrimaryKey>{};
    }

    template <class T>
    static std::string attached_to(const T& constraint) {
        if constexpr (requires { constraint.attached_to; }) {
            return constraint.attached_to;
        } else {
            return "";
        }
    }

    /// True of a kind of constraint whose names are among those of tables and indexes.
    template <class T>
    static constexpr bool has_index() {
        return std::is_same_v<T, PrimaryKey> || std::is_same_v<T, UniqueConstraint> || std::is_same_v<T, Exclusion>;
    }

    template <class T>
    static constexpr Rank rank() {
        return std::is_same_v<T, ForeignKey> ? Rank::foreign_key : Rank::constraint;
    }

    static void hold(const Table& table, const std::string& name, Item& item) {
        item.holds.push_back(qualified(table.schema, name));
    }

    static void want(const Table& table, const std::string& name, Item& item) {
        item.wants.push_back(qualified(table.schema, name));
    }

    /// True where a constraint of whatever kind has the name.
    static bool has_constraint(const Table& table, const std::string& name) {
        const auto called = [&](const auto& constraint) { return constraint.name.text == name; };
        return has_key(table, name) || std::ranges::any_of(table.checks, called) ||
               std::ranges::any_of(table.foreign_keys, called);
    }

    static bool has_key(const Table& table, const std::string& name) {
        const auto called = [&](const auto& constraint) { return constraint.name.text == name; };
        return (table.primary_key && called(*table.primary_key)) || std::ranges::any_of(table.uniques, called) ||
               std::ranges::any_of(table.exclusions, called);
    }

    /// True where some key of the old schema has the name: two that swap theirs cannot both be renamed.
    bool is_key(const std::string& schema, const std::string& name) const {
        return std::ranges::any_of(from_schema_.tables, [&](const Table& table) {
            return qualified(table.schema, "") == qualified(schema, "") && has_key(table, name);
        });
    }

    /// What an equal constraint of `was` was called, by the name that `is` gives it; unless another kind has one of the names.
    template <class T>
    std::map<std::string, std::string> renames(const Table& was, const Table& is, const std::vector<T>& from,
                                               const std::vector<T>& to) const {
        std::map<std::string, std::string> out;
        std::set<std::string> gone;
        for (const T& old : from) {
            if (!has_constraint(is, old.name.text)) gone.insert(old.name.text);
        }
        for (const T& now : to) {
            if (gone.empty() || has_constraint(was, now.name.text)) continue;
            const auto old = std::ranges::find_if(from, [&](const T& other) {
                if (!gone.contains(other.name.text)) return false;
                T same = follow_parent(other);
                same.name = now.name;
                return same == now;
            });
            if (old == from.end() || (has_index<T>() && is_key(was.schema, now.name.text))) continue;
            out[now.name.text] = old->name.text;
            gone.erase(old->name.text);
        }
        return out;
    }

    /// A constraint or index that stays with the partitioned table's, whatever that is called now.
    template <class T>
    T follow_parent(T thing) const {
        if constexpr (requires { thing.attached_to; }) {
            if (!thing.attached_to->empty()) thing.attached_to = parent_now(thing.attached_to);
        }
        return thing;
    }

    /// What `to` calls a key of a partitioned table, where only the name differs.
    std::string parent_now(const std::string& key) const {
        for (const Table& was : from_schema_.tables) {
            const Table* const is = was.partition_by.empty() ? nullptr : find_table(to_schema_, was.full_name());
            if (is == nullptr) continue;
            std::map<std::string, std::string> names = renames(was, *is, keys_of(&was), keys_of(is));
            names.merge(renames(was, *is, was.uniques, is->uniques));
            for (const auto& [now, old] : names) {
                if (qualified(was.schema, old) == key) return qualified(is->schema, now);
            }
        }
        return key;
    }

    template <class T>
    void add(const std::vector<T>& from, const std::vector<T>& to, const std::function<std::string(const T&)>& clause,
             const std::function<std::optional<Statements>(const Table&, const T&, const T&)>& alter) {
        for (const T& constraint : from) {
            const std::string id = constraint_id(*from_, constraint.name.text);
            if (to_ == nullptr && !needs_explicit_drop(constraint)) {
                items_.from_alias[id] = table_id(*from_);
                if (has_index<T>()) hold(*from_, constraint.name.text, items_.add(table_id(*from_), Rank::table));
                continue;
            }
            Item& item = items_.add(id, rank<T>());
            item.in_from = true;
            if (has_index<T>()) hold(*from_, constraint.name.text, item);
            go_with_parent(constraint.name.text, attached_to(constraint), item);
            item.drop = {"ALTER TABLE " + qualified(*from_) + " DROP CONSTRAINT " + quote(constraint.name.text)};
        }
        std::map<std::string, std::string> old_names;
        if (from_ != nullptr && to_ != nullptr) old_names = renames(*from_, *to_, from, to);
        const auto called = [&](const std::string& name) {
            return std::ranges::find_if(from, [&](const T& other) { return other.name.text == name; });
        };
        for (const T& constraint : to) {
            const std::string id = constraint_id(*to_, constraint.name.text);
            if (items_.to_alias.contains(id)) {  // stands in the CREATE TABLE
                if (has_index<T>()) want(*to_, constraint.name.text, items_.add(table_id(*to_), Rank::table));
                continue;
            }
            if (const auto renamed = old_names.find(constraint.name.text); renamed != old_names.end()) {
                rename(*called(renamed->second), constraint);
                continue;
            }
            const auto old = called(constraint.name.text);
            Item& item = items_.add(id, rank<T>());
            item.rank = std::max(item.rank, rank<T>());  // another kind may have had the name
            item.in_to = true;
            if (has_index<T>()) want(*to_, constraint.name.text, item);
            item.make = make(constraint, clause(constraint));
            item.needs.push_back(table_id(*to_));
            attach(old == from.end() ? "" : attached_to(follow_parent(*old)), attached_to(constraint), constraint.name.text,
                   item);
            if (old != from.end()) {
                const T live = as_left(*old);
                item.equal = live == constraint;
                if (!item.equal) item.alter = alter(*to_, live, constraint);
            }
            if constexpr (std::is_same_v<T, ForeignKey>) {
                if (!item.equal) need_whole_key(constraint.referenced_table, item);
            }
        }
    }

    /// A key of a partitioned table can be referred to once all its partitions have theirs.
    void need_whole_key(const std::string& referenced, Item& item) const {
        for (const Table& part : to_schema_.tables) {
            if (part.partition_of != referenced) continue;
            if (part.primary_key) need_attachment(constraint_id(part, part.primary_key->name.text), item);
            for (const UniqueConstraint& unique : part.uniques) need_attachment(constraint_id(part, unique.name.text), item);
            for (const Index& index : part.indexes) need_attachment(index_id(part, index.name.text), item);
            need_whole_key(part.full_name(), item);
        }
    }

    static void need_attachment(const std::string& id, Item& item) {
        item.needs.insert(item.needs.end(), {id, "ATTACHMENT OF " + id});
    }

    template <class T>
    bool needs_explicit_drop(const T& constraint) const {
        if constexpr (std::is_same_v<T, ForeignKey>) {
            // Two tables that refer to each other cannot be dropped one after the other.
            if (constraint.referenced_table == from_->full_name()) return false;
            for (const Table& other : from_schema_.tables) {
                if (other.full_name() == constraint.referenced_table)
                    return std::ranges::any_of(other.foreign_keys, [&](const ForeignKey& key) {
                        return key.referenced_table != constraint.referenced_table;
                    });
            }
        }
        return items_.circles.lead_back(constraint_id(*from_, constraint.name.text), table_id(*from_));
    }

    template <class T>
    Statements make(const T&, const std::string& clause) const {
        const bool only = !to_->partition_by.empty() && !std::is_same_v<T, ForeignKey> && !std::is_same_v<T, Check>;
        return {std::string("ALTER TABLE ") + (only ? "ONLY " : "") + qualified(*to_) + " ADD " + clause};
    }

    /// What is attached to a key of the partitioned table goes with that; there is no way to detach it alone.
    void go_with_parent(const std::string& name, const std::string& parent, Item& item) const {
        if (parent.empty() || leaves_parent()) return;
        item.owner = parent_id(from_schema_, parent);
        if (to_ == nullptr) return;
        const std::string now = parent_now(parent);
        std::map<std::string, std::string> attached;  // by name
        if (to_->primary_key) attached[to_->primary_key->name.text] = to_->primary_key->attached_to;
        for (const UniqueConstraint& unique : to_->uniques) attached[unique.name.text] = unique.attached_to;
        for (const Index& index : to_->indexes) attached[index.name.text] = index.attached_to;
        const auto same = attached.find(name);
        const bool stays = same != attached.end()
                               ? same->second == now
                               : std::ranges::any_of(attached, [&](const auto& entry) { return entry.second == now; });
        if (!stays) items_.remade.insert(item.owner);
    }

    /// True where the table is a partition now and will not be, or of another parent: its indexes stay, on their own.
    bool leaves_parent() const {
        return from_ != nullptr && to_ != nullptr && !from_->partition_of.empty() && from_->partition_of != to_->partition_of;
    }

    /// A constraint or index as it is after the table has left its parent, or that has its new name.
    template <class T>
    T as_left(T thing) const {
        if constexpr (requires { thing.attached_to; }) {
            if (leaves_parent()) thing.attached_to.clear();
        }
        return follow_parent(std::move(thing));
    }

    /// A partition's constraint may stand on an index that is attached to a plain one of the partitioned table.
    bool carries_constraints(const Index& index) const {
        if (from_->partition_by.empty()) return false;
        const std::string name = qualified(from_->schema, index.name.text);
        return std::ranges::any_of(from_schema_.tables, [&](const Table& table) {
            return (table.primary_key && table.primary_key->attached_to == name) ||
                   std::ranges::any_of(table.uniques,
                                       [&](const UniqueConstraint& unique) { return unique.attached_to == name; });
        });
    }

    /// Indexes of partitioned and attached tables come in an order that keeps ATTACH PARTITION from making indexes of its own,
    /// or taking the wrong ones: first the index that is to be attached, then the partition, then all other indexes of both.
    void attach(const std::string& old_parent, const std::string& parent, const std::string& name, Item& item) {
        if (!to_->partition_by.empty()) {
            for (const std::string& partition : partitions_of(to_schema_, to_->full_name()))
                item.needs.push_back("ATTACHMENT " + partition);
        }
        const std::string partition = "ATTACHMENT " + qualified(*to_);
        if (parent.empty()) {
            if (!to_->partition_of.empty()) item.needs.push_back(partition);
            return;
        }
        const std::string statement = "ALTER INDEX " + parent + " ATTACH PARTITION " + qualified(to_->schema, name);
        const std::string parent_item = parent_id(to_schema_, parent);
        const bool attached = from_ != nullptr && from_->partition_of == to_->partition_of;
        if (attached && old_parent == parent) {
            item.make.push_back(statement);
            item.needs.insert(item.needs.end(), {parent_item, partition});
            return;
        }
        Item& attachment = items_.add("ATTACHMENT OF " + item.id, Rank::attachment);
        attachment.in_to = true;
        attachment.make = {statement};
        attachment.needs = {item.id, partition, parent_item};
        if (!attached) items_.add(partition, Rank::attachment).needs.push_back(item.id);
    }

    /// ATTACH PARTITION takes the oldest index that fits, where the schema has a new one in that place.
    bool would_be_taken(const Index& index) const {
        if (!index.attached_to->empty() || to_->partition_of.empty()) return false;
        return std::ranges::any_of(to_->indexes, [&](const Index& other) {
            const bool is_new = std::ranges::none_of(from_->indexes, [&](const Index& old) { return old.name == other.name; });
            Index same = other;
            same.name = index.name;
            same.attached_to.clear();
            return is_new && !other.attached_to->empty() && same == index;
        });
    }

    static std::vector<std::string> partitions_of(const Schema& schema, const std::string& name) {
        std::vector<std::string> out;
        for (const Table& table : schema.tables) {
            if (table.partition_of == name) out.push_back(qualified(table));
        }
        return out;
    }

    /// The parent whose check has the same names, if any: the new one reaches what stands below.
    template <class T>
    const Table* renames_for_children(const T& old, const T& now) const {
        if constexpr (std::is_same_v<T, Check>) {
            for (const std::string& name : parents_of(*to_)) {
                const Table* const was = find_table(from_schema_, name);
                const Table* const is = find_table(to_schema_, name);
                if (was == nullptr || is == nullptr || !has(parents_of(*from_), name)) continue;
                const auto names = renames(*was, *is, was->checks, is->checks);
                const auto same = names.find(now.name.text);
                if (same != names.end() && same->second == old.name.text) return is;
            }
        }
        return nullptr;
    }

    template <class T>
    void rename(const T& old, const T& now) {
        items_.from_alias[constraint_id(*from_, old.name.text)] = constraint_id(*to_, now.name.text);
        items_.by_id.erase(constraint_id(*from_, old.name.text));
        std::erase(items_.order, constraint_id(*from_, old.name.text));
        Item& item = items_.add(constraint_id(*to_, now.name.text), rank<T>());
        item.in_from = item.in_to = true;
        if (!leaves_parent()) item.owner = parent_id(from_schema_, attached_to(old));
        if (const Table* const parent = renames_for_children(old, now)) {
            item.alter = Statements{};
            item.needs.push_back(constraint_id(*parent, now.name.text));
        } else {
            item.alter = Statements{rename_constraint(*to_, old.name.text, now.name.text)};
        }
        item.drop = {"ALTER TABLE " + qualified(*from_) + " DROP CONSTRAINT " + quote(old.name.text)};
        item.make = make(now, [&] {
            if constexpr (std::is_same_v<T, ForeignKey>) {
                return constraint_clause(to_schema_, now);
            } else {
                return constraint_clause(now);
            }
        }());
        if (has_index<T>()) {
            hold(*from_, old.name.text, item);
            want(*to_, now.name.text, item);
        }
        attach(attached_to(follow_parent(old)), attached_to(now), now.name.text, item);
    }

    void add_indexes() {
        if (from_ != nullptr) {
            for (const Index& index : from_->indexes) {
                const std::string id = index_id(*from_, index.name.text);
                if (to_ == nullptr && !items_.circles.lead_back(id, table_id(*from_))) {
                    items_.from_alias[id] = table_id(*from_);
                    hold(*from_, index.name.text, items_.add(table_id(*from_), Rank::table));
                    continue;
                }
                Item& item = items_.add(id, Rank::index);
                item.in_from = true;
                go_with_parent(index.name.text, index.attached_to, item);
                item.drop = {"DROP INDEX " + qualified(from_->schema, index.name.text) +
                             (carries_constraints(index) ? " CASCADE" : "")};
            }
        }
        if (to_ == nullptr) return;
        for (const Index& index : to_->indexes) {
            const std::string id = index_id(*to_, index.name.text);
            const Index* old = nullptr;
            if (from_ != nullptr) {
                const auto same =
                    std::ranges::find_if(from_->indexes, [&](const Index& other) { return other.name == index.name; });
                if (same != from_->indexes.end()) old = &*same;
            }
            Item& item = items_.add(id, Rank::index);
            item.in_to = true;
            item.make = {create_index(*to_, index)};
            std::ranges::move(index_statistics(qualified(to_->schema, index.name.text), {}, index.statistics),
                              std::back_inserter(item.make));
            item.needs.push_back(table_id(*to_));
            attach(old == nullptr ? "" : old->attached_to, index.attached_to, index.name.text, item);
            if (old == nullptr) continue;
            const Index live = as_left(*old);
            item.equal = live == index;
            if (item.equal && would_be_taken(index)) {
                item.equal = false;
                items_.add("ATTACHMENT " + qualified(*to_), Rank::attachment).needs.push_back("gone " + id);
            } else if (!item.equal) {
                item.alter = alter_index(*to_, live, index);
            }
        }
    }
};

}  // namespace

void add_constraints(const Schema& schema_from, const Schema& schema_to, const Table* from, const Table* to, Items& items) {
    ConstraintItems(schema_from, schema_to, from, to, items).run();
}

void remake_keys_across_persistence(const Changes& changes, Items& items) {
    std::map<std::string, bool> was;
    for (const Table& table : changes.from.tables) was[table.full_name()] = table.unlogged;
    std::set<std::string> flipped;
    for (const Table& table : changes.to.tables) {
        const auto live = was.find(table.full_name());
        if (live != was.end() && live->second != table.unlogged) flipped.insert(table.full_name());
    }
    if (flipped.empty()) return;
    for (const Table& table : changes.to.tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            if (!flipped.contains(table.full_name()) && !flipped.contains(key.referenced_table)) continue;
            Item* const item = items.find(constraint_id(table, key.name.text));
            if (item == nullptr || !item->in_from) continue;
            item->equal = false;
            item->alter.reset();
        }
    }
}

}  // namespace tenon::postgres
