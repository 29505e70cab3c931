// ALTER TABLE RENAME, and the way around its gap.
//
// RENAME COLUMN of an INTEGER PRIMARY KEY misses the column's name in a UNIQUE (…) that SQLite reads before it knows the column
// as the rowid, or once a WITHOUT ROWID table has made it an ordinary column: SQLite 3.40 says `no such column` then.  For the
// time of the rename the stored definition says the same of the file without such a key: a comment keeps each word that is
// replaced, so that it can be put back whatever SQLite wrote around it.  Where stored definitions are not to be edited, the
// table loses such a UNIQUE by SQLite's twelve steps, and the rest of the plan gives it back.
#include "emitters/sqlite_rename.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "emitters/sqlite_guards.h"
#include "emitters/sqlite_rebuild.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {
namespace {

/// A table's definition under a mask: words that stand for others until the renames are done.
struct Masked {
    const Table* table = nullptr;
    std::string text{};
    std::vector<std::pair<std::string, std::string>> words{};  ///< what stands there, what stood there
};

std::string now_called(const std::string& table, const std::vector<Rename>& renames) {
    const auto found = std::ranges::find_if(
        renames, [&](const Rename& r) { return r.kind == Rename::Kind::table && same_name(r.from, table); });
    return found == renames.end() ? table : found->to;
}

bool names(const std::vector<KeyPart>& parts, const std::string& column) {
    return std::ranges::any_of(parts, [&](const KeyPart& part) { return same_name(part.column, column); });
}

/// The tokens of a table's own PRIMARY KEY (column) that say more than CHECK (column) does.
std::vector<Token> key_words(const std::string& sql, const Span& item) {
    std::vector<Token> tokens = lex_significant(sql, Dialect::sqlite);
    std::erase_if(tokens, [&](const Token& token) { return token.begin < item.begin || token.end > item.end; });
    auto token = std::ranges::find_if(tokens, [&](const Token& t) { return is_keyword(sql, t, "PRIMARY"); });
    std::vector<Token> words{token[0], token[1]};
    token += 4;  // PRIMARY KEY ( column
    if (is_keyword(sql, *token, "COLLATE")) token += 2;
    for (; token != tokens.end() && token_text(sql, *token) != ")"; ++token) words.push_back(*token);
    return words;
}

/// True where SQLite does not find the column `name` in the constraint when it renames it.
bool misses(const Table& table, const std::string& name, const UniqueConstraint& unique) {
    const Column* column = find_column(table, name);
    if (column == nullptr || !table.primary_key || table.primary_key->columns.size() != 1 ||
        !same_name(table.primary_key->columns[0].column, name) || !same_name(column->type.text, "INTEGER"))
        return false;
    const Placement place = table.primary_key->placement.value;
    const Placement other = unique.placement.value;
    // A WITHOUT ROWID table loses the rowid when its key has been read, the others find it then.
    return other.clause < 0 && names(unique.columns, name) &&
           (table.without_rowid ? place.item < other.item : place.clause < 0 && other.item < place.item);
}

/// A column that SQLite cannot rename as it is.
struct Hindered {
    const Table* table = nullptr;
    std::string column{};
};

std::vector<Hindered> all_hindered(const Schema& from, const std::vector<Rename>& renames) {
    std::vector<Hindered> out;
    for (const Table& table : from.tables) {
        for (const Rename& rename : renames) {
            if (rename.kind != Rename::Kind::column || !same_name(rename.table, now_called(table.name, renames))) continue;
            const auto missed = [&](const UniqueConstraint& unique) { return misses(table, rename.from, unique); };
            if (std::ranges::any_of(table.uniques, missed)) out.push_back({&table, rename.from});
        }
    }
    return out;
}

/// The table's definition as SQLite can rename the column in it.
Masked masked(const Hindered& hindered) {
    const Table& table = *hindered.table;
    Masked out{.table = &table, .text = table.stored.value};
    const TableLayout layout = parse_create_table(out.text).layout;
    const auto replace = [&](const Span& span, const std::string& by) {
        const std::string word = out.text.substr(span.begin, span.end - span.begin);
        const std::string mask = by + "/* tenon " + word + " */";
        out.text.replace(span.begin, word.size(), mask);
        out.words.emplace_back(mask, word);
    };
    if (table.without_rowid) {
        const Column& column = *find_column(table, hindered.column);
        replace(layout.items.at(static_cast<std::size_t>(column.placement.value.item)).type, "INT");
        return out;
    }
    const int place = table.primary_key->placement.value.item;
    const std::vector<Token> words = key_words(out.text, layout.items.at(static_cast<std::size_t>(place)).span);
    for (std::size_t i = words.size(); i-- > 0;) replace({words[i].begin, words[i].end}, i == 0 ? "CHECK" : "");
    return out;
}

std::string set_text(const std::string& table, const std::string& text) {
    return "UPDATE sqlite_schema SET sql = " + text + " WHERE type = 'table' AND name = " + quote_literal(table);
}

/// The table by SQLite's twelve steps without what hinders the rename.
std::vector<Step> without_hindrance(const Schema& from, const Hindered& hindered, const Capabilities& capabilities) {
    Table bare = *hindered.table;
    std::erase_if(bare.uniques,
                  [&](const UniqueConstraint& unique) { return misses(*hindered.table, hindered.column, unique); });
    Changes changes;
    changes.from = changes.to = from;
    const PlanOptions options{.capabilities = capabilities};
    return twelve_steps({hindered.table, &bare, &changes, &options, "prepare " + hindered.table->name});
}

}  // namespace

Plan rename_plan(const Schema& from, const std::vector<Rename>& renames, const Capabilities& capabilities) {
    Plan plan;
    const auto add = [&](std::vector<Step> more) { std::ranges::move(more, std::back_inserter(plan.steps)); };
    std::vector<Masked> tables;
    for (const Hindered& hindered : all_hindered(from, renames)) {
        if (capabilities.edit_stored_definition) {
            tables.push_back(masked(hindered));
        } else {
            plan.foreign_keys_off = true;
            add(without_hindrance(from, hindered, capabilities));
        }
    }
    for (const Masked& one : tables) plan.steps.push_back(stored_text_guard(*one.table));
    for (const Masked& one : tables)
        add(schema_edit(set_text(one.table->name, quote_literal(one.text)), "prepare " + one.table->name));
    for (const Rename& rename : renames) {
        Step step;
        if (rename.kind == Rename::Kind::table) {
            step.sql = "ALTER TABLE " + quoted(rename.from) + " RENAME TO " + quoted(rename.to);
            step.why = "rename table " + rename.from + " -> " + rename.to;
        } else if (rename.kind == Rename::Kind::column) {
            step.sql =
                "ALTER TABLE " + quoted(rename.table) + " RENAME COLUMN " + quoted(rename.from) + " TO " + quoted(rename.to);
            step.why = "rename column " + rename.table + "." + rename.from + " -> " + rename.to;
        } else {
            continue;
        }
        plan.steps.push_back(std::move(step));
    }
    for (const Masked& one : tables) {
        std::string text = "sql";
        for (const auto& [mask, word] : one.words)
            text = "replace(" + text + ", " + quote_literal(mask) + ", " + quote_literal(word) + ")";
        const std::string name = now_called(one.table->name, renames);
        add(schema_edit(set_text(name, text), "restore " + name));
    }
    return plan;
}

}  // namespace tenon::sqlite
