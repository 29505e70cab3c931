// The portable types: a row each.
#include "schemas/type.h"

#include <algorithm>
#include <array>

#include "schemas/sql_tokens.h"

namespace tenon {
namespace {

/// SQLite gives a column its affinity by the letters of its type: names that would give a text the wrong one say TEXT in them.
constexpr std::array<TypeRow, 18> kTypes{{
    {"smallint", ValueKind::integer, 0, 0, {"SMALLINT", "smallint"}},
    {"integer", ValueKind::integer, 0, 0, {"INTEGER", "integer"}},
    {"bigint", ValueKind::integer, 0, 0, {"BIGINT", "bigint"}},
    {"text", ValueKind::text, 0, 0, {"TEXT", "text"}},
    {"varchar", ValueKind::text, 0, 1, {"VARCHAR", "varchar"}},
    {"char", ValueKind::text, 0, 1, {"CHAR", "char"}},
    {"boolean", ValueKind::boolean, 0, 0, {"BOOLEAN", "boolean"}},
    {"real", ValueKind::real, 0, 0, {"REAL", "real"}},
    {"double", ValueKind::real, 0, 0, {"DOUBLE", "double precision"}},
    {"decimal", ValueKind::decimal, 0, 2, {"DECIMAL", "numeric"}},
    {"date", ValueKind::date, 0, 0, {"DATE", "date"}},
    {"time", ValueKind::time, 0, 0, {"TIME", "time"}},
    {"timestamp", ValueKind::timestamp, 0, 0, {"TIMESTAMP", "timestamp"}},
    {"timestamptz", ValueKind::timestamptz, 0, 0, {"TIMESTAMPTZ", "timestamptz"}},
    {"interval", ValueKind::interval, 0, 0, {"INTERVAL_TEXT", "interval"}},
    {"uuid", ValueKind::uuid, 0, 0, {"UUID_TEXT", "uuid"}},
    {"json", ValueKind::json, 0, 0, {"JSON_TEXT", "json"}},
    {"bytes", ValueKind::bytes, 0, 0, {"BLOB", "bytea"}},
}};
static_assert(std::ranges::all_of(kTypes,
                                  [](const TypeRow& row) {
                                      return std::ranges::all_of(row.spelling,
                                                                 [](std::string_view spelling) { return !spelling.empty(); });
                                  }),
              "every type has a spelling in every dialect");

/// `jsonb` is a type of its own on PostgreSQL alone.
constexpr TypeRow kJsonb{"jsonb", ValueKind::json, 0, 0, {"JSONB_TEXT", "jsonb"}};

constexpr auto all_types() {
    std::array<TypeRow, kTypes.size() + 1> rows{};
    std::ranges::copy(kTypes, rows.begin());
    rows.back() = kJsonb;
    return rows;
}
constexpr auto kAllTypes = all_types();

constexpr std::string_view kArray = "ARRAY_TEXT";  // SQLite: a JSON array in a text

std::string with_arguments(std::string_view name, const std::vector<std::string>& arguments) {
    std::string out(name);
    for (std::size_t i = 0; i < arguments.size(); ++i) out += (i == 0 ? "(" : ",") + arguments[i];
    return arguments.empty() ? out : out + ")";
}

}  // namespace

std::span<const TypeRow> type_rows() { return kAllTypes; }

TypeParts split_type(std::string_view text) {
    TypeParts parts;
    const std::vector<Token> tokens = lex(text, Dialect::postgres);
    int depth = 0;
    for (const Token& token : tokens) {
        const std::string piece = token_text(text, token);
        if (token.kind == TokenKind::space || token.kind == TokenKind::comment) continue;
        if (piece == "(") {
            if (++depth == 1) parts.arguments.emplace_back();
        } else if (piece == ")") {
            --depth;
        } else if (depth == 1 && piece == ",") {
            parts.arguments.emplace_back();
        } else if (depth > 0) {
            parts.arguments.back() += piece;
        } else if (piece == "[" || piece == "]") {
            parts.array = true;
        } else {
            parts.base += (parts.base.empty() || piece == "." || parts.base.ends_with('.') ? "" : " ") + fold(piece);
        }
    }
    const auto row = std::ranges::find(kAllTypes, parts.base, &TypeRow::name);
    parts.row = row == kAllTypes.end() ? nullptr : &*row;
    return parts;
}

std::string dialect_type(const Sql& declared, Dialect dialect, const Schema& schema) {
    const auto& own = (*declared.only)[index_of(dialect)];
    if (own) return *own;
    const TypeParts parts = split_type(declared.text);
    const bool is_enum =
        std::ranges::any_of(schema.enums, [&](const EnumType& type) { return same_name(type.name, declared.text); });
    if (is_enum) return dialect == Dialect::sqlite ? "TEXT" : declared.text;
    const auto domain = std::ranges::find_if(schema.domains, [&](const Domain& d) { return same_name(d.name, declared.text); });
    if (domain != schema.domains.end() && dialect == Dialect::sqlite) return dialect_type(domain->type, dialect, schema);
    if (parts.array && dialect == Dialect::sqlite) return std::string(kArray);
    if (parts.row == nullptr) return declared.text;
    return with_arguments(parts.row->spelling[index_of(dialect)], parts.arguments) + (parts.array ? "[]" : "");
}

std::string portable_type(std::string_view type, Dialect dialect) {
    const TypeParts parts = split_type(type);
    const auto row =
        std::ranges::find_if(kAllTypes, [&](const TypeRow& r) { return same_name(r.spelling[index_of(dialect)], parts.base); });
    if (row == kAllTypes.end()) return std::string(type);
    const int given = static_cast<int>(parts.arguments.size());
    if (given < row->min_arguments || given > row->max_arguments) return std::string(type);
    return with_arguments(row->name, parts.arguments) + (parts.array ? "[]" : "");
}

std::optional<ValueKind> value_kind(std::string_view type) {
    const TypeParts parts = split_type(type);
    if (parts.array || same_name(parts.base, kArray)) return ValueKind::json;
    for (const TypeRow& row : kAllTypes) {
        if (row.name == parts.base ||
            std::ranges::any_of(row.spelling, [&](std::string_view s) { return same_name(s, parts.base); }))
            return row.kind;
    }
    // Names that people's databases have.
    static constexpr std::array<std::pair<std::string_view, ValueKind>, 30> kOthers{{
        {"int", ValueKind::integer},
        {"int2", ValueKind::integer},
        {"int4", ValueKind::integer},
        {"int8", ValueKind::integer},
        {"tinyint", ValueKind::integer},
        {"mediumint", ValueKind::integer},
        {"unsigned big int", ValueKind::integer},
        {"serial", ValueKind::integer},
        {"bigserial", ValueKind::integer},
        {"string", ValueKind::text},
        {"character", ValueKind::text},
        {"character varying", ValueKind::text},
        {"varying character", ValueKind::text},
        {"nvarchar", ValueKind::text},
        {"nchar", ValueKind::text},
        {"native character", ValueKind::text},
        {"clob", ValueKind::text},
        {"bool", ValueKind::boolean},
        {"float", ValueKind::real},
        {"float4", ValueKind::real},
        {"float8", ValueKind::real},
        {"double precision", ValueKind::real},
        {"numeric", ValueKind::decimal},
        {"datetime", ValueKind::timestamp},
        {"timestamp without time zone", ValueKind::timestamp},
        {"timestamp with time zone", ValueKind::timestamptz},
        {"timestamptz_text", ValueKind::timestamptz},
        {"binary", ValueKind::bytes},
        {"varbinary", ValueKind::bytes},
        {"bytea", ValueKind::bytes},
    }};
    const auto other = std::ranges::find(kOthers, parts.base, [](const auto& row) { return row.first; });
    if (other == kOthers.end()) return std::nullopt;
    return other->second;
}

std::span<const JsonFormatRow> json_format_rows() {
    static const std::vector<ValueKind> kTimes{ValueKind::timestamp, ValueKind::timestamptz};
    static const std::vector<JsonFormatRow> kRows{
        {"iso", {ValueKind::timestamp, ValueKind::timestamptz, ValueKind::date, ValueKind::time}},
        {"iso-seconds", {ValueKind::timestamp, ValueKind::timestamptz, ValueKind::time}},
        {"date", kTimes},
        {"unix", kTimes},
        {"unix-ms", kTimes},
        {"string",
         {ValueKind::integer, ValueKind::real, ValueKind::decimal, ValueKind::boolean, ValueKind::json, ValueKind::text}},
        {"number", {ValueKind::decimal, ValueKind::boolean, ValueKind::text}},
        {"base64", {ValueKind::bytes}},
        {"hex", {ValueKind::bytes, ValueKind::uuid}},
    };
    return kRows;
}

}  // namespace tenon
