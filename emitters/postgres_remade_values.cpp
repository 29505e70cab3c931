// Conversion to types made anew: through composite types, domains over them and arrays of them.
#include "emitters/postgres_remade_values.h"

#include <algorithm>
#include <iterator>

#include "emitters/postgres_alter.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

class Converter {
public:
    Converter(const Schema& from, const Schema& to) : from_(from), to_(to) {}

    Statements run(const Table& table, const Column& old, const Column& now) {
        const std::string value = convert(quote(now.name), now.type.text);
        Statements out = std::move(before_);
        std::ranges::move(retype_column(table, old, now, value), std::back_inserter(out));
        std::ranges::move(after_.rbegin(), after_.rend(), std::back_inserter(out));
        return out;
    }

private:
    using Attribute = std::pair<std::string, Sql>;
    const Schema& from_;
    const Schema& to_;
    Statements before_;  ///< functions that the value calls
    Statements after_;   ///< and what takes them away

    static bool is_array(const std::string& type) { return type.ends_with("[]"); }
    static std::string element_of(const std::string& type) { return type.substr(0, type.size() - 2); }

    template <class T>
    static const T* find(const std::vector<T>& types, const std::string& name) {
        const auto found =
            std::ranges::find_if(types, [&](const T& type) { return qualified(type.schema, type.name) == name; });
        return found == types.end() ? nullptr : &*found;
    }

    static const Attribute* attribute_of(const CompositeType& type, const std::string& name) {
        const auto found = std::ranges::find(type.attributes, name, &Attribute::first);
        return found == type.attributes.end() ? nullptr : &*found;
    }

    /// True where the text of an old value is not that of the new one: attributes moved, came or went, here or deeper.
    bool has_moved(const std::string& type) const {
        if (is_array(type)) return has_moved(element_of(type));
        if (const Domain* domain = find(to_.domains, type)) return has_moved(domain->type.text);
        const CompositeType* was = find(from_.composites, type);
        const CompositeType* now = find(to_.composites, type);
        if (was == nullptr || now == nullptr) return false;
        return !std::ranges::equal(was->attributes, now->attributes, {}, &Attribute::first, &Attribute::first) ||
               std::ranges::any_of(now->attributes, [&](const Attribute& attribute) {
                   return attribute_of(*was, attribute.first)->second == attribute.second && has_moved(attribute.second.text);
               });
    }

    std::string convert(const std::string& value, const std::string& type) {
        if (!has_moved(type)) return value + "::text::" + type;
        if (is_array(type)) return convert_array(value, type);
        if (const Domain* domain = find(to_.domains, type)) return convert(value, domain->type.text) + "::" + type;
        const CompositeType& was = *find(from_.composites, type);
        std::string fields;
        for (const auto& [name, now] : find(to_.composites, type)->attributes) {
            const Attribute* old = attribute_of(was, name);
            const std::string field = "(" + value + ")." + quote(name);
            fields += fields.empty() ? "" : ", ";
            if (old == nullptr) {
                fields += "NULL";
            } else {
                fields += old->second == now ? convert(field, now.text) : field + "::text::" + now.text;
            }
        }
        // A row of nulls is a value too.
        return "CASE WHEN num_nulls(" + value + ") = 0 THEN ROW(" + fields + ")::" + type + " END";
    }

    std::string convert_array(const std::string& value, const std::string& type) {
        const std::string element = convert("($1)[i]", element_of(type));
        const std::string function = "pg_temp.tenon_convert_" + std::to_string(before_.size());
        // With several dimensions a subscript gives nothing: the server stops at the words, and nothing is lost.
        const std::string refusal = "array_fill(NULL::" + element_of(type) +
                                    ", ARRAY[(array_dims($1) || ': an array of several dimensions')::integer])";
        before_.push_back("CREATE FUNCTION " + function + "(anyarray) RETURNS " + type +
                          " LANGUAGE sql STRICT AS $tenon$ SELECT CASE WHEN array_ndims($1) > 1 THEN " + refusal +
                          " ELSE (SELECT coalesce(array_agg(" + element +
                          " ORDER BY i), '{}') FROM generate_subscripts($1, 1) AS i) END $tenon$");
        after_.push_back("DROP FUNCTION " + function + "(anyarray)");
        return function + "(" + value + ")";
    }
};

}  // namespace

Statements retype_made_anew(const Schema& from, const Schema& to, const Table& table, const Column& old, const Column& now) {
    return Converter(from, to).run(table, old, now);
}

}  // namespace tenon::postgres
