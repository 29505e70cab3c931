// One runner at a time: what keeps two Tenons from changing one database at once, and how their transactions begin.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/connection.h"

namespace tenon {

/// SQLite: each transaction takes the file's write lock when it begins; there is nothing to hold in between.
/// PostgreSQL: an advisory lock, held from construction to destruction.  Where a pooler stands between, so that the next
/// transaction may run on another backend, each transaction takes the lock for itself.
class RunLock {
public:
    /// Waits for other runners.
    /// @throws Error (locked) where they hold the lock for longer than `timeout`, or when `stopped` says so.
    RunLock(Connection& connection, std::string_view schema, std::chrono::milliseconds timeout, std::function<bool()> stopped);
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    ~RunLock();

    /// Begins a transaction under the lock.
    /// @throws Error (locked) as the constructor, and where the connection is no longer the one that took the lock.
    void begin();

private:
    Connection& connection_;
    std::chrono::milliseconds timeout_;
    std::function<bool()> stopped_;
    std::int64_t key_ = 0;  ///< PostgreSQL
    std::int64_t backend_ = 0;
    bool held_ = false;

    /// Tries in short turns, so that a stop is heeded while another holds the lock.
    void wait(const std::function<bool(bool last_turn)>& attempt) const;
    bool try_begin_immediate(bool last_turn) const;
    bool try_advisory(const char* function, bool last_turn) const;
    [[noreturn]] void fail_locked() const;
};

}  // namespace tenon
