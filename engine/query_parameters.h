// Internal: the parameters of a query's condition, given by name, as a dialect takes them by position.
#pragma once

#include <string>
#include <vector>

#include "engine/query_request.h"

namespace tenon {

struct BoundCondition {
    std::string sql{};            ///< empty where there is no condition
    std::vector<Value> values{};  ///< in the order of their numbers
};

/// `:name` becomes `$1` on PostgreSQL; on SQLite, which knows names, the text stays and the values keep the order they were
/// given in.  @throws Error for a value that no place in the condition takes, and for a place without a value.
BoundCondition bind_by_position(const QueryRequest& request, Dialect dialect);

}  // namespace tenon
