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

const Table* find_table(const Schema& schema, std::string_view name) {
    const auto found =
        std::ranges::find_if(schema.tables, [&](const Table& table) { return same_name(table.full_name(), name); });
    return found == schema.tables.end() ? nullptr : &*found;
}

const Column* find_column(const Table& table, std::string_view name) {
    const auto found = std::ranges::find_if(table.columns, [&](const Column& column) { return same_name(column.name, name); });
    return found == table.columns.end() ? nullptr : &*found;
}

}  // namespace tenon
