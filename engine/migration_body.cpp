// Taking migration bodies apart, by tokens.
#include "engine/migration_body.h"

#include <algorithm>

#include "schemas/error.h"
#include "schemas/schema.h"
#include "schemas/sql_tokens.h"
#include "schemas/sql_words.h"

namespace tenon {
namespace {

constexpr std::string_view kGuardTable = "tenon_guard";

bool is_begin(const SqlWords& words) { return words.is(0, "BEGIN") || (words.is(0, "START") && words.is(1, "TRANSACTION")); }
bool is_commit(const SqlWords& words) { return words.is(0, "COMMIT") || words.is(0, "END"); }
bool is_setting(const SqlWords& words) { return words.is(0, "PRAGMA") || words.is(0, "SET") || words.is(0, "RESET"); }
bool is_rollback(const SqlWords& words) {
    const std::size_t next = words.is(1, "TRANSACTION") ? 2 : 1;
    return words.is(0, "ROLLBACK") && !words.is(next, "TO");
}

/// The message of a guard's first statement: CREATE TEMP TABLE tenon_guard (found INTEGER CONSTRAINT "message" CHECK (…)).
/// `found` is a BOOLEAN where the guard answers yes or no.
std::optional<BodyStep> guard_start(const SqlWords& words) {
    const bool temporary = words.is(1, "TEMP") || words.is(1, "TEMPORARY");
    if (!words.is(0, "CREATE") || !temporary || !words.is(2, "TABLE") || words.name(3) != kGuardTable) return std::nullopt;
    BodyStep guard{.kind = BodyStep::Kind::guard, .message = "a guard does not hold", .counts = !words.is(6, "BOOLEAN")};
    for (std::size_t at = 4; at < words.size(); ++at) {
        if (!words.is(at, "CONSTRAINT")) continue;
        guard.message = words.name(at + 1);
        break;
    }
    return guard;
}

bool is_guard_insert(const SqlWords& words) {
    return words.is(0, "INSERT") && words.is(1, "INTO") && words.name(words.name_end(2)) == kGuardTable && words.size() > 3;
}

bool is_guard_end(const SqlWords& words) {
    return words.is(0, "DROP") && words.is(1, "TABLE") && words.name(words.name_end(2)) == kGuardTable;
}

/// A literal's value: 'it''s' is it's.
std::string literal_value(const std::string& literal) {
    std::string out;
    for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
        out += literal[i];
        if (literal[i] == '\'') ++i;
    }
    return out;
}

/// PostgreSQL's guard, as emitters/script.cpp writes it:
///     DO $tenon$ BEGIN IF (SELECT …) > 0 THEN RAISE EXCEPTION USING MESSAGE = '…', HINT = '…'; END IF; … END $tenon$
std::optional<BodyStep> postgres_guard(const SqlWords& statement, Dialect dialect) {
    if (dialect != Dialect::postgres || !statement.is(0, "DO") || statement.size() != 2) return std::nullopt;
    const std::string block = statement.text(1);
    const std::size_t tag = block.find('$', 1);
    if (!block.starts_with("$tenon") || tag == std::string::npos || block.size() < 2 * (tag + 1)) return std::nullopt;
    const SqlWords words(std::string_view(block).substr(tag + 1, block.size() - 2 * (tag + 1)), dialect);
    if (!words.is(0, "BEGIN") || !words.is(1, "IF") || !words.is_symbol(2, "(")) return std::nullopt;
    const std::size_t end = words.closing(2);
    const std::size_t raise = end + 4;  // ) > 0 THEN
    if (!words.is(raise, "RAISE") || !words.is(raise + 3, "MESSAGE")) return std::nullopt;
    BodyStep step{.kind = BodyStep::Kind::guard, .sql = words.between(2, end), .message = literal_value(words.text(raise + 5))};
    if (words.is(raise + 7, "HINT")) step.hint = literal_value(words.text(raise + 9));
    return step;
}

Error misplaced(const Migration& migration, const Statement& statement, int line, const std::string& message) {
    return Error(ErrorCode::error, message, "", {migration.path, line + statement.line - 1, 0});
}

}  // namespace

