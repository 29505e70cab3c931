// Guards of PostgreSQL's plans.  What PostgreSQL itself refuses needs none for safety, as the plan is one transaction; they
// say what is in the way before anything is locked or rewritten.
#include "emitters/postgres_guards.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "emitters/postgres_remade_values.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// The type without its modifier: `character varying(40)` is `character varying`.
std::string base_of(const std::string& type) {
    std::string out;
    int depth = 0;
    for (const char c : type) {
        if (c == '(') ++depth;
        if (depth == 0) out += c;
        if (c == ')') --depth;
    }
    return out;
}

/// Families in which PostgreSQL converts by itself, from narrow to wide.
constexpr std::array<std::string_view, 4> kIntegers = {"smallint", "integer", "bigint", "numeric"};
bool widens(const std::string& from, const std::string& to) {
    const auto place = [](const std::string& type) { return std::ranges::find(kIntegers, type) - kIntegers.begin(); };
    const bool numbers = place(from) < 4 && place(to) < 4 && place(from) <= place(to);
    const bool text = to == "text" && (from == "character varying" || from == "text" || from.ends_with("char") ||
                                       from == "uuid" || from == "citext");
    return numbers || text || (from == "real" && to == "double precision") || (from == "json" && to == "jsonb") ||
           (from == "date" && to.starts_with("timestamp")) || (from == "cidr" && to == "inet") ||
           (from == "macaddr" && to == "macaddr8");
}

bool is_text(const std::string& type) { return type == "text" || type == "character varying" || type == "character"; }

/// Explicit casts that the server has none for, but whose text it reads.
bool needs_text(const std::string& from, const std::string& to) { return !is_text(from) && !is_text(to) && from != to; }

/// Casts between types that are no text, which every server has (pg_cast), each source with its targets.
bool has_cast(const std::string& from, const std::string& to) {
    struct Casts {
        std::string_view from;
        std::array<std::string_view, 8> to;
    };
    static constexpr std::array kCasts = {
        Casts{"smallint", {"integer", "bigint", "numeric", "real", "double precision", "oid"}},
        Casts{"integer", {"smallint", "bigint", "numeric", "real", "double precision", "oid", "money", "boolean"}},
        Casts{"bigint", {"smallint", "integer", "numeric", "real", "double precision", "oid", "money", "bit"}},
        Casts{"numeric", {"smallint", "integer", "bigint", "real", "double precision", "money"}},
        Casts{"real", {"smallint", "integer", "bigint", "numeric", "double precision"}},
        Casts{"double precision", {"smallint", "integer", "bigint", "numeric", "real"}},
        Casts{"oid", {"integer", "bigint"}},
        Casts{"money", {"numeric"}},
        Casts{"boolean", {"integer"}},
        Casts{"bit", {"integer", "bigint", "bit varying"}},
        Casts{"bit varying", {"bit"}},
        Casts{"json", {"jsonb"}},
        Casts{"jsonb", {"json", "boolean", "numeric", "smallint", "integer", "bigint", "real", "double precision"}},
        Casts{"date", {"timestamp without time zone", "timestamp with time zone"}},
        Casts{"timestamp without time zone", {"timestamp with time zone", "date", "time without time zone"}},
        Casts{"timestamp with time zone",
              {"timestamp without time zone", "date", "time without time zone", "time with time zone"}},
        Casts{"time without time zone", {"time with time zone", "interval"}},
        Casts{"time with time zone", {"time without time zone"}},
        Casts{"interval", {"time without time zone"}},
        Casts{"inet", {"cidr"}},
        Casts{"cidr", {"inet"}},
        Casts{"macaddr", {"macaddr8"}},
        Casts{"macaddr8", {"macaddr"}},
        Casts{"box", {"circle", "lseg", "point", "polygon"}},
        Casts{"circle", {"box", "point", "polygon"}},
        Casts{"polygon", {"box", "circle", "path", "point"}},
        Casts{"path", {"polygon"}},
        Casts{"point", {"box", "polygon"}},
        Casts{"lseg", {"point"}},
        Casts{"int4range", {"int4multirange"}},
        Casts{"int8range", {"int8multirange"}},
        Casts{"numrange", {"nummultirange"}},
        Casts{"daterange", {"datemultirange"}},
        Casts{"tsrange", {"tsmultirange"}},
        Casts{"tstzrange", {"tstzmultirange"}},
    };
    return std::ranges::any_of(
        kCasts, [&](const Casts& casts) { return casts.from == from && std::ranges::find(casts.to, to) != casts.to.end(); });
}

