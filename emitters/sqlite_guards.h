// Proofs that the rows of a SQLite database can live in a new schema, as SELECTs that must count 0.
#pragma once

#include <vector>

#include "emitters/emitter.h"

namespace tenon::sqlite {

/// A guard step.  `rows` is the FROM and WHERE of the rows in the way, `shown` the column list of the examples.
Step guard(std::string message, const std::string& rows, const std::string& shown, std::string why);

/// The condition under which a value of `from` does not survive as `to`; empty where every value does.
std::string unconvertible(const Column& from, const Column& to);

/// Every proof that the plan for one table needs, in terms of the columns it has before.
std::vector<Step> table_guards(const Table& from, const Table& to, const Changes& changes, const PlanOptions& options);

/// The proofs that what new indexes, checks and stored columns read as JSON is JSON; part of table_guards().
std::vector<Step> json_guards(const Table& from, const Table& to, const PlanOptions& options);

/// The proof that `table` is stored as it was when the plan was made.
Step stored_text_guard(const Table& table);

/// The value for column `to` of the new table, over the columns of the old one.
std::string carried_value(const Table& from, const Table& to, const Column& column, const PlanOptions& options);

/// True where a column that is there gets other values than it has, as carried_value() tells.
bool revalued(const Table& from, const Table& to, const Column& column, const PlanOptions& options);

/// True where the person approved that values of the column are lost.
bool loss_approved(const PlanOptions& options, const std::string& table, const std::string& column);

/// True where the person approved that the column is dropped, by its name or with everything that is dropped.
bool drop_approved(const PlanOptions& options, const std::string& table, const std::string& column);

/// True where a column that holds values becomes a generated one: the stored column is dropped, so to speak.
bool becomes_generated(const Column* from, const Column& to);

/// True where the key refers to columns that a table which is there already is yet to get, and that will be a key.
bool leads_to_new_columns(const ForeignKey& key, const Changes& changes);

}  // namespace tenon::sqlite
