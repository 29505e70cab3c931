// Texts that are no JSON, under a new expression that reads JSON: SQLite would stop half-way with `malformed JSON`, and name
// neither table nor row.
#include <algorithm>
#include <array>
#include <set>

#include "emitters/sqlite_guards.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {
namespace {

/// The column of `from` whose JSON the expression over `to` reads whatever else it says: `json_extract(c, …` or `c -> …` at its
/// beginning, or a generated column that begins so.  nullptr where there is none: a later part may be skipped, as by
/// `CASE WHEN json_valid(c) THEN`.
const Column* json_read_by(const std::string& expression, const Table& from, const Table& to) {
    static constexpr std::array<std::string_view, 9> kReaders{"json",         "json_array_length", "json_extract",
                                                              "json_insert",  "json_patch",        "json_remove",
                                                              "json_replace", "json_set",          "json_type"};
    const std::vector<Token> tokens = lex_significant(expression, Dialect::sqlite);
    const auto text = [&](std::size_t i) { return i < tokens.size() ? token_text(expression, tokens[i]) : std::string(); };
    std::size_t at = 0;
    while (text(at) == "(") ++at;
    const bool call = text(at + 1) == "(";
    if (call && std::ranges::find(kReaders, fold(text(at))) == kReaders.end()) return nullptr;
    if (call) at += 2;
    if (at >= tokens.size()) return nullptr;
    const std::string name = token_name(expression, tokens[at]);
    const Column* column = find_column(to, name);
    // SQLite knows no generated column that depends on itself.
    if (column != nullptr && column->generated) return json_read_by(column->generated->expression.text, from, to);
    const std::string next = text(at + 1);
    return (call ? next == "," || next == ")" : next == "->" || next == "->>") ? find_column(from, name) : nullptr;
}

/// Collects guards, one for each column and kind of row.
class JsonGuards {
public:
    JsonGuards(const Table& from, const Table& to, const PlanOptions& options) : from_(from), to_(to), options_(options) {}

    void add(const Sql& expression, const Sql& where, const std::string& reader) {
        const Column* column = json_read_by(expression.text, from_, to_);
        const Column* target = column == nullptr ? nullptr : find_column(to_, column->name);
        if (target == nullptr || revalued(from_, to_, *target, options_)) return;
        const std::vector<std::string> named = mentioned_names(where.text, Dialect::sqlite);
        const bool grows = std::ranges::any_of(to_.columns, [&](const Column& c) {
            return find_column(from_, c.name) == nullptr && std::ranges::binary_search(named, fold(c.name));
        });
        if (grows || !asked_.insert(column->name + "\n" + where.text).second) return;
        const std::string name = quoted(column->name);
        // From 3.42 on SQLite reads JSON5 too, which json_valid() does not call JSON.
        constexpr int kReadsJson5 = 3042000;
        const std::string broken = options_.capabilities.version >= kReadsJson5 ? "json_error_position(" + name + ") <> 0"
                                                                                : "NOT json_valid(" + name + ")";
        Step step = guard(to_.full_name() + "." + column->name + ": values that are no JSON, which " + reader + " reads",
                          "FROM " + quoted(from_.name) + " WHERE typeof(" + name + ") = 'text' AND " + broken +
                              (where.empty() ? "" : " AND (" + where.text + ")"),
                          name, "add " + reader + " " + to_.full_name());
        step.hint = "correct these rows first";
        step.slow = true;
        steps_.push_back(std::move(step));
    }

    std::vector<Step> take() { return std::move(steps_); }

private:
    const Table& from_;
    const Table& to_;
    const PlanOptions& options_;
    std::set<std::string> asked_{};
    std::vector<Step> steps_{};
};

}  // namespace

std::vector<Step> json_guards(const Table& from, const Table& to, const PlanOptions& options) {
    JsonGuards guards(from, to, options);
    for (const Index& index : to.indexes) {
        if (std::ranges::find(from.indexes, index) != from.indexes.end()) continue;
        const std::string reader = "index " + index.name.text;
        guards.add(index.where_clause, {}, reader);
        for (const KeyPart& part : index.columns) {
            const Sql column = make_sql(quoted(part.column), Dialect::sqlite);
            guards.add(part.column.empty() ? *part.expression : column, index.where_clause, reader);
        }
    }
    for (const Check& check : to.checks) {
        const auto same = [&](const Check& other) { return other.expression == check.expression; };
        if (std::ranges::none_of(from.checks, same)) guards.add(check.expression, {}, "check");
    }
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (!column.generated || !column.generated->stored || (live != nullptr && live->generated == column.generated))
            continue;
        guards.add(column.generated->expression, {}, "column " + column.name);
    }
    return guards.take();
}

}  // namespace tenon::sqlite
