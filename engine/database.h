// A database as a program holds it: opened by URL, with transactions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/connection.h"

namespace tenon {

/// A transaction.  Rolled back when it goes out of scope, unless committed.
class Transaction {
public:
    explicit Transaction(std::shared_ptr<Connection> connection);
    Transaction(Transaction&& other) noexcept;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// @throws Error where the database refuses; the transaction stays open then.
    void commit();
    void rollback();
    Connection& connection() const { return *connection_; }

private:
    std::shared_ptr<Connection> connection_;
    bool open_ = false;
};

/// A handle to an open database; copies share the connection.  Not for use by several threads at once.
class Database {
public:
    explicit Database(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

    /// Runs every statement of `sql`.
    void execute(std::string_view sql) { connection_->execute(sql); }
    /// Begins a transaction.  @throws Error (locked) on SQLite, where another process holds the lock.
    Transaction begin() { return Transaction(connection_); }
    Connection& connection() const { return *connection_; }
    const std::shared_ptr<Connection>& shared() const { return connection_; }

private:
    std::shared_ptr<Connection> connection_;
};

/// Opens a database; a missing SQLite file is made, and its foreign keys are enforced.
/// @throws Error for a URL that names none, or a database that cannot be opened.
Database open(std::string_view url);

}  // namespace tenon
