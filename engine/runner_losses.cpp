// Finding out what a way down destroys.
#include "engine/runner_losses.h"

#include "engine/inspect.h"
#include "engine/runner_body.h"
#include "engine/scratch.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// The name that a table (or a column of it) of before the steps has after them.
Loss renamed(Loss name, const std::vector<BodyRename>& renames) {
    for (const BodyRename& rename : renames) {
        if (!same_name(rename.table, name.table)) continue;
        if (rename.column.empty()) {
            name.table = rename.to;
        } else if (same_name(rename.column, name.column)) {
            name.column = rename.to;
        }
    }
    return name;
}

std::vector<Loss> lost(const Schema& before, const Schema& after, const std::vector<BodyRename>& renames) {
    const Dialect dialect = before.dialect.value_or(Dialect::sqlite);
    std::vector<Loss> losses;
    for (const Table& table : before.tables) {
        const std::string name = table.full_name();
        const Table* kept = find_table(after, renamed({.table = name}, renames).table);
        if (kept == nullptr) {
            losses.push_back({.table = name});
            continue;
        }
        for (const Column& column : table.columns) {
            // A generated column holds nothing that its expression does not give back.
            if (column.generated || find_column(*kept, renamed({name, column.name}, renames).column, dialect) != nullptr)
                continue;
            losses.push_back({name, column.name});
        }
    }
    return losses;
}

bool exists(const Schema& schema, const Loss& loss) {
    const Table* table = find_table(schema, loss.table);
    return table != nullptr &&
           (loss.column.empty() || find_column(*table, loss.column, schema.dialect.value_or(Dialect::sqlite)) != nullptr);
}

}  // namespace

std::vector<std::vector<Loss>> losses_of_down(Connection& connection, std::span<const Migration> migrations,
                                              const Replan& replan) {
    const auto scratch = scratch_with(inspect(connection), place_for(connection.scratch_place(), migrations));
    Schema before = inspect(*scratch);
    std::vector<std::vector<Loss>> losses;
    for (Migration migration : migrations) {
        if (replan) migration.down.body = replan(migration, Direction::down, *scratch).value_or(migration.down.body);
        const std::vector<BodyStep> steps = body_steps(migration, Direction::down, scratch->dialect());
        run_body(*scratch, steps, {.path = migration.path});
        Schema after = inspect(*scratch);
        losses.push_back(lost(before, after, body_renames(steps, scratch->dialect())));
        before = std::move(after);
    }
    return losses;
}

std::vector<Problem> losses_with_rows(Connection& connection, const Migration& migration, const std::vector<Loss>& losses) {
    std::vector<Problem> problems;
    if (losses.empty()) return problems;
    const Schema schema = inspect(connection);
    for (const Loss& loss : losses) {
        if (!exists(schema, loss)) continue;
        const bool postgres = connection.dialect() == Dialect::postgres;
        std::string sql = "SELECT count(*) FROM " + (postgres ? postgres::qualified(schema, loss.table) : quoted(loss.table));
        if (!loss.column.empty()) sql += " WHERE " + quoted(loss.column) + " IS NOT NULL";
        const Value count = connection.scalar(sql);
        if (count == Value{std::int64_t{0}}) continue;
        const std::string object = loss.column.empty() ? "table " + loss.table : "column " + loss.table + "." + loss.column;
        problems.push_back({.message = "undoing " + label_of(migration) + " would drop the " + object + ", which holds " +
                                       std::to_string(std::get<std::int64_t>(count)) +
                                       (loss.column.empty() ? " row(s)" : " value(s)"),
                            .hint = "--allow-destructive drops it all the same"});
    }
    return problems;
}

}  // namespace tenon
