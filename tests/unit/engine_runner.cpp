// The runner on database files: what is run, recorded, refused, rolled back, resumed.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/apply.h"
#include "engine/runner.h"
#include "engine/runner_body.h"

using namespace tenon;

namespace {

/// A database file of its own, removed at the end.
struct Database {
    std::filesystem::path path;
    std::unique_ptr<Connection> connection;

    Database()
        : path(std::filesystem::temp_directory_path() /
               ("tenon_runner_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".db")) {
        std::filesystem::remove(path);
        connection = open();
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() {
        connection.reset();
        std::filesystem::remove(path);
    }
    std::unique_ptr<Connection> open() const { return open_connection({.path = path.string()}, Access::create); }

    std::int64_t number(const std::string& sql) const { return std::get<std::int64_t>(connection->scalar(sql)); }
    /// Everything but the history, as one text.
    std::string schema() const {
        std::string all;
        connection->query(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'tenon_migrations' ORDER BY name", {},
            [&](std::span<const Value> row) { all += std::get<std::string>(row[0]) + "\n"; });
        return all;
    }
};

Migration migration(const std::string& version, const std::string& up, const std::string& down) {
    Migration m{.version = version, .name = "m", .path = version + "_m.sql"};
    m.up.body = up;
    m.down.body = down;
    return m;
}

RunOptions options() {
    return {.now = [] { return std::string("2026-01-01T12:00:00Z"); }, .lock_timeout = std::chrono::milliseconds(150)};
}

const std::vector<Migration> kTwo{
    migration("1", "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT); INSERT INTO a VALUES (1, 'one');", "DROP TABLE a;"),
    migration("2", "ALTER TABLE a ADD COLUMN z TEXT;", "ALTER TABLE a DROP COLUMN z;")};

/// Runs `what` and gives "code: first message", or "" where it succeeds.
std::string failure(const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& error) {
        return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string states(Connection& connection, const std::vector<Migration>& files) {
    std::string all;
    for (const MigrationStatus& line : migration_status(connection, files))
        all += line.version + " " + std::string(state_name(line.state)) + "; ";
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_runner)

BOOST_AUTO_TEST_CASE(up_and_down) {
    Database db;
    BOOST_TEST(states(*db.connection, kTwo) == "1 pending; 2 pending; ");
    BOOST_TEST(db.schema() == "");
    BOOST_TEST(migrate_up(*db.connection, kTwo, {.count = 1}, options()).size() == 1U);
    BOOST_TEST(states(*db.connection, kTwo) == "1 applied; 2 pending; ");
    BOOST_TEST(migrate_up(*db.connection, kTwo, {}, options()).size() == 1U);
    BOOST_TEST(migrate_up(*db.connection, kTwo, {}, options()).empty());
    const std::string both = db.schema();

    BOOST_TEST(migrate_redo(*db.connection, kTwo, options()).size() == 2U);
    BOOST_TEST(db.schema() == both);
    BOOST_TEST(migrate_down(*db.connection, kTwo, {}, options()).front().version == "2");
    BOOST_TEST(states(*db.connection, kTwo) == "1 applied; 2 pending; ");
    BOOST_TEST(migrate_up(*db.connection, kTwo, {.to = "2"}, options()).size() == 1U);

    RunOptions dry = options();
    dry.dry_run = true;
    BOOST_TEST(migrate_down(*db.connection, kTwo, {.to = "0"}, dry).back().sql == "DROP TABLE a;");
    BOOST_TEST(db.schema() == both);
    RunOptions allow = options();
    allow.allow_destructive = true;
    BOOST_TEST(migrate_down(*db.connection, kTwo, {.to = "0"}, allow).size() == 2U);
    BOOST_TEST(db.schema() == "");
    BOOST_TEST(
        contains(failure([&] { migrate_up(*db.connection, kTwo, {.to = "3"}, options()); }), "1: there is no migration 3"));
}

BOOST_AUTO_TEST_CASE(down_does_not_drop_rows_unasked) {
    struct Case {
        std::string down;
        std::string refused;  // part of the message; empty: it may run
    };
    const std::string up =
        "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT, empty TEXT); INSERT INTO a (y) VALUES ('v'), ('w'); CREATE TABLE b "
        "(x);";
    const std::string rebuild =
        "CREATE TABLE n (x INTEGER PRIMARY KEY, empty TEXT); INSERT INTO n SELECT x, empty FROM a; DROP TABLE a; "
        "ALTER TABLE n RENAME TO a;";
    const std::vector<Case> cases{
        {"DROP TABLE a; DROP TABLE b", "table a, which holds 2 row(s)"},
        {"ALTER TABLE a DROP COLUMN y", "column a.y, which holds 2 value(s)"},
        {rebuild, "column a.y, which holds 2 value(s)"},
        {"ALTER TABLE a RENAME TO c; ALTER TABLE c RENAME COLUMN y TO z; ALTER TABLE c DROP COLUMN z", "a.y"},
        {"ALTER TABLE a DROP COLUMN empty; DROP TABLE b", ""},
        {"ALTER TABLE a RENAME TO c; ALTER TABLE c RENAME COLUMN y TO z", ""}};
    for (const Case& c : cases) {
        Database db;
        const std::vector<Migration> files{migration("1", up, c.down)};
        migrate_up(*db.connection, files, {}, options());
        const std::string before = db.schema();
        const std::string found = failure([&] { migrate_down(*db.connection, files, {}, options()); });
        BOOST_TEST(found.empty() == c.refused.empty(), found);
        BOOST_TEST(contains(found, c.refused), found);
        if (!c.refused.empty()) {
            BOOST_TEST(found.substr(0, 2) == "3:");
            BOOST_TEST(db.schema() == before);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_nothing) {
    Database db;
    std::vector<Migration> files{migration("1", "CREATE TABLE a (x);\nINSERT INTO nowhere VALUES (1);", "DROP TABLE a;")};
    files[0].up.line = 3;
    const auto run = [&] { migrate_up(*db.connection, files, {}, options()); };
    BOOST_TEST(contains(failure(run), "nowhere"));
    BOOST_TEST(db.number("SELECT count(*) FROM sqlite_schema") == 0);
    try {
        run();
    } catch (const Error& error) {
        BOOST_TEST(error.problems().front().where.file.str() == "1_m.sql");
        BOOST_TEST(error.problems().front().where.line == 4);
    }
}

BOOST_AUTO_TEST_CASE(edited_definitions_roll_back) {
    Database db;
    db.connection->execute("CREATE TABLE a (x); INSERT INTO a VALUES (NULL)");
    const std::string edit =
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE a (x NOT NULL)' WHERE name = 'a';"
        "CREATE TABLE tenon_bump (x); DROP TABLE tenon_bump;";
    std::vector<Migration> files{migration("1", edit + "INSERT INTO nowhere VALUES (1);", "SELECT 1;")};
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, files, {}, options()); }), "nowhere"));
    BOOST_TEST(db.schema() == "CREATE TABLE a (x)\n");
    BOOST_TEST(db.number("PRAGMA writable_schema") == 0);
    db.connection->execute("INSERT INTO a VALUES (NULL)");

