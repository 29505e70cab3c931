// Internal: what the parts of PostgreSQL's inspection share.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/postgres_catalog.h"
#include "engine/postgres_connection.h"
#include "schemas/postgres_names.h"
#include "schemas/schema.h"

namespace tenon::postgres {

using Oid = std::uint32_t;

inline constexpr Oid kDefaultCollation = 100;

/// A table, a view, a composite type, or an index of whose columns something is said.
struct Relation {
    std::string name{};                  ///< qualified, as SQL
    std::optional<std::size_t> table{};  ///< in Schema::tables
    std::vector<std::string> columns{};  ///< by attnum - 1; empty where dropped
    std::vector<Oid> collations{};       ///< the same; the default one also where there is none
    std::string own_name{};              ///< not qualified, as SQL
    int attributes{};                    ///< how many columns there have ever been
    const std::string& column(int number) const { return columns[static_cast<std::size_t>(number - 1)]; }
    /// Qualified, as SQL.
    std::string column_name(int number) const { return name + "." + quote(column(number)); }
};

/// The column that a sequence belongs to.
struct SequenceOwner {
    Oid relation{};
    int column{};
    bool identity{};  ///< the sequence of an identity column, not one that is owned
};

/// The catalogs as they were read, and what is known so far of the objects in them.
class Inspection {
public:
    /// `aside`: a scratch transaction may have put schemas aside.
    explicit Inspection(bool aside) : aside_(aside) {}

    /// Takes a result and reads what can be read by now.
    void take(Catalog query, Rows rows);
    /// Reads the rest, and gives the schema away.
    Schema finished();

    /// What take() has taken; nothing of what is not there.
    const Rows& rows(Catalog query) const { return results_.at(static_cast<std::size_t>(query)); }

    /// A cell as text; schemas that a scratch transaction put aside get their own name back.
    std::string text(const Rows& rows, int row, int column) const;

    /// The name of a schema that a person made, or nullptr.
    const std::string* schema_of(Oid oid) const;
    /// True for what an extension brings.
    bool is_member(SystemTable in, Oid oid) const { return members_.contains(key(in, oid)); }
    /// True for the index by which a constraint is upheld.
    bool is_of_constraint(Oid index) const { return constraint_indexes_.contains(index); }
    /// The column that a sequence belongs to, or nullptr.
    const SequenceOwner* owner_of_sequence(Oid oid) const;

    /// Remembers how an object of a system table is called.
    void name(SystemTable in, Oid oid, std::string id) { ids_[key(in, oid)] = std::move(id); }
    /// True for a default on which something stands, or which stands on something; others need no name.
    bool is_entangled(Oid default_value) const { return entangled_defaults_.contains(default_value); }
    /// The id, or nullptr.
    const std::string* id_of(SystemTable in, Oid oid) const;

    /// Remembers that one thing stands on another; nothing where either is none of ours.
    void depend(std::string id, std::string needs) {
        if (!id.empty() && !needs.empty() && id != needs)
            schema.dependencies.value.push_back({std::move(id), std::move(needs)});
    }

    Schema schema{};
    std::unordered_map<Oid, Relation> relations{};
    std::vector<bool> dependencies_told{};               ///< which rows of Catalog::dependencies need not be read again
    std::unordered_map<Oid, std::size_t> type_places{};  ///< where in the schema's list of its kind a type is

private:
    bool aside_;
    std::array<Rows, kCatalogs> results_{};
    std::unordered_map<std::uint64_t, std::string> ids_;  ///< by key()
    std::unordered_set<std::uint64_t> members_;           ///< by key()
    std::unordered_set<Oid> entangled_defaults_;
    std::unordered_set<Oid> constraint_indexes_;
    std::unordered_map<Oid, std::string> schemas_;
    std::unordered_map<Oid, SequenceOwner> sequence_owners_;

    void note_dependencies();
    void reserve_ids(std::initializer_list<Catalog> queries);

    /// Objects are numbered within their system table.
    static std::uint64_t key(SystemTable in, Oid oid) {
        constexpr int kOidBits = 32;
        return std::uint64_t{static_cast<Oid>(in)} << kOidBits | oid;
    }
};

template <class Number = Oid>
Number number(const Rows& rows, int row, int column) {
    Number value{};
    const std::string_view text = rows.at(row, column);
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}
inline SystemTable system_table(const Rows& rows, int row, int column) {
    return static_cast<SystemTable>(number(rows, row, column));
}
/// The rows, sorted by columns of numbers: the server would spill what it sorts to the disk.
std::vector<int> in_order(const Rows& rows, std::array<int, 3> columns);
inline bool flag(const Rows& rows, int row, int column) { return rows.at(row, column) == "t"; }
/// A schema's name as the model has it: public is the default one.
inline std::string model_schema(const std::string& name) { return name == "public" ? "" : name; }
/// "1 3 0" as numbers.
std::vector<int> numbers(std::string_view text);
/// "a=1\nb=2" as a map.
Options options(std::string_view text, const std::string& prefix = "");

/// The type of a column, as its row tells it.
std::string column_type(const Inspection& inspection, const Rows& rows, int row);

/// Options of a column, "a=1, b=2", without those that the server keeps for itself (`pg_…`: newer minor versions have some).
std::string attribute_options(std::string_view text);

/// The table of that number, or nullptr.
Table* table_at(Inspection& inspection, Oid oid);
const Table* table_at(const Inspection& inspection, Oid oid);

void read_types(Inspection& inspection);
/// What is asked only where there is any: extensions, and what enums, domains and ranges are made of.
void read_rarer_types(Inspection& inspection);
void read_tables(Inspection& inspection);
void read_not_nulls(Inspection& inspection);
void read_indexes(Inspection& inspection);
void read_constraints(Inspection& inspection);
void read_objects(Inspection& inspection);
/// What relations stand on each other as soon as their names are known, while the server is still at work.
void read_early_dependencies(Inspection& inspection);
void read_dependencies(Inspection& inspection);

}  // namespace tenon::postgres
