// PostgreSQL behind the Connection interface, over libpq: it never reconnects by itself, so a lost connection ends the run
// instead of going on without the lock and the settings.
#include "engine/postgres_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "schemas/error.h"

namespace tenon {
namespace {

constexpr int kOldestVersion = 130000;
constexpr int kTickMilliseconds = 100;  // between two looks at the stop flag

// Type OIDs of PostgreSQL's pg_type.dat that have a Value of their own.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kFloat4 = 700, kFloat8 = 701;

struct ConnectionDeleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};

std::string trimmed(const char* message) {
    std::string text = message == nullptr ? "" : message;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

/// SQLAlchemy's driver suffix (`postgresql+psycopg2:`) means nothing to libpq.
std::string connection_string(const std::string& url) { return "postgresql" + url.substr(url.find("://")); }

std::string shown(std::string_view sql) {
    constexpr std::size_t kLongest = 300;
    return sql.size() <= kLongest ? std::string(sql) : std::string(sql.substr(0, kLongest)) + " …";
}

/// Line and column of the character that a server calls by its number.
Where place_in(std::string_view sql, std::string_view position) {
    int left = 0;
    std::from_chars(position.data(), position.data() + position.size(), left);
    if (left == 0) return {};
    Where where{.file = {}, .line = 1, .column = 1};
    for (const char c : sql) {
        if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
        if (--left == 0) break;
        if (c == '\n') {
            ++where.line;
            where.column = 1;
        } else {
            ++where.column;
        }
    }
    return where;
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Value value_of(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return std::monostate{};
    const std::string_view text(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case kBool: return std::int64_t{text == "t"};
        case kInt2:
        case kInt4:
        case kInt8:
        case kOid: return number_of<std::int64_t>(text);
        case kFloat4:
        case kFloat8:
            if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
            if (text == "Infinity") return std::numeric_limits<double>::infinity();
            if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
            return number_of<double>(text);
        case kBytea: {
            std::size_t length = 0;
            unsigned char* const bytes = PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.data()), &length);
            Blob blob{std::string(reinterpret_cast<char*>(bytes), length)};
            PQfreemem(bytes);
            return blob;
        }
        default: return std::string(text);
    }
}

/// A parameter as text in the form libpq takes.
std::optional<std::string> parameter_text(const Value& value) {
    return std::visit(Overloaded{[](std::monostate) -> std::optional<std::string> { return std::nullopt; },
                                 [](std::int64_t number) -> std::optional<std::string> { return std::to_string(number); },
                                 [](double number) -> std::optional<std::string> {
                                     std::array<char, 32> buffer{};
                                     const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
                                     return std::string(buffer.data(), end);
                                 },
                                 [](const std::string& text) -> std::optional<std::string> { return text; },
                                 [](const Blob& blob) -> std::optional<std::string> {
                                     constexpr std::string_view kHex = "0123456789abcdef";
                                     std::string text = "\\x";
                                     for (const char c : blob.bytes) {
                                         const auto byte = static_cast<unsigned char>(c);
                                         text += {kHex[byte >> 4], kHex[byte & 15]};
                                     }
                                     return text;
                                 }},
                      value);
}

class PostgresConnection final : public Connection {
public:
    PostgresConnection(const Url& url, Access access, std::chrono::milliseconds lock_timeout, ConnectionHooks hooks)
        : url_(url.text), name_(redact(url.text)), access_(access), lock_timeout_(lock_timeout) {
        const std::array<const char*, 4> keys = {"dbname", "fallback_application_name", "client_encoding", nullptr};
        const std::string target = connection_string(url.text);
        const std::array<const char*, 4> values = {target.c_str(), "tenon", "UTF8", nullptr};
        connection_.reset(PQconnectdbParams(keys.data(), values.data(), 1));
        if (PQstatus(connection_.get()) != CONNECTION_OK) refuse_connection(url);
        if (PQserverVersion(connection_.get()) < kOldestVersion) {
            throw Error(ErrorCode::error,
                        name_ + ": the server is PostgreSQL " + PQparameterStatus(connection_.get(), "server_version"),
                        "Tenon works with PostgreSQL 13 and newer");
        }
        // A function that prints notices on every call must not fill the terminal.
        PQsetNoticeReceiver(
            connection_.get(), [](void*, const PGresult*) {}, nullptr);
        hooks_ = std::move(hooks);
    }
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;
    ~PostgresConnection() override {
        connection_.reset();
        if (hooks_.closed) hooks_.closed();
    }

