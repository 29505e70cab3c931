// Rows that a table shows as its own though they are stored below it.  Those of partitions that are dropped or get other bounds
// go to whatever partition takes them in the end; those of tables that leave their parent stop the plan.
#include <algorithm>
#include <set>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_bounds.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "emitters/postgres_remade_values.h"
#include "emitters/postgres_written_rows.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

class PartitionRows {
public:
    PartitionRows(const Changes& changes, const PlanOptions& options, Items& items)
        : changes_(changes), from_(changes.from), to_(changes.to), options_(options), items_(items) {
        for (const Table& table : from_.tables) live_[table.full_name()] = &table;
        for (const Table& table : to_.tables) wanted_[table.full_name()] = &table;
        for (const Object& object : to_.objects) {
            if (object.id.starts_with("TRIGGER ") || object.id.starts_with("STATE OF TRIGGER ")) watchers_.push_back(&object);
        }
        collect(from_, keys_);
        collect(to_, wanted_keys_);
    }

    void run() {
        for (const Table& part : from_.tables) {
            leave_parents(part);
            if (!part.partition_of.empty()) drop_keys_first(part);
            if (part.partition_of.empty() || !stays(part.partition_of)) continue;
            const auto now = wanted_.find(part.full_name());
            const bool gone_whole = now == wanted_.end() && !part.partition_by.empty();
            if (gone_whole || items_.anew.contains(part.full_name())) take_keys_down(part);
            if (now == wanted_.end()) {
                add_dropped(part);
            } else if (now->second->partition_of == part.partition_of && now->second->partition_bound != part.partition_bound) {
                // Rows that the new bounds keep would not have to move, but which they are only the server knows.
                items_.anew.contains(part.full_name()) ? send_up(part) : add_rows(part, true);
            } else if (now->second->partition_of != part.partition_of) {
                add_detached(part);
            } else if (part.partition_bound->text == "DEFAULT") {
                make_room(part);
            }
        }
        for (const auto& [name, now] : wanted_) {
            const auto live = live_.find(name);
            const bool joins =
                live != live_.end() && !now->partition_of.empty() && live->second->partition_of != now->partition_of;
            if (joins && !items_.anew.contains(name)) add_attached(*live->second, *now);
        }
    }

private:
    const Changes& changes_;
    const Schema& from_;
    const Schema& to_;
    const PlanOptions& options_;
    Items& items_;
    std::map<std::string, const Table*> live_;
    std::map<std::string, const Table*> wanted_;
    std::vector<const Object*> watchers_;                   ///< wanted triggers, and states of their clones
    std::map<std::string, std::vector<std::string>> keys_;  ///< foreign keys by the table that they lead to
    std::map<std::string, std::vector<std::string>> wanted_keys_;

    static void collect(const Schema& schema, std::map<std::string, std::vector<std::string>>& keys) {
        for (const Table& table : schema.tables) {
            for (const ForeignKey& key : table.foreign_keys)
                keys[key.referenced_table].push_back(constraint_id(table, key.name.text));
        }
    }

    /// A table of both sides that keeps its rows where they are.
    bool stays(const std::string& name) const {
        const auto live = live_.find(name);
        const auto now = wanted_.find(name);
        if (live == live_.end() || now == wanted_.end() || items_.anew.contains(name)) return false;
        return live->second->partition_of.empty() || stays(live->second->partition_of);
    }

    std::vector<const Table*> partitions_of(const std::string& name) const {
        std::vector<const Table*> out;
        for (const Table& table : to_.tables) {
            if (table.partition_of == name) out.push_back(&table);
        }
        return out;
    }

    void add_dropped(const Table& part) {
        if (options_.decisions.allowed_losses.contains(part.full_name())) return;
        if (!partitions_of(part.partition_of).empty()) {
            add_rows(part, false);
        } else if (Item* const item = items_.find(table_id(part))) {
            item->guards.push_back(partition_is_empty(part));
        }
    }

    /// Whoever undoes an attachment wants just this.
    bool may_leave(const Table& table) const {
        return options_.decisions.undoing || options_.decisions.allowed_losses.contains(table.full_name());
    }

    /// True where the table is below the parent in the new schema, by whatever way.
    bool is_below(const Table& table, const std::string& parent) const {
        return std::ranges::any_of(parents_of(table), [&](const std::string& name) {
            const auto next = wanted_.find(name);
            return name == parent || (next != wanted_.end() && is_below(*next->second, parent));
        });
    }

