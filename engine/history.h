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

/// The history of one database.  On PostgreSQL its schema and the role are looked up once, when this is made: a migration may
/// change the search path, and who it is run as.
class History {
public:
    explicit History(Connection& connection);

    /// The rows in the order of their versions; none where the table is missing.
    /// @throws Error where a newer Tenon has laid out the table.
    std::vector<HistoryRow> rows() const;

    /// The row of one version.
    std::optional<HistoryRow> find(std::string_view version) const;

    /// Inserts or replaces a row; makes the table first where it is missing.  `tool` is filled in.
    void write(const HistoryRow& row) const;

    /// Takes a row out.
    void erase(std::string_view version) const;

    /// PostgreSQL: the schema that holds the table, or will; empty on SQLite.
    const std::string& schema() const { return schema_; }

private:
    Connection& connection_;
    std::string schema_;
    std::string table_;  ///< as it stands in SQL
    std::string role_;   ///< PostgreSQL

    bool exists() const;
    void be_oneself() const;
    void check_layout() const;
};

/// The rows of a database's history.
inline std::vector<HistoryRow> read_history(Connection& connection) { return History(connection).rows(); }

}  // namespace tenon
