// SQLite behind the Connection interface.  The C API is used as it is: a column is read where SQLite holds it, and the row
// callback gets values without a copy in between.
#include <sqlite3.h>

#include <filesystem>

#include "engine/sqlite_handle.h"
#include "schemas/error.h"

namespace tenon {
namespace {

constexpr int kProgressInstructions = 20000;  // a few milliseconds of work between two looks at the stop flag

struct StatementDeleter {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

struct DatabaseDeleter {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, DatabaseDeleter>;

/// A statement as it is shown in messages: not more than a screen of it.
std::string shown(std::string_view sql) {
    constexpr std::size_t kLongest = 300;
    return sql.size() <= kLongest ? std::string(sql) : std::string(sql.substr(0, kLongest)) + " …";
}

[[noreturn]] void fail(sqlite3* database, int status, const std::string& path, std::string_view sql = {}) {
    const std::string what = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status);
    switch (status & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(ErrorCode::locked, path + ": another process holds a lock on the database",
                        "wait for it, or give it longer with --lock-timeout 30s");
        case SQLITE_INTERRUPT: throw Error(ErrorCode::locked, "interrupted; the database is as it was before");
        case SQLITE_NOTADB:
            throw Error(ErrorCode::error, path + ": the file is not a database, or it is encrypted",
                        "check the path; Tenon reads plain SQLite files");
        case SQLITE_CORRUPT:
            throw Error(ErrorCode::error, path + ": " + what,
                        "the file is corrupt: restore it from a backup, or try `sqlite3 FILE .recover`");
        case SQLITE_READONLY:
            throw Error(ErrorCode::error, path + ": the database is read-only",
                        "check the permissions of the file and its folder");
        case SQLITE_FULL: throw Error(ErrorCode::error, path + ": " + what, "the disk is full; nothing was changed");
        case SQLITE_CANTOPEN:
            throw Error(ErrorCode::error, path + ": cannot open the database file",
                        "check that the file exists and may be read");
        default: break;
    }
    Error error(ErrorCode::error, what + (sql.empty() ? "" : "\n  in: " + shown(sql)));
    if (status == SQLITE_ERROR) error.set_state("SQLITE_ERROR");
    throw error;
}

class SqliteConnection final : public Connection {
public:
    SqliteConnection(const std::string& path, Access access, std::chrono::milliseconds lock_timeout) : path_(path) {
        int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        if (access == Access::create || path == ":memory:") flags |= SQLITE_OPEN_CREATE;
        if (access != Access::create && path != ":memory:" && !std::filesystem::exists(path)) {
            throw Error(ErrorCode::error, path + ": no such database", "`tenon apply` and `tenon migrate up` make it");
        }
        // Reading opens for writing too, so that SQLite may roll back a hot journal; where the file cannot be written it falls
        // back to reading by itself.
        sqlite3* opened = nullptr;
        const int status = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
        database_.reset(opened);
        if (status != SQLITE_OK) fail(opened, status, path_);
        sqlite3_extended_result_codes(opened, 1);
        set_lock_timeout(lock_timeout);
        // The first read shows whether this is a database at all.
        scalar("SELECT count(*) FROM sqlite_schema");
        if (access == Access::read) execute("PRAGMA query_only = ON");
    }

    Dialect dialect() const override { return Dialect::sqlite; }
    sqlite3* handle() const { return database_.get(); }

    void execute(std::string_view sql) override {
        std::string_view rest = sql;
        while (!rest.empty()) {
            std::string_view text = rest;
            const StatementHandle statement = prepare(rest);
            if (statement) step_through(statement.get(), text.substr(0, text.size() - rest.size()), {});
        }
    }

    void query(std::string_view sql, std::span<const Value> parameters,
               const std::function<void(std::span<const Value>)>& row) override {
        std::string_view rest = sql;
        const StatementHandle statement = prepare(rest);
        if (!statement) return;
        for (std::size_t i = 0; i < parameters.size(); ++i) bind(statement.get(), static_cast<int>(i) + 1, parameters[i]);
        step_through(statement.get(), sql, row);
    }