std::vector<BodyStep> body_steps(const Migration& migration, Direction direction, Dialect dialect) {
    const MigrationPart& part = part_of(migration, direction);
    std::vector<BodyStep> steps;
    BodyStep guard;  // the one that is being read
    bool in_transaction = false;
    bool own_transaction = !part.transaction;
    for (Statement& statement : split_statements(part.body, dialect)) {
        const SqlWords words(statement.text, dialect);
        BodyStep step{.sql = std::move(statement.text), .line = part.line + statement.line - 1};
        if (auto begun = guard_start(words)) {
            guard = std::move(*begun);
            continue;
        }
        if (is_guard_end(words)) continue;
        if (auto found = postgres_guard(words, dialect)) {
            found->line = step.line;
            steps.push_back(std::move(*found));
            continue;
        }
        if (is_guard_insert(words)) {
            const std::size_t select = words.name_end(2) + 1;
            step.kind = BodyStep::Kind::guard;
            step.sql = words.from(select);
            step.message = guard.message;
            step.counts = guard.counts;
        } else if (is_begin(words)) {
            if (in_transaction) throw misplaced(migration, statement, part.line, "BEGIN inside a transaction");
            step.kind = BodyStep::Kind::begin;
            in_transaction = own_transaction = true;
        } else if (is_commit(words)) {
            if (!in_transaction) throw misplaced(migration, statement, part.line, "COMMIT without BEGIN");
            step.kind = BodyStep::Kind::commit;
            in_transaction = false;
        } else if (is_rollback(words)) {
            throw misplaced(migration, statement, part.line, "a migration cannot hold ROLLBACK");
        } else if (is_setting(words) && !in_transaction && own_transaction) {
            step.kind = BodyStep::Kind::setting;
        }
        steps.push_back(std::move(step));
    }
    if (in_transaction) {
        throw Error(ErrorCode::error, "a transaction is left open", "write COMMIT at the end", {migration.path, part.line, 0});
    }
    if (!own_transaction) {
        steps.insert(steps.begin(), {.kind = BodyStep::Kind::begin, .sql = "BEGIN", .line = part.line});
        steps.push_back({.kind = BodyStep::Kind::commit, .sql = "COMMIT", .line = steps.back().line});
    }
    return steps;
}

bool works_outside_transactions(const std::vector<BodyStep>& steps) {
    bool inside = false;
    for (const BodyStep& step : steps) {
        if (step.kind == BodyStep::Kind::begin) inside = true;
        if (step.kind == BodyStep::Kind::commit) inside = false;
        if (!inside && (step.kind == BodyStep::Kind::statement || step.kind == BodyStep::Kind::guard)) return true;
    }
    return false;
}

std::vector<BodyRename> body_renames(const std::vector<BodyStep>& steps, Dialect dialect) {
    std::vector<BodyRename> renames;
    for (const BodyStep& step : steps) {
        if (step.kind != BodyStep::Kind::statement) continue;
        const SqlWords words(step.sql, dialect);
        if (!words.is(0, "ALTER") || !words.is(1, "TABLE")) continue;
        std::size_t first = words.is(2, "IF") ? 4 : 2;
        if (words.is(first, "ONLY")) ++first;
        const std::size_t table = words.name_end(first);
        if (!words.is(table + 1, "RENAME") || words.is(table + 2, "CONSTRAINT")) continue;
        const std::string given = table == first ? "" : words.name(first);
        const std::string schema = given == "public" || given == "main" ? "" : given;
        const auto full = [&](std::size_t at) {
            const std::string name = words.name(at);
            return full_name_of(dialect == Dialect::postgres ? schema_of_table(schema, name) : schema, name);
        };
        if (words.is(table + 2, "TO")) {
            renames.push_back({.table = full(table), .to = full(table + 3)});
        } else {
            const std::size_t column = words.is(table + 2, "COLUMN") ? table + 3 : table + 2;
            renames.push_back({full(table), words.name(column), words.name(column + 2)});
        }
    }
    return renames;
}

}  // namespace tenon
