// What becomes of each item: which are taken down though they do not differ, because something they stand on is.
#pragma once

#include <set>
#include <string>

#include "emitters/postgres_items.h"

namespace tenon::postgres {

struct Fates {
    std::set<std::string> taken{};    ///< dropped, and made anew where `to` has them
    std::set<std::string> retyped{};  ///< columns whose type is made anew under the same name
};

Fates decide_fates(const Items& items, const Schema& from);

}  // namespace tenon::postgres
