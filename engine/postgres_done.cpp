// Done-predicates of statements outside of transactions.
#include "engine/postgres_done.h"

#include <algorithm>
#include <array>
#include <vector>

#include "schemas/sql_tokens.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// "valid", "invalid", or "" where there is no such index.
std::string index_state(Connection& connection, const std::string& name) {
    const Value parameter = name;
    const Value state = connection.scalar(
        "SELECT CASE WHEN i.indisvalid THEN 'valid' ELSE 'invalid' END FROM pg_catalog.pg_index i WHERE i.indexrelid = "
        "pg_catalog.to_regclass($1)",
        {&parameter, 1});
    const auto* text = std::get_if<std::string>(&state);
    return text == nullptr ? "" : *text;
}

/// An index lives in the schema of its table, whatever the search path says.
std::string beside(Connection& connection, const std::string& index, const std::string& table) {
    const Value parameter = table;
    const Value schema = connection.scalar(
        "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace "
        "WHERE c.oid = pg_catalog.to_regclass($1)",
        {&parameter, 1});
    const auto* text = std::get_if<std::string>(&schema);
    return text == nullptr ? index : *text + "." + index;
}

bool index_is_made(Connection& connection, SqlWords& words) {
    words.take_all({"IF", "NOT", "EXISTS"});
    const std::string index = words.take_name();
    if (!words.take("ON")) return false;
    words.take("ONLY");
    const std::string name = beside(connection, index, words.take_name());
    const std::string state = index_state(connection, name);
    if (state == "invalid") connection.execute("DROP INDEX CONCURRENTLY " + name);
    return state == "valid";
}

bool partition_is_detached(Connection& connection, const std::string& parent, const std::string& partition) {
    const std::array<Value, 2> names{parent, partition};
    const Value pending = connection.scalar(
        "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhparent = pg_catalog.to_regclass($1) AND inhrelid = "
        "pg_catalog.to_regclass($2)",
        names);
    const auto* number = std::get_if<std::int64_t>(&pending);
    if (number == nullptr) return true;
    if (*number == 0) return false;
    connection.execute("ALTER TABLE " + parent + " DETACH PARTITION " + partition + " FINALIZE");
    return true;
}

}  // namespace

bool is_concurrent(const std::string& sql) {
    const std::vector<Token> tokens = lex(sql, Dialect::postgres);
    return std::ranges::any_of(tokens, [&](const Token& token) { return is_keyword(sql, token, "CONCURRENTLY"); });
}

bool already_done(Connection& connection, const std::string& sql) {
    if (!is_concurrent(sql)) return false;
    SqlWords words(sql, Dialect::postgres);
    if (words.take("CREATE")) {
        words.take("UNIQUE");
        return words.take_all({"INDEX", "CONCURRENTLY"}) && index_is_made(connection, words);
    }
    if (words.take_all({"DROP", "INDEX", "CONCURRENTLY"})) {
        words.take_all({"IF", "EXISTS"});
        return index_state(connection, words.take_name()).empty();
    }
    if (words.take_all({"ALTER", "TABLE"})) {
        words.take_all({"IF", "EXISTS"});
        const std::string parent = words.take_name();
        if (!words.take_all({"DETACH", "PARTITION"})) return false;
        return partition_is_detached(connection, parent, words.take_name());
    }
    return false;
}

}  // namespace tenon::postgres
