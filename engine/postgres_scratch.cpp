// Scratch databases on a PostgreSQL server.
//
// The first way is a transaction that is never committed: the database's schemas are put aside under other names, and so are
// publications, servers and event triggers.  Nothing is left of it even after a kill, and other sessions do not notice.
// Extensions move into the new schemas, so that their types are where texts say they are; where one cannot move, or the role
// does not own what has to be put aside, a temporary database serves.
#include <unistd.h>

#include <charconv>
#include <chrono>

#include "engine/postgres_catalog.h"
#include "engine/postgres_connection.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr std::chrono::seconds kLockTimeout{10};

const std::string kPrefix = "tenon_scratch_";

/// `CREATE SCHEMA a`, where the extensions that live in it may have brought it already.
std::string with_schema_there(const std::string& statement) {
    std::vector<Token> words;
    for (const Token& token : lex(statement, Dialect::postgres)) {
        if (token.kind != TokenKind::space && token.kind != TokenKind::comment) words.push_back(token);
    }
    constexpr std::size_t kLongest = 5;  // with AUTHORIZATION and a role
    const bool plain = words.size() >= 3 && words.size() <= kLongest && is_keyword(statement, words[0], "CREATE") &&
                       is_keyword(statement, words[1], "SCHEMA") && !is_keyword(statement, words[2], "IF");
    return plain ? statement.substr(0, words[1].end) + " IF NOT EXISTS" + statement.substr(words[1].end) : statement;
}

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
        const bool ends = first == "begin" || first == "commit" || first == "end" || first == "start" || first == "rollback" ||
                          first == "abort";
        if (!ends && !first.empty()) out += with_schema_there(edited) + ";\n";
    }
    return out;
}

/// @MUST_MOVE@: what happens where an extension cannot move into the new schemas.
const char* const kPutAside = R"(
DO $tenon$
DECLARE
  aside CONSTANT text := 'tenon_aside_';
  e record;
  path text := 'public';
BEGIN
  PERFORM FROM pg_catalog.pg_language l WHERE l.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_language'::regclass AND d.objid = l.oid AND d.deptype = 'e');
  IF FOUND THEN RAISE EXCEPTION 'a language that belongs to no extension cannot be put aside'; END IF;
  PERFORM FROM pg_catalog.pg_am a WHERE a.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_am'::regclass AND d.objid = a.oid AND d.deptype = 'e');
  IF FOUND THEN RAISE EXCEPTION 'an access method that belongs to no extension cannot be put aside'; END IF;
  PERFORM FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND octet_length(nspname) > 63 - length(aside);
  IF FOUND THEN RAISE EXCEPTION 'a schema with a long name cannot be put aside'; END IF;
  -- What is made here has the privileges that it would have in an empty database.
  FOR e IN
    WITH defaults AS (
      SELECT d.defaclacl AS acl, d.defaclrole AS role, d.defaclobjtype AS kind, d.defaclnamespace = 0 AS everywhere,
             format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', pg_get_userbyid(d.defaclrole), 'IN SCHEMA ' || quote_ident(n.nspname) || ' ') AS scope,
             CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS things
        FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
       WHERE pg_has_role(d.defaclrole, 'MEMBER'))
    SELECT DISTINCT 1 AS step, format('%sREVOKE ALL ON %s FROM %s', scope, things, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) AS sql
      FROM defaults, aclexplode(acl)
    UNION ALL SELECT 2, format('%sGRANT ALL ON %s TO %I', scope, things, pg_get_userbyid(role)) FROM defaults WHERE everywhere
    UNION ALL SELECT 3, format('%sGRANT ALL ON %s TO PUBLIC', scope, things) FROM defaults WHERE everywhere AND kind IN ('f', 'T')
    ORDER BY 1, 2
  LOOP
    EXECUTE e.sql;
  END LOOP;
  FOR e IN
    SELECT 1 AS step, format('ALTER EVENT TRIGGER %I DISABLE', evtname) AS sql FROM pg_catalog.pg_event_trigger
    UNION ALL SELECT 2, format('ALTER EVENT TRIGGER %I RENAME TO %I', evtname, aside || evtname) FROM pg_catalog.pg_event_trigger
    UNION ALL SELECT 3, format('ALTER PUBLICATION %I RENAME TO %I', pubname, aside || pubname) FROM pg_catalog.pg_publication
    UNION ALL SELECT 4, format('ALTER SERVER %I RENAME TO %I', srvname, aside || srvname) FROM pg_catalog.pg_foreign_server
    UNION ALL SELECT 5, format('ALTER FOREIGN DATA WRAPPER %I RENAME TO %I', fdwname, aside || fdwname) FROM pg_catalog.pg_foreign_data_wrapper w
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND d.objid = w.oid AND d.deptype = 'e')
    UNION ALL SELECT 6, format('DROP CAST (%s AS %s)', castsource::regtype, casttarget::regtype) FROM pg_catalog.pg_cast c
      WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
    UNION ALL SELECT 7, format('ALTER SCHEMA %I RENAME TO %I', nspname, aside || nspname) FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ORDER BY 1, 2
  LOOP
    EXECUTE e.sql;
  END LOOP;
  CREATE SCHEMA public;
  COMMENT ON SCHEMA public IS 'standard public schema';
  EXECUTE 'GRANT USAGE' || CASE WHEN current_setting('server_version_num')::int < 150000 THEN ', CREATE' ELSE '' END || ' ON SCHEMA public TO PUBLIC';
  FOR e IN
    SELECT x.extname, substr(n.nspname, length(aside) + 1) AS home, n.nspname AS there, x.extrelocatable AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_class'::regclass) AS moves
      FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace WHERE starts_with(n.nspname, aside) ORDER BY 1
  LOOP
    IF to_regnamespace(quote_ident(e.home)) IS NULL THEN EXECUTE format('CREATE SCHEMA %I', e.home); END IF;
    IF e.moves THEN
      EXECUTE format('ALTER EXTENSION %I SET SCHEMA %I', e.extname, e.home);
    ELSIF @MUST_MOVE@ THEN
      RAISE EXCEPTION 'the extension % cannot be put aside', e.extname;
    END IF;
    IF position(quote_ident(e.home) IN path) = 0 THEN path := path || ', ' || quote_ident(e.home); END IF;
    IF NOT e.moves AND position(quote_ident(e.there) IN path) = 0 THEN path := path || ', ' || quote_ident(e.there); END IF;
  END LOOP;
  PERFORM set_config('search_path', path, true);
