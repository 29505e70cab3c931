// Internal: catalog queries of many parts, of which the server plans only those that can find something.
#pragma once

#include <span>
#include <string>

namespace tenon::postgres {

/// A piece of a query, and the condition under which it can find anything.
struct Part {
    const char* present;
    std::string query;
};

/// How a query of parts is sent: by a PL/pgSQL block, which joins those that can find something, or whole.
enum class Assembly { block, whole };

/// The parts between `head` and `tail`, as the rows of one result.  In a block only what is joined is planned: the planning of
/// a query over some 30 catalogs costs more than a hundred tables.
std::string assembled(Assembly assembly, const std::string& cursor, const std::string& head, std::span<const Part> parts,
                      const std::string& tail);

}  // namespace tenon::postgres
