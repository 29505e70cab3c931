// Rows to JSON against stepping through the same columns, and the start of the command.
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/connection.h"
#include "engine/query_request.h"
#include "schemas/yaml.h"
#include "tests/bench/pairs.h"

namespace tenon::bench {
namespace {

constexpr auto kSchema =
    "tables:\n  t:\n    columns:\n      username: text\n      email: text\n      score: double\n      active: boolean\n"
    "      created_at: timestamp\n      bio: text?\n";

void make_rows(const std::string& path, long count) {
    auto db = open_connection(parse_url("sqlite:" + path), Access::create);
    db->execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, username TEXT, email TEXT, score DOUBLE, active BOOLEAN, created_at "
        "TIMESTAMP, bio TEXT)");
    db->execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
                ") INSERT INTO t SELECT i, 'user' || i, 'user' || i || '@example.org', CASE i % 2 WHEN 0 THEN i / 100.0 ELSE i "
                "/ 7.0 END, i % 2, "
                "strftime('%Y-%m-%d %H:%M:%f', i * 60, 'unixepoch') || '000', CASE WHEN i % 10 < 3 THEN NULL ELSE "
                "substr('a few words, some not ASCII (é), a \"quote\", a \\ and a ' || char(10) || hex(randomblob(60)), 1, i % "
                "200) END FROM n");
}

void step_columns(const std::string& path) {
    sqlite3* db = nullptr;
    sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite3_stmt* rows = nullptr;
    sqlite3_prepare_v2(db, "SELECT id, username, email, score, active, created_at, bio FROM t ORDER BY id", -1, &rows, nullptr);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        benchmark::DoNotOptimize(sqlite3_column_int64(rows, 0));
        for (const int text : {1, 2, 5, 6}) {
            benchmark::DoNotOptimize(sqlite3_column_text(rows, text));
            benchmark::DoNotOptimize(sqlite3_column_bytes(rows, text));
        }
        benchmark::DoNotOptimize(sqlite3_column_double(rows, 3));
        benchmark::DoNotOptimize(sqlite3_column_int64(rows, 4));
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

void rows_to_json(benchmark::State& state) {
    const Folder folder;
    const std::string path = folder.file("rows.db");
    make_rows(path, 1'000'000);
    const Schema schema = read_schema("schema.yaml", kSchema);
    run_pairs(
        state, 2.0, [] {}, [&] { step_columns(path); },
        [&] {
            auto db = open_connection(parse_url("sqlite:" + path), Access::read);
            QueryRequest request;
            request.table = "t";
            std::size_t bytes = 0;
            run_query(*db, schema, request, [&](std::string_view piece) { bytes += piece.size(); });
            benchmark::DoNotOptimize(bytes);
        });
}
BENCHMARK(rows_to_json)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);

/// Wall time of one run of the command.
void run_command(benchmark::State& state, const std::vector<std::string>& arguments, double goal_ms, int expected) {
    for (auto _ : state) {
        const auto start = std::chrono::steady_clock::now();
        const pid_t child = fork();
        if (child == 0) {
            std::vector<char*> argv{const_cast<char*>(TENON_COMMAND)};
            for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
            argv.push_back(nullptr);
            if (freopen("/dev/null", "w", stdout) == nullptr) _exit(1);
            execv(TENON_COMMAND, argv.data());
            _exit(127);
        }
        int status = 0;
        waitpid(child, &status, 0);
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        if (WEXITSTATUS(status) != expected) state.SkipWithError("wrong exit status");
    }
    state.counters["goal_ms"] = goal_ms;
}

void start_version(benchmark::State& state) { run_command(state, {"--version"}, 10, 0); }
BENCHMARK(start_version)->UseManualTime()->Iterations(50)->Unit(benchmark::kMillisecond);

void noop_diff_100_tables(benchmark::State& state) {
    const Folder folder;
    std::string yaml = "tables:\n";
    std::string sql;
    for (int i = 0; i < 100; ++i) {
        const std::string name = "t" + std::to_string(i);
        yaml += "  " + name +
                ":\n    columns:\n      a: text\n      b: integer\n      c: varchar(40)?\n    indexes:\n      - [a, b]\n";
        sql += "CREATE TABLE " + name + " (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER NOT NULL, c VARCHAR(40));" +
               "CREATE INDEX " + name + "_a_b_idx ON " + name + " (a, b);";
    }
    open_connection(parse_url("sqlite:" + folder.file("app.db")), Access::create)->execute(sql);
    FILE* file = fopen(folder.file("schema.yaml").c_str(), "w");
    fputs(yaml.c_str(), file);
    fclose(file);
    run_command(state, {"diff", "--url", "sqlite:" + folder.file("app.db"), "--schema", folder.file("schema.yaml")}, 30, 0);
}
BENCHMARK(noop_diff_100_tables)->UseManualTime()->Iterations(50)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