    /// A table that inherits no more keeps its rows, but its parent does not show them.
    void leave_parents(const Table& from) {
        const auto now = wanted_.find(from.full_name());
        if (now == wanted_.end() || may_leave(from)) return;
        Item* item = items_.find("PARENTS OF " + table_id(from));
        if (item == nullptr) item = items_.find(table_id(from));  // made anew
        for (const std::string& parent : from.inherits) {
            if (wanted_.contains(parent) && !is_below(*now->second, parent))
                item->guards.push_back(leaves_nothing_out(from, parent));
        }
    }

    void add_detached(const Table& part) {
        if (may_leave(part)) return;
        if (Item* const item = items_.find("ATTACHMENT " + qualified(part)))
            item->guards.push_back(leaves_nothing_out(part, part.partition_of));
    }

    /// A table with rows becomes a partition: they must be within its bounds.
    void add_attached(const Table& from, const Table& to) {
        const auto parent = wanted_.find(to.partition_of);
        Item* const item = items_.find("ATTACHMENT " + qualified(to));
        if (parent == wanted_.end() || item == nullptr) return;
        const auto within = rows_within(parent->second->partition_by->text, to.partition_bound->text);
        const std::vector<std::string> key = partition_columns(*parent->second);
        const bool stands = std::ranges::all_of(key, [&](const std::string& name) {
            const Column* old = column_of(from, name);
            const Column* now = column_of(to, name);
            return old != nullptr && now != nullptr && old->type == now->type;
        });
        if (within && stands) item->guards.push_back(rows_are_within(from, *within, to.partition_bound->text));
    }

    /// A default partition may hold rows that belong to a partition which comes, or gets other bounds.
    void make_room(const Table& rest) {
        const Table& parent = *wanted_.at(rest.partition_of);
        std::vector<std::string> coming;
        std::optional<std::string> condition = "";
        for (const Table* partition : partitions_of(rest.partition_of)) {
            const auto live = live_.find(partition->full_name());
            const bool same = live != live_.end() && live->second->partition_of == rest.partition_of &&
                              live->second->partition_bound == partition->partition_bound;
            if (same) continue;
            coming.push_back("ATTACHMENT " + qualified(*partition));
            const auto within = rows_within(parent.partition_by->text, partition->partition_bound->text);
            condition =
                condition && within ? std::optional(*condition + (condition->empty() ? "" : " OR ") + *within) : std::nullopt;
        }
        if (coming.empty()) return;
        items_.anew.contains(rest.full_name()) ? send_up(rest) : add_rows(rest, true, condition.value_or(""));
        for (const std::string& id : coming) {
            if (Item* const item = items_.find(id)) item->needs.push_back("gone ROWS OF " + table_id(rest));
        }
    }

    /// True where a trigger of the old schema sees rows of the table go.
    bool is_watched(const Table& table) const {
        const auto sees = [&](const Object& object) {
            return object.id.starts_with("TRIGGER ") && object.owner == table_id(table);
        };
        if (std::ranges::any_of(from_.objects, sees)) return true;
        return !table.partition_of.empty() && is_watched(*live_.at(table.partition_of));
    }

    /// A key that leads to what the partition is a part of is a key to the partition too, and is gone first, by itself or with
    /// its table.
    void drop_keys_first(const Table& part) {
        std::vector<std::string> above{table_id(part)};
        std::vector<Item*> keys;
        for (const Table* at = &part; !at->partition_of.empty();) {
            at = live_.at(at->partition_of);
            above.push_back(table_id(*at));
            for (const std::string& id : keys_[at->full_name()]) {
                if (Item* const key = items_.find(items_.resolve(items_.from_alias, id))) keys.push_back(key);
            }
        }
        for (Item* const key : keys) {
            const auto is_within = [&](const std::string& id) { return std::ranges::find(above, id) != above.end(); };
            if (!is_within(key->id) && !is_within(key->owner))
                key->frees.insert(key->frees.end(), {table_id(part), "ATTACHMENT " + qualified(part)});
        }
    }

    /// Keys that lead to a partition, or to what it is a part of, hold its rows and the partitions below it.
    void take_keys_down(const Table& part) {
        std::vector<std::string> freed{"ROWS OF " + table_id(part)};
        for (const Table* below : with_partitions(from_, part))
            freed.insert(freed.end(), {"ATTACHMENT " + qualified(*below), table_id(*below)});
        for (const Table* at = &part; at != nullptr; at = at->partition_of.empty() ? nullptr : live_.at(at->partition_of)) {
            for (const std::string& id : keys_[at->full_name()]) {
                Item* const key = items_.find(id);
                if (key != nullptr) key->frees.insert(key->frees.end(), freed.begin(), freed.end());
            }
        }
        // Old and new ones want all rows back.
        std::vector<std::string> above{part.full_name()};
        for (std::string at = part.partition_of; !at.empty(); at = wanted_.at(at)->partition_of) above.push_back(at);
        for (const std::string& name : above) {
            for (const std::string& id : wanted_keys_[name]) {
                if (Item* const key = items_.find(id))
                    key->needs.insert(key->needs.end(), {"ROWS OF " + table_id(part), table_id(part)});
            }
        }
    }

