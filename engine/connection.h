// A connection to a database, as the engine needs it.  SQLite and PostgreSQL implement it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schemas/dialect.h"
#include "schemas/sqlite_create.h"

namespace tenon {

struct Blob {
    std::string bytes{};
    bool operator==(const Blob&) const = default;
};

/// A value as the database gives or takes it.  monostate is NULL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

/// A database URL taken apart.
struct Url {
    Dialect dialect = Dialect::sqlite;
    std::string text{};  ///< as given
    std::string path{};  ///< SQLite: the file, or ":memory:"
};
/// @throws Error (usage) for what is no URL of a dialect Tenon knows.  The password never appears in the message.
Url parse_url(std::string_view text);
/// The URL without its password.
std::string redact(std::string_view url);

enum class Access {
    read,    ///< the file must exist; nothing is changed
    write,   ///< the file must exist
    create,  ///< made when missing
};

/// Where scratch databases of a dialect can be made.
struct ScratchPlace {
    Dialect dialect = Dialect::sqlite;
    std::string server{};       ///< PostgreSQL: the URL of a database, which is left as it was; SQLite needs none
    bool own_database = false;  ///< PostgreSQL: not in a transaction, where some statements cannot run
};

class Connection {
public:
    virtual ~Connection() = default;

    virtual Dialect dialect() const = 0;

    /// True between BEGIN and COMMIT.
    virtual bool in_transaction() const = 0;

    /// The place beside this database.
    virtual ScratchPlace scratch_place() const { return {dialect(), ""}; }

    /// Runs every statement of `sql`.  @throws Error with the database's message and the statement.
    virtual void execute(std::string_view sql) = 0;

    /// Runs one statement with positional parameters and hands over each row; the span is valid during the call only.
    virtual void query(std::string_view sql, std::span<const Value> parameters,
                       const std::function<void(std::span<const Value>)>& row) = 0;

    /// The first column of the first row, or NULL.
    Value scalar(std::string_view sql, std::span<const Value> parameters = {});

    /// Rows that the last statement changed.
    virtual std::int64_t changed_rows() const = 0;

    /// Calls `tick` every so often while a statement runs; it returns false to interrupt (the statement then throws Error
    /// locked).  An empty function removes it.
    virtual void on_progress(std::function<bool()> tick) = 0;

    /// How long to wait for a lock before giving up with Error (locked).
    virtual void set_lock_timeout(std::chrono::milliseconds timeout) = 0;
};

/// Opens a database.
/// @throws Error: no such file (read, write), not a database, encrypted or corrupt, no permission, locked.
std::unique_ptr<Connection> open_connection(const Url& url, Access access,
                                            std::chrono::milliseconds lock_timeout = std::chrono::seconds(5));

/// An empty scratch database: SQLite's in memory; PostgreSQL's in a transaction that is rolled back, or, where that cannot be,
/// in a temporary database.  It is gone with the connection.
/// @throws Error where the place has no server, or the role may do neither.
std::unique_ptr<Connection> open_scratch(const ScratchPlace& place);

}  // namespace tenon