END $tenon$)";

std::unique_ptr<Connection> open_transaction(const Url& url, bool extensions_must_move) {
    auto connection = open_postgres(url, Access::write, kLockTimeout, {.rewrite = inside_transaction, .closed = {}});
    execute_as_is(*connection, "BEGIN");
    std::string script = kPutAside;
    const std::string mark = "@MUST_MOVE@";
    script.replace(script.find(mark), mark.size(), extensions_must_move ? "true" : "false");
    execute_as_is(*connection, script);
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

long long seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Temporary databases of runs that were killed: nobody is connected to them, and they are not just being made.
void drop_stale(Connection& admin) {
    constexpr long long kYoung = 600;
    std::vector<std::string> stale;
    admin.query(
        "SELECT datname FROM pg_database d WHERE datname LIKE 'tenon\\_scratch\\_%' AND NOT EXISTS (SELECT FROM "
        "pg_stat_activity a WHERE a.datid = d.oid)",
        {}, [&](std::span<const Value> row) { stale.push_back(std::get<std::string>(row[0])); });
    for (const std::string& name : stale) {
        long long made = 0;
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), made);
        if (seconds_now() - made < kYoung) continue;
        try {
            admin.execute("DROP DATABASE IF EXISTS " + quoted(name));
        } catch (const Error&) {
            // Another run uses it, or another role owns it.
        }
    }
}

std::unique_ptr<Connection> open_database(const Url& url) {
    static int count = 0;
    const std::string name =
        kPrefix + std::to_string(seconds_now()) + "_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    auto admin = open_postgres(url, Access::write, kLockTimeout);
    drop_stale(*admin);
    admin->execute("CREATE DATABASE " + quoted(name) + " TEMPLATE template0");
    const auto drop = [url, name] {
        try {
            open_postgres(url, Access::write, kLockTimeout)
                ->execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)");
        } catch (const Error&) {
            // The next run drops it.
        }
    };
    return open_postgres(with_database(url, name), Access::write, kLockTimeout,
                         {.rewrite = inside_transaction, .closed = drop});
}

}  // namespace

std::unique_ptr<Connection> open_postgres_scratch(const ScratchPlace& place) {
    if (place.server.empty())
        throw Error(ErrorCode::usage, "PostgreSQL schemas are tried on a server, and none is named",
                    "give --url postgresql://user@host/database, or --scratch-url");
    const Url url = parse_url(place.server);
    std::vector<std::string> reasons;
    const auto attempt = [&](const auto& open) -> std::unique_ptr<Connection> {
        try {
            return open();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::error) throw;
            reasons.emplace_back(error.what());
            return nullptr;
        }
    };
    const bool transaction = !place.own_database;
    if (auto scratch = transaction ? attempt([&] { return open_transaction(url, true); }) : nullptr) return scratch;
    if (auto scratch = attempt([&] { return open_database(url); })) return scratch;
    if (auto scratch = transaction ? attempt([&] { return open_transaction(url, false); }) : nullptr) return scratch;
    const auto first_line = [](const std::string& text) { return text.substr(0, text.find('\n')); };
    throw Error(ErrorCode::error,
                "no scratch database can be made on " + redact(place.server) + ": " + first_line(reasons.front()) + "; and " +
                    first_line(reasons.back()),
                "the role needs to own the database's schemas (a transaction that is rolled back serves then) or CREATEDB; or "
                "give --scratch-url");
}

}  // namespace tenon
