// SQLite's CREATE statements and their clauses, spelled in one place.
#include "emitters/sqlite_ddl.h"

#include "schemas/joined.h"
#include "schemas/sql_tokens.h"

namespace tenon::sqlite {
namespace {

std::string name_of(const std::string& name) { return quote_name(name, Dialect::sqlite); }

std::string constraint(const std::string& name) { return name.empty() ? "" : "CONSTRAINT " + name_of(name) + " "; }
std::string on_conflict(const std::string& action) { return action.empty() ? "" : " ON CONFLICT " + action; }

std::string key_parts(const std::vector<KeyPart>& parts) {
    std::string out;
    for (const KeyPart& part : parts) {
        out += out.empty() ? "" : ", ";
        out += part.column.empty() ? part.expression->text : name_of(part.column);
        if (!part.collate.empty()) out += " COLLATE " + *part.collate;
        if (part.descending) out += " DESC";
    }
    return "(" + out + ")";
}

std::string names(const std::vector<std::string>& list) {
    return "(" + joined(list, ", ", [](const std::string& name) { return name_of(name); }) + ")";
}

/// True where the default may stand without parentheses: one literal, maybe signed.
bool plain_default(const std::string& text) {
    std::vector<Token> tokens = lex(text, Dialect::sqlite);
    std::erase_if(tokens,
                  [](const Token& token) { return token.kind == TokenKind::space || token.kind == TokenKind::comment; });
    if (tokens.size() == 2 && (text[tokens[0].begin] == '-' || text[tokens[0].begin] == '+'))
        return tokens[1].kind == TokenKind::number;
    if (tokens.size() != 1) return false;
    if (tokens[0].kind == TokenKind::number || tokens[0].kind == TokenKind::string) return true;
    for (const std::string_view word : {"NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"}) {
        if (is_keyword(text, tokens[0], word)) return true;
    }
    return tokens[0].kind == TokenKind::name || tokens[0].kind == TokenKind::word;
}

}  // namespace

std::string type_clause(const Column& column) { return column.type.text; }

std::string not_null_clause(const Column& column) {
    return column.nullable ? "" : constraint(column.not_null_name) + "NOT NULL" + on_conflict(column.not_null_conflict);
}

std::string default_clause(const Column& column) {
    if (!column.default_value) return "";
    const std::string& text = std::get<Sql>(*column.default_value).text;
    return plain_default(text) ? "DEFAULT " + text : "DEFAULT (" + text + ")";
}

std::string collate_clause(const Column& column) { return column.collate.empty() ? "" : "COLLATE " + *column.collate; }

std::string generated_clause(const Column& column) {
    if (!column.generated) return "";
    return "GENERATED ALWAYS AS (" + column.generated->expression.text + ") " +
           (column.generated->stored ? "STORED" : "VIRTUAL");
}

std::string column_definition(const Column& column) {
    std::string out = name_of(column.name);
    for (const std::string& clause : {type_clause(column), not_null_clause(column), default_clause(column),
                                      collate_clause(column), generated_clause(column)}) {
        if (!clause.empty()) out += " " + clause;
    }
    return out;
}

std::string primary_key_clause(const PrimaryKey& key) {
    std::string parts = key_parts(key.columns);
    if (key.autoincrement) parts.insert(parts.size() - 1, " AUTOINCREMENT");
    return constraint(key.name.text) + "PRIMARY KEY " + parts + on_conflict(key.conflict);
}

std::string unique_clause(const UniqueConstraint& unique) {
    return constraint(unique.name.text) + "UNIQUE " + key_parts(unique.columns) + on_conflict(unique.conflict);
}

std::string check_clause(const Check& check) {
    return constraint(check.name.text) + "CHECK (" + check.expression.text + ")" + on_conflict(check.conflict);
}

std::string references_clause(const ForeignKey& key) {
    std::string out = "REFERENCES " + name_of(key.referenced_table);
    if (!key.referenced_columns.empty()) out += " " + names(key.referenced_columns);
    if (!key.on_delete.empty()) out += " ON DELETE " + upper(key.on_delete);
    if (!key.on_update.empty()) out += " ON UPDATE " + upper(key.on_update);
    if (!key.match.empty()) out += " MATCH " + upper(key.match);
    if (key.deferrable) {
        out += key.initially_deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
    } else if (key.initially_deferred) {
        out += " NOT DEFERRABLE INITIALLY DEFERRED";
    }
    return out;
}

std::string foreign_key_clause(const ForeignKey& key) {
    return constraint(key.name.text) + "FOREIGN KEY " + names(key.columns) + " " + references_clause(key);
}

std::string create_table(const Table& table, const std::string& name) {
    // AUTOINCREMENT, and the rowid, are plainest inside the column; an INTEGER key with DESC is no rowid there, and one
    // elsewhere.
    const bool inline_key = table.primary_key && table.primary_key->columns.size() == 1 &&
                            table.primary_key->name.text.empty() && table.primary_key->columns[0].collate.empty() &&
                            (!table.primary_key->columns[0].descending || !table.primary_key->row_id);
    std::vector<std::string> lines;
    for (const Column& column : table.columns) {
        std::string line = column_definition(column);
        if (inline_key && same_name(table.primary_key->columns[0].column, column.name)) {
            line = name_of(column.name) + (column.type.text.empty() ? "" : " " + column.type.text) + " PRIMARY KEY" +
                   (table.primary_key->columns[0].descending ? " DESC" : "") + on_conflict(table.primary_key->conflict) +
                   (table.primary_key->autoincrement ? " AUTOINCREMENT" : "");
            for (const std::string& clause :
                 {not_null_clause(column), default_clause(column), collate_clause(column), generated_clause(column)}) {
                if (!clause.empty()) line += " " + clause;
            }
        }
        lines.push_back(std::move(line));
    }
    if (table.primary_key && !inline_key) lines.push_back(primary_key_clause(*table.primary_key));
    for (const UniqueConstraint& unique : table.uniques) lines.push_back(unique_clause(unique));
    for (const Check& check : table.checks) lines.push_back(check_clause(check));
    for (const ForeignKey& key : table.foreign_keys) lines.push_back(foreign_key_clause(key));
    std::string out = "CREATE TABLE " + name_of(name) + " (\n";
    for (std::size_t i = 0; i < lines.size(); ++i) out += "    " + lines[i] + (i + 1 < lines.size() ? ",\n" : "\n");
    return out + ")" + table_options(table);
}

std::string table_options(const Table& table) {
    if (!table.strict) return table.without_rowid ? " WITHOUT ROWID" : "";
    return table.without_rowid ? " STRICT, WITHOUT ROWID" : " STRICT";
}

std::string create_index(const Index& index, const Table& table) {
    std::string out = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + name_of(index.name.text) + " ON " +
                      name_of(table.name) + " " + key_parts(index.columns);
    if (!index.where_clause.empty()) out += " WHERE " + index.where_clause->text;
    return out;
}

std::string create_view(const View& view) { return view.definition.text; }
std::string create_trigger(const Trigger& trigger, const Table&) { return trigger.definition.text; }

}  // namespace tenon::sqlite