    Dialect dialect() const override { return Dialect::postgres; }
    bool in_transaction() const override { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
    int version() const { return PQserverVersion(connection_.get()); }
    std::chrono::milliseconds lock_timeout() const { return lock_timeout_; }
    bool pooled() {
        set_up();
        return pooled_;
    }

    ScratchPlace scratch_place() const override { return {Dialect::postgres, url_}; }

    void execute(std::string_view sql) override {
        if (!hooks_.rewrite) return run(sql, {}, nullptr);
        const std::string text = hooks_.rewrite(sql);
        if (!text.empty()) run(text, {}, nullptr);
    }

    void query(std::string_view sql, std::span<const Value> parameters,
               const std::function<void(std::span<const Value>)>& row) override {
        run(sql, parameters, [&](PGresult* result) {
            const Rows owner(result);
            const int columns = PQnfields(result);
            std::vector<Value> values(static_cast<std::size_t>(columns));
            for (int r = 0; r < PQntuples(result); ++r) {
                for (int c = 0; c < columns; ++c) values[static_cast<std::size_t>(c)] = value_of(result, r, c);
                if (row) row(values);
            }
        });
    }

    void execute_as_is(std::string_view sql) { run(sql, {}, nullptr); }

    void query_in_a_row(std::vector<std::string> statements, const TakeRows& take) {
        PGconn* const connection = connection_.get();
        if (PQenterPipelineMode(connection) == 0) fail_lost();
        std::vector<std::string> sent;
        int open = 0;  // rows of statements whose end is not reached
        const auto send_all = [&](std::vector<std::string> more) {
            for (std::string& sql : more) {
                if (PQsendQueryParams(connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) fail_lost();
                sent.push_back(std::move(sql));
            }
            if (PQpipelineSync(connection) == 0) fail_lost();
            ++open;
        };
        send_all(std::move(statements));
        cancelled_ = no_input_ = false;
        std::optional<Error> failure;
        for (std::size_t place = 0; open > 0;) {
            PGresult* const result = next_result();
            if (result == nullptr) {  // of this statement there is no more
                if (PQstatus(connection) == CONNECTION_BAD) fail_lost();
                ++place;
                continue;
            }
            Rows rows(result);
            const ExecStatusType status = PQresultStatus(result);
            if (status == PGRES_PIPELINE_SYNC) --open;
            if (status == PGRES_FATAL_ERROR && !failure) failure = error_of(result, sent[place]);
            if (status != PGRES_TUPLES_OK || failure) continue;
            try {
                if (std::vector<std::string> more = take(place, std::move(rows)); !more.empty()) send_all(std::move(more));
            } catch (const Error& error) {  // the rest must be read before the connection can be used again
                failure = error;
            }
        }
        PQexitPipelineMode(connection);
        if (failure) throw *failure;
    }

    std::int64_t changed_rows() const override { return changed_; }

    void on_progress(std::function<bool()> tick) override { tick_ = std::move(tick); }

    void set_lock_timeout(std::chrono::milliseconds timeout) override {
        lock_timeout_ = timeout;
        // Behind a pooler a setting of the session would stay behind for its next user.
        if (!pooled()) run("SET lock_timeout = " + std::to_string(timeout.count()), {}, nullptr);
    }

    void notice_lost_client() {
        constexpr int kFirstVersion = 140000;
        if (version() < kFirstVersion || pooled()) return;
        try {
            run("SET client_connection_check_interval = '1s'", {}, nullptr);
        } catch (const Error&) {
            // The server's platform cannot tell.
        }
    }

    void stream(std::string_view sql, std::span<const Value> parameters, const std::function<void(const Rows&)>& rows) {
        set_up();
        streaming_ = true;
        run(sql, parameters, [&](PGresult* result) {
            const Rows owner(result);
            if (owner.count() > 0) rows(owner);
        });
    }

private:
    std::string url_;
    std::string name_;
    Access access_;
    std::chrono::milliseconds lock_timeout_;
    ConnectionHooks hooks_;
    std::unique_ptr<PGconn, ConnectionDeleter> connection_;
    std::function<bool()> tick_;
    std::int64_t changed_ = 0;
    bool is_set_up_ = false;
    bool pooled_ = false;     ///< another process answers than the one that was connected to
    bool cancelled_ = false;  ///< the running statement, by `tick_`
    bool no_input_ = false;   ///< the running statement wanted some
    bool streaming_ = false;  ///< the next statement's rows come one by one, and in binary form

    /// One round trip before the first statement: who answers, and the settings of the session.
    void set_up() {
        if (is_set_up_) return;
        is_set_up_ = true;
        const std::string own = "pg_backend_pid() = " + std::to_string(PQbackendPID(connection_.get()));
        const auto setting = [](const std::string& name, const std::string& value) {
            return "set_config('" + name + "', '" + value + "', false)";
        };
        std::string settings = setting("jit", "off") + ", " + setting("lock_timeout", std::to_string(lock_timeout_.count()));
        if (access_ == Access::read) settings += ", " + setting("default_transaction_read_only", "on");
        pooled_ = scalar("SELECT CASE WHEN " + own + " THEN concat(" + settings + ") END") == Value{};
    }

    [[noreturn]] void refuse_connection(const Url& url) const {
        std::string what = trimmed(PQerrorMessage(connection_.get()));
        // libpq does not echo passwords; a URL it cannot parse it would.
        if (what.find(url.text) != std::string::npos) what = "the URL cannot be read";
        // It takes what follows the first `@` of a password that holds one for the host.
        const auto first = url.text.find('@');
        const auto last = url.text.rfind('@');
        if (first != last) {
            const std::string rest = url.text.substr(first + 1, last - first);
            for (auto at = what.find(rest); at != std::string::npos; at = what.find(rest)) what.replace(at, rest.size(), "***");
        }
        std::string hint = "check that the server runs and that the URL names it: postgresql://user@host:port/database";
        if (PQconnectionNeedsPassword(connection_.get()) != 0 || PQconnectionUsedPassword(connection_.get()) != 0)
            hint = "check the user and the password (in the URL, in PGPASSWORD or in ~/.pgpass)";
        throw Error(ErrorCode::error, name_ + ": " + what, hint);
    }

    /// Sends one message and hands over each result that holds rows (the taker owns it).
    void run(std::string_view sql, std::span<const Value> parameters, const std::function<void(PGresult*)>& take) {
        set_up();
        PGconn* const connection = connection_.get();
        const std::string text(sql);  // libpq wants a final NUL
        const bool streaming = std::exchange(streaming_, false);
        const bool simple = parameters.empty() && !streaming;
        if ((simple ? PQsendQuery(connection, text.c_str()) : send(text, parameters, streaming)) == 0) fail_lost();
        if (streaming) PQsetSingleRowMode(connection);
        cancelled_ = no_input_ = false;
        std::optional<Error> failure;
        while (PGresult* result = next_result()) {
            const ExecStatusType status = PQresultStatus(result);
            if ((status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE) && take && !failure) {
                try {
                    take(result);
                } catch (const Error& error) {  // the rest must be read before the connection can be used again
                    failure = error;
                }
                continue;
            }
            if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
                if (!failure) failure = error_of(result, sql);
            } else if (const std::string_view rows = PQcmdTuples(result); !rows.empty()) {
                changed_ = number_of<std::int64_t>(rows);
            }
            PQclear(result);
            if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) end_copy(status);
        }
        if (failure) throw *failure;
        if (PQstatus(connection) == CONNECTION_BAD) fail_lost();
    }

