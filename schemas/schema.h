// The model: what a schema is, as plain values.  Every other part of Tenon reads or makes these structs.
//
// A Schema comes in two states.  *Declared*: what a YAML file says, portable between dialects (`dialect` is empty, types are
// portable names, texts may differ per dialect).  *Resolved*: what one database holds or would hold (`dialect` is set, types
// and texts are that dialect's own).  resolve() in schemas/resolve.h leads from the first to the second; inspection gives the
// second.  Only resolved schemas are diffed.
//
// All comparisons are the defaulted `==`, so a new field cannot be forgotten by one.  What must not count (positions in a file,
// the stored text) is wrapped in a type that is always equal to itself.
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
using Grants = std::map<std::string, std::vector<std::string>>;

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
    Options options{};  ///< PostgreSQL sequence options: start, increment, minvalue, …
    std::string sequence{};                        ///< resolved: the sequence's qualified name, as SQL
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

struct Column {
    std::string name{};
    Sql type{};  ///< empty text: SQLite column without a type
    bool nullable = false;
    bool inherited = false;                 ///< PostgreSQL: the column is a parent's alone
    Rare<std::string> not_null_name{};      ///< SQLite: CONSTRAINT name of the NOT NULL
    Rare<std::string> not_null_conflict{};  ///< SQLite: ABORT, ROLLBACK, FAIL, IGNORE or REPLACE; empty where nothing is said (ABORT then)
    Boxed<Default> default_value{};
    Boxed<Generated> generated{};
    Boxed<Identity> identity{};
    Rare<std::string> collate{};  ///< empty: the type's own (on SQLite BINARY)
    Rare<std::string> comment{};
    Rare<std::string> storage{};            ///< PostgreSQL: plain, main, external, extended
    Rare<std::string> compression{};        ///< PostgreSQL: pglz, lz4
    std::optional<int> statistics{};        ///< PostgreSQL: statistics target
    Rare<std::string> attribute_options{};  ///< PostgreSQL: n_distinct and the like, "a=1, b=2"
    Rare<std::string> on_conflict{};        ///< declared only: SQLite conflict clause of the column's own constraints
    // Declared only; resolve() moves these into Intents (differ/intents.h) or drops them.
    Rare<std::string> renamed_from{};
    Rare<Sql> using_expression{};  ///< `using:` how old values become the new type
    Rare<Sql> backfill{};          ///< `backfill:` what old rows get
    Rare<JsonFormat> json{};
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
    Rare<Options> storage{};  ///< PostgreSQL storage parameters of its index
    Rare<std::string> attached_to{};                     ///< PostgreSQL: the partitioned table's constraint it belongs to
    Aside<bool> implicit{};                              ///< the `id` that nobody declared
    Rare<std::string> comment{};  ///< declared only
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
    Rare<Options> storage{};  ///< PostgreSQL storage parameters of its index
    Rare<std::string> attached_to{};                     ///< PostgreSQL: the partitioned table's constraint it belongs to
    Rare<std::string> comment{};  ///< declared only
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
    Rare<std::string> comment{};  ///< declared only
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
    Sql definition{};  ///< resolved: the whole clause, as the server prints it
    Rare<std::string> comment{};  ///< declared only
    std::string renamed_from{};
    Aside<Where> where{};
    bool operator==(const Exclusion&) const = default;
};

struct Index {
    ConstraintName name{};
    std::vector<KeyPart> columns{};
    bool unique = false;
    Rare<Sql> where_clause{};                            ///< partial index
    Rare<std::string> method{};                          ///< PostgreSQL: empty for btree
    std::vector<std::string> include{};                  ///< PostgreSQL
    bool nulls_not_distinct = false;                     ///< PostgreSQL
    bool concurrently = false;                           ///< PostgreSQL, declared: build without blocking writers
    Rare<Options> storage{};  ///< PostgreSQL storage parameters
    Rare<std::string> tablespace{};                      ///< PostgreSQL: empty for the database's own
    Rare<Options> statistics{};                          ///< PostgreSQL: statistics targets of expressions, by their place
    Rare<std::string> attached_to{};                     ///< PostgreSQL: the partitioned table's index it belongs to
    bool invalid = false;                                ///< PostgreSQL: left by a CONCURRENTLY that failed
    Rare<std::string> comment{};  ///< declared only
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

struct Table {
    std::string schema{};  ///< qualifier (`billing` in billing.invoice); empty for the default
    std::string name{};
    Rare<std::string> comment{};
    std::vector<Column> columns{};
    std::optional<PrimaryKey> primary_key{};  ///< empty after resolve(): the table has none
    std::vector<UniqueConstraint> uniques{};
    std::vector<Check> checks{};
    std::vector<ForeignKey> foreign_keys{};
    std::vector<Exclusion> exclusions{};  ///< PostgreSQL
    std::vector<Index> indexes{};
    std::vector<Trigger> triggers{};
    std::vector<Relation> relations{};  ///< declared only
    bool no_primary_key = false;        ///< declared only: `primary_key: none`
    bool strict = false;                ///< SQLite
    bool without_rowid = false;         ///< SQLite
    Rare<Sql> partition_by{};           ///< PostgreSQL from here on
    std::vector<std::string> inherits{};
    bool unlogged = false;
    Rare<Options> storage{};
    Rare<std::vector<TableText>> policies{};    ///< declared only
    Rare<std::vector<TableText>> rules{};       ///< declared only
    Rare<std::vector<TableText>> statistics{};  ///< declared only
    Rare<Rights> rights{};
    Rare<std::string> row_security{};      ///< "", "enabled", "forced" (both), "forced only"
    Rare<std::string> replica_identity{};  ///< empty for the key; "full", "nothing", or the name of an index
    Rare<std::string> partition_of{};      ///< the partitioned table it belongs to, as full_name() gives it
    Rare<Sql> partition_bound{};           ///< `FOR VALUES …` or `DEFAULT`
    Rare<std::string> of_type{};           ///< typed tables: the composite type
    Rare<std::string> access_method{};     ///< empty for heap
    Rare<std::string> tablespace{};        ///< empty for the database's own
    Rare<std::string> cluster_on{};        ///< the index that CLUSTER follows
    Rare<std::string> renamed_from{};      ///< declared only
    Aside<Where> where{};
    Aside<std::string> stored{};  ///< resolved: the CREATE TABLE text, byte for byte
    bool operator==(const Table&) const = default;

