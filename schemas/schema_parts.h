// What tables and other objects are made of: SQL texts, columns, keys, constraints, indexes, triggers.  See schemas/schema.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "schemas/dialect.h"
#include "schemas/error.h"
#include "schemas/options.h"
#include "schemas/rare.h"

namespace tenon {

/// A value that takes no part in comparisons: where a thing was declared, or how it is written.
template <class T>
struct Aside {
    T value{};
    friend bool operator==(const Aside&, const Aside&) { return true; }
};

/// SQL or a type name, compared by its tokens (schemas/sql_tokens.h: canonical_sql), not by its spelling.
struct Sql {
    /// One text per dialect.
    using Texts = std::array<std::optional<std::string>, kDialectCount>;

    std::string text{};  ///< as written
    /// Declared schemas only: texts that replace `text` in one dialect (`{ postgres: …, sqlite: … }`).
    Rare<Texts> only{};
    Dialect dialect = Dialect::sqlite;  ///< by whose rules the text is read

    bool empty() const { return text.empty() && only == Texts{}; }
    /// canonical_sql(text): what is compared where the texts differ.
    std::string key() const;
    friend bool operator==(const Sql& a, const Sql& b) { return a.only == b.only && (a.text == b.text || a.key() == b.key()); }
};

/// Sql of that text, in the tokens of that dialect.
Sql make_sql(std::string text, Dialect dialect = Dialect::sqlite);
/// The text that applies in `dialect`: the one of its own, else the common one.
const std::string& text_for(const Sql& sql, Dialect dialect);

/// Where a text of SQL stands in its file, so that what a server says of it can be shown there.
struct TextPlace {
    Where where{};               ///< its first character
    bool block = false;          ///< its other lines begin at the same column
    std::optional<int> shift{};  ///< resolved: so many characters were put before it to make a statement
    std::string file{};          ///< given as `file: …`: that path; `where` is in that file
};

/// Who may do what: privileges by role, as GRANT spells them (`select`, `update (title)`, `usage with grant option`); `no
/// execute` takes away what the object is born with.
using Grants = Ordered<std::vector<std::string>>;

/// Declared only, PostgreSQL: whose an object is, and who else may use it.  Empty where the schema does not say.
struct Rights {
    std::string owner{};
    std::optional<Grants> grants{};
    bool operator==(const Rights&) const = default;
};

/// A scalar default of a declared column.  `text` is the scalar's content (unquoted).
struct Literal {
    enum class Kind { null, boolean, number, string };
    Kind kind = Kind::null;
    std::string text{};
    bool operator==(const Literal&) const = default;
};

/// A server default.  Resolved schemas hold Sql alone (text without redundant outer parentheses).
using Default = std::variant<Literal, Sql>;

enum class IdentityKind { always, by_default };

struct Identity {
    IdentityKind kind = IdentityKind::by_default;
    Options options{};       ///< PostgreSQL sequence options: start, increment, minvalue, …
    std::string sequence{};  ///< resolved: the sequence's qualified name, as SQL
    bool operator==(const Identity&) const = default;
};

struct Generated {
    Sql expression{};
    bool stored = true;
    bool operator==(const Generated&) const = default;
};

/// How a column is written to JSON.
struct JsonFormat {
    bool hidden = false;   ///< `json: false`
    std::string name{};    ///< `json: { name: … }`: the key, when not the column's name
    std::string format{};  ///< `json: { format: … }`: a name of kJsonFormats (schemas/type.h), empty for the type's own
    bool operator==(const JsonFormat&) const = default;
};

/// Position of one thing inside a stored CREATE TABLE: the item (column or table constraint) and, for a clause that stands
/// inside a column's item, its number there.  -1: not known, or not inside a column.
struct Placement {
    int item = -1;
    int clause = -1;
};

/// PostgreSQL: how the values of a column are kept and counted.
struct ColumnStorage {
    std::string mode{};               ///< plain, main, external, extended; empty for the type's own
    std::string compression{};        ///< pglz, lz4; empty for the server's default
    std::optional<int> statistics{};  ///< statistics target
    std::string options{};            ///< n_distinct and the like, "a=1, b=2"
    bool operator==(const ColumnStorage&) const = default;

