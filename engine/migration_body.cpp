// Taking migration bodies apart, by tokens.
#include "engine/migration_body.h"

#include <algorithm>

#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr std::string_view kGuardTable = "tenon_guard";

/// A statement with the tokens that mean something.
class Words {
public:
    Words(std::string_view sql, Dialect dialect) : sql_(sql), tokens_(lex(sql, dialect)) {
        std::erase_if(tokens_, [](const Token& t) { return t.kind == TokenKind::space || t.kind == TokenKind::comment; });
    }

    std::size_t size() const { return tokens_.size(); }
    bool is(std::size_t at, std::string_view keyword) const { return at < size() && is_keyword(sql_, tokens_[at], keyword); }
    bool is_symbol(std::size_t at, std::string_view symbol) const {
        return at < size() && tokens_[at].kind == TokenKind::symbol && token_text(sql_, tokens_[at]) == symbol;
    }
    std::string name(std::size_t at) const { return at < size() ? token_name(sql_, tokens_[at]) : std::string(); }
    std::string from(std::size_t at) const { return sql_.substr(tokens_[at].begin); }
    /// Where the last part of a qualified name stands.
    std::size_t name_end(std::size_t at) const { return is_symbol(at + 1, ".") ? at + 2 : at; }

private:
    std::string sql_;
    std::vector<Token> tokens_;
};

bool is_begin(const Words& words) { return words.is(0, "BEGIN") || (words.is(0, "START") && words.is(1, "TRANSACTION")); }
bool is_commit(const Words& words) { return words.is(0, "COMMIT") || words.is(0, "END"); }
bool is_setting(const Words& words) { return words.is(0, "PRAGMA") || words.is(0, "SET"); }
bool is_rollback(const Words& words) {
    const std::size_t next = words.is(1, "TRANSACTION") ? 2 : 1;
    return words.is(0, "ROLLBACK") && !words.is(next, "TO");
}

/// The message of a guard's first statement: CREATE TEMP TABLE tenon_guard (found INTEGER CONSTRAINT "message" CHECK (…)).
std::optional<std::string> guard_message(const Words& words) {
    const bool temporary = words.is(1, "TEMP") || words.is(1, "TEMPORARY");
    if (!words.is(0, "CREATE") || !temporary || !words.is(2, "TABLE") || words.name(3) != kGuardTable) return std::nullopt;
    for (std::size_t at = 4; at < words.size(); ++at) {
        if (words.is(at, "CONSTRAINT")) return words.name(at + 1);
    }
    return std::string("a guard does not hold");
}

bool is_guard_insert(const Words& words) {
    return words.is(0, "INSERT") && words.is(1, "INTO") && words.name(words.name_end(2)) == kGuardTable && words.size() > 3;
}

bool is_guard_end(const Words& words) {
    return words.is(0, "DROP") && words.is(1, "TABLE") && words.name(words.name_end(2)) == kGuardTable;
}

Error misplaced(const Migration& migration, const Statement& statement, int line, const std::string& message) {
    return Error(ErrorCode::error, message, "", {migration.path, line + statement.line - 1, 0});
}

}  // namespace

std::vector<BodyStep> body_steps(const Migration& migration, Direction direction, Dialect dialect) {
    const MigrationPart& part = part_of(migration, direction);
    std::vector<BodyStep> steps;
    std::string guard;  // the message of the guard that is being read
    bool in_transaction = false;
    bool own_transaction = !part.transaction;
    for (Statement& statement : split_statements(part.body, dialect)) {
        const Words words(statement.text, dialect);
        BodyStep step{.sql = std::move(statement.text), .line = part.line + statement.line - 1};
        if (const auto message = guard_message(words)) {
            guard = *message;
            continue;
        }
        if (is_guard_end(words)) continue;
        if (is_guard_insert(words)) {
            const std::size_t select = words.name_end(2) + 1;
            step.kind = BodyStep::Kind::guard;
            step.sql = words.from(select);
            step.message = guard;
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

std::vector<BodyRename> body_renames(const std::vector<BodyStep>& steps, Dialect dialect) {
    std::vector<BodyRename> renames;
    for (const BodyStep& step : steps) {
        if (step.kind != BodyStep::Kind::statement) continue;
        const Words words(step.sql, dialect);
        if (!words.is(0, "ALTER") || !words.is(1, "TABLE")) continue;
        const std::size_t table = words.name_end(2);
        if (!words.is(table + 1, "RENAME")) continue;
        if (words.is(table + 2, "TO")) {
            renames.push_back({.table = words.name(table), .to = words.name(table + 3)});
        } else {
            const std::size_t column = words.is(table + 2, "COLUMN") ? table + 3 : table + 2;
            renames.push_back({words.name(table), words.name(column), words.name(column + 2)});
        }
    }
    return renames;
}

}  // namespace tenon
