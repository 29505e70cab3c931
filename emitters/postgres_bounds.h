// Bounds of partitions as conditions on rows.
#pragma once

#include <optional>
#include <string>

namespace tenon::postgres {

/// The condition on rows that a partition with this bound takes (`FOR VALUES FROM ('a') TO ('b')`, `FOR VALUES IN (1, NULL)`),
/// where the key is compared as the server compares its columns and expressions by themselves; nothing for operator classes of
/// its own, and for hashes.
std::optional<std::string> rows_within(const std::string& partition_by, const std::string& bound);

}  // namespace tenon::postgres
