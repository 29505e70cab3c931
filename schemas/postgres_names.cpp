// Names of PostgreSQL's objects.
#include "schemas/postgres_names.h"

#include <algorithm>

#include "schemas/sql_tokens.h"

namespace tenon::postgres {

std::string quote(std::string_view name) { return quote_name(name, Dialect::postgres); }

std::string qualified(std::string_view schema, std::string_view name) {
    return (schema.empty() ? "public" : quote(schema)) + "." + quote(name);
}

std::string qualified(const Table& table) { return qualified(table.schema, table.name); }

std::string qualified(const Schema& schema, std::string_view full_name) {
    const auto found = std::ranges::find_if(schema.tables, [&](const Table& table) { return table.full_name() == full_name; });
    if (found != schema.tables.end()) return qualified(*found);
    const auto [of_schema, name] = split_full_name(std::string(full_name));
    return qualified(of_schema, name);
}

std::pair<std::string, std::string> split_last(const std::string& name) {
    std::size_t last = name.rfind('.');
    if (name.find('"') != std::string::npos) {
        // Names between dots, or else it is no SQL.
        const std::vector<Token> tokens = lex(name, Dialect::postgres);
        bool dot = true;
        const bool sql = std::ranges::all_of(tokens, [&](const Token& token) {
            dot = !dot;
            return dot ? name[token.begin] == '.' : token.kind == TokenKind::word || token.kind == TokenKind::name;
        });
        if (sql && tokens.size() == 1) last = std::string::npos;
        if (sql && !dot && tokens.size() > 1) last = tokens[tokens.size() - 2].begin;
    }
    if (last == std::string::npos) return {"", name};
    return {name.substr(0, last), name.substr(last + 1)};
}

std::string table_id(const Table& table) { return "TABLE " + qualified(table); }

std::string column_id(const Table& table, std::string_view column) {
    return "COLUMN " + qualified(table) + "." + quote(column);
}

std::string default_id(const Table& table, std::string_view column) {
    return "DEFAULT " + qualified(table) + "." + quote(column);
}

std::string identity_id(const std::string& column_id) { return "IDENTITY OF " + column_id; }

std::string constraint_id(const Table& table, std::string_view name) {
    return "CONSTRAINT " + quote(name) + " ON " + qualified(table);
}

std::string index_id(const Table& table, std::string_view name) { return "INDEX " + qualified(table.schema, name); }

bool is_remark(const Object& object) {
    return object.id.starts_with("COMMENT ON ") || object.id.starts_with("GRANTS ON ") || is_ownership(object);
}

bool is_ownership(const Object& object) { return object.id.starts_with("OWNER OF "); }

Called called(std::string_view id) {
    // What is said about another thing names that with its kind.
    for (const std::string_view about :
         {"COMMENT ON ", "GRANTS ON ", "OWNER OF ", "DEFAULT OF ", "STATE OF ", "SETTINGS OF ", "MEMBERS OF "}) {
        if (!id.starts_with(about)) continue;
        const Called what = called(id.substr(about.size()));
        return {fold(about.substr(0, about.find(' '))), what.kind + " " + what.name};
    }
    for (const std::string_view kind :
         {"MATERIALIZED VIEW ", "EVENT TRIGGER ", "FOREIGN TABLE ", "FOREIGN DATA WRAPPER ", "USER MAPPING ",
          "TEXT SEARCH CONFIGURATION ", "TEXT SEARCH DICTIONARY ", "TEXT SEARCH PARSER ", "TEXT SEARCH TEMPLATE ",
          "OPERATOR CLASS ", "OPERATOR FAMILY ", "ACCESS METHOD ", "ALTER DEFAULT PRIVILEGES "}) {
        if (id.starts_with(kind)) return {fold(kind.substr(0, kind.size() - 1)), std::string(id.substr(kind.size()))};
    }
    const std::size_t space = std::min(id.find(' '), id.size());
    std::string name(id.substr(std::min(space + 1, id.size())));
    // TRIGGER name ON table
    if (const auto on = name.rfind(" ON "); on != std::string::npos) name.replace(on, 4, " on ");
    return {fold(id.substr(0, space)), name};
}

}  // namespace tenon::postgres