    /// COPY to and from the client has nothing to talk to.
    void end_copy(ExecStatusType status) {
        if (status == PGRES_COPY_IN) {
            PQputCopyEnd(connection_.get(), "there is no input: write INSERT instead of COPY … FROM STDIN");
            no_input_ = true;
            return;
        }
        for (char* data = nullptr; PQgetCopyData(connection_.get(), &data, 0) > 0;) PQfreemem(data);
    }

    int send(const std::string& sql, std::span<const Value> parameters, bool binary) {
        std::vector<std::optional<std::string>> texts;
        for (const Value& value : parameters) texts.push_back(parameter_text(value));
        std::vector<const char*> values;
        for (const auto& text : texts) values.push_back(text ? text->c_str() : nullptr);
        return PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                 nullptr, nullptr, binary ? 1 : 0);
    }

    /// Waits for the next result; asks now and then whether to go on, and cancels on the server where not.
    PGresult* next_result() {
        PGconn* const connection = connection_.get();
        while (tick_ && !cancelled_ && PQisBusy(connection) != 0) {
            pollfd waiting{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
            ::poll(&waiting, 1, kTickMilliseconds);
            if (PQconsumeInput(connection) == 0) break;
            if (PQisBusy(connection) != 0 && !tick_()) {
                std::array<char, 256> reason{};
                PGcancel* const cancel = PQgetCancel(connection);
                PQcancel(cancel, reason.data(), static_cast<int>(reason.size()));
                PQfreeCancel(cancel);
                cancelled_ = true;
            }
        }
        return PQgetResult(connection);
    }

    Error lost(const std::string& what) const {
        return Error(ErrorCode::locked, name_ + ": the connection to the server was lost: " + what,
                     "run the same command again: what was not committed is undone");
    }

    [[noreturn]] void fail_lost() const { throw lost(trimmed(PQerrorMessage(connection_.get()))); }

    Error error_of(const PGresult* result, std::string_view sql) const {
        const auto field = [&](int code) {
            const char* text = PQresultErrorField(result, code);
            return std::string(text == nullptr ? "" : text);
        };
        const std::string state = field(PG_DIAG_SQLSTATE);
        const bool shut_down = state.starts_with("57P") || state.starts_with("08");
        if (shut_down || PQstatus(connection_.get()) == CONNECTION_BAD) return lost(trimmed(PQresultErrorMessage(result)));
        std::string what = field(PG_DIAG_MESSAGE_PRIMARY);
        if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty()) what += "\n  " + detail;
        const std::string hint = field(PG_DIAG_MESSAGE_HINT);
        if (state == "55P03")
            return Error(ErrorCode::locked, what + "\n  in: " + shown(sql),
                         "another session holds a lock: wait for it, or give it longer with --lock-timeout 30s");
        if (state == "57014" && cancelled_) return Error(ErrorCode::locked, "interrupted; what was not committed is undone");
        if ((state == "57014" && !no_input_) || state == "40P01" || state == "40001")
            return Error(ErrorCode::locked, what + "\n  in: " + shown(sql), "run the same command again");
        if (state == "25006")
            return Error(ErrorCode::error, name_ + ": the server takes no changes (a standby, or a read-only session)",
                         "connect to the primary server");
        if (state == "53200")
            return Error(ErrorCode::error, what + "\n  in: " + shown(sql),
                         "raise max_locks_per_transaction, or apply the change in parts");
        Error error(ErrorCode::error, what + "\n  in: " + shown(sql), hint, place_in(sql, field(PG_DIAG_STATEMENT_POSITION)));
        error.set_state(state);
        return error;
    }
};

