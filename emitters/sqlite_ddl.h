// SQLite DDL text of model values.  The one place that spells SQLite's CREATE statements and their clauses.
#pragma once

#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::sqlite {

std::string type_clause(const Column& column);      ///< `VARCHAR(40)`, may be empty
std::string not_null_clause(const Column& column);  ///< `CONSTRAINT n NOT NULL ON CONFLICT FAIL`; empty where nullable
std::string default_clause(const Column& column);   ///< `DEFAULT 'x'`, `DEFAULT (expr)`; empty where none
std::string collate_clause(const Column& column);
std::string generated_clause(const Column& column);
std::string column_definition(const Column& column);    ///< name, type and the clauses above
std::string primary_key_clause(const PrimaryKey& key);  ///< table form
std::string unique_clause(const UniqueConstraint& unique);
std::string check_clause(const Check& check);
std::string foreign_key_clause(const ForeignKey& key);
std::string references_clause(const ForeignKey& key);                   ///< from REFERENCES on
std::string create_table(const Table& table, const std::string& name);  ///< the whole statement, under another name if wished
std::string table_options(const Table& table);                          ///< ` STRICT, WITHOUT ROWID`, or empty
std::string create_index(const Index& index, const Table& table);
std::string create_view(const View& view);
std::string create_trigger(const Trigger& trigger, const Table& table);

}  // namespace tenon::sqlite
