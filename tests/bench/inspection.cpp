// Inspecting a SQLite file against opening it and SQLite's own parse of its schema.
#include <sqlite3.h>

#include "engine/connection.h"
#include "engine/inspect.h"
#include "tests/bench/pairs.h"

namespace tenon::bench {
namespace {

std::string make_tables(const Folder& folder, long count) {
    std::string path = folder.file(std::to_string(count) + ".db");
    auto db = open_connection(parse_url("sqlite:" + path), Access::create);
    db->execute("PRAGMA synchronous = OFF; BEGIN");
    // SQLite looks at the whole schema for each CREATE; writing the catalog's rows is linear.
    db->execute(
        "CREATE TABLE t0 (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'x', parent INTEGER REFERENCES t0(id) ON "
        "DELETE CASCADE, "
        "amount DECIMAL(10,2), created TIMESTAMP DEFAULT CURRENT_TIMESTAMP, kind TEXT CHECK (kind IN ('a', 'b')), body TEXT)");
    db->execute("CREATE INDEX t0_name ON t0 (name)");
    db->execute("PRAGMA writable_schema = ON");
    db->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count - 1) +
                ") INSERT INTO sqlite_schema SELECT type, replace(name, 't0', 't' || i), 't' || i, rootpage, replace(sql, "
                "'t0', 't' || i) "
                "FROM n, (SELECT * FROM sqlite_schema) ORDER BY i");
    db->execute("COMMIT");
    return path;
}

void parse_only(const std::string& path) {
    sqlite3* db = nullptr;
    sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite3_exec(db, "SELECT count(*) FROM t0 WHERE 0", nullptr, nullptr, nullptr);
    sqlite3_close(db);
}

void inspection(benchmark::State& state) {
    const Folder folder;
    const std::string path = make_tables(folder, state.range(0));
    run_pairs(
        state, state.range(0) <= 1000 ? 1.6 : 3.0, [] {}, [&] { parse_only(path); },
        [&] {
            auto db = open_connection(parse_url("sqlite:" + path), Access::read);
            benchmark::DoNotOptimize(inspect(*db));
        });
}
BENCHMARK(inspection)->Arg(1000)->UseManualTime()->Iterations(41)->Unit(benchmark::kMillisecond);
BENCHMARK(inspection)->Arg(10000)->UseManualTime()->Iterations(7)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
