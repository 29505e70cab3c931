// Changing a large SQLite table: rebuild against a bare copy, edits against a bare scan.
#include <cstdlib>
#include <memory>

#include "engine/connection.h"
#include "engine/inspect.h"
#include "engine/planner.h"
#include "tests/bench/pairs.h"

namespace tenon::bench {
namespace {

constexpr auto kTable =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, score REAL, name TEXT, code TEXT, body TEXT, CHECK (a >= "
    "0))";
constexpr auto kColumns = "id, a, b, score, name, code, body";

/// A database of rows() rows with two secondary indexes, made once.
struct Large {
    Folder folder;
    std::string original = folder.file("original.db");
    std::string copy = folder.file("copy.db");

    Large() {
        auto db = open_connection(parse_url("sqlite:" + original), Access::create);
        db->execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
        db->execute(kTable);
        db->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(rows()) +
                    ") INSERT INTO t SELECT i, i % 1000, i * 7, i / 3.0, 'name ' || i, hex(randomblob(8)), 'some text of row ' "
                    "|| i FROM n");
        db->execute("CREATE INDEX t_a ON t (a); CREATE INDEX t_code ON t (code)");
    }
};

Large& large() {
    static Large made;
    return made;
}

/// As the library is built.  TENON_BENCH_NO_SECURE_DELETE: with SQLite's own default; Debian's build overwrites what is
/// deleted, which a bare copy never does.
std::unique_ptr<Connection> open_copy() {
    auto db = open_connection(parse_url("sqlite:" + large().copy), Access::write);
    if (std::getenv("TENON_BENCH_NO_SECURE_DELETE") != nullptr) db->execute("PRAGMA secure_delete = OFF");
    return db;
}

void fresh_copy() {
    std::filesystem::copy_file(large().original, large().copy, std::filesystem::copy_options::overwrite_existing);
}

/// The plan from the table as it is to `definition`.
Plan plan_to(const std::string& definition) {
    auto db = open_connection(parse_url("sqlite:" + large().original), Access::read);
    return plan_changes(
               {.from = inspect(*db),
                .to = materialize_script(definition + "; CREATE INDEX t_a ON t (a); CREATE INDEX t_code ON t (code)", {}),
                .decisions = {.allow_destructive = true},
                .capabilities = capabilities(*db)})
        .up;
}

/// Runs a plan on a fresh connection, with its guards or without.
void run(const Plan& plan, bool guards) {
    auto db = open_copy();
    db->execute("BEGIN IMMEDIATE");
    for (const Step& step : plan.steps) {
        if (step.kind == StepKind::statement) {
            db->execute(step.sql);
        } else if (guards) {
            db->scalar(step.sql);
        }
    }
    db->execute("COMMIT");
}

void bare_copy() {
    auto db = open_copy();
    db->execute(
        "BEGIN IMMEDIATE; CREATE TABLE n (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, score REAL, name TEXT, code TEXT, body "
        "TEXT)");
    db->execute(std::string("INSERT INTO n (") + kColumns + ") SELECT " + kColumns + " FROM t");
    db->execute("COMMIT");
}

void bare_scan(const std::string& condition) { open_copy()->scalar("SELECT count(*) FROM t WHERE " + condition); }

/// Another affinity: every row is written anew, where it is.
const std::string kConverted =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, score REAL, name TEXT, code TEXT, body TEXT, CHECK (a >= 0))";
/// A column is dropped, and what is left changes too: the rows are copied, and the copy takes the table's place.
const std::string kCopied =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER NOT NULL, name TEXT, code TEXT, body TEXT, CHECK (a >= 0))";

void rebuild(benchmark::State& state) {
    const Plan plan = plan_to(kConverted);
    run_pairs(state, 1.4, fresh_copy, bare_copy, [&] { run(plan, false); });
}
void rebuild_verified(benchmark::State& state) {
    const Plan plan = plan_to(kConverted);
    run_pairs(state, 1.7, fresh_copy, bare_copy, [&] { run(plan, true); });
}
void rebuild_copy(benchmark::State& state) {
    const Plan plan = plan_to(kCopied);
    run_pairs(state, 1.4, fresh_copy, bare_copy, [&] { run(plan, false); });
}
void rebuild_copy_verified(benchmark::State& state) {
    const Plan plan = plan_to(kCopied);
    run_pairs(state, 1.7, fresh_copy, bare_copy, [&] { run(plan, true); });
}
void set_not_null(benchmark::State& state) {
    const Plan plan = plan_to(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER NOT NULL, score REAL, name TEXT, code TEXT, body TEXT, "
        "CHECK (a >= 0))");
    run_pairs(
        state, 1.2, fresh_copy, [] { bare_scan("b IS NULL"); }, [&] { run(plan, true); });
}
void add_check(benchmark::State& state) {
    const Plan plan = plan_to(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, score REAL, name TEXT, code TEXT, body TEXT, CHECK (a "
        ">= 0), CHECK (b > 0))");
    run_pairs(
        state, 1.2, fresh_copy, [] { bare_scan("NOT (b > 0)"); }, [&] { run(plan, true); });
}
/// Against nothing but a transaction: the time must not depend on the rows.
void drop_check(benchmark::State& state) {
    const Plan plan =
        plan_to("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, score REAL, name TEXT, code TEXT, body TEXT)");
    run_pairs(
        state, 10, fresh_copy, [] { open_copy()->execute("BEGIN IMMEDIATE; CREATE TABLE x (y); DROP TABLE x; COMMIT"); },
        [&] { run(plan, true); });
}

BENCHMARK(rebuild)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(rebuild_verified)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(rebuild_copy)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(rebuild_copy_verified)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(set_not_null)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(add_check)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(drop_check)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
