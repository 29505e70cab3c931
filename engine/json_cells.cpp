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

std::string_view text_at(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text == nullptr ? std::string_view() : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

std::string_view blob_at(sqlite3_value* value) {
    const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
    return data == nullptr ? std::string_view() : std::string_view(data, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

/// By storage class alone.
void write_any(JsonWriter& out, sqlite3_value* value, const CellPlan&) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER: return out.integer(sqlite3_value_int64(value));
        case SQLITE_FLOAT: return out.real(sqlite3_value_double(value));
        case SQLITE_TEXT: return out.string(text_at(value));
        case SQLITE_BLOB: return out.base64(blob_at(value));
        default: return out.null();
    }
}

void write_boolean(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const bool number = sqlite3_value_type(value) == SQLITE_INTEGER;
    const std::int64_t truth = number ? sqlite3_value_int64(value) : -1;
    if (truth != 0 && truth != 1) return write_any(out, value, plan);
    out.boolean(truth == 1);
}

void write_real(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const int type = sqlite3_value_type(value);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, value, plan);
    out.real(sqlite3_value_double(value));
}

/// The digits of a number, with as many decimals as its type declares.
std::string decimal_text(sqlite3_value* value, const CellPlan& plan) {
    if (plan.decimals < 0) return std::string(text_at(value));
    std::array<char, 64> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), sqlite3_value_double(value),
                                            std::chars_format::fixed, plan.decimals);
    return error == std::errc{} ? std::string(digits.data(), end) : std::string(text_at(value));
}

void write_decimal(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const int type = sqlite3_value_type(value);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, value, plan);
    out.string(decimal_text(value, plan));
}

void write_decimal_number(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const int type = sqlite3_value_type(value);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return write_any(out, value, plan);
    out.raw(decimal_text(value, plan));
}

/// The instant of a cell: text in any ISO form, or seconds since 1970.
std::optional<std::int64_t> time_at(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER: return sqlite3_value_int64(value) * 1'000'000;
        case SQLITE_FLOAT: return static_cast<std::int64_t>(sqlite3_value_double(value) * 1e6);
        case SQLITE_TEXT: return parse_time(text_at(value));
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
    out.raw("\"");
    out.raw(text.substr(0, 10));
    out.raw("T");
    out.raw(text.substr(11, end - 11));
    out.raw(plan.zone ? "Z\"" : "\"");
    return true;
}

void write_time(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    if (sqlite3_value_type(value) == SQLITE_TEXT && write_plain_time(out, text_at(value), plan)) return;
    const auto time = time_at(value);
    if (!time) return write_any(out, value, plan);
    out.raw("\"");
    out.raw(iso_time(*time, plan.seconds));
    out.raw(plan.zone ? "Z\"" : "\"");
}

void write_date(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    constexpr std::size_t kDateLength = 10;
    const auto time = time_at(value);
    if (!time) return write_any(out, value, plan);
    out.string(iso_time(*time, true).substr(0, kDateLength));
}

/// `HH:MM:SS.ffffff` without its fraction.
void write_time_of_day(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return write_any(out, value, plan);
    const std::string_view text = text_at(value);
    out.string(text.substr(0, plan.seconds ? text.find('.') : text.size()));
}

void write_unix(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const auto time = time_at(value);
    if (!time) return write_any(out, value, plan);
    out.integer(*time / 1'000'000);
}

void write_unix_ms(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const auto time = time_at(value);
    if (!time) return write_any(out, value, plan);
    out.integer(*time / 1000);
}

void write_json(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const bool text = sqlite3_value_type(value) == SQLITE_TEXT;
    if (!text || !is_json(text_at(value))) return write_any(out, value, plan);
    out.raw(text_at(value));
}

/// Thirty-two digits get their dashes.
void write_uuid(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    const int type = sqlite3_value_type(value);
    std::string digits;
    if (type == SQLITE_BLOB && blob_at(value).size() == 16) {
        JsonWriter hex;
        hex.hex(blob_at(value));
        digits = hex.text().substr(1, 32);
    } else if (type == SQLITE_TEXT && text_at(value).size() == 32 && text_at(value).find('-') == std::string_view::npos) {
        digits = text_at(value);
    } else {
        return write_any(out, value, plan);
    }
    for (const std::size_t place : std::array<std::size_t, 4>{20, 16, 12, 8}) digits.insert(place, "-");
    out.string(digits);
}

void write_blob_hex(JsonWriter& out, sqlite3_value* value, const CellPlan& plan) {
    if (sqlite3_value_type(value) != SQLITE_BLOB) return write_any(out, value, plan);
    out.hex(blob_at(value));
}

void write_as_string(JsonWriter& out, sqlite3_value* value, const CellPlan&) {
    if (sqlite3_value_type(value) == SQLITE_NULL) return out.null();
    out.string(text_at(value));
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
