// Editing the stored text of a CREATE TABLE: what does not change keeps its bytes, comments included.
#pragma once

#include <string>

#include "schemas/schema.h"

namespace tenon::sqlite {

/// The stored text of `from` so edited that it means `to`.  Columns keep their order, added ones follow the last; constraints
/// stand inside a column where they do in `to`.  Where the edited text would not mean `to`, the text is written anew.
std::string edited_definition(const Table& from, const Table& to);

/// The text of a column as ALTER TABLE ADD COLUMN and a definition take it, with the constraints that stand inside it.
std::string column_with_constraints(const Table& table, const Column& column);

}  // namespace tenon::sqlite
