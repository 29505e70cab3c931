// Conversion to types made anew: through composite types, domains over them and arrays of them; and what waiting rows give.
#include "emitters/postgres_remade_values.h"

#include <algorithm>
#include <iterator>

#include "emitters/postgres_alter.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

using Attribute = std::pair<std::string, Sql>;

bool is_array(const std::string& type) { return type.ends_with("[]"); }
std::string element_of(const std::string& type) { return type.substr(0, type.size() - 2); }

template <class T>
const T* find(const std::vector<T>& types, const std::string& name) {
    const auto found = std::ranges::find_if(types, [&](const T& type) { return qualified(type.schema, type.name) == name; });
    return found == types.end() ? nullptr : &*found;
}

const Attribute* attribute_of(const std::vector<Attribute>& attributes, const std::string& name) {
    const auto found = std::ranges::find(attributes, name, &Attribute::first);
    return found == attributes.end() ? nullptr : &*found;
}

Sql collated(const std::string& type, const std::string& collation) {
    return make_sql(type + (collation.empty() ? "" : " COLLATE " + collation), Dialect::postgres);
}

/// `name type collation`, as inspection tells a view's columns.
Attribute view_column(const std::string& text) {
    const auto name_end = lex(text, Dialect::postgres).front().end;
    const auto type_end = text.rfind(' ');
    const std::string type = text.substr(name_end + 1, type_end - name_end - 1);
    return {token_name(text, lex(text, Dialect::postgres).front()), make_sql(type, Dialect::postgres)};
}

}  // namespace

std::optional<std::vector<Attribute>> attributes_of(const Schema& schema, const std::string& type) {
    if (const CompositeType* composite = find(schema.composites, type)) return composite->attributes;
    std::vector<Attribute> out;
    if (const Table* table = find(schema.tables, type)) {
        for (const Column& column : table->columns) out.emplace_back(column.name, collated(column.type.text, *column.collate));
        return out;
    }
    for (const Object& object : schema.objects) {
        if (object.id != "VIEW " + type && object.id != "MATERIALIZED VIEW " + type) continue;
        for (const std::string& line : object.shape) out.push_back(view_column(line));
        return out;
    }
    return std::nullopt;
}

bool Converter::has_moved(const std::string& type) const {
    if (is_array(type)) return has_moved(element_of(type));
    if (const Domain* domain = find(to_.domains, type)) return has_moved(domain->type.text);
    const auto was = attributes_of(from_, type);
    const auto now = attributes_of(to_, type);
    if (!was || !now) return false;
    // A generated column may be made anew, for whatever it calls: then it is the last one.
    const Table* table = find(to_.tables, type);
    if (table != nullptr && std::ranges::any_of(table->columns, [](const Column& c) { return c.generated.has_value(); }))
        return true;
    return !std::ranges::equal(*was, *now, {}, &Attribute::first, &Attribute::first) ||
           std::ranges::any_of(*now, [&](const Attribute& attribute) {
               return attribute_of(*was, attribute.first)->second == attribute.second && has_moved(attribute.second.text);
           });
}

std::string Converter::convert(const std::string& value, const std::string& type) {
    if (!has_moved(type)) return value + "::text::" + type;
    if (is_array(type)) return convert_array(value, type);
    if (const Domain* domain = find(to_.domains, type)) return convert(value, domain->type.text) + "::" + type;
    const std::vector<Attribute> was = *attributes_of(from_, type);
    std::vector<std::string> names;
    std::vector<std::string> fields;
    const std::vector<Attribute> is = *attributes_of(to_, type);
    for (const auto& [name, now] : is) {
        const Attribute* old = attribute_of(was, name);
        const std::string field = "(" + value + ")." + quote(name);
        names.push_back(quote_literal(name));
        fields.push_back(old == nullptr       ? "NULL"
                         : old->second == now ? convert(field, now.text)
                                              : field + "::text::" + now.text);
    }
    std::string row = "ROW(" + joined(fields) + ")::" + type;
    // A table's columns need not be in the order in which the schema has them.
    if (find(to_.tables, type) != nullptr) {
        const auto texts = joined(fields, ", ", [](const std::string& field) { return "(" + field + ")::text"; });
        row =
            "json_populate_record(NULL::" + type + ", json_object(ARRAY[" + joined(names) + "]::text[], ARRAY[" + texts + "]))";
    }
    // A row of nulls is a value too.
    return "CASE WHEN num_nulls(" + value + ") = 0 THEN " + row + " END";
}

