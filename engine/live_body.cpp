// What replaying says against what is live, per table that a migration names.
#include "engine/live_body.h"

#include <algorithm>
#include <set>

#include "differ/diff.h"
#include "emitters/sqlite_edit.h"
#include "emitters/sqlite_guards.h"
#include "emitters/sqlite_rebuild.h"
#include "engine/inspect.h"
#include "engine/migration_body.h"
#include "engine/runner_body.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// The same table but for the order of its columns, and for what is written on it by hand: its indexes and triggers.
bool same_definition(const Table& a, const Table& b) {
    Schema from;
    Schema to;
    from.dialect = to.dialect = Dialect::sqlite;
    from.tables = {a};
    to.tables = {b};
    from.tables[0].indexes = to.tables[0].indexes;
    from.tables[0].triggers = to.tables[0].triggers;
    return compare(from, to, {}).empty();
}

/// True where rows and automatic indexes that one of two same definitions describes can be read by the other.
bool same_storage(const Table& a, const Table& b) {
    return std::ranges::equal(a.columns, b.columns,
                              [](const Column& x, const Column& y) { return same_name(x.name, y.name); }) &&
           sqlite::automatic_indexes(a.stored.value) == sqlite::automatic_indexes(b.stored.value);
}

std::string statements_text(const std::vector<std::string>& statements) {
    std::string out;
    for (const std::string& statement : statements) out += statement + ";\n";
    return out;
}

/// Gives a table the text that the file expects.
std::vector<std::string> respelled(const Table& live, const Table& expected) {
    return {"PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = " + quote_literal(expected.stored.value) + " WHERE type = 'table' AND name = " +
                quote_literal(live.name) + " AND sql = " + quote_literal(live.stored.value),
            "CREATE TABLE tenon_bump (x)", "DROP TABLE tenon_bump", "PRAGMA writable_schema = RESET"};
}

/// Statements that copy the rows into the order of columns that the file expects, and store the table as it expects.  An added
/// column stands last (ALTER TABLE ADD COLUMN), also where the way down adds again what stood elsewhere.  Nothing where the
/// rows cannot be copied so; the file's own guard stops it then.
std::string rearranged(const Table& live, const Table& expected, const Schema& all) {
    Table wanted = expected;
    wanted.indexes = live.indexes;
    wanted.triggers = live.triggers;
    if (!sqlite::can_exchange(live, wanted) || sqlite::whole_definition(wanted) != expected.stored.value) return "";
    Changes changes;
    changes.from = changes.to = all;
    PlanOptions options;
    options.intents.column_order = true;
    Plan plan;
    plan.steps = sqlite::exchange({&live, &wanted, &changes, &options, "store " + live.full_name() + " as the file expects"});
    plan.steps.insert(plan.steps.begin(), sqlite::stored_text_guard(live));
    return migration_body(plan);
}

/// The live schema's things that no file made, on tables that the body drops and makes again.
std::vector<std::string> handmade(const Table& live, const Table& expected) {
    std::vector<std::string> statements;
    for (const Index& index : live.indexes) {
        const bool known = std::ranges::any_of(expected.indexes,
                                               [&](const Index& other) { return same_name(other.name.text, index.name.text); });
        if (!known) statements.push_back(index.stored.value);
    }
    for (const Trigger& trigger : live.triggers) {
        const bool known =
            std::ranges::any_of(expected.triggers, [&](const Trigger& other) { return same_name(other.name, trigger.name); });
        if (!known) statements.push_back(trigger.definition.text);
    }
    return statements;
}

/// True where the body has `DROP TABLE` of that very table: SQLite's twelve steps.
bool drops(const std::vector<BodyStep>& steps, const std::string& table) {
    return std::ranges::any_of(steps, [&](const BodyStep& step) {
        const std::string key = canonical_sql(step.sql, Dialect::sqlite);
        return key == "drop table " + fold(table);
    });
}

/// What a literal of the text says, in lower case.
std::vector<std::string> literals(const std::string& sql) {
    std::vector<std::string> out;
    for (const Token& token : lex_significant(sql, Dialect::sqlite)) {
        if (token.kind == TokenKind::string) out.push_back(fold(token_name(sql, token)));
    }
    return out;
}

