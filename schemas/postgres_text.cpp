// What PostgreSQL calls things.
#include "schemas/postgres_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_cursor.h"
#include "schemas/type.h"

namespace tenon::postgres {
namespace {

using Cursor = sqlite::Cursor;

struct TypeName {
    std::string_view given;
    std::string_view server;
    std::string_view suffix{};            ///< after the arguments
    std::string_view default_argument{};  ///< where none is given
};

constexpr std::array kTypeNames{
    TypeName{"int", "integer"},
    TypeName{"int4", "integer"},
    TypeName{"int2", "smallint"},
    TypeName{"int8", "bigint"},
    TypeName{"bool", "boolean"},
    TypeName{"varchar", "character varying"},
    TypeName{"char varying", "character varying"},
    TypeName{"char", "character", "", "1"},
    TypeName{"character", "character", "", "1"},
    TypeName{"decimal", "numeric"},
    TypeName{"dec", "numeric"},
    TypeName{"float4", "real"},
    TypeName{"float8", "double precision"},
    TypeName{"float", "double precision"},
    TypeName{"double", "double precision"},
    TypeName{"bytes", "bytea"},
    TypeName{"bit", "bit", "", "1"},
    TypeName{"varbit", "bit varying"},
    TypeName{"timestamp", "timestamp", " without time zone"},
    TypeName{"timestamp without time zone", "timestamp", " without time zone"},
    TypeName{"timestamptz", "timestamp", " with time zone"},
    TypeName{"timestamp with time zone", "timestamp", " with time zone"},
    TypeName{"time", "time", " without time zone"},
    TypeName{"time without time zone", "time", " without time zone"},
    TypeName{"timetz", "time", " with time zone"},
    TypeName{"time with time zone", "time", " with time zone"},
};

/// Shorter names that mean the same wherever a type may stand.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kShortNames{{
    {"character varying", "varchar"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
    {"time without time zone", "time"},
    {"time with time zone", "timetz"},
    {"double precision", "double"},
    {"bytea", "bytes"},
}};

/// `numeric(10,2)[]` as {"numeric", {"10", "2"}, "[]"}; words keep their case where they are quoted.
struct Spelled {
    std::vector<std::string> words{};  ///< as SQL; a qualified name is one word
    std::string first{};               ///< the first word before its case was folded
    std::vector<std::string> arguments{};
    std::string array{};
    bool after = false;  ///< words followed the arguments: `timestamp(3) with time zone`
};

Spelled spell(const std::string& type) {
    Spelled out;
    int depth = 0;
    bool joins = false;
    for (const Token& token : lex(type, Dialect::postgres)) {
        if (token.kind == TokenKind::space || token.kind == TokenKind::comment) continue;
        const std::string piece = token_text(type, token);
        if (piece == "(") {
            if (++depth == 1) out.arguments.emplace_back();
        } else if (piece == ")") {
            --depth;
        } else if (depth > 0 && piece == ",") {
            out.arguments.emplace_back();
        } else if (depth > 0) {
            out.arguments.back() += piece;
        } else if (piece == "[") {
            out.array = "[]";
        } else if (!out.array.empty()) {
            continue;
        } else if (piece == ".") {
            joins = true;
            if (!out.words.empty()) out.words.back() += ".";
        } else {
            const std::string word = token.kind == TokenKind::word ? fold(piece) : piece;
            if (out.words.empty()) out.first = piece;
            if (joins && !out.words.empty()) {
                out.words.back() += word;
            } else {
                out.words.push_back(word);
                out.after = out.after || !out.arguments.empty();
            }
            joins = false;
        }
    }
    if (!out.words.empty() && out.words.back() == "array" && out.words.size() > 1) {
        out.words.pop_back();
        out.array = "[]";
    }
    return out;
}

std::string arguments_text(const std::vector<std::string>& arguments) {
    return arguments.empty() ? "" : "(" + joined(arguments, ",") + ")";
}

/// The qualified name of a type that the schema declares, or empty.
std::string declared_type(const std::string& word, const Schema& declared) {
    const std::vector<Token> tokens = lex(word, Dialect::postgres);
    std::string schema;
    std::string name;
    for (const Token& token : tokens) {
        if (token.kind != TokenKind::word && token.kind != TokenKind::name) continue;
        schema = std::exchange(name, token_name(word, token));
    }
    if (schema == "public") schema.clear();
    std::string found;
    const auto look = [&](const auto& things) {
        for (const auto& thing : things) {
            if (found.empty() && thing.schema == schema && thing.name == name) found = qualified(schema, name);
        }
    };
    look(declared.enums);
    look(declared.domains);
    look(declared.composites);
    look(declared.ranges);
    if (found.empty()) look(declared.tables);
    return found;
}

/// A name that PostgreSQL takes for its own type before it looks elsewhere.
bool is_builtin(std::string_view name) {
    static constexpr std::array kOthers{"text",
                                        "date",
                                        "interval",
                                        "point",
                                        "line",
                                        "lseg",
                                        "box",
                                        "path",
                                        "polygon",
                                        "circle",
                                        "name",
                                        "money",
                                        "xml",
                                        "json",
                                        "jsonb",
                                        "jsonpath",
                                        "uuid",
                                        "inet",
                                        "cidr",
                                        "macaddr",
                                        "macaddr8",
                                        "tsvector",
                                        "tsquery",
                                        "oid",
                                        "xid",
                                        "xid8",
                                        "cid",
                                        "tid",
                                        "bytea",
                                        "real",
                                        "numeric",
                                        "smallint",
                                        "integer",
                                        "bigint",
                                        "boolean",
                                        "bpchar",
                                        "int4range",
                                        "int8range",
                                        "numrange",
                                        "tsrange",
                                        "tstzrange",
                                        "daterange",
                                        "pg_lsn",
                                        "record",
                                        "regclass",
                                        "regtype",
                                        "regproc",
                                        "regrole",
                                        "void",
                                        "refcursor",
                                        "int4multirange",
                                        "int8multirange",
                                        "nummultirange",
                                        "tsmultirange",
                                        "tstzmultirange",
                                        "datemultirange"};
    return std::ranges::find(kOthers, name) != kOthers.end() ||
           std::ranges::find(kTypeNames, name, &TypeName::given) != kTypeNames.end();
}

constexpr std::array<std::string_view, 5> kIntervalFields{"year", "month", "day", "hour", "minute"};

}  // namespace