    files[0].up.body = "DELETE FROM a;" + edit + "PRAGMA writable_schema = RESET;";
    migrate_up(*db.connection, files, {}, options());
    BOOST_TEST(contains(failure([&] { db.connection->execute("INSERT INTO a VALUES (NULL)"); }), "NOT NULL"));
}

BOOST_AUTO_TEST_CASE(guards_refuse_with_the_number_of_rows) {
    Database db;
    db.connection->execute("CREATE TABLE a (x); INSERT INTO a VALUES (NULL), (1), (NULL);");
    const std::vector<Migration> files{
        migration("1",
                  "CREATE TABLE made (x);\n"
                  "CREATE TEMP TABLE tenon_guard (found INTEGER CONSTRAINT \"a.x: \"\"NULL\"\" values\" CHECK (found = 0));\n"
                  "INSERT INTO tenon_guard SELECT count(*) FROM a WHERE x IS NULL;\n"
                  "DROP TABLE temp.tenon_guard;",
                  "DROP TABLE made;")};
    BOOST_TEST(failure([&] { migrate_up(*db.connection, files, {}, options()); }) == "3: a.x: \"NULL\" values (2 rows)");
    BOOST_TEST(db.schema() == "CREATE TABLE a (x)\n");
    db.connection->execute("DELETE FROM a WHERE x IS NULL");
    BOOST_TEST(migrate_up(*db.connection, files, {}, options()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(own_transactions_and_foreign_keys) {
    Database db;
    db.connection->execute(
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p);"
        "INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1), (2)");
    const auto own = [](const std::string& body) {
        Migration m = migration("1", "PRAGMA foreign_keys = OFF;\nBEGIN;\n" + body + "\nCOMMIT;\nPRAGMA foreign_keys = OFF;",
                                "SELECT 1;");
        m.up.transaction = false;
        return std::vector<Migration>{m};
    };
    const std::string rebuild = "CREATE TABLE n (id INTEGER PRIMARY KEY, z); INSERT INTO n (id) SELECT id FROM p";
    const std::string swap = "; DROP TABLE p; ALTER TABLE n RENAME TO p;";
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, own(rebuild + " WHERE id = 1" + swap), {}, options()); }),
                        "3: 1 row would point at a row that does not exist"));
    BOOST_TEST(db.number("SELECT count(*) FROM p") == 2);
    BOOST_TEST(db.number("PRAGMA foreign_keys") == 1);
    BOOST_TEST(migrate_up(*db.connection, own(rebuild + swap), {}, options()).size() == 1U);
    BOOST_TEST(db.number("PRAGMA foreign_keys") == 1);
    BOOST_TEST(db.number("SELECT count(*) FROM c") == 2);
    BOOST_TEST(db.number("SELECT count(*) FROM tenon_migrations WHERE state = 'applied'") == 1);
}

