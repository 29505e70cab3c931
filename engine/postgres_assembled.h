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

/// A piece of a query, and when it can find anything.
struct Part {
    std::vector<std::string> noted{};  ///< where one of these was; empty: always
    std::string exists{};              ///< and this query finds a row; empty: always
    std::string query{};
};

/// The parts between `head` and `tail`, as the rows of one result.
struct Assembled {
    std::string head{};
    std::vector<Part> parts{};
    std::string tail{};
};

/// What is there: notes that were made, and queries of Part::exists that found something.
using Found = std::set<std::string>;

/// The query of those parts that can find anything; empty where there are none.
std::string joined(const Assembled& query, const Found& found);

/// SQL that notes, until the end of the transaction, that something was seen.  It is true, so that it can stand in a condition.
std::string note(const std::string& what);
/// SQL for those of the notes that were made, a line each.
std::string notes_made(const std::set<std::string>& notes);

/// The notes that something in one of these tables was seen: their numbers.
std::vector<std::string> noted(std::initializer_list<SystemTable> tables);

/// Replaces every `mark` in the text of a query.
void replace_all(std::string& text, std::string_view mark, std::string_view value);

/// Replaces each `@NAME argument@` by what `value` makes of the argument.
void replace_calls(std::string& text, std::string_view name, const std::function<std::string(const std::string&)>& value);

}  // namespace tenon::postgres
