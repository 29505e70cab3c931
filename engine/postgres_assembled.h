// Internal: catalog queries of many parts, of which the server plans only those that can find something.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "engine/postgres_system_tables.h"

namespace tenon::postgres {

/// A piece of a query, and the conditions under which it can find anything.
struct Part {
    std::string noted;    ///< conditions of noted(), which ask no catalog; empty: always
    const char* present;  ///< then a SELECT that finds something; empty: always
    std::string query;
};

/// SQL that notes, until the end of the transaction, that something was seen.  It is true, so that it can stand in a condition.
std::string note(const std::string& what);

/// SQL that is true where that was noted.
std::string noted(std::string_view what);
/// SQL that is true where something in one of these tables was: their numbers are what is noted.
std::string noted(std::initializer_list<SystemTable> tables);

/// How a query of parts is sent: by a PL/pgSQL block, which joins those that can find something, or whole.
enum class Assembly { block, whole };

/// The parts between `head` and `tail`, as the rows of one result.  In a block only what is joined is planned: the planning of
/// a query over some 30 catalogs costs more than a hundred tables.
std::string assembled(Assembly assembly, const std::string& cursor, const std::string& head, std::span<const Part> parts,
                      const std::string& tail);

/// Replaces every `mark` in the text of a query.
void replace_all(std::string& text, std::string_view mark, std::string_view value);

/// Replaces each `@NAME argument@` by what `value` makes of the argument.
void replace_calls(std::string& text, std::string_view name, const std::function<std::string(const std::string&)>& value);

}  // namespace tenon::postgres
