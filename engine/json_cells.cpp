// Cell functions over SQLite's own memory.  A value whose storage is not what its type says is written as what it is.
#include "engine/json_cells.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "differ/json_text.h"
#include "engine/time_text.h"
#include "schemas/type.h"

namespace tenon {
namespace {

std::string_view text_at(sqlite3_stmt* row, int index) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, index));
    return text == nullptr ? std::string_view()
                           : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(row, index)));
}

std::string_view blob_at(sqlite3_stmt* row, int index) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(row, index));
    return data == nullptr ? std::string_view()
                           : std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(row, index)));
}

/// By storage class alone.
void write_any(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan&) {
    switch (sqlite3_column_type(row, index)) {
        case SQLITE_INTEGER: return out.integer(sqlite3_column_int64(row, index));
        case SQLITE_FLOAT: return out.real(sqlite3_column_double(row, index));
        case SQLITE_TEXT: return out.string(text_at(row, index));
        case SQLITE_BLOB: return out.base64(blob_at(row, index));
        default: return out.null();
    }
}

void write_boolean(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const bool number = sqlite3_column_type(row, index) == SQLITE_INTEGER;
    const std::int64_t value = number ? sqlite3_column_int64(row, index) : -1;
    if (value != 0 && value != 1) return write_any(out, row, index, plan);
    out.boolean(value == 1);
}

void write_real(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const int type = sqlite3_column_type(row, index);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, row, index, plan);
    out.real(sqlite3_column_double(row, index));
}

/// The digits of a number, with as many decimals as its type declares.
std::string decimal_text(sqlite3_stmt* row, int index, const CellPlan& plan) {
    if (plan.decimals < 0) return std::string(text_at(row, index));
    std::array<char, 64> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), sqlite3_column_double(row, index),
                                            std::chars_format::fixed, plan.decimals);
    return error == std::errc{} ? std::string(digits.data(), end) : std::string(text_at(row, index));
}

void write_decimal(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const int type = sqlite3_column_type(row, index);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, row, index, plan);
    out.string(decimal_text(row, index, plan));
}

void write_decimal_number(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const int type = sqlite3_column_type(row, index);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, row, index, plan);
    out.raw(decimal_text(row, index, plan));
}

/// The instant of a cell: text in any ISO form, or seconds since 1970.
std::optional<std::int64_t> time_at(sqlite3_stmt* row, int index) {
    switch (sqlite3_column_type(row, index)) {
        case SQLITE_INTEGER: return sqlite3_column_int64(row, index) * 1'000'000;
        case SQLITE_FLOAT: return static_cast<std::int64_t>(sqlite3_column_double(row, index) * 1e6);
        case SQLITE_TEXT: return parse_time(text_at(row, index));
        default: return std::nullopt;
    }
}

bool digits_at(std::string_view text, std::initializer_list<std::size_t> places) {
    return std::ranges::all_of(places, [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; });
}

/// Most times are stored as they are to be written but for the letter in the middle and zeros at the end: these need no
/// calendar.
bool write_plain_time(JsonWriter& out, std::string_view text, const CellPlan& plan) {
    constexpr std::size_t kSeconds = 19;  // 2024-01-02T03:04:05
    constexpr std::size_t kMicroseconds = 26;
    if (text.ends_with('Z')) text.remove_suffix(1);
    if (text.size() < kSeconds || !digits_at(text, {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18}) || text[4] != '-' ||
        text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') {
        return false;
    }
    const auto number = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
    if (number(5) < 1 || number(5) > 12 || number(8) < 1 || number(8) > 31 || number(11) > 23 || number(14) > 59 ||
        number(17) > 59)
        return false;
    std::size_t end = kSeconds;
    if (text.size() > kSeconds) {
        if (text[kSeconds] != '.' || (text.size() != kMicroseconds && text.size() != kMicroseconds - 3)) return false;
        for (std::size_t i = kSeconds + 1; i < text.size(); ++i) {
            if (text[i] < '0' || text[i] > '9') return false;
        }
        end = text.size();
        if (text.substr(end - 3) == "000") end -= 3;
        if (end == kMicroseconds - 3 && text.substr(end - 3, 3) == "000") end = kSeconds;
        if (end == kSeconds + 1 || plan.seconds) end = kSeconds;
    }
    out.buffer += '"';
    out.buffer.append(text.data(), 10);
    out.buffer += 'T';
    out.buffer.append(text.data() + 11, end - 11);
    out.raw(plan.zone ? "Z\"" : "\"");
    return true;
}

