// Scratch databases on a PostgreSQL server.
//
// The first way is a transaction that is never committed: the database's schemas are put aside under other names and made anew,
// empty.  Nothing is left of it even after a kill, and other sessions do not notice.  Where the role does not own the schemas, or
// the database holds what is no schema's (publications, event triggers, servers), a temporary database serves.
#include <unistd.h>

#include "engine/postgres_catalog.h"
#include "engine/postgres_connection.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr std::chrono::seconds kLockTimeout{10};

const std::string kPrefix = "tenon_scratch_";

/// Statements that would end the scratch transaction, or that cannot run inside one, are left out or said otherwise.
std::string inside_transaction(std::string_view script) {
    std::string out;
    for (const Statement& statement : split_statements(script, Dialect::postgres)) {
        std::string text = statement.text;
        if (text.starts_with("\\")) {  // psql's own commands, as pg_dump writes them
            const auto end = text.find('\n');
            text = end == std::string::npos ? "" : text.substr(end + 1);
        }
        const std::vector<Token> tokens = lex(text, Dialect::postgres);
        std::string first;
        std::string edited;
        for (const Token& token : tokens) {
            const bool blank = token.kind == TokenKind::space || token.kind == TokenKind::comment;
            if (first.empty() && !blank) first = fold(token_text(text, token));
            if (!is_keyword(text, token, "CONCURRENTLY")) edited += token_text(text, token);
        }
        const bool ends = first == "begin" || first == "commit" || first == "end" || first == "start" || first == "rollback" || first == "abort";
        if (!ends && !first.empty()) out += edited + ";\n";
    }
    return out;
}

const char* const kPutAside = R"(
DO $tenon$
DECLARE s name; e record; path text := 'public';
BEGIN
  FOR s IN SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1 LOOP
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', s, 'tenon_aside_' || s);
    EXECUTE format('CREATE SCHEMA %I', s);
    IF s = 'public' THEN EXECUTE 'COMMENT ON SCHEMA public IS ''standard public schema'''; END IF;
  END LOOP;
  IF to_regnamespace('public') IS NULL THEN CREATE SCHEMA public; END IF;
  -- Objects of extensions are named by their schema's own name, so they move to the new one.
  FOR e IN SELECT x.extname, n.nspname FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
            WHERE n.nspname ~ '^tenon_aside_' ORDER BY 1 LOOP
    EXECUTE format('ALTER EXTENSION %I SET SCHEMA %I', e.extname, substr(e.nspname, 13));
  END LOOP;
  FOR s IN SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname ~ '^tenon_aside_' ORDER BY 1 LOOP
    path := path || format(', %I', s);
  END LOOP;
  PERFORM set_config('search_path', path, true);
END $tenon$)";

/// What belongs to the database as a whole cannot be put aside.
const char* const kGlobals =
    "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_foreign_server)"
    " + (SELECT count(*) FROM pg_foreign_data_wrapper) + (SELECT count(*) FROM pg_default_acl) + (SELECT count(*) FROM pg_cast WHERE oid >= 16384)";

std::unique_ptr<Connection> open_transaction(const Url& url) {
    auto connection = open_postgres(url, Access::write, kLockTimeout, {.rewrite = inside_transaction, .closed = {}});
    if (connection->scalar(kGlobals) != Value{std::int64_t{0}})
        throw Error(ErrorCode::error, "the database holds objects that belong to no schema");
    query_all(*connection, "BEGIN");
    query_all(*connection, kPutAside);
    return connection;
}

/// The URL with another database's name.
Url with_database(const Url& url, const std::string& name) {
    Url out = url;
    const auto authority = out.text.find("://") + 3;
    const auto question = std::min(out.text.find('?', authority), out.text.size());
    const auto slash = out.text.find('/', authority);
    const auto begin = std::min(slash, question);
    out.text.replace(begin, question - begin, "/" + name);
    return out;
}

std::unique_ptr<Connection> open_database(const Url& url) {
    static int count = 0;
    const std::string name = kPrefix + std::to_string(::getpid()) + "_" + std::to_string(++count);
    auto admin = open_postgres(url, Access::write, kLockTimeout);
    // Those of runs that were killed; one in use refuses.
    std::vector<std::string> stale;
    admin->query("SELECT datname FROM pg_database WHERE datname LIKE 'tenon\\_scratch\\_%' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = pg_database.datname)", {},
                 [&](std::span<const Value> row) { stale.push_back(std::get<std::string>(row[0])); });
    for (const std::string& old : stale) {
        try {
            admin->execute("DROP DATABASE IF EXISTS " + quoted(old));
        } catch (const Error&) {
            // Another run uses it, or another role owns it.
        }
    }
    admin->execute("CREATE DATABASE " + quoted(name) + " TEMPLATE template0");
    const auto drop = [url, name] {
        try {
            open_postgres(url, Access::write, kLockTimeout)->execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)");
        } catch (const Error&) {
            // The next run drops it.
        }
    };
    return open_postgres(with_database(url, name), Access::write, kLockTimeout, {.rewrite = inside_transaction, .closed = drop});
}

}  // namespace

std::unique_ptr<Connection> open_postgres_scratch(const ScratchPlace& place) {
    if (place.server.empty())
        throw Error(ErrorCode::usage, "PostgreSQL schemas are tried on a server, and none is named",
                    "give --url postgresql://user@host/database, or --scratch-url");
    const Url url = parse_url(place.server);
    std::string first;
    try {
        if (!place.own_database) return open_transaction(url);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::error) throw;
        first = std::string(error.what()) + "; and ";
    }
    try {
        return open_database(url);
    } catch (const Error& error) {
        throw Error(error.code(), "no scratch database can be made on " + redact(place.server) + ": " + first + error.what(),
                    "the role needs to own the database (a transaction that is rolled back serves then) or CREATEDB; or give --scratch-url");
    }
}

}  // namespace tenon
