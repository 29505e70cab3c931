// Renames: those a person declared, and those that look like one.
#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "differ/diff.h"
#include "differ/sequence.h"
#include "schemas/sql_tokens.h"
#include "schemas/table_lookup.h"

namespace tenon {
namespace {

constexpr double kSimilarTable = 0.6;

/// The name in `from` of a table that is called `name` in `to`.
std::string old_table_name(const std::vector<Rename>& renames, const std::string& name) {
    const auto found = std::ranges::find_if(
        renames, [&](const Rename& rename) { return rename.kind == Rename::Kind::table && same_name(rename.to, name); });
    return found == renames.end() ? name : found->from;
}

/// Those whose new name is free, or gets free by another of them, in the order in which they can be done one by one.
/// @throws Error (refused) where two of them start from one name.
template <class Taken>
std::vector<Rename> in_order(std::vector<Rename> wanted, Dialect dialect, Taken is_taken) {
    std::vector<Rename> out;
    const auto same = [&](const std::string& a, const std::string& b) { return name_key(a, dialect) == name_key(b, dialect); };
    const auto possible = [&](const Rename& rename) {
        const auto leads_there = [&](const Rename& done) { return same(done.to, rename.to); };
        const auto gives_away = [&](const Rename& done) { return same(done.from, rename.to); };
        return std::ranges::none_of(out, leads_there) && (!is_taken(rename.to) || std::ranges::any_of(out, gives_away));
    };
    for (auto next = wanted.begin(); (next = std::ranges::find_if(wanted, possible)) != wanted.end(); wanted.erase(next)) {
        if (std::ranges::any_of(out, [&](const Rename& done) { return same(done.from, next->from); }))
            throw Error(ErrorCode::refused,
                        "two renames start from " + (next->table.empty() ? "" : next->table + ".") + next->from,
                        "keep one of them");
        out.push_back(*next);
    }
    return out;
}

/// A table as a sequence of what its columns are.
std::vector<std::string> shape(const Table& table) {
    std::vector<std::string> out;
    for (const Column& column : table.columns) out.push_back(fold(column.name) + " " + column.type.key());
    return out;
}

/// The lists are aligned: equal names are spelled alike.
template <class T>
std::vector<const T*> only_in(const std::vector<T>& these, const std::vector<T>& those) {
    std::unordered_set<std::string> known;
    for (const T& thing : those) known.insert(thing.name);
    std::vector<const T*> out;
    for (const T& thing : these) {
        if (!known.contains(thing.name)) out.push_back(&thing);
    }
    return out;
}

/// The added tables, by what their columns are, so that only those that have enough in common are looked at closely.
class Newcomers {
public:
    explicit Newcomers(std::vector<const Table*> tables) : tables_(std::move(tables)), gone_(tables_.size(), false) {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            shapes_.push_back(shape(*tables_[i]));
            for (const std::string& column : shapes_.back()) with_column_[column].push_back(i);
        }
    }

    /// Takes the one most like `old`; nullptr where none is like it.
    const Table* take_like(const Table& old) {
        const std::vector<std::string> columns = shape(old);
        std::vector<std::size_t> common(tables_.size(), 0);
        for (const std::string& column : columns) {
            const auto found = with_column_.find(column);
            if (found == with_column_.end()) continue;
            for (const std::size_t i : found->second) ++common[i];
        }
        std::size_t best = tables_.size();
        double likeness = 0;
        for (std::size_t i = 0; i < tables_.size() && likeness < 1; ++i) {
            const double at_most =
                2.0 * static_cast<double>(common[i]) / static_cast<double>(columns.size() + shapes_[i].size());
            if (gone_[i] || at_most < kSimilarTable || at_most <= likeness) continue;
            const double here = similarity(columns, shapes_[i]);
            if (here < kSimilarTable || here <= likeness) continue;
            likeness = here;
            best = i;
        }
        if (best == tables_.size()) return nullptr;
        gone_[best] = true;
        return tables_[best];
    }

private:
    std::vector<const Table*> tables_;
    std::vector<bool> gone_;
    std::vector<std::vector<std::string>> shapes_{};
    std::unordered_map<std::string, std::vector<std::size_t>> with_column_{};
};

void ask_for_tables(const Schema& from, const Schema& to, std::vector<Question>& questions) {
    Newcomers added(only_in(to.tables, from.tables));
    for (const Table* dropped : only_in(from.tables, to.tables)) {
        const Table* like = added.take_like(*dropped);
        if (like == nullptr) continue;
        questions.push_back({"rename table", dropped->full_name(), like->full_name(),
                             "--rename " + dropped->full_name() + "=" + like->full_name()});
    }
}

void ask_for_columns(const Table& from, const Table& to, std::vector<Question>& questions) {
    std::vector<const Column*> added = only_in(to.columns, from.columns);
    for (const Column* dropped : only_in(from.columns, to.columns)) {
        if (dropped->generated) continue;  // its values come back by themselves
        const auto place = dropped - from.columns.data();
        // Of the added columns that could hold the values, the one nearest to where the old one stood.
        const auto distance = [&](const Column* column) {
            return std::abs((column - to.columns.data()) - place) + (column->type == dropped->type ? 0 : 1000) +
                   (column->generated ? 2000 : 0);
        };
        const auto best = std::ranges::min_element(added, {}, distance);
        if (best == added.end() || distance(*best) >= 1000) continue;
        const std::string old_name = to.full_name() + "." + dropped->name;
        questions.push_back(
            {"rename column", old_name, to.full_name() + "." + (*best)->name, "--rename " + old_name + "=" + (*best)->name});
        added.erase(best);
    }
}

}  // namespace

std::vector<Rename> applicable_renames(const Schema& from, const Schema& to, const Intents& intents) {
    const Dialect dialect = from.dialect.value_or(Dialect::sqlite);
    const auto add = [](std::vector<Rename>& wanted, const Rename& rename) {
        if (std::ranges::find(wanted, rename) == wanted.end()) wanted.push_back(rename);
    };
    std::vector<Rename> tables;
    for (const Rename& rename : intents.renames) {
        if (rename.kind == Rename::Kind::table && find_table(from, rename.from) != nullptr &&
            find_table(to, rename.to) != nullptr)
            add(tables, rename);
    }
    std::vector<Rename> renames =
        in_order(tables, dialect, [&](const std::string& name) { return find_table(from, name) != nullptr; });
    std::map<const Table*, std::vector<Rename>> columns;
    for (const Rename& rename : intents.renames) {
        if (rename.kind != Rename::Kind::column) continue;
        // --rename names a table as the person knows it: by its old name or by its new one.
        const auto moved = std::ranges::find_if(
            renames, [&](const Rename& r) { return r.kind == Rename::Kind::table && same_name(r.from, rename.table); });
        Rename here = rename;
        if (moved != renames.end()) here.table = moved->to;
        const Table* before = find_table(from, old_table_name(renames, here.table));
        const Table* after = find_table(to, here.table);
        if (before != nullptr && after != nullptr && find_column(*before, here.from, dialect) != nullptr &&
            find_column(*after, here.to, dialect) != nullptr)
            add(columns[before], here);
    }
    for (const Table& table : from.tables) {
        const auto wanted = columns.find(&table);
        if (wanted == columns.end()) continue;
        const auto taken = [&](const std::string& name) { return find_column(table, name, dialect) != nullptr; };
        std::ranges::move(in_order(wanted->second, dialect, taken), std::back_inserter(renames));
    }
    return renames;
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
        if (const Table* live = live_tables.find(table.full_name())) ask_for_columns(*live, table, questions);
    }
    return questions;
}

}  // namespace tenon
