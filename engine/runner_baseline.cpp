// Comparing a live database with a baseline file.
#include "engine/runner_baseline.h"

#include <algorithm>

#include "differ/diff.h"
#include "differ/report.h"
#include "engine/inspect.h"
#include "engine/runner_body.h"

namespace tenon {
namespace {

/// What stands by itself, so that it is in nobody's way when the database has more of it.
template <class T>
constexpr bool kStandsAlone = std::is_same_v<T, Table> || std::is_same_v<T, View> || std::is_same_v<T, Trigger> ||
                              std::is_same_v<T, Index> || std::is_same_v<T, Unmanaged>;

bool is_surplus(const Change& change) {
    return match(change, []<class T>(const Delta<T>& delta) { return kStandsAlone<T> && delta.from && !delta.to; });
}

}  // namespace

bool holds_baseline(Connection& connection, const Migration& baseline) {
    const Schema live = inspect(connection);
    const auto scratch = open_scratch(place_for(connection.scratch_place(), {&baseline, 1}));
    replay(*scratch, {&baseline, 1}, "");
    const Schema expected = inspect(*scratch);
    const bool any = std::ranges::any_of(expected.tables,
                                         [&](const Table& table) { return find_table(live, table.full_name()) != nullptr; });
    if (!any) return false;

    std::vector<Problem> problems;
    for (const Change& change : compare(live, expected, {}).list) {
        if (is_surplus(change)) continue;
        problems.push_back(
            {.message = "the database has tables and no history, and they are not what " + label_of(baseline) +
                        " makes: it would take to " + describe(change),
             .where = {baseline.path, 0, 0},
             .hint = "make them equal, or record the file as it is with `tenon migrate baseline " + baseline.version + "`"});
    }
    if (!problems.empty()) throw Error(ErrorCode::refused, std::move(problems));
    return true;
}

}  // namespace tenon
