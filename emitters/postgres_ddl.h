// PostgreSQL's statements that make, change and drop single things.  Pure texts; which of them a plan needs is decided
// elsewhere.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schemas/schema.h"

namespace tenon::postgres {

/// Statements, none ended by `;`.
using Statements = std::vector<std::string>;

/// `a integer DEFAULT 0 NOT NULL`; the default is left out where `with_default` is false.
std::string column_clause(const Table& table, const Column& column, bool with_default = true);
/// True where a parent's column is NOT NULL: the child's is by that, and from PostgreSQL 18 on would be so twice.
bool not_null_above(const Schema& schema, const Table& table, const Column& column);
/// Makes a column NOT NULL, under its name.
Statements set_not_null(const Table& table, const Column& column);
/// What a column clause cannot say: storage, compression, statistics, options.
Statements column_settings(const Table& table, const Column& column);
/// `(SEQUENCE NAME s START WITH 1 …)` of an identity column, or of a sequence's options alone.
std::string sequence_options(const Options& options);
std::string identity_clause(const Identity& identity);

/// The clause of a constraint, from CONSTRAINT on.
std::string constraint_clause(const PrimaryKey& key);
std::string constraint_clause(const UniqueConstraint& unique);
std::string constraint_clause(const Check& check);
std::string constraint_clause(const Exclusion& exclusion);
std::string constraint_clause(const Schema& schema, const ForeignKey& key);

/// The columns and constraints that stand inside a CREATE TABLE.
struct TableBody {
    std::vector<std::string> without_default{};  ///< columns whose default comes later
    std::vector<std::string> constraints{};      ///< clauses
};
std::string create_table(const Schema& schema, const Table& table, const TableBody& body);
/// What CREATE TABLE cannot say: column settings, columns' own defaults under a parent.
Statements table_settings(const Schema& schema, const Table& table);
/// ENABLE ROW LEVEL SECURITY, where the table's policies are in force.
Statements security_settings(const Table& table);

std::string create_index(const Table& table, const Index& index);
std::string create_enum(const EnumType& type);
std::string create_domain(const Domain& domain);
std::string create_composite(const CompositeType& type);
std::string create_range(const RangeType& type);
std::string create_sequence(const Sequence& sequence);
std::string create_extension(const Extension& extension);
std::string key_part(const KeyPart& part);
/// `(a = 1, b = 2)`
std::string storage_list(const Options& storage);
std::string column_list(const std::vector<std::string>& names);

/// Does what `SELECT what` does, and shows nothing.
std::string perform(const std::string& what);

/// The expression as it stands after DEFAULT.
std::string default_text(const Default& value);

}  // namespace tenon::postgres