/// The value in the other type.  A multirange of one range is that range.
std::string cast(const std::string& value, const std::string& from, const std::string& to, const std::string& type) {
    if (has_cast(to, from) && from.ends_with("multirange")) return "range_merge(" + value + ")";
    return value + (needs_text(from, to) && !has_cast(from, to) ? "::text::" : "::") + type;
}

/// Text that such a type can read says the same in the type's own words: only reading it can fail, and stops the plan.
bool reads_text(const std::string& from, const std::string& to) {
    static constexpr std::array<std::string_view, 11> kReaders = {"boolean",
                                                                  "date",
                                                                  "timestamp without time zone",
                                                                  "timestamp with time zone",
                                                                  "time without time zone",
                                                                  "time with time zone",
                                                                  "interval",
                                                                  "uuid",
                                                                  "json",
                                                                  "jsonb",
                                                                  "inet"};
    return (from == "text" || from == "character varying") && std::ranges::find(kReaders, to) != kReaders.end();
}

/// Types without an equality are compared by their text.
bool has_equality(const std::string& type) {
    static constexpr std::array<std::string_view, 9> kNone = {"json", "xml",  "point", "line",  "polygon",
                                                              "path", "lseg", "box",   "circle"};
    return std::ranges::find(kNone, type) == kNone.end() && !type.starts_with("json[");
}

/// How many characters a type has room for, where it says so.
std::optional<int> length_of(const std::string& type) {
    const auto open = type.find('(');
    int length = 0;
    if (open == std::string::npos ||
        std::from_chars(type.data() + open + 1, type.data() + type.size(), length).ec != std::errc{})
        return std::nullopt;
    return length;
}

/// The conversion gives something for every value, or says which it cannot read.
Step reads_all(const Table& table, const Column& from, const Column& to, const std::string& expression) {
    const std::string name = quote(from.name);
    Step step = guard(
        "SELECT count(*) FROM " + qualified(table) + " WHERE " + name + " IS NOT NULL AND (" + expression + ")::text IS NULL",
        table.full_name() + "." + from.name + ": values that " + to.type.text + " cannot read",
        "give `using:`, which says how they are converted");
    step.converts = true;
    return step;
}

}  // namespace

Step guard(std::string sql, std::string message, std::string hint) {
    Step step;
    step.kind = StepKind::guard;
    step.sql = std::move(sql);
    step.message = std::move(message);
    step.hint = std::move(hint);
    step.slow = true;
    return step;
}

Step table_is_empty(const Table& from, const Table& to, const Column& column) {
    return guard("SELECT count(*) FROM " + qualified(from),
                 to.full_name() + "." + column.name + ": rows have no value for the new NOT NULL column",
                 "give the column a `default` or a `backfill`");
}

Step partition_is_empty(const Table& partition) {
    Step step =
        guard("SELECT count(*) FROM " + qualified(partition),
              partition.full_name() + ": its rows belong to " + *partition.partition_of + ", which has no other place for them",
              "accept their loss with --allow-destructive=" + partition.full_name());
    step.flag = "--allow-destructive=" + partition.full_name();
    return step;
}

Step leaves_nothing_out(const Table& table, const std::string& parent) {
    Step step = partition_is_empty(table);
    step.message = table.full_name() + ": its rows would not be seen in " + parent + " any more";
    step.hint = "accept that with --allow-destructive=" + table.full_name();
    return step;
}

Step rows_are_within(const Table& from, const std::string& condition, const std::string& bound) {
    return guard("SELECT count(*) FROM " + qualified(from) + " WHERE (" + condition + ") IS NOT TRUE",
                 from.full_name() + ": rows are not within " + bound, "mend the rows first");
}

