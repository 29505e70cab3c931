// Internal: how each column's value becomes JSON: a function chosen once per query.
#pragma once

#include <string>
#include <vector>

#include "engine/json_writer.h"
#include "schemas/schema.h"

struct sqlite3_value;

namespace tenon {

struct CellPlan;
/// The value is one of the current row, in a connection that one thread uses.
using CellFunction = void (*)(JsonWriter&, sqlite3_value*, const CellPlan&);

/// One column of a result on its way to JSON.
struct CellPlan {
    CellFunction write = nullptr;
    std::string column{};  ///< the database's name for it
    std::string key{};     ///< `,"name":`, ready to be written (the first of an object begins with `{`)
    int decimals = -1;     ///< decimals: digits after the point, -1 as they come
    bool seconds = false;  ///< times: without a fraction
    bool zone = false;     ///< times: with Z
};

/// The plan of a column by its declared type and its `json:`.
CellPlan cell_plan(const Column& column);

}  // namespace tenon
