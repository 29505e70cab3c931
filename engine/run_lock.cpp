// Taking locks in turns.
#include "engine/run_lock.h"

#include <algorithm>
#include <thread>

#include "engine/postgres_connection.h"
#include "engine/sha256.h"
#include "engine/values.h"
#include "schemas/error.h"

namespace tenon {
namespace {

constexpr std::chrono::milliseconds kTurn{100};
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 20);  // what fits the drivers' 32 bits

/// Other tools use advisory locks too: the key is a hash, so that theirs are unlikely to be the same.
std::int64_t lock_key(const std::string& database, std::string_view schema) {
    constexpr std::size_t kDigits = 16;
    std::string text = "tenon";
    for (const std::string_view part : {std::string_view(database), schema}) text += '\0' + std::string(part);
    return static_cast<std::int64_t>(std::stoull(sha256(text).substr(0, kDigits), nullptr, 16));
}

}  // namespace

RunLock::RunLock(Connection& connection, std::string_view schema, std::chrono::milliseconds timeout,
                 std::function<bool()> stopped)
    : connection_(connection), timeout_(std::min(timeout, kLongest)), stopped_(std::move(stopped)) {
    if (connection.dialect() == Dialect::sqlite) return;
    key_ = lock_key(text_of(connection.scalar("SELECT current_database()")), schema);
    if (is_pooled(connection)) return;
    wait([&](bool last_turn) { return try_advisory("pg_try_advisory_lock", last_turn); });
    held_ = true;
    backend_ = number_of(connection.scalar("SELECT pg_backend_pid()"));
    notice_lost_client(connection);
}

RunLock::~RunLock() {
    if (!held_) return;
    try {
        const Value key = key_;
        connection_.scalar("SELECT pg_advisory_unlock($1)", {&key, 1});
    } catch (const Error&) {
        // The connection is lost, and the lock with it; or the transaction failed, and the lock goes when the connection
        // closes.
    }
}

void RunLock::begin() {
    if (connection_.dialect() == Dialect::sqlite) {
        wait([&](bool last_turn) { return try_begin_immediate(last_turn); });
        connection_.set_lock_timeout(timeout_);
        return;
    }
    connection_.execute("BEGIN");
    connection_.execute("SET LOCAL lock_timeout = " + std::to_string(timeout_.count()));
    if (!held_) {
        wait([&](bool last_turn) { return try_advisory("pg_try_advisory_xact_lock", last_turn); });
    } else if (number_of(connection_.scalar("SELECT pg_backend_pid()")) != backend_) {
        throw Error(ErrorCode::locked, "the connection is no longer the one that took the lock",
                    "run the same command again: what was not committed is undone");
    }
}

void RunLock::wait(const std::function<bool(bool last_turn)>& attempt) const {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    if (connection_.dialect() == Dialect::sqlite) connection_.set_lock_timeout(std::min(kTurn, timeout_));
    while (!attempt(std::chrono::steady_clock::now() >= deadline)) {
        if (stopped_ && stopped_()) throw Error(ErrorCode::locked, "interrupted");
    }
}

bool RunLock::try_begin_immediate(bool last_turn) const {
    try {
        connection_.execute("BEGIN IMMEDIATE");
    } catch (const Error& error) {
        if (error.code() != ErrorCode::locked || last_turn) throw;
        return false;
    }
    return true;
}

/// Never waits on the server: a waiting session would be in the way of CREATE INDEX CONCURRENTLY, which waits for all others.
bool RunLock::try_advisory(const char* function, bool last_turn) const {
    const Value key = key_;
    if (number_of(connection_.scalar(std::string("SELECT ") + function + "($1)", {&key, 1})) != 0) return true;
    if (last_turn) fail_locked();
    std::this_thread::sleep_for(kTurn);
    return false;
}

void RunLock::fail_locked() const {
    std::string holder;
    const Value key = key_;
    connection_.query(
        "SELECT a.pid, a.usename FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
        "AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) "
        "AND (l.classid::bigint << 32) | l.objid::bigint = $1",
        {&key, 1}, [&](std::span<const Value> row) {
            holder = " (process " + std::to_string(number_of(row[0])) + " of the server, user " + text_of(row[1]) + ")";
        });
    throw Error(ErrorCode::locked, "another Tenon is changing this database" + holder,
                "wait for it, or give it longer with --lock-timeout 30s or --wait");
}

}  // namespace tenon
