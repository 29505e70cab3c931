// Internal: values in PostgreSQL's binary form, as JSON and as keys.
#pragma once

#include <string>
#include <string_view>

#include "engine/connection.h"
#include "engine/json_writer.h"
#include "schemas/schema.h"

namespace tenon::postgres {

/// How one column is selected and written.
struct Cell {
    enum class Form { plain, date, unix_seconds, unix_milliseconds, string, number, hex };
    Form form = Form::plain;
    bool seconds = false;  ///< times: without a fraction
    bool json = false;     ///< what is selected is JSON text already (an array)
};
Cell cell_of(const Column& column);

/// A column as it is selected: types whose binary form says little go as text, arrays as JSON.
std::string selected(const Column& column, const std::string& alias);

/// Writes a value of a type (an OID).  Infinities and NaN become null, as do times that JSON has no word for.
void write_cell(JsonWriter& out, std::string_view bytes, unsigned type, const Cell& cell);

/// A value by which rows are matched: a number, or text that is equal where PostgreSQL's values are.
Value key_value(std::string_view bytes, unsigned type);

}  // namespace tenon::postgres
