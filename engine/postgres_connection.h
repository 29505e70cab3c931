// Internal: PostgreSQL behind the Connection interface, and whole results of several statements in one round trip.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.h"

struct pg_result;

namespace tenon {

/// The rows of one statement.  Views into it live as long as it does.
class Rows {
public:
    Rows() = default;
    explicit Rows(pg_result* result);
    int count() const { return count_; }
    bool null(int row, int column) const;
    /// The text of a cell (from stream_rows(): its binary form); empty for NULL.
    std::string_view at(int row, int column) const;
    /// The OID of a column's type.
    unsigned type(int column) const;

private:
    struct Deleter {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Deleter> result_;
    int count_ = 0;
    bool binary_ = false;
};

/// What a scratch database does otherwise than a plain connection.
struct ConnectionHooks {
    std::function<std::string(std::string_view)> rewrite{};  ///< what execute() runs instead
    std::function<void()> closed{};                          ///< called after the connection is closed
};

/// A PostgreSQL database.
/// @throws Error: no server, a wrong password (never echoed), an unsupported version.
std::unique_ptr<Connection> open_postgres(const Url& url, Access access, std::chrono::milliseconds lock_timeout,
                                          ConnectionHooks hooks = {});

/// See open_scratch().
std::unique_ptr<Connection> open_postgres_scratch(const ScratchPlace& place);

/// Runs a string of statements as one message and as it stands, past what a scratch database makes of execute().
/// @throws Error for a connection of another dialect, and as execute().
void execute_as_is(Connection& connection, std::string_view sql);

/// Sends statements at once and hands over the rows of each, by its place, as they come.  Statements that `take` gives back are
/// sent behind the others while the server works on those, so that no round trip is waited for.  A statement without rows is
/// not handed over.  After an error the rest is skipped.  The settings of the session, which take a round trip of their own,
/// need not be made yet: the statements make those that they need.
/// @throws Error for a connection of another dialect, and as execute().
using TakeRows = std::function<std::vector<std::string>(std::size_t place, Rows rows)>;
void query_in_a_row(Connection& connection, std::vector<std::string> statements, const TakeRows& take);

/// True where a pooler stands between, so that each transaction may run on another backend.
bool is_pooled(Connection& connection);

/// From now on the server ends a long statement soon after this process is gone, where it can tell.
void notice_lost_client(Connection& connection);

/// Runs one statement and hands over its rows one by one, as they come and in binary form; memory does not grow with the
/// result.
void stream_rows(Connection& connection, std::string_view sql, std::span<const Value> parameters,
                 const std::function<void(const Rows&)>& rows);

/// How long a statement waits for a lock.
std::chrono::milliseconds lock_timeout(Connection& connection);

/// The server's version: 150004.
int server_version(Connection& connection);

}  // namespace tenon