Step no_nulls(const Table& from, const Column& column) {
    return guard("SELECT count(*) FROM " + qualified(from) + " WHERE " + quote(column.name) + " IS NULL",
                 from.full_name() + "." + column.name + ": rows are NULL", "give the column a `default` or a `backfill`");
}

std::string element_of(const Sql& type) { return type.text.substr(0, type.text.size() - (type.text.ends_with("[]") ? 2 : 0)); }

std::optional<Step> enum_has_values(const Schema& from_schema, const Schema& to_schema, const Table& table, const Column& from,
                                    const Column& to) {
    const auto enum_of = [](const Schema& schema, const Column& column) {
        const std::string name = element_of(column.type);
        const auto found =
            std::ranges::find_if(schema.enums, [&](const EnumType& type) { return qualified(type.schema, type.name) == name; });
        return found == schema.enums.end() ? nullptr : &*found;
    };
    const EnumType* was = enum_of(from_schema, from);
    const EnumType* now = enum_of(to_schema, to);
    if (now == nullptr || from.generated || to.generated) return std::nullopt;
    std::vector<EnumValue> values = now->values;
    if (was != nullptr) {
        values = was->values;
        std::erase_if(values, [&](const EnumValue& value) {
            return std::ranges::find(now->values, value.name, &EnumValue::name) != now->values.end();
        });
        if (values.empty()) return std::nullopt;
    }
    const bool array = from.type.text.ends_with("[]");
    const std::string list = joined(values, ", ", [](const EnumValue& value) { return quote_literal(value.name); });
    std::string condition = quote(from.name) + (array ? "::text[]" : "::text");
    if (was != nullptr) {
        condition += array ? " && ARRAY[" + list + "]" : " IN (" + list + ")";
    } else if (array) {
        condition = "NOT " + condition + " <@ ARRAY[" + list + "]::text[]";
    } else if (!values.empty()) {
        condition += " NOT IN (" + list + ")";
    }
    return guard("SELECT count(*) FROM " + qualified(table) + " WHERE " + condition,
                 table.full_name() + "." + from.name + ": values that " + now->name + " does not have",
                 "give `using:`, which says what becomes of them, or change the rows first");
}

std::string stored_type(const Schema& schema, const std::string& type) {
    const auto found = std::ranges::find_if(
        schema.domains, [&](const Domain& domain) { return qualified(domain.schema, domain.name) == type; });
    return found == schema.domains.end() ? type : stored_type(schema, found->type.text);
}

namespace {

bool is_enum(const Schema& schema, const Sql& type) {
    return std::ranges::any_of(schema.enums,
                               [&](const EnumType& e) { return qualified(e.schema, e.name) == element_of(type); });
}

/// True where the type is there before, and the same.
bool type_stands(const Schema& from, const Schema& to, const Sql& type) {
    const std::string name = element_of(type);
    bool found = false;
    const auto same = [&](const auto& before, const auto& after) {
        const auto now =
            std::ranges::find_if(after, [&](const auto& thing) { return qualified(thing.schema, thing.name) == name; });
        found |= now != after.end();
        return now == after.end() || std::ranges::find(before, *now) != before.end();
    };
    bool all = same(from.enums, to.enums) && same(from.composites, to.composites) && same(from.ranges, to.ranges) &&
               same(from.domains, to.domains);
    // A multirange comes with its range.
    const auto range = std::ranges::find_if(to.ranges, [&](const RangeType& candidate) {
        const auto multirange = candidate.options.find("multirange_type_name");
        return multirange != candidate.options.end() && qualified(candidate.schema, multirange->second) == name;
    });
    if (range != to.ranges.end()) {
        found = true;
        all &= std::ranges::find(from.ranges, *range) != from.ranges.end();
    }
    // The type of a relation's rows is as its columns are.
    if (const auto now = attributes_of(to, name)) {
        found = true;
        all &= attributes_of(from, name) == now;
    }
    const auto foreign = std::ranges::find(to.objects, "FOREIGN TABLE " + name, &Object::id);
    if (foreign != to.objects.end()) {
        found = true;
        all &= std::ranges::find(from.objects, *foreign) != from.objects.end();
    }
    // Else it is the server's own, or an extension's.
    return all && (found || name.find('.') == std::string::npos || from.extensions == to.extensions);
}

}  // namespace

