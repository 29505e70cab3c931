// Column types: the portable names, and how each dialect declares and reads them.  One row of kTypes per type.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/schema.h"

namespace tenon {

/// What a value of the type is, for defaults, conversion checks and JSON.
enum class ValueKind { integer, text, boolean, real, decimal, date, time, timestamp, timestamptz, interval, uuid, json, bytes };

struct TypeRow {
    std::string_view name;  ///< portable name
    ValueKind kind = ValueKind::text;
    int min_arguments = 0, max_arguments = 0;
    std::array<std::string_view, kDialectCount> spelling{};  ///< declared by this name (arguments are appended)
};

/// All portable types.
std::span<const TypeRow> type_rows();

/// A type name taken apart: `decimal(10,2)[]` is {row of decimal, {10, 2}, array}.
struct TypeParts {
    std::string base;  ///< lower case, without arguments
    std::vector<std::string> arguments;
    bool array = false;
    const TypeRow* row = nullptr;  ///< null where the name is not portable
};
TypeParts split_type(std::string_view text);

/// How `dialect` declares a declared column type (VARCHAR(40), TIMESTAMPTZ, …).  Other types pass through.
std::string dialect_type(const Sql& declared, Dialect dialect, const Schema& schema);

/// The portable name a dialect's type is read back as, or the type itself where it is not one of ours.
std::string portable_type(std::string_view type, Dialect dialect);

/// What values a (portable or dialect) type holds; nullopt where Tenon does not know.
std::optional<ValueKind> value_kind(std::string_view type);

/// SQLite's five affinities (https://sqlite.org/datatype3.html, section 3.1).
enum class Affinity { integer, text, blob, real, numeric };
Affinity affinity_of(std::string_view declared_type);

/// Formats that `json: { format: … }` takes, with the kinds of value each applies to.
struct JsonFormatRow {
    std::string_view name;  ///< "iso", "iso-seconds", "unix", "string", "hex", …
    std::vector<ValueKind> kinds;
};
std::span<const JsonFormatRow> json_format_rows();

}  // namespace tenon