std::string server_type(const std::string& type, const Schema& declared) {
    const Spelled spelled = spell(type);
    if (spelled.words.empty()) return type;
    if (spelled.words.size() == 1 && !is_builtin(spelled.words[0])) {
        // A name as the schema gives it, else as SQL takes it.
        std::string own =
            declared_type(spelled.first.find('"') == std::string::npos && spelled.words[0].find('.') == std::string::npos
                              ? quoted(spelled.first)
                              : spelled.words[0],
                          declared);
        if (own.empty()) own = declared_type(spelled.words[0], declared);
        if (!own.empty()) return own + arguments_text(spelled.arguments) + spelled.array;
    }
    const std::string base = joined(spelled.words, " ");
    const auto row = std::ranges::find(kTypeNames, base, &TypeName::given);
    std::vector<std::string> arguments = spelled.arguments;
    if (base == "numeric" || base == "decimal" || base == "dec") {
        if (arguments.size() == 1) arguments.emplace_back("0");
    }
    if (row == kTypeNames.end()) {
        if (spelled.after ||
            (spelled.words.size() > 1 && std::ranges::find(kIntervalFields, spelled.words[1]) != kIntervalFields.end()))
            return type;
        return base + arguments_text(arguments) + spelled.array;
    }
    if (base == "float" && arguments.size() == 1) {
        constexpr int kRealBits = 24;
        int bits = 0;
        std::from_chars(arguments[0].data(), arguments[0].data() + arguments[0].size(), bits);
        return (bits <= kRealBits ? "real" : "double precision") + spelled.array;
    }
    if (arguments.empty() && !row->default_argument.empty()) arguments.emplace_back(row->default_argument);
    return std::string(row->server) + arguments_text(arguments) + std::string(row->suffix) + spelled.array;
}

std::string short_type(const std::string& type) {
    const Spelled spelled = spell(type);
    std::string base = joined(spelled.words, " ");
    const auto found = std::ranges::find(kShortNames, base, [](const auto& row) { return row.first; });
    if (found != kShortNames.end()) base = std::string(found->second);
    if (base == "character") base = "char";
    if (base == "numeric" && !spelled.arguments.empty()) base = "decimal";
    if (base.starts_with("public.")) {
        // Bare where nothing of the server has that name.
        const std::string bare = base.substr(7);
        const bool plain = !bare.empty() && bare.find('"') == std::string::npos && split_type(bare).row == nullptr &&
                           !value_kind(bare) && !is_builtin(bare) && quote_name(bare, Dialect::postgres) == bare;
        if (plain) base = bare;
    }
    const TypeRow* const row = split_type(base).row;
    const int given = static_cast<int>(spelled.arguments.size());
    // A portable name takes the arguments of its own alone.
    if (row != nullptr && (given < row->min_arguments || given > row->max_arguments)) return type;
    return base + arguments_text(spelled.arguments) + spelled.array;
}

