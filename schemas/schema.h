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

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/schema_parts.h"

namespace tenon {

/// "schema.name", or the bare name; beside a schema, names that hold dots stand in quotes.
std::string full_name_of(const std::string& schema, const std::string& name);
/// Schema and name of what full_name_of() gave, or a person wrote.
std::pair<std::string, std::string> split_full_name(const std::string& full_name);
/// `public` for a table that is in none and has a dot in its name: else it would be called like one in that schema.
std::string schema_of_table(const std::string& schema, const std::string& name);

struct Table {
    std::string schema{};  ///< qualifier (`billing` in billing.invoice); empty for the default, see schema_of_table()
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

    std::string full_name() const { return full_name_of(schema, name); }
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
    std::string full_name() const { return full_name_of(schema, name); }
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
    Options options{};       ///< type, start, increment, minvalue, maxvalue, cache, cycle
    std::string owned_by{};  ///< table.column
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
    Sql definition{};                     ///< the statements that make it, each ended by `;` and a newline where there are more
    std::vector<std::string> shape{};     ///< what must stay the same for CREATE OR REPLACE: result type, arguments, columns
    std::string owner{};                  ///< id of the thing with which it goes (a trigger's table), or empty
    std::string undo{};                   ///< the statement that takes it away, where that is not `DROP id`
    Aside<Rare<std::string>> in_order{};  ///< a grant: its statements in the order of the roles, where that is not by name
    Rare<std::string> comment{};          ///< declared only
    Rare<Rights> rights{};                ///< declared only
    Aside<TextPlace> place{};
    bool operator==(const Object&) const = default;

    /// The statements that make it.
    const std::string& text() const { return in_order.value.empty() ? definition.text : *in_order.value; }
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

/// PostgreSQL: who owns what.  Told apart only where a schema has `owner:`, which is an Object "OWNER OF …".
struct Owners {
    std::string self{};                           ///< the role that looked
    std::map<std::string, std::string> others{};  ///< id (as Object::id gives it) to role, for all that is not `self`'s
    const std::string& of(const std::string& id) const {
        const auto found = others.find(id);
        return found == others.end() ? self : found->second;
    }
    bool operator==(const Owners&) const = default;
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
    std::vector<Object>
        objects{};  ///< PostgreSQL; declared: what has no key of its own; resolved: in the order of their making
    Aside<std::vector<Dependency>> dependencies{};
    Aside<Owners> owners{};
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
/// True where the column is of the table's primary key.
bool in_key(const Table& table, const Column& column);
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
