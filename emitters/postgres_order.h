// The order of a plan: a graph of what must come before what, sorted the same way every time.
#pragma once

#include <string>
#include <vector>

#include "emitters/postgres_fates.h"

namespace tenon::postgres {

/// One thing to do with one item.
struct Action {
    enum class Kind { drop, alter, make, finish };
    Kind kind = Kind::make;
    const Item* item = nullptr;
    bool retypes_anew = false;  ///< alter: the column is brought to a type made anew
};

std::vector<Action> ordered_actions(const Items& items, const Fates& fates, const Schema& from, const Schema& to);

}  // namespace tenon::postgres
