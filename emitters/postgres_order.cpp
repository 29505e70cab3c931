// Ordering: dependents are dropped before what they need and made after it; what has no say in it goes by rank.
#include "emitters/postgres_order.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tenon::postgres {
namespace {

bool is_routine(const std::string& id) {
    return id.starts_with("FUNCTION ") || id.starts_with("PROCEDURE ") || id.starts_with("AGGREGATE ");
}

class Graph {
public:
    Graph(const Items& items, const Fates& fates) : items_(items), fates_(fates) {
        for (const std::string& id : items.order) {
            const auto found = items.by_id.find(id);
            if (found == items.by_id.end()) continue;
            const Item& item = found->second;
            if (item.in_from && !item.owner.empty() && items.circles.lead_back(id, item.owner)) alone_.insert(id);
            add_actions(item);
            if (item.takes_owner || item.comes_first) parts_[item.owner].push_back(id);
        }
    }

    void add_edges(const Schema& from, const Schema& to) {
        std::map<std::string, std::string> passing;
        for (const auto& [id, item] : items_.by_id) {
            if (!item.passes.empty() && fates_.taken.contains(id)) passing[item.passes] = id;
        }
        for (const Dependency& dependency : from.dependencies.value) {
            const std::string& id = items_.resolve(items_.from_alias, dependency.id);
            from_edge(id, items_.resolve(items_.from_alias, dependency.needs));
            if (const auto column = passing.find(dependency.needs); column != passing.end()) from_edge(id, column->second);
        }
        for (const Dependency& dependency : to.dependencies.value) {
            const std::string& id = items_.resolve(items_.to_alias, dependency.id);
            to_edge(id, items_.resolve(items_.to_alias, dependency.needs));
            if (const auto column = passing.find(dependency.needs); column != passing.end()) to_edge(id, column->second);
        }
        for (const auto& [id, item] : items_.by_id) {
            edge(drop_of(id), action(Action::Kind::make, id));
            edge(action(Action::Kind::make, id), action(Action::Kind::finish, id));
            for (const std::string& need : item.needs) {
                if (need.starts_with("gone ")) {
                    edge(drop_of(items_.resolve(items_.from_alias, need.substr(5))), coming(id));
                } else {
                    const std::string& stands_for = items_.resolve(items_.to_alias, need);
                    to_edge(id, stands_for);
                    // Rows come back when the partitions are there.
                    if (item.rank == Rank::attachment) edge(coming(id), action(Action::Kind::finish, stands_for));
                }
            }
            for (const std::string& alias : item.frees) {
                const std::string& freed = items_.resolve(items_.from_alias, alias);
                from_edge(id, freed);
                // Waiting rows are of the type that was put aside.
                const auto type = items_.by_id.find(freed);
                if (type != items_.by_id.end() && type->second.rank == Rank::type)
                    edge(coming(id), action(Action::Kind::finish, freed));
            }
        }
    }

    /// Kahn's algorithm; a cycle is broken at its first action by rank.
    std::vector<Action> sorted() const {
        using Place = std::pair<int, std::size_t>;
        std::vector<int> waits(actions_.size(), 0);
        for (const auto& targets : after_) {
            for (const std::size_t target : targets) ++waits[target];
        }
        std::set<Place> ready;
        std::set<Place> waiting;
        for (std::size_t i = 0; i < actions_.size(); ++i) (waits[i] == 0 ? ready : waiting).emplace(rank(i), i);
        std::vector<Action> out;
        while (!ready.empty() || !waiting.empty()) {
            std::set<Place>& pick = ready.empty() ? waiting : ready;
            const std::size_t next = pick.begin()->second;
            pick.erase(pick.begin());
            out.push_back(actions_[next]);
            for (const std::size_t target : after_[next]) {
                if (--waits[target] == 0 && waiting.erase({rank(target), target}) > 0) ready.emplace(rank(target), target);
            }
        }
        return out;
    }

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    const Items& items_;
    const Fates& fates_;
    std::set<std::string> alone_;  ///< parts that are dropped before their owner
    std::vector<Action> actions_;
    std::vector<std::set<std::size_t>> after_;
    std::map<std::pair<Action::Kind, std::string>, std::size_t> by_key_;
    std::map<std::string, std::vector<std::string>> parts_;  ///< by owner: what must be there before anything is of that

    void add(Action::Kind kind, const Item& item, bool retypes_anew = false) {
        by_key_[{kind, item.id}] = actions_.size();
        actions_.push_back({kind, &item, retypes_anew});
        after_.emplace_back();
    }

