// Values on their way to another type: to one that is made anew under the same name, and of rows that wait in another table.
#pragma once

#include "differ/change.h"
#include "emitters/postgres_ddl.h"
#include "emitters/postgres_guards.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// The attributes of a composite type, or of the row type of a table or view, by its name as SQL has it.
std::optional<std::vector<std::pair<std::string, Sql>>> attributes_of(const Schema& schema, const std::string& type);

/// Gives old values in the new type of the same name: by way of their text, which is strict; attribute by attribute where
/// attributes have other places than before, for a text tells only their order.
class Converter {
public:
    Converter(const Schema& from, const Schema& to) : from_(from), to_(to) {}

    std::string convert(const std::string& value, const std::string& type);
    /// The statements, with the functions that all values so far call.
    Statements around(const Statements& statements) const;

    /// True where the text of an old value is not that of the new one: attributes moved, came or went, here or deeper.
    bool has_moved(const std::string& type) const;

private:
    const Schema& from_;
    const Schema& to_;
    Statements before_{};
    Statements after_{};

    std::string convert_array(const std::string& value, const std::string& type);
};

/// Brings a column to the new type of the same name.
Statements retype_made_anew(const Schema& from, const Schema& to, const Table& table, const Column& old, const Column& now);

/// Numbers the rows of a column that becomes an identity: it gets a sequence of its own only when none of them is NULL.
constexpr std::string_view kNumbers = "pg_temp.tenon_numbers";

/// What the NULLs of a column become that takes none any more: its `backfill`, the next number, or its default; empty if there
/// is none of these.
std::string fill_of(const Intents& intents, const Table& to, const Column& now);

/// What rows get that have no value.
struct Filling {
    std::string fill{};   ///< as fill_of() gives it
    std::string value{};  ///< what the others have, an expression over `rows`
    std::string rows{};
};

/// The statements that fill a column, past the numbers that other rows have already where a sequence numbers these.
Statements past_used_numbers(const Schema& to, const Table& table, const Column& column, const Filling& filling,
                             Statements statements);

/// What a schema says of how a column's values are converted (`using:`); empty where it says nothing.
std::string given_conversion(const Intents& intents, const Table& to, const Column& now);

/// Rows of `was` on their way through a temporary table to `is`, where columns of both keep their values.
struct WaitingRows {
    Statements save{};  ///< locks the table, for a row that comes meanwhile would be lost, and copies what `select` gives
    Statements give{};  ///< empty where no column is of both
    std::vector<std::string> columns{};
    std::vector<Step> guards{};
    std::vector<Hazard> hazards{};
};
/// `select` is a query of `was`, or `TABLE …`.
WaitingRows waiting_rows(const Changes& changes, const Intents& intents, const Table& was, const Table& is,
                         const std::string& select);

}  // namespace tenon::postgres
