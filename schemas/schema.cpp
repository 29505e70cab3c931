// The few functions of the model.
#include "schemas/schema.h"

#include <algorithm>

#include "schemas/sql_tokens.h"

namespace tenon {

Sql make_sql(std::string text, Dialect dialect) {
    Sql sql;
    sql.text = std::move(text);
    sql.dialect = dialect;
    return sql;
}

std::string Sql::key() const { return canonical_sql(text, dialect); }

const std::string& text_for(const Sql& sql, Dialect dialect) {
    const auto& own = (*sql.only)[index_of(dialect)];
    return own ? *own : sql.text;
}

std::string full_name_of(const std::string& schema, const std::string& name) {
    if (schema.empty()) return name;
    const auto is_plain = [](const std::string& part) { return part.find_first_of(".\"") == std::string::npos; };
    if (is_plain(schema) && is_plain(name)) return schema + "." + name;
    return quote_name(schema, Dialect::postgres) + "." + quote_name(name, Dialect::postgres);
}

std::pair<std::string, std::string> split_full_name(const std::string& full_name) {
    if (full_name.find('"') != std::string::npos) {
        const std::vector<Token> tokens = lex(full_name, Dialect::postgres);
        const auto is_name = [&](std::size_t i) {
            return tokens[i].kind == TokenKind::word || tokens[i].kind == TokenKind::name;
        };
        if (tokens.size() == 1 && is_name(0)) return {"", token_name(full_name, tokens[0])};
        if (tokens.size() == 3 && is_name(0) && full_name[tokens[1].begin] == '.' && is_name(2))
            return {token_name(full_name, tokens[0]), token_name(full_name, tokens[2])};
    }
    const auto dot = full_name.find('.');
    if (dot == std::string::npos) return {"", full_name};
    return {full_name.substr(0, dot), full_name.substr(dot + 1)};
}

std::string schema_of_table(const std::string& schema, const std::string& name) {
    return schema.empty() && name.find('.') != std::string::npos ? "public" : schema;
}

const Table* find_table(const Schema& schema, std::string_view name) {
    const bool exact = schema.dialect == Dialect::postgres;
    const auto found = std::ranges::find_if(schema.tables, [&](const Table& table) {
        return exact ? table.full_name() == name : same_name(table.full_name(), name);
    });
    return found == schema.tables.end() ? nullptr : &*found;
}

const Column* find_column(const Table& table, std::string_view name, Dialect dialect) {
    const auto found = std::ranges::find_if(table.columns, [&](const Column& column) {
        return dialect == Dialect::postgres ? column.name == name : same_name(column.name, name);
    });
    return found == table.columns.end() ? nullptr : &*found;
}

const Column* find_column(const Table& table, std::string_view name) {
    const auto found = std::ranges::find_if(table.columns, [&](const Column& column) { return same_name(column.name, name); });
    return found == table.columns.end() ? nullptr : &*found;
}

bool in_key(const Table& table, const Column& column) {
    return table.primary_key && std::ranges::any_of(table.primary_key->columns,
                                                    [&](const KeyPart& part) { return same_name(part.column, column.name); });
}

bool leads_to_key(const Schema& schema, const ForeignKey& key) {
    const Table* target = find_table(schema, key.referenced_table);
    if (target == nullptr || key.referenced_columns.size() != key.columns.size()) return false;
    // SQLite looks rows up in the key by the column's own collation, and takes no key that has another.
    const auto collated_as_column = [&](const KeyPart& part) {
        if (schema.dialect != Dialect::sqlite || part.collate.empty()) return true;
        const Column* column = find_column(*target, part.column);
        const std::string& own = column == nullptr ? "" : *column->collate;
        return same_name(*part.collate, own.empty() ? "BINARY" : own);
    };
    const auto names_key = [&](const std::vector<KeyPart>& parts) {
        return parts.size() == key.referenced_columns.size() && std::ranges::all_of(parts, [&](const KeyPart& part) {
                   return collated_as_column(part) && std::ranges::any_of(key.referenced_columns, [&](const std::string& name) {
                              return same_name(name, part.column);
                          });
               });
    };
    return (target->primary_key && names_key(target->primary_key->columns)) ||
           std::ranges::any_of(target->uniques, names_key, &UniqueConstraint::columns) ||
           std::ranges::any_of(target->indexes, [&](const Index& index) {
               return index.unique && index.where_clause.empty() && names_key(index.columns);
           });
}

}  // namespace tenon
