// Ordering by dependency: what must come first does.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tenon {

/// An order of 0 … count-1 in which `first` of each pair comes before `second`; things without a say keep their order.  Where
/// pairs form a cycle, the thing with the lowest number in it goes first.
std::vector<std::size_t> dependency_order(std::size_t count, const std::vector<std::pair<std::size_t, std::size_t>>& before);

}  // namespace tenon
