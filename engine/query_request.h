// A query as the command line gives it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/connection.h"
#include "schemas/schema.h"

namespace tenon {

struct QueryRequest {
    std::string table{};
    std::vector<std::string> select{};                    ///< columns; empty for all
    std::vector<std::string> omit{};                      ///< columns to leave out
    std::string where{};                                  ///< SQL over the table's columns, passed through
    std::vector<std::pair<std::string, Value>> params{};  ///< values for :name in `where`
    std::vector<std::string> order{};                     ///< columns, `-` before a descending one; empty: primary key
    std::optional<std::int64_t> limit{};
    std::optional<std::int64_t> offset{};
    std::vector<std::string> with{};  ///< relation paths: "posts", "posts.tags"
    bool ndjson = false;              ///< a row a line, instead of one array
};

/// Writes the rows as JSON in pieces; memory does not grow with the result.
/// @throws Error for unknown tables, columns and relations (with a suggestion), and what the database says of `where`.
void run_query(Connection& connection, const Schema& schema, const QueryRequest& request,
               const std::function<void(std::string_view)>& write);

}  // namespace tenon