    /// All rows of a partition that is made anew wait already: they come back to whatever partition takes them.
    void send_up(const Table& part) {
        items_.find(table_id(part))->finish.clear();
        add_rows(part, false);
    }

    /// All rows of a partition, or those of a condition, wait until the partitions of its parent are as they shall be.
    void add_rows(const Table& part, bool remains, const std::string& condition = "") {
        const Table& parent = *wanted_.at(part.partition_of);
        take_keys_down(part);
        Item& item = items_.add("ROWS OF " + table_id(part), Rank::other);
        item.in_from = item.in_to = true;
        const std::string where = condition.empty() ? "" : " WHERE " + condition;
        // The columns' own guards have asked already.
        WaitingRows rows = waiting_rows(changes_, options_.intents, part, parent,
                                        (condition.empty() ? "TABLE " : "SELECT * FROM ") + qualified(part) + where);
        item.drop = std::move(rows.save);
        if (remains && condition.empty()) {
            item.drop.push_back("TRUNCATE " + qualified(part));
        } else if (remains) {
            if (is_watched(part)) item.drop.push_back("ALTER TABLE " + qualified(part) + " DISABLE TRIGGER USER");
            for (std::string& statement :
                 past_publications(changes_, part, {"DELETE FROM " + qualified(part) + where}, item, items_))
                item.drop.push_back(std::move(statement));
        }
        item.drop = past_policies(part, std::move(item.drop));
        item.frees.clear();
        for (const Table* below : with_partitions(from_, part))
            item.frees.insert(item.frees.end(), {"ATTACHMENT " + qualified(*below), table_id(*below)});
        for (const Column& column : part.columns) {
            for (const char* kind : {"TYPE ", "DOMAIN "}) item.frees.push_back(kind + element_of(column.type));
        }
        for (const std::string& name : rows.columns) item.needs.push_back(column_id(parent, name));
        item.hazards.push_back({Hazard::Kind::copy, part.full_name(),
                                condition.empty() ? "its rows move to the partitions that take them"
                                                  : "rows that belong to other partitions now move there"});
        if (rows.give.empty()) return;
        std::vector<const Table*> takers{&parent};
        for (std::size_t i = 0; i < takers.size(); ++i) {  // it grows meanwhile
            for (const Table* partition : partitions_of(takers[i]->full_name())) {
                item.needs.push_back("ATTACHMENT " + qualified(*partition));
                takers.push_back(partition);
            }
        }
        item.needs.push_back(table_id(parent));
        insert_silently(past_policies(parent, rows.give), takers, item);
    }

    /// Rows that only move are nothing to tell a trigger of.  The states that triggers have to have are set again afterwards,
    /// the partitioned table's first, for they reach its partitions.
    void insert_silently(const Statements& inserts, const std::vector<const Table*>& takers, Item& item) const {
        Statements off, on, states;
        for (const Table* table : takers) {
            bool watched = false;
            for (const Object* object : watchers_) {
                const bool is_state = object->id.starts_with("STATE OF");
                if (is_state ? !object->id.ends_with(" ON " + qualified(*table)) : object->owner != table_id(*table)) continue;
                item.needs.push_back(object->id);
                const auto statements = split_statements(object->definition.text, Dialect::postgres);
                for (std::size_t i = is_state ? 0 : 1; i < statements.size(); ++i) states.push_back(statements[i].text);
                watched |= !is_state;
            }
            if (!watched) continue;
            off.push_back("ALTER TABLE " + qualified(*table) + " DISABLE TRIGGER USER");
            on.push_back("ALTER TABLE " + qualified(*table) + " ENABLE TRIGGER USER");
        }
        item.make = off;
        item.make.insert(item.make.end(), inserts.begin(), inserts.end());
        item.make.insert(item.make.end(), on.begin(), on.end());
        item.make.insert(item.make.end(), states.begin(), states.end());
    }
};

}  // namespace

void add_partition_rows(const Changes& changes, const PlanOptions& options, Items& items) {
    PartitionRows(changes, options, items).run();
}

}  // namespace tenon::postgres