void write_time(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    if (sqlite3_column_type(row, index) == SQLITE_TEXT && write_plain_time(out, text_at(row, index), plan)) return;
    const auto time = time_at(row, index);
    if (!time) return write_any(out, row, index, plan);
    out.raw("\"");
    out.raw(iso_time(*time, plan.seconds));
    out.raw(plan.zone ? "Z\"" : "\"");
}

void write_date(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    constexpr std::size_t kDateLength = 10;
    const auto time = time_at(row, index);
    if (!time) return write_any(out, row, index, plan);
    out.string(iso_time(*time, true).substr(0, kDateLength));
}

/// `HH:MM:SS.ffffff` without its fraction.
void write_time_of_day(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    if (sqlite3_column_type(row, index) != SQLITE_TEXT) return write_any(out, row, index, plan);
    const std::string_view text = text_at(row, index);
    out.string(text.substr(0, plan.seconds ? text.find('.') : text.size()));
}

void write_unix(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const auto time = time_at(row, index);
    if (!time) return write_any(out, row, index, plan);
    out.integer(*time / 1'000'000);
}

void write_unix_ms(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const auto time = time_at(row, index);
    if (!time) return write_any(out, row, index, plan);
    out.integer(*time / 1000);
}

void write_json(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const bool text = sqlite3_column_type(row, index) == SQLITE_TEXT;
    if (!text || !is_json(text_at(row, index))) return write_any(out, row, index, plan);
    out.raw(text_at(row, index));
}

/// Thirty-two digits get their dashes.
void write_uuid(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    const int type = sqlite3_column_type(row, index);
    std::string digits;
    if (type == SQLITE_BLOB && blob_at(row, index).size() == 16) {
        JsonWriter hex;
        hex.hex(blob_at(row, index));
        digits = hex.buffer.substr(1, 32);
    } else if (type == SQLITE_TEXT && text_at(row, index).size() == 32 &&
               text_at(row, index).find('-') == std::string_view::npos) {
        digits = text_at(row, index);
    } else {
        return write_any(out, row, index, plan);
    }
    for (const std::size_t place : std::array<std::size_t, 4>{20, 16, 12, 8}) digits.insert(place, "-");
    out.string(digits);
}

void write_blob_hex(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan& plan) {
    if (sqlite3_column_type(row, index) != SQLITE_BLOB) return write_any(out, row, index, plan);
    out.hex(blob_at(row, index));
}

void write_as_string(JsonWriter& out, sqlite3_stmt* row, int index, const CellPlan&) {
    if (sqlite3_column_type(row, index) == SQLITE_NULL) return out.null();
    out.string(text_at(row, index));
}

CellFunction by_format(const std::string& format, std::optional<ValueKind> kind) {
    if (format == "unix") return write_unix;
    if (format == "unix-ms") return write_unix_ms;
    if (format == "date") return write_date;
    if (format == "string") return write_as_string;
    if (format == "hex" && kind == ValueKind::bytes) return write_blob_hex;
    if (format == "number" && kind == ValueKind::decimal) return write_decimal_number;
    return nullptr;
}

CellFunction by_kind(std::optional<ValueKind> kind) {
    if (!kind) return write_any;
    switch (*kind) {
        case ValueKind::boolean: return write_boolean;
        case ValueKind::real: return write_real;
        case ValueKind::decimal: return write_decimal;
        case ValueKind::timestamp:
        case ValueKind::timestamptz: return write_time;
        case ValueKind::date: return write_date;
        case ValueKind::time: return write_time_of_day;
        case ValueKind::uuid: return write_uuid;
        case ValueKind::json: return write_json;
        case ValueKind::integer:
        case ValueKind::text:
        case ValueKind::interval:
        case ValueKind::bytes: return write_any;
    }
    return write_any;
}

}  // namespace

CellPlan cell_plan(const Column& column) {
    CellPlan plan;
    const std::string& type = text_for(column.type, Dialect::sqlite);
    const auto kind = value_kind(column.type.text.empty() ? type : column.type.text);
    plan.column = column.name;
    plan.key = "," + json_quote(column.json->name.empty() ? column.name : column.json->name) + ":";
    plan.seconds = column.json->format == "iso-seconds";
    plan.zone = kind == ValueKind::timestamptz;
    const TypeParts parts = split_type(column.type.text);
    if (kind == ValueKind::decimal && !parts.arguments.empty()) {
        plan.decimals = 0;
        if (parts.arguments.size() > 1)
            std::from_chars(parts.arguments[1].data(), parts.arguments[1].data() + parts.arguments[1].size(), plan.decimals);
    }
    const CellFunction formatted = by_format(column.json->format, kind);
    plan.write = formatted != nullptr ? formatted : by_kind(kind);
    return plan;
}

}  // namespace tenon