std::string server_literal(const Literal& literal, const std::string& type) {
    const Spelled spelled = spell(type);
    std::string base = joined(spelled.words, " ") + spelled.array;
    if (base == "character") base = "bpchar";
    const auto kind = value_kind(type);
    const auto whole = [&](long long& value) {
        const auto [end, error] = std::from_chars(literal.text.data(), literal.text.data() + literal.text.size(), value);
        return error == std::errc{} && end == literal.text.data() + literal.text.size();
    };
    switch (literal.kind) {
        case Literal::Kind::null: return "NULL";
        case Literal::Kind::boolean: return literal.text;
        case Literal::Kind::string: return quote_literal(literal.text) + "::" + base;
        case Literal::Kind::number: break;
    }
    if (kind == ValueKind::text) return quote_literal(literal.text) + "::" + base;
    constexpr long long kLargest = 2147483647;
    long long value = 0;
    if (whole(value)) {
        if (value >= 0 && value <= kLargest) return std::to_string(value);
        return quote_literal(std::to_string(value)) + (value >= -kLargest - 1 && value < 0 ? "::integer" : "::bigint");
    }
    if (literal.text.starts_with('-')) return quote_literal(literal.text) + "::numeric";
    return literal.text.starts_with('+') ? literal.text.substr(1) : literal.text;
}

std::string server_collation(const std::string& name, const Schema& declared) {
    if (name.empty() || name.find('"') != std::string::npos) return name;
    const auto dot = name.find('.');
    const std::string schema = dot == std::string::npos ? "" : name.substr(0, dot);
    const std::string bare = dot == std::string::npos ? name : name.substr(dot + 1);
    const bool own = std::ranges::any_of(declared.collations, [&](const Collation& c) {
        return c.name == bare && (c.schema == schema || (c.schema.empty() && schema == "public"));
    });
    if (dot != std::string::npos) return qualified(schema, bare);
    return own ? qualified("", bare) : "pg_catalog." + quote(bare);
}

std::string collation_name(const std::string& sql) {
    std::vector<std::string> parts;
    for (const Token& token : lex(sql, Dialect::postgres)) {
        if (token.kind == TokenKind::word || token.kind == TokenKind::name) parts.push_back(token_name(sql, token));
    }
    if (parts.size() != 2 || parts[1].find('.') != std::string::npos || parts[0].find('.') != std::string::npos) return sql;
    return parts[0] == "pg_catalog" || parts[0] == "public" ? parts[1] : parts[0] + "." + parts[1];
}

Options sequence_options(const std::string& type, Options given) {
    const auto value = [&](std::string_view key, const std::string& standard) {
        const auto found = given.find(key);
        return found == given.end() ? standard : found->second;
    };
    const std::string largest = type == "smallint" ? "32767" : type == "integer" ? "2147483647" : "9223372036854775807";
    const std::string smallest = type == "smallint" ? "-32768" : type == "integer" ? "-2147483648" : "-9223372036854775808";
    const std::string increment = value("increment", "1");
    const bool down = increment.starts_with('-');
    const std::string first = value("minvalue", down ? smallest : "1");
    const std::string last = value("maxvalue", down ? "-1" : largest);
    Options out = given;
    for (const auto& [key, standard] : {std::pair{"increment", increment},
                                        {"minvalue", first},
                                        {"maxvalue", last},
                                        {"start", value("start", down ? last : first)},
                                        {"cache", value("cache", "1")},
                                        {"cycle", value("cycle", "false")}})
        out[key] = standard;
    return out;
}

Options given_sequence_options(const std::string& type, const Options& all) {
    Options out;
    for (const auto& [key, value] : all) {
        Options without = all;
        without.erase(key);
        const Options filled = sequence_options(type, without);
        const auto standard = filled.find(key);
        if (standard == filled.end() || standard->second != value) out[key] = value;
    }
    // `start` follows the bounds, which may themselves be left out.
    return sequence_options(type, out) == sequence_options(type, all) ? out : all;
}