/// The tables that a body names, in lower case: also those that are only values, as where it edits sqlite_schema.
std::set<std::string> named_tables(const std::string& body) {
    const std::vector<std::string> names = mentioned_names(body, Dialect::sqlite);
    std::set<std::string> out(names.begin(), names.end());
    for (std::string& literal : literals(body)) out.insert(std::move(literal));
    return out;
}

/// The tables whose stored texts the body's guards ask for, by the names that its renames give them.
std::set<std::string> guarded_tables(const std::vector<BodyStep>& steps) {
    std::set<std::string> out;
    for (const BodyStep& step : steps) {
        if (step.kind != BodyStep::Kind::guard) continue;
        const std::vector<std::string> names = mentioned_names(step.sql, Dialect::sqlite);
        if (!std::ranges::binary_search(names, "sqlite_schema")) continue;
        for (std::string& literal : literals(step.sql)) out.insert(std::move(literal));
    }
    return out;
}

std::string renamed(std::string table, const std::vector<BodyRename>& renames) {
    for (const BodyRename& rename : renames) {
        if (rename.column.empty() && same_name(rename.table, table)) table = rename.to;
    }
    return fold(table);
}

/// The body with statements put in after its BEGIN and before its COMMIT (or around it, where it has neither).
std::string wrapped(const std::string& body, const std::string& before, const std::string& after) {
    const std::vector<Statement> statements = split_statements(body, Dialect::sqlite);
    const auto is = [](const Statement& statement, std::string_view word) {
        return canonical_sql(statement.text, Dialect::sqlite).starts_with(word);
    };
    std::string out;
    bool begun = std::ranges::none_of(statements, [&](const Statement& s) { return is(s, "begin"); });
    const bool whole = begun;
    if (whole) out += before;
    for (const Statement& statement : statements) {
        if (!whole && is(statement, "commit")) out += after;
        out += statement.text + ";\n";
        if (!begun && is(statement, "begin")) {
            out += before;
            begun = true;
        }
    }
    if (whole) out += after;
    return out;
}

}  // namespace

Replan fit_to_live(std::vector<Migration> migrations) {
    return [all = std::move(migrations)](const Migration& migration, Direction direction,
                                         Connection& connection) -> std::optional<std::string> {
        // PostgreSQL's statements do not quote what is stored.
        if (connection.dialect() != Dialect::sqlite) return std::nullopt;
        const MigrationPart& part = part_of(migration, direction);
        const std::set<std::string> named = named_tables(part.body);
        const Schema live = inspect(connection);
        if (std::ranges::none_of(live.tables, [&](const Table& table) { return named.contains(fold(table.name)); }))
            return std::nullopt;

        // What the files make before this one runs (up), or with it (down).
        auto scratch = open_scratch({});
        std::vector<Migration> before;
        for (const Migration& other : all) {
            if (version_less(other.version, migration.version) ||
                (direction == Direction::down && other.version == migration.version))
                before.push_back(other);
        }
        if (!before.empty()) replay(*scratch, before, "");
        const Schema expected = inspect(*scratch);
        const std::vector<BodyStep> steps = body_steps(migration, direction, Dialect::sqlite);

        const std::set<std::string> guarded = guarded_tables(steps);
        const std::vector<BodyRename> renames = body_renames(steps, Dialect::sqlite);

        std::string first;
        std::string last;
        for (const Table& table : live.tables) {
            const Table* wanted = named.contains(fold(table.name)) ? find_table(expected, table.name) : nullptr;
            if (wanted == nullptr) continue;
            if (table.stored.value != wanted->stored.value && same_definition(table, *wanted)) {
                if (same_storage(table, *wanted)) {
                    first += statements_text(respelled(table, *wanted));
                } else if (guarded.contains(renamed(table.name, renames))) {
                    first += rearranged(table, *wanted, live);
                }
            }
            if (drops(steps, table.name)) last += statements_text(handmade(table, *wanted));
        }
        if (first.empty() && last.empty()) return std::nullopt;
        return wrapped(part.body, first, last);
    };
}

}  // namespace tenon
