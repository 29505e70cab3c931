// What replaying says against what is live, per table that a migration names.
#include "engine/live_body.h"

#include <algorithm>

#include "differ/diff.h"
#include "engine/inspect.h"
#include "engine/migration_body.h"
#include "engine/runner_body.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// The same table but for what is written on it by hand: its indexes and triggers.
bool same_definition(const Table& a, const Table& b) {
    Schema from;
    Schema to;
    from.dialect = to.dialect = Dialect::sqlite;
    from.tables = {a};
    to.tables = {b};
    from.tables[0].indexes = to.tables[0].indexes;
    from.tables[0].triggers = to.tables[0].triggers;
    const bool same_order =
        std::ranges::equal(a.columns, b.columns, [](const Column& x, const Column& y) { return same_name(x.name, y.name); });
    return same_order && compare(from, to, {}).empty();
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

/// The body with statements put in after its BEGIN and before its COMMIT (or around it, where it has neither).
std::string wrapped(const std::string& body, const std::vector<std::string>& before, const std::vector<std::string>& after) {
    const std::vector<Statement> statements = split_statements(body, Dialect::sqlite);
    const auto is = [](const Statement& statement, std::string_view word) {
        return canonical_sql(statement.text, Dialect::sqlite).starts_with(word);
    };
    std::string out;
    bool begun = std::ranges::none_of(statements, [&](const Statement& s) { return is(s, "begin"); });
    const bool whole = begun;
    if (whole) out += statements_text(before);
    for (const Statement& statement : statements) {
        if (!whole && is(statement, "commit")) out += statements_text(after);
        out += statement.text + ";\n";
        if (!begun && is(statement, "begin")) {
            out += statements_text(before);
            begun = true;
        }
    }
    if (whole) out += statements_text(after);
    return out;
}

}  // namespace

Replan fit_to_live(std::vector<Migration> migrations) {
    return [all = std::move(migrations)](const Migration& migration, Direction direction,
                                         Connection& connection) -> std::optional<std::string> {
        if (connection.dialect() != Dialect::sqlite) return std::nullopt;
        // PostgreSQL's statements do not quote what is stored.
        if (connection.dialect() != Dialect::sqlite) return std::nullopt;
        const MigrationPart& part = part_of(migration, direction);
        const std::vector<std::string> named = mentioned_names(part.body, Dialect::sqlite);
        const Schema live = inspect(connection);
        if (std::ranges::none_of(live.tables,
                                 [&](const Table& table) { return std::ranges::binary_search(named, fold(table.name)); }))
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

        std::vector<std::string> first;
        std::vector<std::string> last;
        for (const Table& table : live.tables) {
            const Table* wanted =
                std::ranges::binary_search(named, fold(table.name)) ? find_table(expected, table.name) : nullptr;
            if (wanted == nullptr) continue;
            if (table.stored.value != wanted->stored.value && same_definition(table, *wanted))
                std::ranges::move(respelled(table, *wanted), std::back_inserter(first));
            if (drops(steps, table.name)) std::ranges::move(handmade(table, *wanted), std::back_inserter(last));
        }
        if (first.empty() && last.empty()) return std::nullopt;
        return wrapped(part.body, first, last);
    };
}

}  // namespace tenon
