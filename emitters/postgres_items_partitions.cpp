// Rows of partitions that are dropped or get other bounds: they belong to the partitioned table, and go to whatever partition
// of it takes them in the end.
#include <algorithm>
#include <set>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

class PartitionRows {
public:
    PartitionRows(const Changes& changes, const PlanOptions& options, Items& items)
        : from_(changes.from), to_(changes.to), options_(options), items_(items) {
        anew_ = tables_made_anew(changes, items);
        for (const Table& table : from_.tables) live_[table.full_name()] = &table;
        for (const Table& table : to_.tables) wanted_[table.full_name()] = &table;
        for (const Object& object : from_.objects) {
            if (object.id.starts_with("TRIGGER ")) fires_.insert(object.owner);
        }
        for (const Table& table : from_.tables) {
            for (const ForeignKey& key : table.foreign_keys) referenced_.insert(key.referenced_table);
        }
    }

    void run() {
        for (const Table& part : from_.tables) {
            if (part.partition_of.empty() || !stays(part.partition_of)) continue;
            const auto now = wanted_.find(part.full_name());
            if (now == wanted_.end()) {
                add_dropped(part);
            } else if (now->second->partition_of == part.partition_of && now->second->partition_bound != part.partition_bound) {
                add_rebound(part);
            }
        }
    }

private:
    const Schema& from_;
    const Schema& to_;
    const PlanOptions& options_;
    Items& items_;
    std::map<std::string, const Table*> live_;
    std::map<std::string, const Table*> wanted_;
    std::set<std::string> anew_;
    std::set<std::string> fires_;       ///< ids of tables with triggers
    std::set<std::string> referenced_;  ///< tables that foreign keys lead to

    /// A table of both sides that keeps its rows where they are.
    bool stays(const std::string& name) const {
        const auto live = live_.find(name);
        const auto now = wanted_.find(name);
        if (live == live_.end() || now == wanted_.end() || anew_.contains(name)) return false;
        return live->second->partition_of.empty() || stays(live->second->partition_of);
    }

    bool is_watched(const Table& part) const {
        return fires_.contains(table_id(part)) || fires_.contains(table_id(*live_.at(part.partition_of)));
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
        const bool moves = !is_watched(part) && !partitions_of(part.partition_of).empty();
        if (moves) {
            add_rows(part, false);
        } else if (Item* const item = items_.find(table_id(part))) {
            item->guards.push_back(partition_is_empty(part));
        }
    }

    /// Rows that the new bounds keep would not have to move, but which they are only the server knows.
    void add_rebound(const Table& part) {
        if (!is_watched(part) && !referenced_.contains(part.full_name()) && !referenced_.contains(part.partition_of))
            add_rows(part, true);
    }

    void add_rows(const Table& part, bool remains) {
        const Table& parent = *wanted_.at(part.partition_of);
        std::vector<std::string> kept;
        for (const Column& column : parent.columns) {
            const bool had = std::ranges::find(part.columns, column.name, &Column::name) != part.columns.end();
            if (had && !column.generated) kept.push_back(column.name);
        }
        const std::string rows = quote("tenon_rows_" + part.name);
        Item& item = items_.add("ROWS OF " + table_id(part), Rank::other);
        item.in_from = item.in_to = true;
        item.drop = {"CREATE TEMPORARY TABLE " + rows + " ON COMMIT DROP AS TABLE " + qualified(part)};
        if (remains) item.drop.push_back("DELETE FROM " + qualified(part));
        item.frees = {"ATTACHMENT " + qualified(part), table_id(part)};
        item.hazards.push_back({Hazard::Kind::copy, part.full_name(), "its rows move to the partitions that take them"});
        if (kept.empty()) return;
        const std::string list = column_list(kept);
        item.make = {"INSERT INTO " + qualified(parent) + " " + list + " OVERRIDING SYSTEM VALUE SELECT " +
                     list.substr(1, list.size() - 2) + " FROM pg_temp." + rows};
        std::vector<std::string> parents{part.partition_of};
        while (!parents.empty()) {
            const std::string name = parents.back();
            parents.pop_back();
            for (const Table* partition : partitions_of(name)) {
                item.needs.push_back("ATTACHMENT " + qualified(*partition));
                parents.push_back(partition->full_name());
            }
        }
    }
};

}  // namespace

void add_partition_rows(const Changes& changes, const PlanOptions& options, Items& items) {
    PartitionRows(changes, options, items).run();
}

}  // namespace tenon::postgres
