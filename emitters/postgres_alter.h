// In-place changes: the ALTER statements between two states of one PostgreSQL object.
#pragma once

#include <optional>

#include "emitters/postgres_ddl.h"

namespace tenon::postgres {

/// Each gives the statements, or nothing where the object has to be made anew.
std::optional<Statements> alter_enum(const EnumType& from, const EnumType& to);
/// Without its default and its checks, which are items by themselves.
std::optional<Statements> alter_domain(const Domain& from, const Domain& to);
std::optional<Statements> alter_composite(const CompositeType& from, const CompositeType& to);
std::optional<Statements> alter_sequence(const Sequence& from, const Sequence& to);
/// What brings a sequence to other options.
struct SequenceChanges {
    Statements first{};  ///< where the bounds narrow: a value that would be outside of them goes back to the start
    Options options{};
};
/// The options of a sequence that differ, as `to` has them.
Options changed_options(const Options& from, const Options& to);
SequenceChanges sequence_changes(const std::string& sequence, const Options& from, const Options& to);
std::optional<Statements> alter_extension(const Extension& from, const Extension& to);
/// Table options; nothing where rows would have to move to another table.
std::optional<Statements> alter_table(const Table& from, const Table& to);
/// Everything of a column but its default and the end of its identity, with `retype` where its type changes; nothing where it
/// must be dropped and added.
std::optional<Statements> alter_column(const Table& table, const Column& from, const Column& to, const Statements& retype = {});
/// The change of type.  `using_expression` is empty for the cast.
Statements retype_column(const Table& table, const Column& from, const Column& to, const std::string& using_expression);
std::optional<Statements> alter_index(const Table& table, const Index& from, const Index& to);
/// A function or view that CREATE OR REPLACE can bring to its new text, or a trigger that only changes its state.
std::optional<Statements> alter_object(const Object& from, const Object& to);
/// A server, foreign data wrapper or user mapping.
std::optional<Statements> alter_foreign(const Object& from, const Object& to);

/// The statements that bring storage parameters from one state to another, after `ALTER … name`; the server keeps their order.
Statements alter_storage(const std::string& start, const Options& from, const Options& to);
/// The same for the statistics targets of an index's expressions.
Statements index_statistics(const std::string& index, const Options& from, const Options& to);

}  // namespace tenon::postgres
