// Values on their way to another type: to one that is made anew under the same name, and of rows that wait in another table.
#pragma once

#include "differ/change.h"
#include "emitters/postgres_ddl.h"
#include "emitters/postgres_guards.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// An old column's value in the new type of the same name: by way of its text, which is strict; attribute by attribute where
/// attributes have other places than before, for a text tells only their order.
struct RemadeValue {
    Statements before{};  ///< functions that `text` calls
    std::string text{};
    Statements after{};  ///< and what takes them away
};
/// The same for a value of a type that is no array.
std::string remade_text(const Schema& from, const Schema& to, const std::string& value, const std::string& type);
RemadeValue remade_value(const Schema& from, const Schema& to, const Column& now);

/// Brings a column to the new type of the same name.
Statements retype_made_anew(const Schema& from, const Schema& to, const Table& table, const Column& old, const Column& now);

/// What the NULLs of a column become that takes none any more: its `backfill`, or its default; empty if neither is there.
std::string fill_of(const Intents& intents, const Table& to, const Column& now);

/// The value of a row that waits in another table with the columns of `was`, for a column of `is`.
struct Carried {
    RemadeValue value{};
    std::vector<Step> guards{};
    std::vector<Hazard> hazards{};
};
Carried carried(const Changes& changes, const Intents& intents, const Table& was, const Table& is, const Column& old,
                const Column& now);

}  // namespace tenon::postgres
