// What `--rename` gave, held against the two schemas: a rename that names nothing is a mistake, and never ignored.
#include <algorithm>
#include <functional>
#include <optional>

#include "differ/diff.h"
#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

std::string flag(const Rename& rename) {
    return " (--rename " + (rename.table.empty() ? "" : rename.table + ".") + rename.from + "=" + rename.to + ")";
}

template <class T, class Name>
std::string similar(const std::string& word, const std::vector<T>& things, Name name) {
    std::vector<std::string> names;
    for (const T& thing : things) names.push_back(std::invoke(name, thing));
    const std::string close = did_you_mean(word, names);
    return close.empty() ? "" : "did you mean " + close + "?";
}

/// `billing.invoice=bill`: a dot parts a column from its table, and a table from its schema.
Rename as_meant(const Schema& from, const Schema& to, const Rename& rename) {
    if (rename.kind != Rename::Kind::column) return rename;
    const std::string old_name = rename.table + "." + rename.from;
    const std::string beside = rename.table + "." + rename.to;
    const std::string new_name = find_table(to, beside) == nullptr && find_table(to, rename.to) != nullptr ? rename.to : beside;
    const bool is_schema = find_table(from, rename.table) == nullptr && find_table(to, rename.table) == nullptr;
    const bool is_done = is_schema && find_table(from, new_name) != nullptr && find_table(to, new_name) != nullptr;
    if (find_table(from, old_name) == nullptr && !is_done) return rename;
    return {Rename::Kind::table, "", old_name, new_name};
}

/// Why the rename is none; nothing where it is done already.
std::optional<Problem> table_problem(const Schema& from, const Schema& to, const Rename& rename) {
    const bool is_there = find_table(from, rename.from) != nullptr;
    const bool is_taken = find_table(from, rename.to) != nullptr;
    if (find_table(to, rename.to) == nullptr)
        return Problem{.message = "there is to be no table " + rename.to + flag(rename),
                       .hint = similar(rename.to, to.tables, &Table::full_name)};
    if (is_there && is_taken) return Problem{.message = "there is a table " + rename.to + " already" + flag(rename)};
    if (is_there || is_taken) return std::nullopt;
    return Problem{.message = "there is no table " + rename.from + flag(rename),
                   .hint = similar(rename.from, from.tables, &Table::full_name)};
}

/// The same of a column, with its table before and after.
std::optional<Problem> column_problem(const Table& from, const Table& to, const Rename& rename, Dialect dialect) {
    const bool is_there = find_column(from, rename.from, dialect) != nullptr;
    const bool is_taken = find_column(from, rename.to, dialect) != nullptr;
    if (find_column(to, rename.to, dialect) == nullptr)
        return Problem{.message = "table " + to.full_name() + " is to have no column " + rename.to + flag(rename),
                       .hint = similar(rename.to, to.columns, &Column::name)};
    if (is_there && is_taken)
        return Problem{.message = "table " + from.full_name() + " has a column " + rename.to + " already" + flag(rename)};
    if (is_there || is_taken) return std::nullopt;
    return Problem{.message = "table " + from.full_name() + " has no column " + rename.from + flag(rename),
                   .hint = similar(rename.from, from.columns, &Column::name)};
}

/// True where the old name is gone, or has come back as the new name of another that is done: `a=b` and `b=c`, done before.
template <class IsThere>
bool is_done(const Rename& rename, const std::vector<Rename>& all, IsThere is_there, std::size_t steps) {
    return !is_there(rename.from) || (steps > 0 && std::ranges::any_of(all, [&](const Rename& other) {
                                          return other.kind == rename.kind && other.table == rename.table &&
                                                 other.to == rename.from && is_done(other, all, is_there, steps - 1);
                                      }));
}

}  // namespace

std::vector<Rename> named_renames(const Schema& from, const Schema& to, const Intents& declared,
                                  const std::vector<Rename>& given) {
    const Dialect dialect = from.dialect.value_or(Dialect::sqlite);
    Intents all = declared;
    std::vector<Rename> meant;
    for (const Rename& rename : given) meant.push_back(as_meant(from, to, rename));
    all.renames.insert(all.renames.end(), meant.begin(), meant.end());
    const std::vector<Rename> possible = meant.empty() ? meant : applicable_renames(from, to, all);
    std::vector<Problem> problems;
    const auto note = [&](std::optional<Problem> problem) {
        if (problem) problems.push_back(std::move(*problem));
    };
    for (const Rename& rename : meant) {
        if (name_key(rename.from, dialect) == name_key(rename.to, dialect))
            continue;  // SQLite: the case of a name is no difference
        if (rename.kind == Rename::Kind::table) {
            if (std::ranges::find(possible, rename) != possible.end()) continue;
            const auto is_there = [&](const std::string& name) { return find_table(from, name) != nullptr; };
            const bool reached = is_there(rename.to) && find_table(to, rename.to) != nullptr;
            if (!reached || !is_done(rename, meant, is_there, meant.size())) note(table_problem(from, to, rename));
            continue;
        }
        // The table goes by its old name or by its new one.
        const auto moved = std::ranges::find_if(all.renames, [&](const Rename& r) {
            return r.kind == Rename::Kind::table && (same_name(r.from, rename.table) || same_name(r.to, rename.table));
        });
        const bool stays = moved == all.renames.end();
        const Table* before = find_table(from, stays ? rename.table : moved->from);
        if (before == nullptr && !stays) before = find_table(from, moved->to);
        const Table* after = find_table(to, stays ? rename.table : moved->to);
        if (before != nullptr && after != nullptr) {
            Rename here = rename;
            here.table = after->full_name();
            const auto same = [&](const Rename& one) {
                return one.kind == here.kind && same_name(one.table, here.table) && one.from == here.from && one.to == here.to;
            };
            if (std::ranges::any_of(possible, same)) continue;
            const auto is_there = [&](const std::string& name) { return find_column(*before, name, dialect) != nullptr; };
            const bool reached = is_there(rename.to) && find_column(*after, rename.to, dialect) != nullptr;
            if (!reached || !is_done(rename, meant, is_there, meant.size()))
                note(column_problem(*before, *after, rename, dialect));
            continue;
        }
        const Schema& without = before == nullptr ? from : to;
        std::string close = similar(rename.table, without.tables, &Table::full_name);
        if (close.empty()) close = similar(rename.table + "." + rename.from, from.tables, &Table::full_name);
        note(Problem{
            .message = (before == nullptr ? "there is no table " : "there is to be no table ") + rename.table + flag(rename),
            .hint = std::move(close)});
    }
    if (!problems.empty()) throw Error(ErrorCode::usage, problems);
    return meant;
}

}  // namespace tenon
