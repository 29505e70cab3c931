// Reading a schema file of 10,000 tables against YAML::LoadFile, and the memory it takes.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

#include "schemas/yaml.h"
#include "tests/bench/pairs.h"

namespace tenon::bench {
namespace {

std::string schema_text(int tables) {
    std::ostringstream out;
    out << "tables:\n";
    for (int i = 0; i < tables; ++i) {
        out << "  table_" << i << ":\n    comment: Things of kind " << i << "\n    columns:\n";
        for (int column = 0; column < 10; ++column) {
            out << "      column_" << column << ":\n        type: varchar(" << 10 + column << ")\n        default: value "
                << column << "\n";
        }
        if (i > 0) out << "      parent_id:\n        references: table_" << i - 1 << ".id\n        on_delete: cascade\n";
        out << "    checks:\n      short: length(column_1) < 10\n    indexes:\n      - [column_2, column_3 desc]\n";
    }
    return out.str();
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Peak memory in MB of `work` in a process of its own.
double peak_megabytes(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    rusage usage{};
    int status = 0;
    wait4(child, &status, 0, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void schema_file(benchmark::State& state) {
    const Folder folder;
    const std::string path = folder.file("schema.yaml");
    std::ofstream(path) << schema_text(10000);
    const auto read = [&] { benchmark::DoNotOptimize(read_schema(path, read_file(path))); };
    const double own = peak_megabytes([] {});  // the benchmark itself: its libraries
    state.counters["peak_mb"] = peak_megabytes(read) - own;
    state.counters["peak_goal"] = 60;
    run_pairs(
        state, 0.5, [] {}, [&] { benchmark::DoNotOptimize(YAML::LoadFile(path)); }, read);
}
BENCHMARK(schema_file)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
