// A search through all that a part stands on.
#include "emitters/postgres_circles.h"

#include <set>

namespace tenon::postgres {

Circles::Circles(const Schema& schema, bool dropping) {
    for (const Dependency& dependency : schema.dependencies.value) {
        if (!dropping || !dependency.id.starts_with("SEQUENCE ")) needs_[dependency.id].push_back(dependency.needs);
    }
}

const std::vector<std::string>& Circles::needs_of(const std::string& id) const {
    static const std::vector<std::string> kNone;
    const auto found = needs_.find(id);
    return found == needs_.end() ? kNone : found->second;
}

bool Circles::lead_back(const std::string& part, const std::string& owner) const {
    const std::string columns = "COLUMN " + owner.substr(owner.find(' ') + 1) + ".";
    const auto is_own = [&](const std::string& id) { return id == owner || id.starts_with(columns); };
    std::set<std::string> seen;
    std::vector<std::string> todo;
    const auto push = [&](const std::string& id) {
        for (const std::string& need : needs_of(id)) {
            if (!(id == part && is_own(need)) && seen.insert(need).second) todo.push_back(need);
        }
    };
    push(part);
    while (!todo.empty()) {
        const std::string next = todo.back();
        todo.pop_back();
        if (is_own(next)) return true;
        push(next);
    }
    return false;
}

}  // namespace tenon::postgres
