// Internal: what a declared schema has in common with a live database, letter by letter, so that no server need be asked.
#pragma once

#include <set>
#include <string>

#include "differ/change.h"
#include "differ/intents.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// A resolved schema in the forms of `live` where both say the same in the same words, and what is left to ask about.
struct Known {
    Schema schema{};                  ///< resolved; Objects that `live` has to the letter have its ids and shapes
    std::set<std::string> tables{};   ///< full names of tables that differ from the live ones
    std::set<std::string> objects{};  ///< ids of Objects that differ; provisional where a function has no arguments in its key
    std::set<std::string> types{};    ///< ids of types, domains and sequences that differ
    Changes changes{};                ///< from `live` to the schema, as compare() has them
    bool nothing_differs() const { return tables.empty() && objects.empty() && types.empty(); }
};

Known known_by(const Schema& live, Schema resolved, const Intents& intents);

}  // namespace tenon::postgres
