// Comparing two resolved schemas of one dialect.  Pure functions.
#pragma once

#include "differ/change.h"
#include "differ/intents.h"

namespace tenon {

/// `to` made comparable with `from`:
/// - names take from's spelling where they differ in ASCII case alone (SQLite);
/// - with intents.declared: a constraint or index whose name was not given takes the name (or the lack of one) of the live one
///   that does the same; an implicit `id` key takes the live integer key as it is; NOT NULL on primary key columns follows the
///   live table; a kind that is not mentioned is copied from `from`, so it makes no difference;
/// - ignored tables, and other tools' history tables that `to` lacks, are copied from `from`.
Schema align(const Schema& from, const Schema& to, const Intents& intents);

/// All differences between a schema in which declared renames are done already and its target.  Likely renames nobody declared
/// become questions, beside the drop and add they would otherwise be.  Column order counts only with intents.column_order.
Changes diff(const Schema& from, const Schema& to, const Intents& intents);

/// The same without Changes::from and, where nothing differs, without Changes::to, which are copies: for who asks only whether
/// and where the two differ.
Changes compare(const Schema& from, const Schema& to, const Intents& intents);

/// The renames of tables and columns among `intents` that apply between these two schemas: the old name exists in `from`, the
/// new one in `to` and not yet in `from`.  Tables come before their columns.
/// @throws Error (refused) where two renames start from one name.
std::vector<Rename> applicable_renames(const Schema& from, const Schema& to, const Intents& intents);

/// What `--rename` gave, as renames between these two schemas: `a.b=c` is one of a table where `a.b` is a table.  What is done
/// already (the new name there, the old one gone) is left out.
/// @throws Error (usage) naming every one that names nothing.
std::vector<Rename> named_renames(const Schema& from, const Schema& to, const Intents& declared,
                                  const std::vector<Rename>& given);

/// Applicable renames as changes, for reports.
std::vector<Change> rename_changes(const Schema& from, const std::vector<Rename>& renames);

/// Likely renames: a dropped and an added table (or column of one table) of similar shape.  Found with an edit script over the
/// column sequences.
std::vector<Question> likely_renames(const Schema& from, const Schema& to);

}  // namespace tenon