    /// Goes by itself when its owner is dropped.
    bool goes_with_owner(const Item& item) const {
        if (item.owner.empty()) return false;
        const std::string& owner = items_.resolve(items_.from_alias, item.owner);
        if (!fates_.taken.contains(owner) || alone_.contains(item.id)) return false;
        // A type that is only put aside keeps what it has.
        const Item& whole = items_.by_id.at(owner);
        return whole.rank != Rank::type || whole.finish.empty() || !whole.in_to;
    }

    void add_actions(const Item& item) {
        if (fates_.taken.contains(item.id)) {
            if (!goes_with_owner(item)) add(Action::Kind::drop, item);
            if (item.in_to) add(Action::Kind::make, item);
            if (item.in_to && !item.finish.empty()) add(Action::Kind::finish, item);
        } else if (!item.in_from) {
            add(Action::Kind::make, item);
        } else if (fates_.retyped.contains(item.id) && !item.retype.empty()) {
            add(Action::Kind::alter, item, true);
        } else if (!item.equal && item.alter && !item.alter->empty()) {
            add(Action::Kind::alter, item);
        }
    }

    std::size_t action(Action::Kind kind, const std::string& id) const {
        const auto found = by_key_.find({kind, id});
        return found == by_key_.end() ? kNone : found->second;
    }

    /// The drop by which the item goes: its own, or its owner's.
    std::size_t drop_of(const std::string& id) const {
        const auto found = items_.by_id.find(id);
        if (found == items_.by_id.end() || !fates_.taken.contains(id)) return kNone;
        return goes_with_owner(found->second) ? drop_of(items_.resolve(items_.from_alias, found->second.owner))
                                              : action(Action::Kind::drop, id);
    }

    std::size_t coming(const std::string& id) const {
        const std::size_t made = action(Action::Kind::make, id);
        return made == kNone ? action(Action::Kind::alter, id) : made;
    }

    void edge(std::size_t first, std::size_t then) {
        if (first != kNone && then != kNone && first != then) after_[first].insert(then);
    }

    Rank rank_of(const std::string& id) const {
        const auto found = items_.by_id.find(id);
        return found == items_.by_id.end() ? Rank::other : found->second.rank;
    }

    /// `id` needs `needs` in the old schema.
    void from_edge(const std::string& id, const std::string& needs) {
        const std::size_t gone = drop_of(needs);
        const std::size_t changed = action(Action::Kind::alter, needs);
        edge(drop_of(id), gone);
        const std::size_t last = action(Action::Kind::finish, id);
        edge(last, action(Action::Kind::finish, needs));
        // What was put aside still stands on what it stood on; rows that wait stand on their types alone.
        const bool stands = rank_of(id) != Rank::table || rank_of(needs) == Rank::type;
        if (stands && action(Action::Kind::make, needs) == kNone) edge(last, gone);
        edge(drop_of(id), changed);
        const std::size_t own = action(Action::Kind::alter, id);
        if (const std::size_t finish = action(Action::Kind::finish, needs); finish != kNone && needs.find("TABLE ") != 0) {
            edge(gone, own);
            edge(action(Action::Kind::make, needs), own);
            edge(own, finish);
        } else {
            edge(own, gone);
        }
    }

    /// `id` needs `needs` in the new schema.
    void to_edge(const std::string& id, const std::string& needs) {
        edge(coming(needs), coming(id));
        // Rows that only move are nothing to tell a trigger of, and keys want them all.
        if (needs.starts_with("TABLE ") && items_.by_id.contains(id) && items_.by_id.at(id).rank >= Rank::foreign_key)
            edge(action(Action::Kind::finish, needs), coming(id));
        if (is_routine(id)) return;  // holds no values, and the part may call it
        const auto parts = parts_.find(needs);
        // Parts of one owner do not wait for each other.
        if (parts == parts_.end() || std::ranges::find(parts->second, id) != parts->second.end()) return;
        for (const std::string& part : parts->second) edge(coming(part), coming(id));
    }

    int rank(std::size_t index) const {
        const Action& act = actions_[index];
        const int own = static_cast<int>(act.item->rank);
        constexpr int kAfterDrops = 100;
        switch (act.kind) {
            case Action::Kind::drop: return kAfterDrops / 2 - own;
            case Action::Kind::finish:
                return kAfterDrops + (act.item->rank == Rank::table ? static_cast<int>(Rank::attachment)
                                                                    : static_cast<int>(Rank::grants) + 1);
            default: return kAfterDrops + own;
        }
    }
};

}  // namespace

std::vector<Action> ordered_actions(const Items& items, const Fates& fates, const Schema& from, const Schema& to) {
    Graph graph(items, fates);
    graph.add_edges(from, to);
    return graph.sorted();
}

}  // namespace tenon::postgres
