// Reading and writing the history table.
#include "engine/history.h"

#include <algorithm>
#include <array>

#include "engine/migration_file.h"
#include "schemas/error.h"

namespace tenon {
namespace {

/// Counts up when the columns of the table change.  Every row holds it, so that an older Tenon can tell.
constexpr std::int64_t kLayout = 1;

constexpr std::array<std::pair<HistoryState, std::string_view>, 4> kStates{{{HistoryState::applied, "applied"},
                                                                            {HistoryState::baseline, "baseline"},
                                                                            {HistoryState::running, "running"},
                                                                            {HistoryState::reverting, "reverting"}}};

std::string state_text(HistoryState state) {
    const auto found = std::ranges::find(kStates, state, &std::pair<HistoryState, std::string_view>::first);
    return std::string(found->second);
}

Error unknown_layout() {
    return Error(ErrorCode::error, "the table tenon_migrations was laid out by a newer Tenon", "use that version of Tenon");
}

HistoryState state_from(const std::string& text) {
    const auto found = std::ranges::find(kStates, text, &std::pair<HistoryState, std::string_view>::second);
    if (found == kStates.end()) throw unknown_layout();
    return found->first;
}

std::string text_of(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? 0 : *number;
}

bool has_table(Connection& connection) {
    std::string_view sql;
    switch (connection.dialect()) {
        case Dialect::sqlite:
            sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'tenon_migrations'";
            break;
        case Dialect::postgres: sql = "SELECT count(to_regclass('tenon_migrations'))"; break;
    }
    return number_of(connection.scalar(sql)) > 0;
}

void check_layout(Connection& connection) {
    Value newest;
    try {
        newest = connection.scalar("SELECT max(layout) FROM tenon_migrations");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::error) throw;
        throw Error(ErrorCode::error, "the table tenon_migrations is not one that this Tenon knows",
                    "a newer Tenon may have made it; else rename it");
    }
    if (number_of(newest) > kLayout) throw unknown_layout();
}

}  // namespace

std::vector<HistoryRow> read_history(Connection& connection) {
    std::vector<HistoryRow> rows;
    if (!has_table(connection)) return rows;
    check_layout(connection);
    connection.query("SELECT version, name, checksum, state, step, applied_at, duration_ms, tool FROM tenon_migrations", {},
                     [&](std::span<const Value> cells) {
                         rows.push_back({.version = text_of(cells[0]),
                                         .name = text_of(cells[1]),
                                         .checksum = text_of(cells[2]),
                                         .state = state_from(text_of(cells[3])),
                                         .step = number_of(cells[4]),
                                         .applied_at = text_of(cells[5]),
                                         .duration_ms = number_of(cells[6]),
                                         .tool = text_of(cells[7])});
                     });
    std::ranges::sort(rows, version_less, &HistoryRow::version);
    return rows;
}

std::optional<HistoryRow> find_in_history(Connection& connection, std::string_view version) {
    const std::vector<HistoryRow> rows = read_history(connection);
    const auto found = std::ranges::find(rows, version, &HistoryRow::version);
    if (found == rows.end()) return std::nullopt;
    return *found;
}

void write_history(Connection& connection, const HistoryRow& row) {
    if (!has_table(connection)) {
        connection.execute(
            "CREATE TABLE tenon_migrations (\n"
            "    version TEXT NOT NULL PRIMARY KEY,\n"
            "    name TEXT NOT NULL,\n"
            "    checksum TEXT NOT NULL,\n"
            "    state TEXT NOT NULL,\n"
            "    step BIGINT NOT NULL,\n"
            "    applied_at TEXT NOT NULL,\n"
            "    duration_ms BIGINT NOT NULL,\n"
            "    tool TEXT NOT NULL,\n"
            "    layout BIGINT NOT NULL\n"
            ")");
    }
    const std::array<Value, 9> values{row.version, row.name,       row.checksum,    state_text(row.state),
                                      row.step,    row.applied_at, row.duration_ms, std::string(TENON_VERSION),
                                      kLayout};
    connection.query(
        "INSERT INTO tenon_migrations (version, name, checksum, state, step, applied_at, duration_ms, tool, layout) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, state = excluded.state, "
        "step = excluded.step, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms, tool = excluded.tool, "
        "layout = excluded.layout",
        values, [](std::span<const Value>) {});
}

void erase_from_history(Connection& connection, std::string_view version) {
    const std::array<Value, 1> values{std::string(version)};
    connection.query("DELETE FROM tenon_migrations WHERE version = $1", values, [](std::span<const Value>) {});
}

}  // namespace tenon