std::string exclusion_text(const Exclusion& exclusion) {
    std::vector<std::string> elements;
    for (const auto& [part, operation] : exclusion.elements) elements.push_back(key_part_text(part) + " WITH " + operation);
    std::string out = "EXCLUDE USING " + (exclusion.method.empty() ? "gist" : exclusion.method) + " (" + joined(elements) + ")";
    if (!exclusion.where_clause.empty()) out += " WHERE (" + exclusion.where_clause.text + ")";
    if (exclusion.deferrable) out += exclusion.initially_deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
    return out;
}

bool parse_exclusion(const std::string& definition, Exclusion& exclusion) {
    try {
        Cursor cursor(definition, Dialect::postgres);
        cursor.expect_keyword("EXCLUDE");
        cursor.expect_keyword("USING");
        exclusion.method = cursor.take_name();
        for (const std::string& element : split_at_commas(cursor.take_group())) {
            const auto with = element.rfind(" WITH ");
            if (with == std::string::npos) return false;
            const auto part = parse_key_part(element.substr(0, with));
            if (!part) return false;
            exclusion.elements.emplace_back(*part, element.substr(with + 6));
        }
        if (cursor.take_keyword("WHERE"))
            exclusion.where_clause = make_sql(std::string(cursor.take_group()), Dialect::postgres);
        if (cursor.take_keyword("DEFERRABLE")) exclusion.deferrable = true;
        if (cursor.take_keyword("INITIALLY")) exclusion.initially_deferred = cursor.take_keyword("DEFERRED");
    } catch (const Error&) {
        return false;
    }
    return canonical_sql(exclusion_text(exclusion), Dialect::postgres) == canonical_sql(definition, Dialect::postgres);
}

std::string view_index_text(const Index& index, const std::string& view) {
    std::vector<std::string> parts;
    for (const KeyPart& part : index.columns) parts.push_back(key_part_text(part));
    std::vector<std::string> included;
    for (const std::string& name : index.include) included.push_back(quote(name));
    std::string out = std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") + quote(index.name.text) + " ON " +
                      view + " USING " + (index.method.empty() ? "btree" : quote(index.method)) + " (" + joined(parts) + ")";
    if (!included.empty()) out += " INCLUDE (" + joined(included) + ")";
    if (index.nulls_not_distinct) out += " NULLS NOT DISTINCT";
    std::vector<std::string> storage;
    for (const auto& [key, value] : *index.storage) storage.push_back(key + "=" + quote_literal(value));
    if (!storage.empty()) out += " WITH (" + joined(storage) + ")";
    if (!index.tablespace.empty()) out += " TABLESPACE " + quote(index.tablespace);
    if (!index.where_clause.empty()) out += " WHERE (" + index.where_clause->text + ")";
    return out;
}

Index parse_index(const std::string& text) {
    Cursor cursor(text, Dialect::postgres);
    Index index;
    cursor.expect_keyword("CREATE");
    index.unique = cursor.take_keyword("UNIQUE");
    cursor.expect_keyword("INDEX");
    index.name.text = cursor.take_name();
    cursor.expect_keyword("ON");
    cursor.take_keyword("ONLY");
    cursor.take_name();
    while (cursor.take_symbol('.')) cursor.take_name();
    cursor.expect_keyword("USING");
    index.method = cursor.take_name();
    if (index.method == "btree") index.method.clear();
    for (const std::string& element : split_at_commas(cursor.take_group())) {
        const auto part = parse_key_part(element);
        if (!part) cursor.fail("an index over " + element);
        index.columns.push_back(*part);
    }
    if (cursor.take_keyword("INCLUDE")) {
        for (const std::string& name : split_at_commas(cursor.take_group()))
            index.include.push_back(token_name(name, lex(name, Dialect::postgres).front()));
    }
    if (cursor.take_keyword("NULLS")) {
        cursor.expect_keyword("NOT");
        cursor.expect_keyword("DISTINCT");
        index.nulls_not_distinct = true;
    }
    if (cursor.take_keyword("WITH")) {
        for (const std::string& option : split_at_commas(cursor.take_group())) {
            const auto equals = option.find('=');
            std::string value = option.substr(equals + 1);
            if (value.starts_with('\'')) value = token_name(value, lex(value, Dialect::postgres).front());
            index.storage.edit()[option.substr(0, equals)] = value;
        }
    }
    if (cursor.take_keyword("TABLESPACE")) index.tablespace = cursor.take_name();
    if (cursor.take_keyword("WHERE")) {
        const std::string_view condition = sqlite::without_outer_parentheses(cursor.take_rest());
        index.where_clause = make_sql(std::string(condition), Dialect::postgres);
    }
    if (!cursor.done()) cursor.fail("an index that says more");
    return index;
}

}  // namespace tenon::postgres
