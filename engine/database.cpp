// Opening databases for programs, and their transactions.
#include "engine/database.h"

#include <utility>

#include "schemas/error.h"

namespace tenon {

Transaction::Transaction(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {
    connection_->execute(connection_->dialect() == Dialect::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    open_ = true;
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::move(other.connection_)), open_(std::exchange(other.open_, false)) {}

Transaction::~Transaction() {
    try {
        rollback();
    } catch (const Error&) {
        // The database has rolled back by itself.
    }
}

void Transaction::commit() {
    connection_->execute("COMMIT");
    open_ = false;
}

void Transaction::rollback() {
    if (std::exchange(open_, false)) connection_->execute("ROLLBACK");
}

Database open(std::string_view url) {
    std::shared_ptr<Connection> connection = open_connection(parse_url(url), Access::create);
    if (connection->dialect() == Dialect::sqlite) connection->execute("PRAGMA foreign_keys = ON");
    return Database(std::move(connection));
}

}  // namespace tenon