    /// "schema.name", or the bare name.
    std::string full_name() const { return schema.empty() ? name : schema + "." + name; }
};

/// PostgreSQL, declared: what is said of a view's column.
struct ViewColumn {
    std::string name{};
    Sql default_value{};
    std::string comment{};
    bool operator==(const ViewColumn&) const = default;
};

struct View {
    std::string schema{};
    std::string name{};
    Sql definition{};                    ///< declared: the SELECT; resolved: the whole CREATE VIEW on SQLite
    std::vector<std::string> columns{};  ///< declared only: names for the SELECT's columns
    bool materialized = false;           ///< PostgreSQL
    std::vector<Trigger> triggers{};     ///< INSTEAD OF triggers
    std::string comment{};
    // PostgreSQL, declared; resolved views are Objects there.
    Options options{};  ///< `with:` security_barrier, check_option, fillfactor, …
    std::vector<ViewColumn> column_notes{};
    std::vector<TableText> rules{};
    std::vector<Index> indexes{};  ///< of a materialized view
    bool with_data = true;
    std::string access_method{};
    std::string tablespace{};
    std::string cluster_on{};
    Rights rights{};
    Aside<Where> where{};
    Aside<TextPlace> place{};
    bool operator==(const View&) const = default;
    std::string full_name() const { return schema.empty() ? name : schema + "." + name; }
};

struct EnumValue {
    std::string name{};
    std::string renamed_from{};
    bool operator==(const EnumValue&) const = default;
};

struct EnumType {
    std::string schema{};
    std::string name{};
    std::vector<EnumValue> values{};
    std::string comment{};
    std::string renamed_from{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const EnumType&) const = default;
};

/// The kinds that PostgreSQL alone has.
struct Domain {
    std::string schema, name;
    Sql type{};
    bool nullable = true;
    Boxed<Default> default_value{};
    std::string collate{};
    std::vector<Check> checks{};
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const Domain&) const = default;
};
struct CompositeType {
    std::string schema, name;
    std::vector<std::pair<std::string, Sql>> attributes{};
    std::map<std::string, std::string> attribute_comments{};  ///< declared only
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const CompositeType&) const = default;
};
struct RangeType {
    std::string schema, name;
    Sql subtype{};
    Options options{};
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const RangeType&) const = default;
};
struct Sequence {
    std::string schema, name;
    Options options{};  ///< type, start, increment, minvalue, maxvalue, cache, cycle
    std::string owned_by{};                        ///< table.column
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const Sequence&) const = default;
};
struct Collation {
    std::string schema, name;
    Options options{};  ///< provider, locale, deterministic, …
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    bool operator==(const Collation&) const = default;
};
struct Extension {
    std::string name, schema, version;
    Aside<Where> where{};
    bool operator==(const Extension&) const = default;
};
/// Declared only; a resolved function is an Object.
struct Function {
    std::string schema, name;
    std::optional<std::string> arguments{};  ///< `integer, text`, where the key gives them: needed to tell overloads apart
    Sql definition{};                        ///< the whole CREATE FUNCTION or CREATE PROCEDURE
    std::string comment{};
    Rights rights{};
    Aside<Where> where{};
    Aside<TextPlace> place{};
    bool operator==(const Function&) const = default;
};