PostgresConnection& postgres(Connection& connection) {
    auto* found = dynamic_cast<PostgresConnection*>(&connection);
    if (found == nullptr) throw Error(ErrorCode::error, "this is no PostgreSQL connection");
    return *found;
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result), count_(PQntuples(result)), binary_(PQbinaryTuples(result) != 0) {}
void Rows::Deleter::operator()(pg_result* result) const { PQclear(result); }
bool Rows::null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
std::string_view Rows::at(int row, int column) const {
    const char* value = PQgetvalue(result_.get(), row, column);
    if (!binary_) return value;  // a text holds no NUL; its length would be looked up anew
    return {value, static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::unique_ptr<Connection> open_postgres(const Url& url, Access access, std::chrono::milliseconds lock_timeout,
                                          ConnectionHooks hooks) {
    return std::make_unique<PostgresConnection>(url, access, lock_timeout, std::move(hooks));
}

unsigned Rows::type(int column) const { return PQftype(result_.get(), column); }

void execute_as_is(Connection& connection, std::string_view sql) { postgres(connection).execute_as_is(sql); }

void query_in_a_row(Connection& connection, std::vector<std::string> statements, const TakeRows& take) {
    postgres(connection).query_in_a_row(std::move(statements), take);
}

bool is_pooled(Connection& connection) { return postgres(connection).pooled(); }

void notice_lost_client(Connection& connection) { postgres(connection).notice_lost_client(); }

void stream_rows(Connection& connection, std::string_view sql, std::span<const Value> parameters,
                 const std::function<void(const Rows&)>& rows) {
    postgres(connection).stream(sql, parameters, rows);
}

std::chrono::milliseconds lock_timeout(Connection& connection) { return postgres(connection).lock_timeout(); }

int server_version(Connection& connection) { return postgres(connection).version(); }

}  // namespace tenon
