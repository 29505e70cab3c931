// Bounds of partitions as conditions on rows.
#pragma once

#include <optional>
#include <string>

namespace tenon::postgres {

/// The condition on rows that a partition with this bound takes (`FOR VALUES FROM ('a') TO ('b')`, `FOR VALUES IN (1, NULL)`),
/// where the key is one column or expression without an operator class or collation of its own; nothing for other keys.
std::optional<std::string> rows_within(const std::string& partition_by, const std::string& bound);

}  // namespace tenon::postgres
