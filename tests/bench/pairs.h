// Measuring a thing against its floor: both run in turn, CPU time of the process, the median of the pairwise ratios.
#pragma once

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tenon::bench {

/// CPU seconds that this process has used so far.
inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

inline double seconds_of(const std::function<void()>& work) {
    const double start = cpu_seconds();
    work();
    return cpu_seconds() - start;
}

/// Runs floor and work in turn, once per iteration, each after its own (uncounted) preparation.  Reports the work's time and
/// the counters `ratio` (median of work / floor) and `goal`.
inline void run_pairs(benchmark::State& state, double goal, const std::function<void()>& prepare,
                      const std::function<void()>& floor, const std::function<void()>& work) {
    std::vector<double> ratios;
    for (auto _ : state) {
        prepare();
        const double least = seconds_of(floor);
        prepare();
        const double took = seconds_of(work);
        state.SetIterationTime(took);
        ratios.push_back(took / least);
    }
    std::ranges::sort(ratios);
    state.counters["ratio"] = ratios[ratios.size() / 2];
    state.counters["goal"] = goal;
}

/// A number from the environment, for shorter runs: TENON_BENCH_ROWS.
inline long rows() {
    const char* given = std::getenv("TENON_BENCH_ROWS");
    return given == nullptr ? 5'000'000 : std::atol(given);
}

/// A folder that goes away with the value.
struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("tenon_bench_" + std::to_string(clock()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return (path / name).string(); }
};

}  // namespace tenon::bench