std::string Converter::convert_array(const std::string& value, const std::string& type) {
    const std::string element = convert("old", element_of(type));
    const std::string function = "pg_temp.tenon_convert_" + std::to_string(before_.size());
    // The text of an array tells its shape: braces open and close where the elements of a dimension begin and end.
    before_.push_back("CREATE FUNCTION " + function + "(anyarray) RETURNS " + type + R"( LANGUAGE sql STRICT AS $tenon$
WITH RECURSIVE sizes(dimension, size) AS (
    SELECT array_ndims($1), array_length($1, array_ndims($1))
    UNION ALL SELECT dimension - 1, size * array_length($1, dimension - 1) FROM sizes WHERE dimension > 1
), elements AS (
    SELECT i, ()" + element +
                      R"()::text AS text,
           (SELECT count(*)::integer FROM sizes WHERE (i - 1) % size = 0) AS opens,
           (SELECT count(*)::integer FROM sizes WHERE i % size = 0) AS closes
      FROM (SELECT unnest($1) AS old, generate_series(1, cardinality($1)) AS i) AS one_by_one
)
SELECT coalesce(array_dims($1) || '=' || string_agg(
           repeat('{', opens) || coalesce('"' || replace(replace(text, E'\\', E'\\\\'), '"', E'\\"') || '"', 'NULL') ||
           repeat('}', closes), ',' ORDER BY i), '{}')::)" +
                      type + " FROM elements $tenon$");
    after_.push_back("DROP FUNCTION " + function + "(anyarray)");
    return function + "(" + value + ")";
}

Statements Converter::around(const Statements& statements) const {
    Statements out = before_;
    out.insert(out.end(), statements.begin(), statements.end());
    out.insert(out.end(), after_.rbegin(), after_.rend());
    return out;
}

Statements retype_made_anew(const Schema& from, const Schema& to, const Table& table, const Column& old, const Column& now) {
    Converter converter(from, to);
    const std::string value = converter.convert(quote(now.name), now.type.text);
    return converter.around(retype_column(table, old, now, value));
}

std::string fill_of(const Intents& intents, const Table& to, const Column& now) {
    const auto wish = intents.backfills.find({to.full_name(), now.name});
    if (wish != intents.backfills.end()) return wish->second.text;
    if (now.identity) return "nextval(" + quote_literal(kNumbers) + ")";
    return now.default_value && !now.generated ? default_text(*now.default_value) : "";
}

std::string given_conversion(const Intents& intents, const Table& to, const Column& now) {
    const auto wish = intents.using_expressions.find({to.full_name(), now.name});
    return wish == intents.using_expressions.end() ? "" : wish->second.text;
}

WaitingRows waiting_rows(const Changes& changes, const Intents& intents, const Table& was, const Table& is,
                         const std::string& select) {
    WaitingRows out;
    Converter converter(changes.from, changes.to);  // one for all, so that its functions have different names
    const auto value_of = [&](const Column& old, const Column& now) -> std::string {
        const bool stored_alike = stored_type(changes.from, old.type.text) == stored_type(changes.to, now.type.text);
        // A type with a schema may be another of that name by then.
        if (old.type == now.type && stored_alike)
            return now.type.text.find('.') == std::string::npos ? quote(now.name)
                                                                : converter.convert(quote(now.name), now.type.text);
        Conversion conversion =
            conversion_of(changes.from, changes.to, was, old, now, given_conversion(intents, is, now), converter);
        if (conversion.guard) out.guards.push_back(std::move(*conversion.guard));
        std::ranges::move(conversion.hazards, std::back_inserter(out.hazards));
        return std::move(conversion.using_expression);
    };
    const std::string rows = quote("tenon_rows_" + was.full_name());
    std::vector<std::string> values;
    std::vector<std::pair<const Column*, Filling>> filled;
    for (const Column& now : is.columns) {
        const auto old = std::ranges::find(was.columns, now.name, &Column::name);
        if (old == was.columns.end() || now.generated) continue;
        out.columns.push_back(now.name);
        std::string value = value_of(*old, now);
        if (old->nullable && !now.nullable) {
            const std::string fill = fill_of(intents, is, now);
            if (fill.empty()) out.guards.push_back(no_nulls(was, *old));
            if (!fill.empty()) {
                filled.emplace_back(&now, Filling{fill, value, "pg_temp." + rows});
                value = "coalesce(" + value + ", " + fill + ")";
            }
        }
        values.push_back(std::move(value));
    }
    out.save = {"LOCK TABLE " + qualified(was) + " IN ACCESS EXCLUSIVE MODE",
                "CREATE TEMPORARY TABLE " + rows + " ON COMMIT DROP AS " + select};
    if (values.empty()) return out;
    Statements give{"INSERT INTO " + qualified(is) + " " + column_list(out.columns) + " OVERRIDING SYSTEM VALUE SELECT " +
                    joined(values) + " FROM pg_temp." + rows};
    for (const auto& [column, filling] : filled) give = past_used_numbers(changes.to, is, *column, filling, std::move(give));
    out.give = converter.around(give);
    out.give.push_back("DROP TABLE pg_temp." + rows);
    return out;
}

}  // namespace tenon::postgres