    bool in_transaction() const override { return sqlite3_get_autocommit(database_.get()) == 0; }

    std::int64_t changed_rows() const override { return sqlite3_changes64(database_.get()); }

    void on_progress(std::function<bool()> tick) override {
        tick_ = std::move(tick);
        const auto handler = [](void* self) { return static_cast<SqliteConnection*>(self)->tick_() ? 0 : 1; };
        if (tick_) {
            sqlite3_progress_handler(database_.get(), kProgressInstructions, handler, this);
        } else {
            sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
        }
    }

    void set_lock_timeout(std::chrono::milliseconds timeout) override {
        sqlite3_busy_timeout(database_.get(), static_cast<int>(timeout.count()));
    }

private:
    std::string path_;
    DatabaseHandle database_;
    std::function<bool()> tick_;

    /// Prepares the first statement and moves `rest` behind it; null where only spaces or comments are left.
    StatementHandle prepare(std::string_view& rest) {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int status = sqlite3_prepare_v2(database_.get(), rest.data(), static_cast<int>(rest.size()), &statement, &tail);
        StatementHandle owned(statement);
        if (status != SQLITE_OK) fail(database_.get(), status, path_, rest);
        rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
        return owned;
    }

    void step_through(sqlite3_stmt* statement, std::string_view sql, const std::function<void(std::span<const Value>)>& row) {
        std::vector<Value> values(static_cast<std::size_t>(sqlite3_column_count(statement)));
        int status = SQLITE_ROW;
        while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
            if (!row) continue;
            for (std::size_t i = 0; i < values.size(); ++i) read_column(statement, static_cast<int>(i), values[i]);
            row(values);
        }
        if (status != SQLITE_DONE) fail(database_.get(), status, path_, sql);
    }

    /// Text goes where the row before had text, without a new allocation.
    static void read_column(sqlite3_stmt* statement, int index, Value& value) {
        const auto bytes = [&](const void* data) {
            return std::string_view(static_cast<const char*>(data),
                                    static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
        };
        switch (sqlite3_column_type(statement, index)) {
            case SQLITE_INTEGER: value = static_cast<std::int64_t>(sqlite3_column_int64(statement, index)); break;
            case SQLITE_FLOAT: value = sqlite3_column_double(statement, index); break;
            case SQLITE_TEXT: {
                const std::string_view text = bytes(sqlite3_column_text(statement, index));
                auto* before = std::get_if<std::string>(&value);
                (before != nullptr ? *before : value.emplace<std::string>()) = text;
                break;
            }
            case SQLITE_BLOB: {
                const void* data = sqlite3_column_blob(statement, index);
                value = Blob{data == nullptr ? std::string() : std::string(bytes(data))};
                break;
            }
            default: value = std::monostate{};
        }
    }

    void bind(sqlite3_stmt* statement, int index, const Value& value) {
        const int status = std::visit(
            Overloaded{[&](std::monostate) { return sqlite3_bind_null(statement, index); },
                       [&](std::int64_t number) { return sqlite3_bind_int64(statement, index, number); },
                       [&](double number) { return sqlite3_bind_double(statement, index, number); },
                       [&](const std::string& text) {
                           return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                                                      SQLITE_UTF8);
                       },
                       [&](const Blob& blob) {
                           return sqlite3_bind_blob64(statement, index, blob.bytes.data(), blob.bytes.size(), SQLITE_TRANSIENT);
                       }},
            value);
        if (status != SQLITE_OK) fail(database_.get(), status, path_);
    }
};

}  // namespace

std::unique_ptr<Connection> open_sqlite(const std::string& path, Access access, std::chrono::milliseconds lock_timeout) {
    return std::make_unique<SqliteConnection>(path, access, lock_timeout);
}

sqlite3* sqlite_handle(Connection& connection) {
    auto* sqlite = dynamic_cast<SqliteConnection*>(&connection);
    if (sqlite == nullptr) throw Error(ErrorCode::error, "this is no SQLite connection");
    return sqlite->handle();
}

}  // namespace tenon