/// PostgreSQL: an object that is made by a text of its own, and compared by it: a function, view, trigger, policy, comment,
/// grant, …  `id` is its kind and its name as DROP and COMMENT ON take them: "FUNCTION public.f(integer)",
/// "TRIGGER touch ON public.post"; ids of comments and grants are "COMMENT ON …" and "GRANTS ON …".
struct Object {
    std::string id{};
    Sql definition{};                  ///< the statements that make it, each ended by `;` and a newline where there are more
    std::vector<std::string> shape{};  ///< what must stay the same for CREATE OR REPLACE: result type, arguments, columns
    std::string owner{};               ///< id of the thing with which it goes (a trigger's table), or empty
    std::string undo{};                ///< the statement that takes it away, where that is not `DROP id`
    Rare<std::string> comment{};       ///< declared only
    Rare<Rights> rights{};             ///< declared only
    Aside<TextPlace> place{};
    bool operator==(const Object&) const = default;
};

/// PostgreSQL, declared: what is said of a schema (a namespace) beside its name.
struct NamespaceNotes {
    std::string name{};
    std::string comment{};
    Rights rights{};
    bool absent = false;  ///< `public` alone: it is there unless this says otherwise
    Aside<Where> where{};
    bool operator==(const NamespaceNotes&) const = default;
};

/// PostgreSQL, declared: what objects that a role makes later will grant.
struct DefaultPrivileges {
    std::string role{};
    std::string schema{};   ///< empty: in every schema
    std::string objects{};  ///< tables, sequences, functions, types or schemas
    Grants grants{};
    Aside<Where> where{};
    bool operator==(const DefaultPrivileges&) const = default;
};

/// PostgreSQL: `id` cannot be without `needs` (both as Object::id gives them; columns are "COLUMN public.post.title").
struct Dependency {
    std::string id{};
    std::string needs{};
    bool operator==(const Dependency&) const = default;
};

/// An object that Tenon sees and does not manage.  Compared as opaque text between two databases.
struct Unmanaged {
    std::string kind{};  ///< "virtual table", "shadow table", …
    std::string name{};
    Sql definition{};
    bool operator==(const Unmanaged&) const = default;
};

/// Which kinds a declared schema mentions at all; a kind that is not mentioned is left alone and named.  Inspected schemas
/// mention everything.
struct Mentioned {
    bool views = true;
    bool triggers = true;
    bool functions = true;
    bool enums = true;
    bool domains = true;
    bool composites = true;
    bool ranges = true;
    bool sequences = true;
    bool collations = true;
    bool extensions = true;
    bool schemas = true;
    bool policies = true;
    bool rules = true;
    bool statistics = true;
    bool objects = true;
    bool default_privileges = true;
    bool grants = true;  ///< false: where a thing has `grants:` of its own
    bool operator==(const Mentioned&) const = default;

    static constexpr Mentioned none() {
        return {.views = false,
                .triggers = false,
                .functions = false,
                .enums = false,
                .domains = false,
                .composites = false,
                .ranges = false,
                .sequences = false,
                .collations = false,
                .extensions = false,
                .schemas = false,
                .policies = false,
                .rules = false,
                .statistics = false,
                .objects = false,
                .default_privileges = false,
                .grants = false};
    }
};

struct Schema {
    std::optional<Dialect> dialect{};  ///< empty: declared, portable; set: resolved
    std::vector<Table> tables{};       ///< in declared (or sqlite_schema) order
    std::vector<View> views{};
    std::vector<EnumType> enums{};
    std::vector<Domain> domains{};
    std::vector<CompositeType> composites{};
    std::vector<RangeType> ranges{};
    std::vector<Sequence> sequences{};
    std::vector<Collation> collations{};
    std::vector<Extension> extensions{};
    std::vector<std::string> schemas{};                   ///< PostgreSQL schemas (namespaces)
    std::vector<NamespaceNotes> schema_notes{};           ///< declared only
    std::vector<DefaultPrivileges> default_privileges{};  ///< declared only
    std::vector<Function> functions{};
    std::vector<Object> objects{};  ///< PostgreSQL; declared: what has no key of its own; resolved: in the order of their making
    Aside<std::vector<Dependency>> dependencies{};
    std::vector<Unmanaged> unmanaged{};
    Aside<Mentioned> mentioned{};
    bool operator==(const Schema&) const = default;
};

/// The table of that name (schema-qualified or bare; ASCII case ignored except on PostgreSQL), or nullptr.
const Table* find_table(const Schema& schema, std::string_view name);
/// The column of that name (ASCII case ignored), or nullptr.
const Column* find_column(const Table& table, std::string_view name);
/// The same by the dialect's own rule: PostgreSQL tells names by case.
const Column* find_column(const Table& table, std::string_view name, Dialect dialect);
/// True where the key refers to columns that are a primary key or unique in a table of `schema`.
bool leads_to_key(const Schema& schema, const ForeignKey& key);

/// Calls the one function that takes the variant's alternative.  A forgotten alternative does not compile.
template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;
template <class Variant, class... F>
decltype(auto) match(Variant&& variant, F&&... functions) {
    return std::visit(Overloaded{std::forward<F>(functions)...}, std::forward<Variant>(variant));
}

}  // namespace tenon
