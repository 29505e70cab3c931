// Renames: those a person declared, and those that look like one.
#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "differ/diff.h"
#include "differ/sequence.h"
#include "differ/table_lookup.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr double kSimilarTable = 0.6;

/// The name in `from` of a table that is called `name` in `to`.
std::string old_table_name(const std::vector<Rename>& renames, const std::string& name) {
    const auto found = std::ranges::find_if(
        renames, [&](const Rename& rename) { return rename.kind == Rename::Kind::table && same_name(rename.to, name); });
    return found == renames.end() ? name : found->from;
}

/// Gathers the renames that apply.  One may make room for another (a to b, b to c), so all are tried until none fits any more.
class RenamePicker {
public:
    RenamePicker(const Schema& from, const Schema& to) : from_(from), to_(to) {}

    void pick(std::vector<Rename> candidates) {
        for (bool found = true; found;) {
            found = false;
            for (const Rename& rename : candidates) {
                if (known(rename) || !applies(rename)) continue;
                add(rename);
                found = true;
            }
        }
    }
    const std::vector<Rename>& picked() const { return picked_; }

private:
    using Name = std::pair<std::string, std::string>;  // table (empty for one), name
    const Schema& from_;
    const Schema& to_;
    std::vector<Rename> picked_{};
    std::set<Name> starts_{};
    std::set<Name> ends_{};

    bool known(const Rename& rename) const {
        return std::ranges::any_of(picked_, [&](const Rename& other) {
            return other.kind == rename.kind && same_name(other.table, rename.table) && same_name(other.from, rename.from) && same_name(other.to, rename.to);
        });
    }

    bool applies(const Rename& rename) const {
        const auto free = [&](bool taken) { return !taken || starts_.contains({fold(rename.table), fold(rename.to)}); };
        if (rename.kind == Rename::Kind::table) {
            return find_table(from_, rename.from) != nullptr && find_table(to_, rename.to) != nullptr && free(find_table(from_, rename.to) != nullptr);
        }
        const Table* live = find_table(from_, old_table_name(picked_, rename.table));
        const Table* wanted = find_table(to_, rename.table);
        return live != nullptr && wanted != nullptr && find_column(*live, rename.from) != nullptr && find_column(*wanted, rename.to) != nullptr &&
               free(find_column(*live, rename.to) != nullptr);
    }

    void add(const Rename& rename) {
        const auto once = [&](std::set<Name>& names, const std::string& name, const char* direction) {
            if (names.insert({fold(rename.table), fold(name)}).second) return;
            throw Error(ErrorCode::refused, std::string("two renames ") + direction + (rename.table.empty() ? "" : rename.table + ".") + name,
                        "keep one of them");
        };
        once(starts_, rename.from, "start from ");
        once(ends_, rename.to, "lead to ");
        picked_.push_back(rename);
    }
};

/// A table as a sequence of what its columns are.
std::vector<std::string> shape(const Table& table) {
    std::vector<std::string> out;
    for (const Column& column : table.columns) out.push_back(fold(column.name) + " " + column.type.key);
    return out;
}

/// How well a dropped thing and an added one fit; `from` and `to` are their places.
struct Fit {
    double score = 0;
    std::size_t from = 0;
    std::size_t to = 0;
};

/// The best pairs first, each thing in one pair only; then in the order of `from`.
std::vector<Fit> best_pairs(std::vector<Fit> fits) {
    std::ranges::stable_sort(fits, std::ranges::greater{}, &Fit::score);
    std::set<std::size_t> from;
    std::set<std::size_t> to;
    std::vector<Fit> pairs;
    for (const Fit& fit : fits) {
        if (from.contains(fit.from) || to.contains(fit.to)) continue;
        from.insert(fit.from);
        to.insert(fit.to);
        pairs.push_back(fit);
    }
    std::ranges::sort(pairs, {}, &Fit::from);
    return pairs;
}

/// Tables alike enough to be asked about.  Few of many dropped and added tables have columns in common with each other, so those
/// are counted before any edit script is made.
std::vector<Fit> alike_tables(const std::vector<const Table*>& dropped, const std::vector<const Table*>& added) {
    std::vector<std::vector<std::string>> shapes;
    std::map<std::string, std::vector<std::size_t>> with_column;
    for (std::size_t i = 0; i < added.size(); ++i) {
        shapes.push_back(shape(*added[i]));
        for (const std::string& column : shapes.back()) with_column[column].push_back(i);
    }
    std::vector<Fit> fits;
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        const std::vector<std::string> own = shape(*dropped[i]);
        std::map<std::size_t, std::size_t> in_common;
        for (const std::string& column : own) {
            if (const auto found = with_column.find(column); found != with_column.end()) {
                for (const std::size_t place : found->second) ++in_common[place];
            }
        }
        for (const auto& [place, count] : in_common) {
            if (2.0 * static_cast<double>(count) < kSimilarTable * static_cast<double>(own.size() + shapes[place].size())) continue;
            if (const double score = similarity(own, shapes[place]); score >= kSimilarTable) fits.push_back({score, i, place});
        }
    }
    return fits;
}

