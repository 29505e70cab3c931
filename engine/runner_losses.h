// What ways down would drop, and whether anything is in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/runner.h"

namespace tenon {

/// A table or a column that a migration drops.
struct Loss {
    std::string table{};
    std::string column{};  ///< empty: the whole table
    bool operator==(const Loss&) const = default;
};

/// What the ways down of `migrations`, run in this order, would drop: for each the losses under the names that hold when its
/// turn comes.  Tried on a scratch database that holds the same schema, so that a rebuild which leaves a column out counts, and
/// a rename does not.
std::vector<std::vector<Loss>> losses_of_down(Connection& connection, std::span<const Migration> migrations,
                                              const Replan& replan);

/// Those of `losses` that exist and hold rows (for a column: values), as problems.
std::vector<Problem> losses_with_rows(Connection& connection, const Migration& migration, const std::vector<Loss>& losses);

}  // namespace tenon
