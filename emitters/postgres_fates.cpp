// The closure over dependents: PostgreSQL refuses to drop or retype what something stands on.
#include "emitters/postgres_fates.h"

#include <vector>

#include "schemas/error.h"

namespace tenon::postgres {
namespace {

bool is(const std::string& id, std::string_view kind) { return id.starts_with(kind); }

/// A change of a column's type that PostgreSQL carries through by itself does not take these.
bool survives_retype(const std::string& id, const Items& items) {
    if (is(id, "CONSTRAINT ")) {
        const auto found = items.by_id.find(id);
        return found == items.by_id.end() || found->second.rank != Rank::foreign_key;
    }
    return is(id, "INDEX ") || is(id, "STATISTICS ") || is(id, "COMMENT ") || is(id, "GRANTS ") || is(id, "SEQUENCE ") ||
           is(id, "TABLE ") || is(id, "OWNED BY ") || is(id, "ATTACHMENT ");
}

class Closure {
public:
    Closure(const Items& items, const Schema& from) : items_(items) {
        for (const Dependency& dependency : from.dependencies.value) {
            const std::string& id = items.resolve(items.from_alias, dependency.id);
            const std::string& needs = items.resolve(items.from_alias, dependency.needs);
            if (id != needs) dependents_[needs].push_back(id);
        }
        for (const auto& [id, item] : items.by_id) {
            if (!item.owner.empty()) owned_[items.resolve(items.from_alias, item.owner)].push_back(id);
            for (const std::string& freed : item.frees) dependents_[items.resolve(items.from_alias, freed)].push_back(id);
        }
    }

    Fates run() {
        for (const std::string& id : items_.order) {
            const auto found = items_.by_id.find(id);
            if (found == items_.by_id.end()) continue;
            const Item& item = found->second;
            if (!item.in_from && item.takes_owner) take(item.owner);
            if (!item.in_from) continue;
            if (!item.in_to || (!item.equal && !item.alter)) {
                take(id);
            } else if (item.retypes) {
                retype(id);
            }
        }
        while (!todo_.empty()) {
            const auto [id, whole] = todo_.back();
            todo_.pop_back();
            for (const std::string& dependent : dependents_[id]) follow(dependent, id, whole);
            if (!whole) continue;
            for (const std::string& owned : owned_[id]) take(owned);
        }
        return std::move(fates_);
    }

private:
    const Items& items_;
    std::map<std::string, std::vector<std::string>> dependents_;
    std::map<std::string, std::vector<std::string>> owned_;
    std::set<std::string> passed_;
    std::vector<std::pair<std::string, bool>> todo_;  ///< id, and whether it goes as a whole
    Fates fates_;

    void take(const std::string& id) {
        const auto found = items_.by_id.find(id);
        if (found == items_.by_id.end() || !found->second.in_from) return;
        if (!fates_.taken.insert(id).second) return;
        todo_.emplace_back(id, true);
        if (found->second.takes_owner && found->second.in_to) take(found->second.owner);
        if (!found->second.passes.empty()) retype(found->second.passes);
    }

    void retype(const std::string& id) {
        if (passed_.insert(id).second) todo_.emplace_back(id, false);
    }

    void follow(const std::string& dependent, const std::string& id, bool whole) {
        const auto found = items_.by_id.find(dependent);
        if (found == items_.by_id.end()) return;
        // A column of a row type does not mind if a part of that goes.
        if (!found->second.passes.empty() && is(id, "COLUMN ") && !items_.by_id.at(id).in_to) return;
        const bool kept_in_any_case = is(dependent, "TABLE ") || is(dependent, "SCHEMA ") || is(dependent, "EXTENSION ") ||
                                      (is(dependent, "SEQUENCE ") && found->second.in_to);
        if (kept_in_any_case || fates_.taken.contains(dependent)) return;
        if (!whole) {
            if (!survives_retype(dependent, items_)) take(dependent);
            return;
        }
        const bool type = is(id, "TYPE ") || is(id, "DOMAIN ") || is(id, "COLLATION ");
        if (is(dependent, "COLUMN ") && type) {
            if (found->second.in_to && fates_.retyped.insert(dependent).second) retype(dependent);
            return;
        }
        if (found->second.retypes && !found->second.equal && found->second.keeps_values)
            return;                                                     // it becomes of another type first
        if (items_.by_id.contains("ROW TYPE OF " + dependent)) return;  // so does it
        if (found->second.keeps_values)
            throw Error(ErrorCode::refused,
                        id + " would have to be dropped and made anew, and " + dependent + " holds values of it",
                        "leave it as it is, or move the column to another type first");
        take(dependent);
    }
};

}  // namespace

Fates decide_fates(const Items& items, const Schema& from) { return Closure(items, from).run(); }

}  // namespace tenon::postgres