void ask_for_tables(const Schema& from, const Schema& to, std::vector<Question>& questions) {
    const auto only_in = [](const Schema& these, const Schema& those) {
        const TableLookup known(those);
        std::vector<const Table*> out;
        for (const Table& table : these.tables) {
            if (known.find(table.full_name()) == nullptr) out.push_back(&table);
        }
        return out;
    };
    const std::vector<const Table*> dropped = only_in(from, to);
    const std::vector<const Table*> added = only_in(to, from);
    for (const Fit& fit : best_pairs(alike_tables(dropped, added))) {
        const std::string old_name = dropped[fit.from]->full_name();
        const std::string new_name = added[fit.to]->full_name();
        questions.push_back({"rename table", old_name, new_name, "--rename " + old_name + "=" + new_name});
    }
}

/// One name is part of the other, or a small edit away from it.
bool alike(const std::string& a, const std::string& b) {
    constexpr std::size_t kTelling = 3;  // shorter names are alike by chance
    const std::string x = fold(a);
    const std::string y = fold(b);
    if (std::min(x.size(), y.size()) < kTelling) return false;
    return x.find(y) != std::string::npos || y.find(x) != std::string::npos || !did_you_mean(x, {y}).empty();
}

void ask_for_columns(const Table& from, const Table& to, std::vector<Question>& questions) {
    std::vector<Fit> fits;
    for (std::size_t i = 0; i < from.columns.size(); ++i) {
        const Column& dropped = from.columns[i];
        // The values of a generated column come back by themselves.
        if (dropped.generated || find_column(to, dropped.name) != nullptr) continue;
        for (std::size_t j = 0; j < to.columns.size(); ++j) {
            const Column& added = to.columns[j];
            if (added.generated || !(added.type == dropped.type) || find_column(from, added.name) != nullptr) continue;
            // A name alike tells more than the place, and the nearest place more than others.
            const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
            fits.push_back({(alike(dropped.name, added.name) ? 1 : 0) - distance / static_cast<double>(from.columns.size() + to.columns.size()), i, j});
        }
    }
    for (const Fit& fit : best_pairs(std::move(fits))) {
        const std::string old_name = to.full_name() + "." + from.columns[fit.from].name;
        const std::string& new_name = to.columns[fit.to].name;
        questions.push_back({"rename column", old_name, to.full_name() + "." + new_name, "--rename " + old_name + "=" + new_name});
    }
}

}  // namespace

std::vector<Rename> applicable_renames(const Schema& from, const Schema& to, const Intents& intents) {
    RenamePicker picker(from, to);
    std::vector<Rename> tables;
    std::ranges::copy_if(intents.renames, std::back_inserter(tables), [](const Rename& rename) { return rename.kind == Rename::Kind::table; });
    picker.pick(std::move(tables));

    std::vector<Rename> columns;
    for (Rename rename : intents.renames) {
        if (rename.kind != Rename::Kind::column) continue;
        // --rename names a table as the person knows it: by its old name or by its new one.
        const auto& done = picker.picked();
        const auto old = std::ranges::find_if(done, [&](const Rename& other) { return same_name(other.from, rename.table); });
        const bool is_new = std::ranges::any_of(done, [&](const Rename& other) { return same_name(other.to, rename.table); });
        if (old != done.end() && !is_new) rename.table = old->to;
        columns.push_back(std::move(rename));
    }
    picker.pick(std::move(columns));
    return picker.picked();
}

std::vector<Change> rename_changes(const Schema& from, const std::vector<Rename>& renames) {
    std::vector<Change> changes;
    for (const Rename& rename : renames) {
        if (rename.kind == Rename::Kind::table) {
            const Table& table = *find_table(from, rename.from);
            Table renamed = table;
            renamed.name = rename.to;
            changes.push_back(Delta<Table>{"", table, renamed});
        } else if (rename.kind == Rename::Kind::column) {
            const Column& column = *find_column(*find_table(from, old_table_name(renames, rename.table)), rename.from);
            Column renamed = column;
            renamed.name = rename.to;
            changes.push_back(Delta<Column>{rename.table, column, renamed});
        }
    }
    return changes;
}

std::vector<Question> likely_renames(const Schema& from, const Schema& to) {
    std::vector<Question> questions;
    ask_for_tables(from, to, questions);
    const TableLookup live_tables(from);
    for (const Table& table : to.tables) {
        const Table* live = live_tables.find(table.full_name());
        if (live != nullptr && live->columns != table.columns) ask_for_columns(*live, table, questions);
    }
    return questions;
}

}  // namespace tenon