BOOST_AUTO_TEST_CASE(resumes_where_it_committed) {
    Database db;
    db.connection->execute(
        "CREATE TABLE log (x); CREATE TABLE may_fail (x CHECK (x <> 'no')); CREATE TABLE w (v); INSERT INTO w VALUES ('no')");
    std::vector<Migration> files{migration("1",
                                           "BEGIN; INSERT INTO log VALUES (1); COMMIT;\nINSERT INTO log VALUES (2);\n"
                                           "BEGIN; INSERT INTO may_fail SELECT v FROM w; INSERT INTO log VALUES (3); COMMIT;",
                                           "DELETE FROM log;")};
    files[0].up.transaction = false;
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, files, {}, options()); }), "CHECK"));
    BOOST_TEST(states(*db.connection, files) == "1 running; ");
    BOOST_TEST(
        contains(failure([&] { migrate_down(*db.connection, files, {}, options()); }), "4: 1_m stopped half-way, at step 4"));
    db.connection->execute("UPDATE w SET v = 'yes'");
    migrate_up(*db.connection, files, {}, options());
    BOOST_TEST(db.number("SELECT count(*) FROM log") == 3);
    BOOST_TEST(states(*db.connection, files) == "1 applied; ");
}

BOOST_AUTO_TEST_CASE(one_runner_at_a_time) {
    Database db;
    const auto other = db.open();
    other->execute("BEGIN IMMEDIATE");
    BOOST_TEST(failure([&] { migrate_up(*db.connection, kTwo, {}, options()); }).substr(0, 2) == "4:");
    other->execute("ROLLBACK");

    // A runner that waits finds the work done by the one before it.
    RunOptions raced = options();
    raced.replan = [&](const Migration&, Direction, Connection&) {
        migrate_up(*other, kTwo, {}, options());
        return std::nullopt;
    };
    BOOST_TEST(migrate_up(*db.connection, kTwo, {}, raced).empty());
    BOOST_TEST(db.number("SELECT count(*) FROM a") == 1);
}

BOOST_AUTO_TEST_CASE(a_stop_rolls_back) {
    Database db;
    const std::vector<Migration> files{migration(
        "1",
        "CREATE TABLE a (x); INSERT INTO a WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;",
        "DROP TABLE a;")};
    int asked = 0;
    RunOptions stop = options();
    stop.stopped = [&] { return ++asked > 20; };
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, files, {}, stop); }), "4: interrupted"));
    BOOST_TEST(db.number("SELECT count(*) FROM sqlite_schema") == 0);
}

