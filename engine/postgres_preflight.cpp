// The server is asked once, with all names that the statements speak of.
#include "engine/postgres_preflight.h"
#include "engine/values.h"

#include <algorithm>
#include <array>
#include <set>

#include "differ/json_text.h"
#include "schemas/error.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// The names that a run's statements need.
class Names {
public:
    explicit Names(const std::vector<std::string>& statements) {
        for (const std::string& sql : statements) read(SqlWords(sql, Dialect::postgres));
    }

    std::set<std::string> roles;      ///< that must exist
    std::set<std::string> relations;  ///< that must be the role's own, as they stand in SQL
    std::set<std::string> others;     ///< the same of types, and of routines with their arguments
    bool as_another = false;          ///< the statements change who they are run as

private:
    std::set<std::string> made_roles_;

    void read(SqlWords words) {
        if (words.take("SET")) {
            words.take("LOCAL") || words.take("SESSION");
            as_another = as_another || words.take("ROLE") || words.take("AUTHORIZATION");
            return;
        }
        if (words.take_all({"CREATE", "ROLE"}) || words.take_all({"CREATE", "USER"}) || words.take_all({"CREATE", "GROUP"})) {
            if (!words.take("MAPPING")) made_roles_.insert(words.name(words.place()));
            return;
        }
        const bool privileges =
            words.is(0, "GRANT") || words.is(0, "REVOKE") || (words.is(0, "ALTER") && words.is(1, "DEFAULT"));
        const bool policy = words.is(1, "POLICY");
        for (std::size_t at = 0; at < words.size(); ++at) {
            const bool owner = words.is(at, "OWNER") && words.is(at + 1, "TO");
            if (owner) add_role(words, at + 2);
            if (privileges && (words.is(at, "TO") || words.is(at, "FROM"))) add_roles(words, at + 1);
            if (privileges && words.is(at, "FOR") && (words.is(at + 1, "ROLE") || words.is(at + 1, "USER")))
                add_roles(words, at + 2);
            if (policy && words.is(at, "TO") && !words.is(at - 1, "RENAME")) add_roles(words, at + 1);
        }
        read_changed(words);
    }

    void add_roles(const SqlWords& words, std::size_t at) {
        if (words.is(at, "GROUP")) ++at;
        add_role(words, at);
        while (words.is_symbol(at + 1, ",")) add_role(words, at += 2);
    }

    void add_role(const SqlWords& words, std::size_t at) {
        constexpr std::array<std::string_view, 4> kAlways{"PUBLIC", "CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"};
        if (std::ranges::any_of(kAlways, [&](std::string_view word) { return words.is(at, word); })) return;
        const std::string text = words.text(at);
        const std::string name = text.starts_with('"') ? words.name(at) : fold(text);
        if (!name.empty() && !made_roles_.contains(name)) roles.insert(name);
    }

    void read_changed(SqlWords& words) {
        if (words.take_all({"CREATE", "INDEX"}) || words.take_all({"CREATE", "UNIQUE", "INDEX"})) {
            while (!words.at_end() && !words.take("ON")) words.skip();
            words.take("ONLY");
            relations.insert(words.take_name());
            return;
        }
        if (!words.take("ALTER") && !words.take("DROP") && !words.take_all({"COMMENT", "ON"})) return;
        const bool relation = words.take("TABLE") || words.take("VIEW") || words.take_all({"MATERIALIZED", "VIEW"}) ||
                              words.take_all({"FOREIGN", "TABLE"}) || words.take("SEQUENCE");
        const bool type = !relation && (words.take("TYPE") || words.take("DOMAIN"));
        const bool routine = !relation && !type && (words.take("FUNCTION") || words.take("PROCEDURE"));
        if (!relation && !type && !routine) return;
        words.take_all({"IF", "EXISTS"});
        words.take("ONLY");
        std::string name = words.take_name();
        if (routine) {
            const std::size_t open = words.place();
            if (words.take_parentheses()) name += "(" + words.between(open, words.place() - 1) + ")";
        }
        (relation ? relations : others).insert(std::move(name));
    }
};

/// What is not the role's own.  $1: relations by any name, $2: types and routines by their whole one.
const char* const kForeign = R"(
SELECT kind, name, pg_catalog.pg_get_userbyid(owner), current_user FROM (
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, t AS name,
         c.relowner AS owner
    FROM json_array_elements_text($1::json) t JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(t)
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, t, p.proowner
    FROM json_array_elements_text($2::json) t JOIN pg_catalog.pg_proc p ON p.oid >= 16384 JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE t = format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes))
  UNION ALL
  SELECT CASE y.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t, y.typowner
    FROM json_array_elements_text($2::json) t JOIN pg_catalog.pg_type y ON y.oid >= 16384 JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
   WHERE t = format('%I.%I', n.nspname, y.typname)) AS changed
 WHERE NOT pg_catalog.pg_has_role(owner, 'USAGE') ORDER BY 1, 2)";

std::string json_list(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ",") + json_quote(name);
    return "[" + out + "]";
}

}  // namespace

void check_before(Connection& connection, const std::vector<std::string>& statements) {
    if (connection.dialect() != Dialect::postgres) return;
    const Value read_only =
        connection.scalar("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean");
    if (number_of(read_only) != 0) {
        throw Error(
            ErrorCode::error,
            redact(connection.scratch_place().server) + ": the server takes no changes (a standby, or a read-only session)",
            "connect to the primary server; or see default_transaction_read_only of the role and the database");
    }
    const Names names(statements);
    std::vector<Problem> problems;
    const Value roles = json_list(names.roles);
    connection.query(
        "SELECT r FROM json_array_elements_text($1::json) r WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = "
        "r)",
        {&roles, 1}, [&](std::span<const Value> row) {
            problems.push_back(
                {.message = "there is no role " + text_of(row[0]), .hint = "create it first: Tenon never creates roles"});
        });
    const Value owned[] = {json_list(names.relations), json_list(names.others)};
    if (!names.as_another) {
        connection.query(kForeign, owned, [&](std::span<const Value> row) {
            problems.push_back({.message = "the " + text_of(row[0]) + " " + text_of(row[1]) + " belongs to " + text_of(row[2]) +
                                           ", and the role " + text_of(row[3]) + " may not change it",
                                .hint = "run this as " + text_of(row[2]) + ", or as a member of that role"});
        });
    }
    if (!problems.empty()) throw Error(ErrorCode::error, std::move(problems));
}

void check_lock_table(Connection& connection, int slots) {
    constexpr int kFewest = 1000;  // which every server has
    if (connection.dialect() != Dialect::postgres || slots < kFewest) return;
    const auto setting = [&](const std::string& name) {
        return number_of(connection.scalar("SELECT current_setting('" + name + "')::bigint"));
    };
    const std::int64_t each = setting("max_locks_per_transaction");
    const std::int64_t room = each * (setting("max_connections") + setting("max_prepared_transactions"));
    // The table is a little larger than this: the server leaves room for a tenth more, and so for luck.
    if (slots <= room + room / 4) return;
    throw Error(ErrorCode::error,
                "this takes some " + std::to_string(slots) + " locks in one transaction, and the server's lock table holds " +
                    std::to_string(room) + " (max_locks_per_transaction is " + std::to_string(each) + ")",
                "raise max_locks_per_transaction to " + std::to_string(each * slots / std::max<std::int64_t>(room, 1) + each) +
                    " and restart the server, or make the change in parts");
}

}  // namespace tenon::postgres
