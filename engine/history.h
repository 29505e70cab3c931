// The table `tenon_migrations`: which migrations a database has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.h"

namespace tenon {

enum class HistoryState {
    applied,
    baseline,   ///< recorded without being run
    running,    ///< the way up stopped at `step`
    reverting,  ///< the way down stopped at `step`
};

/// A row of the history.
struct HistoryRow {
    std::string version{};
    std::string name{};
    std::string checksum{};
    HistoryState state = HistoryState::applied;
    std::int64_t step = 0;     ///< statements that are done, where it stopped half-way
    std::string applied_at{};  ///< UTC, as the caller's clock gives it
    std::int64_t duration_ms = 0;
    std::string tool{};  ///< the version of Tenon that wrote the row
    bool operator==(const HistoryRow&) const = default;
};

/// The rows in the order of their versions; none where the table is missing.
/// @throws Error where a newer Tenon has laid out the table.
std::vector<HistoryRow> read_history(Connection& connection);

/// The row of one version.
std::optional<HistoryRow> find_in_history(Connection& connection, std::string_view version);

/// Inserts or replaces a row; makes the table first where it is missing.  `tool` is filled in.
void write_history(Connection& connection, const HistoryRow& row);

/// Takes a row out.
void erase_from_history(Connection& connection, std::string_view version);

}  // namespace tenon