BOOST_AUTO_TEST_CASE(another_body_where_replanned) {
    Database db;
    RunOptions replan = options();
    replan.replan = [](const Migration& m, Direction direction, Connection&) -> std::optional<std::string> {
        if (m.version == "1" && direction == Direction::up) return "CREATE TABLE a (w, y);";
        return std::nullopt;
    };
    migrate_up(*db.connection, kTwo, {}, replan);
    BOOST_TEST(contains(db.schema(), "(w, y, z TEXT)"));
    BOOST_TEST(states(*db.connection, kTwo) == "1 applied; 2 applied; ");
}

BOOST_AUTO_TEST_CASE(baselines) {
    std::vector<Migration> files = kTwo;
    files[0].up.body = "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT);";
    files[0].down.body = "";
    files[0].baseline = true;
    {
        Database db;  // has what the file makes, and more
        db.connection->execute(
            "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT); CREATE TABLE other (x); CREATE VIEW v AS SELECT x FROM a;");
        const std::vector<Ran> ran = migrate_up(*db.connection, files, {}, options());
        BOOST_TEST(ran.front().recorded);
        BOOST_TEST(!ran.back().recorded);
        BOOST_TEST(states(*db.connection, files) == "1 baseline; 2 applied; ");
        BOOST_TEST(
            contains(failure([&] { migrate_down(*db.connection, files, {.to = "0"}, options()); }), "3: 1_m is a baseline"));
        BOOST_TEST(states(*db.connection, files) == "1 baseline; 2 applied; ");
    }
    {
        Database db;  // empty: the file is run
        BOOST_TEST(!migrate_up(*db.connection, files, {}, options()).front().recorded);
    }
    {
        Database db;  // differs
        db.connection->execute("CREATE TABLE a (x INTEGER PRIMARY KEY, y INTEGER)");
        BOOST_TEST(failure([&] { migrate_up(*db.connection, files, {}, options()); }).substr(0, 2) == "3:");
        BOOST_TEST(record_baseline(*db.connection, files, "1", options()).size() == 1U);
        BOOST_TEST(migrate_up(*db.connection, files, {}, options()).size() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(repairs_and_refuses_edits) {
    Database db;
    std::vector<Migration> files = kTwo;
    migrate_up(*db.connection, files, {}, options());
    files[1].up.body = "ALTER TABLE a ADD COLUMN q TEXT;";
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, files, {}, options()); }),
                        "1: 2_m was applied, and its file was edited"));
    BOOST_TEST(repair_history(*db.connection, files, options()).size() == 1U);
    BOOST_TEST(repair_history(*db.connection, files, options()).empty());
    BOOST_TEST(migrate_up(*db.connection, files, {}, options()).empty());
    files.erase(files.begin());
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, files, {}, options()); }), "missing"));

    db.connection->execute("UPDATE tenon_migrations SET layout = 99");
    BOOST_TEST(contains(failure([&] { migrate_up(*db.connection, kTwo, {}, options()); }), "newer Tenon"));
}

BOOST_AUTO_TEST_CASE(a_plan_that_leaves_something_is_taken_back) {
    Database db;
    Plan plan;
    plan.steps = {{.sql = "CREATE TABLE a (x)", .why = "create table a"}};
    const ApplyOptions left{.left = [](const Schema& now) { return "~ column " + now.tables.at(0).name + ".x\n"; }};
    BOOST_TEST(contains(failure([&] { apply_plan(*db.connection, plan, left); }),
                        "not what was planned; nothing was changed. From there to what is wanted:\n~ column a.x"));
    BOOST_TEST(db.schema() == "");
    apply_plan(*db.connection, plan, {.left = [](const Schema&) { return std::string(); }});
    BOOST_TEST(failure([&] { apply_plan(*db.connection, plan, {}); }) ==
               "1: create table a: table a already exists\n  in: CREATE TABLE a (x)");
}

BOOST_AUTO_TEST_CASE(replays_on_scratch) {
    const auto scratch = open_scratch({});
    replay(*scratch, kTwo, "1");
    BOOST_TEST(std::get<std::int64_t>(scratch->scalar("SELECT count(*) FROM pragma_table_info('a')")) == 2);
    BOOST_TEST(std::get<std::int64_t>(scratch->scalar("SELECT count(*) FROM sqlite_schema")) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