    /// What a child table's column has of it.
    ColumnStorage passed_on() const { return {.mode = mode, .compression = compression}; }
};

struct Column {
    std::string name{};
    Sql type{};  ///< empty text: SQLite column without a type
    bool nullable = false;
    bool inherited = false;             ///< PostgreSQL: the column is a parent's alone
    Rare<std::string> not_null_name{};  ///< SQLite, PostgreSQL 18: CONSTRAINT name of the NOT NULL
    Rare<std::string>
        not_null_conflict{};  ///< SQLite: ABORT, ROLLBACK, FAIL, IGNORE or REPLACE; empty where nothing is said (ABORT then)
    Boxed<Default> default_value{};
    Boxed<Generated> generated{};
    Boxed<Identity> identity{};
    Rare<std::string> collate{};  ///< empty: the type's own (on SQLite BINARY)
    Rare<std::string> comment{};
    Rare<ColumnStorage> storage{};    ///< PostgreSQL
    Rare<std::string> on_conflict{};  ///< declared only: SQLite conflict clause of the column's own constraints
    // Declared only; resolve() moves these into Intents (differ/intents.h) or drops them.
    Rare<std::string> renamed_from{};
    Rare<Sql> using_expression{};  ///< `using:` how old values become the new type
    Rare<Sql> backfill{};          ///< `backfill:` what old rows get
    Rare<JsonFormat> json{};
    Aside<bool> says_nullable{};  ///< `nullable: true`: a key's column says it no other way
    Aside<Where> where{};
    Aside<Placement> placement{};
    bool operator==(const Column&) const = default;
};

/// A column or an expression inside a key or an index.
struct KeyPart {
    std::string column{};  ///< empty for an expression
    Rare<Sql> expression{};
    bool descending = false;
    Rare<std::string> collate{};  ///< empty: the column's own
    Rare<std::string> nulls{};    ///< PostgreSQL: "first" or "last" where not the default
    Rare<std::string> opclass{};  ///< PostgreSQL, with options
    bool operator==(const KeyPart&) const = default;
};

/// A constraint's name.  A declared constraint without one gets the conventional name when it is created (`given` is false),
/// and matches a live one by what it does.
struct ConstraintName {
    std::string text{};  ///< empty: unnamed (SQLite only)
    Aside<bool> given{true};
    bool operator==(const ConstraintName&) const = default;
};

struct PrimaryKey {
    ConstraintName name{};
    std::vector<KeyPart> columns{};
    bool autoincrement = false;          ///< SQLite
    bool row_id = false;                 ///< SQLite: this key is the rowid (INTEGER PRIMARY KEY, not the DESC quirk)
    Rare<std::string> conflict{};        ///< SQLite ON CONFLICT; empty for the default
    std::vector<std::string> include{};  ///< PostgreSQL
    bool deferrable = false;
    bool initially_deferred = false;
    Rare<Options> storage{};          ///< PostgreSQL storage parameters of its index
    Rare<std::string> attached_to{};  ///< PostgreSQL: the partitioned table's constraint it belongs to
    Aside<bool> implicit{};           ///< the `id` that nobody declared
    Rare<std::string> comment{};      ///< declared only
    Rare<std::string> renamed_from{};
    Aside<Placement> placement{};
    bool operator==(const PrimaryKey&) const = default;
};

struct UniqueConstraint {
    ConstraintName name{};
    std::vector<KeyPart> columns{};
    Rare<std::string> conflict{};        ///< SQLite ON CONFLICT; empty for the default
    std::vector<std::string> include{};  ///< PostgreSQL
    bool nulls_not_distinct = false;     ///< PostgreSQL 15
    bool deferrable = false;
    bool initially_deferred = false;
    Rare<Options> storage{};          ///< PostgreSQL storage parameters of its index
    Rare<std::string> attached_to{};  ///< PostgreSQL: the partitioned table's constraint it belongs to
    Rare<std::string> comment{};      ///< declared only
    Rare<std::string> renamed_from{};
    Aside<Where> where{};
    Aside<Placement> placement{};
    bool operator==(const UniqueConstraint&) const = default;
};

struct Check {
    ConstraintName name{};
    Sql expression{};
    bool no_inherit = false;       ///< PostgreSQL
    bool not_valid = false;        ///< PostgreSQL
    Rare<std::string> conflict{};  ///< SQLite parses (and ignores) ON CONFLICT on a CHECK
    Rare<std::string> comment{};   ///< declared only
    Rare<std::string> renamed_from{};
    Aside<Where> where{};
    Aside<Placement> placement{};
    bool operator==(const Check&) const = default;
};

struct ForeignKey {
    ConstraintName name{};
    std::vector<std::string> columns{};
    std::string referenced_table{};
    std::vector<std::string> referenced_columns{};  ///< filled with the referenced table's primary key where it was implicit
    Rare<std::string> on_delete{};                  ///< "cascade", "set null", "set default", "restrict"; empty for no action
    Rare<std::string> on_update{};
    std::vector<std::string> set_columns{};  ///< PostgreSQL 15: ON DELETE SET NULL (columns)
    Rare<std::string> match{};               ///< "full", "partial"; empty for simple
    bool deferrable = false;
    bool initially_deferred = false;  ///< SQLite: may be said, without effect, of a key that is not deferrable
    bool not_valid = false;           ///< PostgreSQL
    bool unchecked = false;           ///< declared: the target does not exist or is no key, and that is meant
    bool names_columns = false;       ///< aligned: must name the columns it refers to, for the live one means the primary key
    Aside<bool> implicit{};           ///< resolved: written without the columns it refers to
    Rare<std::string> comment{};      ///< declared only
    Rare<std::string> renamed_from{};
    Aside<Where> where{};
    Aside<Placement> placement{};
    bool operator==(const ForeignKey&) const = default;
};

/// PostgreSQL: EXCLUDE constraint.
struct Exclusion {
    ConstraintName name{};
    std::string method{};
    std::vector<std::pair<KeyPart, std::string>> elements{};  ///< part, operator
    Sql where_clause{};
    bool deferrable = false;
    bool initially_deferred = false;
    Sql definition{};             ///< resolved: the whole clause, as the server prints it
    Rare<std::string> comment{};  ///< declared only
    std::string renamed_from{};
    Aside<Where> where{};
    bool operator==(const Exclusion&) const = default;
};

struct Index {
    ConstraintName name{};
    std::vector<KeyPart> columns{};
    bool unique = false;
    Rare<Sql> where_clause{};            ///< partial index
    Rare<std::string> method{};          ///< PostgreSQL: empty for btree
    std::vector<std::string> include{};  ///< PostgreSQL
    bool nulls_not_distinct = false;     ///< PostgreSQL
    bool concurrently = false;           ///< PostgreSQL, declared: build without blocking writers
    Rare<Options> storage{};             ///< PostgreSQL storage parameters
    Rare<std::string> tablespace{};      ///< PostgreSQL: empty for the database's own
    Rare<Options> statistics{};          ///< PostgreSQL: statistics targets of expressions, by their place
    Rare<std::string> attached_to{};     ///< PostgreSQL: the partitioned table's index it belongs to
    bool invalid = false;                ///< PostgreSQL: left by a CONCURRENTLY that failed
    Rare<std::string> comment{};         ///< declared only
    Rare<std::string> renamed_from{};
    Aside<Where> where{};
    Aside<std::string> stored{};  ///< the stored CREATE INDEX, where inspected
    bool operator==(const Index&) const = default;
};

struct Trigger {
    std::string name{};
    Sql definition{};             ///< declared: from `after update …` on; resolved: the whole CREATE TRIGGER
    Rare<std::string> state{};    ///< PostgreSQL, declared: "disabled", "replica" or "always"
    Rare<std::string> comment{};  ///< declared only
    Aside<Where> where{};
    Aside<TextPlace> place{};
    bool operator==(const Trigger&) const = default;
};

/// PostgreSQL, declared: a rule, a policy or extended statistics of a table.
struct TableText {
    std::string name{};
    Sql definition{};     ///< rule: from `on insert to …` on; policy: from `for select …` on; statistics: `(kinds) on a, b`
    std::string state{};  ///< rule: "disabled", "replica" or "always"; statistics: the target
    std::string comment{};
    Aside<Where> where{};
    Aside<TextPlace> place{};
    bool operator==(const TableText&) const = default;
};

enum class RelationKind { one, many };

/// A named way from a row to the rows it belongs with.  Not in the database; the accessor follows it.
struct Relation {
    std::string name{};
    RelationKind kind = RelationKind::one;
    std::string table{};             ///< the related table
    std::vector<std::string> via{};  ///< columns of the foreign key, where more than one fits
    std::string through{};           ///< join table, many to many
    std::string back_populates{};    ///< the relation on the other side
    Aside<Where> where{};
    bool operator==(const Relation&) const = default;
};

}  // namespace tenon