Conversion conversion_of(const Schema& from_schema, const Schema& to_schema, const Table& table, const Column& from,
                         const Column& to, const std::string& given, Converter& converter) {
    Conversion out;
    const std::string object = table.full_name() + "." + from.name;
    if (!given.empty()) {
        out.using_expression = given;
        out.hazards.push_back({Hazard::Kind::conversion, object, "values are converted by the given expression"});
        return out;
    }
    // Never a cast to a domain: that would cut off what its base type has no room for, where the assignment stops.
    const std::string old_type = stored_type(from_schema, from.type.text);
    const std::string new_type = stored_type(to_schema, to.type.text);
    const std::string old_base = base_of(old_type);
    const std::string new_base = base_of(new_type);
    const std::string name = quote(from.name);
    const bool user_types = old_base.find('.') != std::string::npos || new_base.find('.') != std::string::npos;
    // A single value becomes an array, or an array of one element that element; a text may be the text of an array.
    const bool wraps = new_base == old_base + "[]" && !is_text(old_base);
    const bool unwraps = old_base == new_base + "[]" && !is_text(new_base);
    const auto element = [&](const std::string& value, const std::string& type) {
        return user_types ? converter.convert(value, type) : value;
    };
    // A longer varchar, a wider number: the assignment cast, which never cuts a value off.
    if (old_base == new_base) {
        out.using_expression = name;
    } else if (wraps) {
        // A row with a NULL in it is neither NULL nor NOT NULL.
        out.using_expression = "CASE WHEN num_nulls(" + name + ") = 0 THEN ARRAY[" + element(name, old_base) + "] END";
    } else if (unwraps) {
        out.using_expression = element("(" + name + ")[array_lower(" + name + ", 1)]", new_base);
    } else {
        out.using_expression = widens(old_base, new_base) ? name + "::" + new_type : cast(name, old_base, new_base, new_type);
    }
    out.hazards.push_back({Hazard::Kind::conversion, object,
                           from.type == to.type ? old_type + " in " + from.type.text + " becomes " + new_type
                                                : from.type.text + " becomes " + to.type.text});
    const bool shorter = old_base == new_base;
    const bool widened = widens(old_base, new_base) && new_base == new_type;
    const bool stands = type_stands(from_schema, to_schema, to.type);
    if (from.generated) return out;
    if (to.type.text != new_type && stands && (shorter || widened)) {
        out.guard = reads_all(table, from, to, "(" + out.using_expression + ")::" + to.type.text);
        return out;
    }
    if (widened || wraps) return out;
    const bool may_fail =
        user_types ? stands && !shorter && new_base != "text" && !is_enum(to_schema, to.type) : reads_text(old_base, new_base);
    if (may_fail && !unwraps) {
        out.guard = reads_all(table, from, to, out.using_expression);
        return out;
    }
    if (user_types && !unwraps) return out;
    if (shorter && (old_base == "character varying" || old_base == "character")) {
        const auto room = length_of(new_type);
        const auto had = length_of(old_type);
        if (room && (!had || *room < *had))
            out.guard = guard("SELECT count(*) FROM " + qualified(table) + " WHERE char_length(rtrim(" + name + ", ' ')) > " +
                                  std::to_string(*room),
                              object + ": values longer than " + new_type, "give `using:`, which says how they are converted");
        return out;
    }
    const std::string there = shorter ? name + "::" + new_type : out.using_expression;
    const std::string back = cast("(" + there + ")", new_base, old_base, old_type);
    const std::string as_text = has_equality(old_base) ? "" : "::text";
    const std::string lost = unwraps ? "cardinality(" + name + ") <> 1 OR array_ndims(" + name + ") > 1"
                                     : "(" + back + ")" + as_text + " IS DISTINCT FROM " + name + as_text;
    out.guard =
        guard("SELECT count(*) FROM " + qualified(table) + " WHERE " + lost,
              object + ": values that " + new_type + " does not keep", "give `using:`, which says how they are converted");
    out.guard->flag = "--allow-destructive=" + object;
    out.guard->converts = true;
    return out;
}

}  // namespace tenon::postgres
