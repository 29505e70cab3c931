// The ways to change a SQLite table: an edit of its stored definition, an exchange with a copy, SQLite's twelve steps.
#pragma once

#include <string>
#include <vector>

#include "emitters/emitter.h"

namespace tenon::sqlite {

/// One table on its way from `from` to `to`, with what the steps need to know of its surroundings.
struct TableChange {
    const Table* from = nullptr;
    const Table* to = nullptr;
    const Changes* changes = nullptr;
    const PlanOptions* options = nullptr;
    std::string why;
};

/// Gives the table its new definition and leaves its rows where they are.  Added columns are virtual, or old rows read their
/// default; values of a column whose affinity changes are written back through the new one.
std::vector<Step> edit_definition(const TableChange& change);

/// Copies the rows once into a table of the new shape and exchanges the two in sqlite_schema: the table keeps its name, and
/// with it its indexes, triggers, views, statistics, sequence and children.  Index b-trees whose columns are not changed are
/// kept.
std::vector<Step> exchange(const TableChange& change);

/// True where that can be done: the copy can name each row's rowid, or rows are found by a key of their own.
bool can_exchange(const Table& from, const Table& to);

/// SQLite's own procedure (https://sqlite.org/lang_altertable.html, section 7), for connections that may not edit the schema.
/// Foreign keys must be off.
std::vector<Step> twelve_steps(const TableChange& change);

/// An UPDATE of sqlite_schema, with what makes every connection read the schema anew.
std::vector<Step> schema_edit(const std::string& update, const std::string& why);

/// A name that no object of either schema has.
std::string free_name(const Changes& changes, const std::string& wish);

}  // namespace tenon::sqlite
