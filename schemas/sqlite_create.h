// A parser of SQLite's stored CREATE statements: the meaning as model structs, and where each part stands in the text.
// Grammar: https://sqlite.org/lang_createtable.html, lang_createindex.html.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/schema.h"
#include "schemas/sql_tokens.h"

namespace tenon {

/// Bytes [begin, end) of a text.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

enum class ClauseKind { primary_key, not_null, null, unique, check, default_value, collate, references, generated };

/// One clause inside a column's item, its `CONSTRAINT name` included.
struct ClauseLayout {
    ClauseKind kind = ClauseKind::not_null;
    Span span{};
};

/// One item of the parenthesised list: a column or a table constraint.
struct ItemLayout {
    bool is_column = false;
    Span span{};                   ///< from its first to its last significant token; the comma is not part of it
    Span name{};                   ///< columns: the name token
    Span type{};                   ///< columns: the type's tokens; empty where there is none (begin == end: where it would go)
    std::size_t first_clause = 0;  ///< into TableLayout::clauses
    std::size_t clause_count = 0;  ///< columns only
};

/// Where the parts of a CREATE TABLE stand.
struct TableLayout {
    Span name{};  ///< the table's name token (without a schema qualifier)
    Span list{};  ///< from the `(` to the `)` inclusive
    std::vector<ItemLayout> items{};
    std::vector<ClauseLayout> clauses{};  ///< of all columns, in order: one allocation rather than one for each column
    Span options{};                       ///< what follows the `)`: STRICT, WITHOUT ROWID; may be empty

    std::span<const ClauseLayout> clauses_of(std::size_t item) const {
        return std::span(clauses).subspan(items[item].first_clause, items[item].clause_count);
    }
};

struct ParsedTable {
    Table table{};  ///< stored = the text; Placement of every column and constraint filled in
    TableLayout layout{};
};

/// Parses a CREATE TABLE (not CREATE TABLE … AS, which SQLite never stores, nor CREATE VIRTUAL TABLE).
/// @throws Error naming the byte offset where the text is not what SQLite's grammar allows.
ParsedTable parse_create_table(std::string sql);

/// Parses a CREATE INDEX; the table's name goes to `table`.
Index parse_create_index(std::string sql, std::string& table);

/// A row of sqlite_schema.
struct StoredObject {
    std::string type{};  ///< table, index, view, trigger
    std::string name{};
    std::string table{};  ///< tbl_name
    std::string sql{};    ///< empty for automatic indexes
};

/// The resolved Schema that these rows describe.  Virtual tables and their shadow tables (found by the virtual tables' names
/// and modules) go to `unmanaged`; sqlite_* and tenon_* objects are left out.  Implicit foreign key targets are filled in.
/// Names inside constraints and indexes take the spelling of the column they mean.  No database is needed.
Schema read_sqlite_schema(std::vector<StoredObject> rows);

/// The names of tables and columns that an SQL text may refer to: every word and name token, folded, unquoted, without
/// duplicates.  An over-estimate: used to find dependants of a table (views, triggers).
std::vector<std::string> mentioned_names(std::string_view sql, Dialect dialect);

}  // namespace tenon
