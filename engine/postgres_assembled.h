// Internal: catalog queries of many parts, of which only those are sent that can find something.
#pragma once

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/postgres_system_tables.h"

namespace tenon::postgres {

/// A piece of a query, and SQL that is true where it can find anything (empty: always).
struct Part {
    std::string condition;
    std::string query;
};

/// The parts between `head` and `tail`, as the rows of one result.
struct Assembled {
    std::string head{};
    std::vector<Part> parts{};
    std::string tail{};
};

/// The query of those parts whose condition is among `holding`; empty where there are none.
std::string joined(const Assembled& query, const std::set<std::string>& holding);

/// SQL that notes, until the end of the transaction, that something was seen.  It is true, so that it can stand in a condition.
std::string note(const std::string& what);

/// SQL that is true where that was noted.
std::string noted(std::string_view what);
/// SQL that is true where something in one of these tables was: their numbers are what is noted.
std::string noted(std::initializer_list<SystemTable> tables);

/// Replaces every `mark` in the text of a query.
void replace_all(std::string& text, std::string_view mark, std::string_view value);

/// Replaces each `@NAME argument@` by what `value` makes of the argument.
void replace_calls(std::string& text, std::string_view name, const std::function<std::string(const std::string&)>& value);

}  // namespace tenon::postgres
