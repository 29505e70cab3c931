// Editing the stored text of a CREATE TABLE: what does not change keeps its bytes, comments included.
#pragma once

#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::sqlite {

/// The text of the table as it is stored, where that means `table` (it may have been aligned with another); else written anew.
std::string whole_definition(const Table& table);

/// The stored text of `from` so edited that it means `to`.  Columns keep their order, added ones follow the last; constraints
/// stand inside a column where they do in `to`.  Where the edited text would not mean `to`, the text is written anew.
std::string edited_definition(const Table& from, const Table& to);

/// The keys for which SQLite makes an index by itself when it reads a definition, in the order in which it numbers the indexes:
/// as they stand in the text, one that repeats another left out (https://sqlite.org/lang_createtable.html#uniqueconst).
std::vector<std::string> automatic_indexes(const std::string& definition);

/// The text of a column as ALTER TABLE ADD COLUMN and a definition take it, with the constraints that stand inside it.
std::string column_with_constraints(const Table& table, const Column& column);

/// The same, as it stands in the stored text where that says just this.
std::string written_column(const Table& table, const Column& column);

/// The text that makes a table: as it is stored where it was read from a database, else written from the model.
std::string creation(const Table& table);

}  // namespace tenon::sqlite
