// A stable topological sort (Kahn's), with cycles broken at the first thing in line.
#include "emitters/order.h"

#include <set>

namespace tenon {

std::vector<std::size_t> dependency_order(std::size_t count, const std::vector<std::pair<std::size_t, std::size_t>>& before) {
    std::vector<std::vector<std::size_t>> followers(count);
    std::vector<std::size_t> waiting_for(count, 0);
    for (const auto& [first, second] : before) {
        if (first == second) continue;
        followers[first].push_back(second);
        ++waiting_for[second];
    }
    std::set<std::size_t> left;
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < count; ++i) {
        left.insert(i);
        if (waiting_for[i] == 0) ready.insert(i);
    }
    std::vector<std::size_t> order;
    while (!left.empty()) {
        const std::size_t next = ready.empty() ? *left.begin() : *ready.begin();
        ready.erase(next);
        left.erase(next);
        order.push_back(next);
        for (const std::size_t follower : followers[next]) {
            if (waiting_for[follower] > 0 && --waiting_for[follower] == 0 && left.contains(follower)) ready.insert(follower);
        }
    }
    return order;
}

}  // namespace tenon
