// Reading and writing the history table.
#include "engine/history.h"

#include <algorithm>
#include <array>

#include "engine/migration_file.h"
#include "engine/values.h"
#include "schemas/error.h"
#include "schemas/sql_tokens.h"

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

/// The schema where the table is, or where an unqualified CREATE TABLE would make it.
std::string postgres_schema(Connection& connection) {
    return text_of(
        connection.scalar("SELECT coalesce((SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                          "ON n.oid = c.relnamespace WHERE c.oid = to_regclass('tenon_migrations')), current_schema())"));
}

}  // namespace

History::History(Connection& connection) : connection_(connection), table_("tenon_migrations") {
    if (connection.dialect() != Dialect::postgres) return;
    schema_ = postgres_schema(connection);
    role_ = text_of(connection.scalar("SELECT current_setting('role')"));
    if (!schema_.empty()) table_ = quoted(schema_) + ".tenon_migrations";
}

bool History::exists() const {
    // 0: no such table; 1: one of that name, without the column that every layout has; 2: a history.
    Value found;
    if (connection_.dialect() == Dialect::sqlite) {
        found = connection_.scalar(
            "SELECT (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'tenon_migrations')"
            " + (SELECT count(*) FROM pragma_table_info('tenon_migrations') WHERE name = 'layout')");
    } else {
        const Value name = table_;
        found = connection_.scalar(
            "SELECT count(t.oid) + count(a.attname) FROM (SELECT pg_catalog.to_regclass($1) AS oid) t"
            " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attname = 'layout'",
            {&name, 1});
    }
    if (number_of(found) == 1) {
        throw Error(ErrorCode::error, "the table tenon_migrations is not one that this Tenon knows",
                    "a newer Tenon may have made it; else rename it");
    }
    return number_of(found) > 0;
}

/// For the rest of the transaction; what a SET ROLE in it has said holds again after it.
void History::be_oneself() const {
    if (connection_.dialect() != Dialect::postgres) return;
    const Value role = role_;
    connection_.scalar("SELECT set_config('role', $1, true) WHERE current_setting('role') <> $1", {&role, 1});
}

void History::check_layout() const {
    if (number_of(connection_.scalar("SELECT max(layout) FROM " + table_)) > kLayout) throw unknown_layout();
}

std::vector<HistoryRow> History::rows() const {
    std::vector<HistoryRow> rows;
    if (!exists()) return rows;
    check_layout();
    connection_.query("SELECT version, name, checksum, state, step, applied_at, duration_ms, tool FROM " + table_, {},
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

std::optional<HistoryRow> History::find(std::string_view version) const {
    const std::vector<HistoryRow> all = rows();
    const auto found = std::ranges::find(all, version, &HistoryRow::version);
    if (found == all.end()) return std::nullopt;
    return *found;
}

void History::write(const HistoryRow& row) const {
    be_oneself();
    if (!exists()) {
        if (connection_.dialect() == Dialect::postgres && schema_.empty())
            throw Error(ErrorCode::error,
                        "no schema of the search path exists, so there is no place for the table tenon_migrations",
                        "create one, or set the role's search_path");
        connection_.execute("CREATE TABLE " + table_ +
                            " (\n"
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
    connection_.query(
        "INSERT INTO " + table_ +
            " (version, name, checksum, state, step, applied_at, duration_ms, tool, layout) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
            "ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum, state = excluded.state, "
            "step = excluded.step, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms, tool = excluded.tool, "
            "layout = excluded.layout",
        values, [](std::span<const Value>) {});
}

void History::erase(std::string_view version) const {
    be_oneself();
    const std::array<Value, 1> values{std::string(version)};
    connection_.query("DELETE FROM " + table_ + " WHERE version = $1", values, [](std::span<const Value>) {});
}

}  // namespace tenon
