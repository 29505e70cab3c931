// SQLite's pragmas, PostgreSQL's session settings.
#include "engine/runner_settings.h"

#include <algorithm>
#include <array>

#include "schemas/error.h"
#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

constexpr std::array<const char*, 4> kPragmas{"foreign_keys", "legacy_alter_table", "ignore_check_constraints",
                                              "writable_schema"};

std::string setting_text(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

/// PostgreSQL: reading all settings costs some milliseconds, and few migrations change any.
bool may_change_settings(const std::vector<BodyStep>& steps) {
    return std::ranges::any_of(steps, [](const BodyStep& step) {
        const std::vector<Token> tokens = lex(step.sql, Dialect::postgres);
        const auto first = std::ranges::find(tokens, TokenKind::word, &Token::kind);
        if (first == tokens.end()) return false;
        const std::array<std::string_view, 4> settling{"SET", "RESET", "DO", "CALL"};
        return std::ranges::any_of(settling, [&](std::string_view word) { return is_keyword(step.sql, *first, word); }) ||
               fold(step.sql).find("set_config") != std::string::npos;
    });
}

}  // namespace

SavedSettings::SavedSettings(Connection& connection, const std::vector<BodyStep>& steps) : connection_(connection) {
    if (connection.dialect() == Dialect::sqlite || may_change_settings(steps)) saved_ = current();
}

SavedSettings::~SavedSettings() {
    if (saved_.empty()) return;
    try {
        const Settings now = current();
        for (const auto& [name, value] : saved_) {
            const auto found = std::ranges::find(now, name, &Settings::value_type::first);
            if (found == now.end() || found->second != value) put_back(name, value);
        }
    } catch (const Error&) {
        // The database is as it should be; only this connection is not, and it is about to be closed.
    }
}

SavedSettings::Settings SavedSettings::current() const {
    Settings settings;
    if (connection_.dialect() == Dialect::sqlite) {
        for (const char* const name : kPragmas)
            settings.emplace_back(name, setting_text(connection_.scalar(std::string("PRAGMA ") + name)));
        return settings;
    }
    // The role comes first: only it may give back the others.
    connection_.query(
        "SELECT 'role', current_setting('role') UNION ALL "
        "(SELECT name, setting FROM pg_catalog.pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE "
        "'transaction%')",
        {}, [&](std::span<const Value> row) { settings.emplace_back(setting_text(row[0]), setting_text(row[1])); });
    return settings;
}

void SavedSettings::put_back(const std::string& name, const std::string& value) const {
    if (connection_.dialect() == Dialect::sqlite) return connection_.execute("PRAGMA " + name + " = " + value);
    const std::array<Value, 2> parameters{name, value};
    connection_.scalar("SELECT pg_catalog.set_config($1, $2, false)", parameters);
}

}  // namespace tenon
