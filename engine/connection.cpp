// What all connections share: URLs, opening, single values.
#include "engine/connection.h"

#include <array>
#include <optional>

#include "engine/postgres_connection.h"
#include "engine/sqlite_handle.h"
#include "schemas/error.h"

namespace tenon {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// The path of a SQLite URL after `sqlite:`.  As in SQLAlchemy: three slashes are relative, four are absolute; and as in
/// dbmate: no slashes at all are relative, one is absolute.
std::string sqlite_path(std::string_view rest) {
    if (const auto query = rest.find('?'); query != std::string_view::npos) rest = rest.substr(0, query);
    if (rest.starts_with("///")) {
        rest.remove_prefix(3);
    } else if (rest.starts_with("//")) {
        rest.remove_prefix(2);
    }
    return rest.empty() ? ":memory:" : percent_decoded(rest);
}

}  // namespace

Url parse_url(std::string_view text) {
    const auto colon = text.find(':');
    std::string_view scheme = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    if (const auto plus = scheme.find('+'); plus != std::string_view::npos) scheme = scheme.substr(0, plus);  // a driver's name
    if (scheme == "sqlite" || scheme == "sqlite3") {
        return {.dialect = Dialect::sqlite, .text = std::string(text), .path = sqlite_path(text.substr(colon + 1))};
    }
    if (scheme == "postgresql" || scheme == "postgres") return {.dialect = Dialect::postgres, .text = std::string(text)};
    throw Error(ErrorCode::usage, "not a database URL: " + redact(text),
                "write sqlite:file.db, sqlite:////absolute/file.db or postgresql://user@host/db");
}

std::string redact(std::string_view url) {
    const auto start = url.find("://");
    const auto at = url.rfind('@');
    if (start == std::string_view::npos || at == std::string_view::npos || at < start) return std::string(url);
    const auto colon = url.find(':', start + 3);
    if (colon == std::string_view::npos || colon > at) return std::string(url);
    return std::string(url.substr(0, colon)) + ":***" + std::string(url.substr(at));
}

Value Connection::scalar(std::string_view sql, std::span<const Value> parameters) {
    std::optional<Value> first;
    query(sql, parameters, [&](std::span<const Value> row) {
        if (!first && !row.empty()) first = row[0];
    });
    return first.value_or(Value{});
}

std::unique_ptr<Connection> open_connection(const Url& url, Access access, std::chrono::milliseconds lock_timeout) {
    switch (url.dialect) {
        case Dialect::sqlite: return open_sqlite(url.path, access, lock_timeout);
        case Dialect::postgres: return open_postgres(url, access, lock_timeout);
    }
    throw Error(ErrorCode::error, "unknown dialect");
}

std::unique_ptr<Connection> open_scratch(const ScratchPlace& place) {
    switch (place.dialect) {
        case Dialect::sqlite: return open_sqlite(":memory:", Access::create, std::chrono::seconds(5));
        case Dialect::postgres: return open_postgres_scratch(place);
    }
    throw Error(ErrorCode::error, "unknown dialect");
}

}  // namespace tenon
