// Decoding by the type that the server names, so that a column which is no longer what the schema says is still written as what
// it is.  The binary forms are those of each type's send function; they do not depend on any setting of the session.
#include "engine/postgres_cells.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "engine/time_text.h"
#include "schemas/error.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"
#include "schemas/type.h"

namespace tenon::postgres {
namespace {

// Type OIDs of PostgreSQL's pg_type.dat.
constexpr unsigned kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kOid = 26,
                   kJson = 114, kFloat4 = 700, kFloat8 = 701, kUnknown = 705, kBpchar = 1042, kVarchar = 1043, kDate = 1082,
                   kTime = 1083, kTimestamp = 1114, kTimestamptz = 1184, kNumeric = 1700, kUuid = 2950, kJsonb = 3802;

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kMicroseconds;
constexpr std::int64_t kEpoch = 946'684'800 * kMicroseconds;  // 2000-01-01, where PostgreSQL counts from

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

std::int64_t integer(std::string_view bytes) {
    switch (bytes.size()) {
        case 2: return static_cast<std::int16_t>(big_endian(bytes));
        case 4: return static_cast<std::int32_t>(big_endian(bytes));
        default: return static_cast<std::int64_t>(big_endian(bytes));
    }
}

int word_at(std::string_view bytes, std::size_t index) {
    return bytes.size() < 2 * index + 2 ? 0
                                        : static_cast<int>(static_cast<std::int16_t>(big_endian(bytes.substr(2 * index, 2))));
}

/// numeric: digits of base 10000, from the one of weight `weight` on, and as many decimals as it is to show.  Empty for NaN and
/// infinities.
std::string decimal(std::string_view bytes) {
    constexpr int kHeader = 4;
    constexpr int kNegative = 0x4000;
    const int count = word_at(bytes, 0);
    const int weight = word_at(bytes, 1);
    const int sign = word_at(bytes, 2) & 0xFFFF;
    const int scale = word_at(bytes, 3);
    if (sign != 0 && sign != kNegative) return "";
    const auto digits = [&](int place) {  // of 10000 to the power `place`, as four digits
        const int index = weight - place;
        const int value =
            index < 0 || index >= count ? 0 : word_at(bytes, std::size_t{kHeader} + static_cast<std::size_t>(index));
        std::string four = std::to_string(value);
        return four.insert(0, 4 - four.size(), '0');
    };
    std::string out;
    for (int place = std::max(weight, 0); place >= 0; --place) out += digits(place);
    out.erase(0, std::min(out.find_first_not_of('0'), out.size() - 1));
    if (scale > 0) {
        std::string fraction;
        for (int place = -1; static_cast<int>(fraction.size()) < scale; --place) fraction += digits(place);
        out += "." + fraction.substr(0, static_cast<std::size_t>(scale));
    }
    return (sign == kNegative ? "-" : "") + out;
}

std::string uuid(std::string_view bytes) {
    JsonWriter hex;
    hex.hex(bytes);
    std::string text(hex.text().substr(1, hex.text().size() - 2));
    for (const std::size_t place : {20U, 16U, 12U, 8U}) {
        if (text.size() > place) text.insert(place, "-");
    }
    return text;
}

/// Microseconds since 1970 of a date or a timestamp; nothing for the infinities, and for years that RFC 3339 does not know.
std::optional<std::int64_t> instant(std::string_view bytes, unsigned type) {
    constexpr std::int64_t kFirst = -62'167'219'200 * kMicroseconds;  // 0000-01-01
    constexpr std::int64_t kLast = 253'402'300'800 * kMicroseconds;   // 10000-01-01
    const std::int64_t value = integer(bytes);
    if (type == kDate && (value == INT32_MAX || value == INT32_MIN)) return std::nullopt;
    if (value == INT64_MAX || value == INT64_MIN || value > kLast || value < 2 * kFirst) return std::nullopt;
    const std::int64_t time = (type == kDate ? value * kDay : value) + kEpoch;
    if (time < kFirst || time >= kLast) return std::nullopt;
    return time;
}

void write_time(JsonWriter& out, std::string_view bytes, unsigned type, const Cell& cell) {
    constexpr std::size_t kDateLength = 10;
    const auto time = instant(bytes, type);
    if (!time) return out.null();
    // Before 1970 too a part of a second belongs to the second that has begun.
    const auto floored = [&](std::int64_t unit) { return *time / unit - (*time % unit < 0 ? 1 : 0); };
    switch (cell.form) {
        case Cell::Form::unix_seconds: return out.integer(floored(kMicroseconds));
        case Cell::Form::unix_milliseconds: return out.integer(floored(1000));
        case Cell::Form::date: return out.string(iso_time(*time, true).substr(0, kDateLength));
        default: break;
    }
    if (type == kDate) return out.string(iso_time(*time, true).substr(0, kDateLength));
    out.string(iso_time(*time, cell.seconds) + (type == kTimestamptz ? "Z" : ""));
}

void write_time_of_day(JsonWriter& out, std::string_view bytes, const Cell& cell) {
    const std::int64_t time = integer(bytes);
    if (time == kDay) return out.string("24:00:00");
    constexpr std::size_t kTimeBegins = 11;  // behind 1970-01-01T
    out.string(iso_time(time, cell.seconds).substr(kTimeBegins));
}

/// The shortest text that reads back as the same float: 0.1 is not the double nearest to it.
void write_single(JsonWriter& out, float value) {
    if (!std::isfinite(value)) return out.null();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out.raw(text);
    if (text.find_first_of(".e") == std::string_view::npos) out.raw(".0");
}

/// `json` keeps the text as it was typed; a line end in it is only ever white space.
void write_json(JsonWriter& out, std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    out.raw(line);
}

bool is_text(unsigned type) {
    return type == kText || type == kVarchar || type == kBpchar || type == kName || type == kChar || type == kUnknown;
}

/// The text of a value, for what has no JSON form of its own.
std::string text_of(std::string_view bytes, unsigned type) {
    switch (type) {
        case kBool: return bytes == std::string_view("\0", 1) ? "false" : "true";
        case kInt2:
        case kInt4:
        case kInt8: return std::to_string(integer(bytes));
        case kOid: return std::to_string(big_endian(bytes));
        case kNumeric: return decimal(bytes);
        case kUuid: return uuid(bytes);
        case kJsonb: return std::string(bytes.substr(1));
        default: return std::string(bytes);
    }
}

/// The portable types, whose binary forms are read here.
bool reads_binary(const Column& column) {
    const std::string& type = text_for(column.type, Dialect::postgres);
    if (type.empty()) return true;  // a foreign key's column, which has the type of its target
    if (split_type(type).array) return false;
    const auto kind = value_kind(type);
    return kind && *kind != ValueKind::interval;
}

}  // namespace

Cell cell_of(const Column& column) {
    Cell cell;
    const std::string& format = column.json->format;
    cell.seconds = format == "iso-seconds";
    if (format == "date") cell.form = Cell::Form::date;
    if (format == "unix") cell.form = Cell::Form::unix_seconds;
    if (format == "unix-ms") cell.form = Cell::Form::unix_milliseconds;
    if (format == "string") cell.form = Cell::Form::string;
    if (format == "number") cell.form = Cell::Form::number;
    if (format == "hex") cell.form = Cell::Form::hex;
    cell.json = split_type(text_for(column.type, Dialect::postgres)).array;
    return cell;
}

std::string selected(const Column& column, const std::string& alias) {
    const std::string name = alias + "." + quoted(column.name);
    if (split_type(text_for(column.type, Dialect::postgres)).array) return "to_json(" + name + ")::text";
    // The cast of inet writes a mask that nobody typed.
    if (same_name(text_for(column.type, Dialect::postgres), "inet"))
        return "CASE WHEN " + name + " IS NOT NULL THEN format('%s', " + name + ") END";
    return reads_binary(column) ? name : name + "::text";
}

void write_cell(JsonWriter& out, std::string_view bytes, unsigned type, const Cell& cell) {
    if (cell.json) return out.raw(bytes);
    if (cell.form == Cell::Form::string && type != kBytea) {
        JsonWriter plain;
        write_cell(plain, bytes, type, {});
        return plain.text().starts_with('"') ? out.raw(plain.text()) : out.string(plain.text());
    }
    switch (type) {
        case kBool: return out.boolean(!bytes.empty() && bytes[0] != 0);
        case kInt2:
        case kInt4:
        case kInt8: return out.integer(integer(bytes));
        case kOid: return out.integer(static_cast<std::int64_t>(big_endian(bytes)));
        case kFloat4: return write_single(out, std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(bytes))));
        case kFloat8: return out.real(std::bit_cast<double>(big_endian(bytes)));
        case kNumeric: {
            const std::string text = decimal(bytes);
            if (text.empty()) return out.null();
            return cell.form == Cell::Form::number ? out.raw(text) : out.string(text);
        }
        case kDate:
        case kTimestamp:
        case kTimestamptz: return write_time(out, bytes, type, cell);
        case kTime: return write_time_of_day(out, bytes, cell);
        case kJson: return write_json(out, bytes);
        case kJsonb: return write_json(out, bytes.substr(1));
        case kBytea: return cell.form == Cell::Form::hex ? out.hex(bytes) : out.base64(bytes);
        case kUuid: return out.string(uuid(bytes));
        default: break;
    }
    if (!is_text(type))
        throw Error(ErrorCode::error, "a column has another type in the database than the schema says", "see `tenon diff`");
    out.string(bytes);
}

Value key_value(std::string_view bytes, unsigned type) {
    switch (type) {
        case kInt2:
        case kInt4:
        case kInt8: return integer(bytes);
        case kNumeric: {
            // 1.0 and 1.00 are equal.
            std::string text = decimal(bytes);
            if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) text.pop_back();
            return text;
        }
        case kBytea: return Blob{std::string(bytes)};
        case kDate:
        case kTimestamp:
        case kTimestamptz: {
            const auto time = instant(bytes, type);
            return time ? Value{iso_time(*time, false) + (type == kTimestamptz ? "Z" : "")} : Value{std::monostate{}};
        }
        case kTime: return iso_time(integer(bytes), false).substr(11);
        default: return text_of(bytes, type);
    }
}

}  // namespace tenon::postgres
