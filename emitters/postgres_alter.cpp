// ALTER statements of types, sequences, extensions, indexes and objects.
#include "emitters/postgres_alter.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {

std::optional<Statements> alter_enum(const EnumType& from, const EnumType& to) {
    // Values can be added anywhere; a value that goes or moves makes the type anew.
    Statements out;
    const std::string start = "ALTER TYPE " + qualified(to.schema, to.name) + " ADD VALUE ";
    std::size_t at = 0;
    for (std::size_t i = 0; i < to.values.size(); ++i) {
        const std::string& value = to.values[i].name;
        if (at < from.values.size() && from.values[at].name == value) {
            ++at;
            continue;
        }
        if (std::ranges::find(from.values, value, &EnumValue::name) != from.values.end()) return std::nullopt;
        std::string place;
        if (i > 0) {
            place = " AFTER " + quote_literal(to.values[i - 1].name);
        } else if (!from.values.empty()) {
            place = " BEFORE " + quote_literal(from.values.front().name);
        }
        out.push_back(start + quote_literal(value) + place);
    }
    if (at != from.values.size()) return std::nullopt;
    return out;
}

namespace {

std::int64_t option_number(const Options& options, const char* key) {
    std::int64_t value = 0;
    if (const auto found = options.find(key); found != options.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

/// The sequence between two states: bounds that hold both.
std::string wider_bounds(const Options& from, const Options& to) {
    const std::int64_t low = std::min(option_number(from, "minvalue"), option_number(to, "minvalue"));
    const std::int64_t high = std::max(option_number(from, "maxvalue"), option_number(to, "maxvalue"));
    if (low == option_number(to, "minvalue") && high == option_number(to, "maxvalue")) return "";
    const auto type = to.find("type");
    const auto old = from.find("type");
    const bool grows = type != to.end() && old != from.end() && (type->second == "bigint" || old->second == "smallint");
    return (grows ? " AS " + type->second : "") + " MINVALUE " + std::to_string(low) + " MAXVALUE " + std::to_string(high);
}

}  // namespace

Options changed_options(const Options& from, const Options& to) {
    Options out;
    for (const auto& [key, value] : to) {
        const auto old = from.find(key);
        if (key != "unlogged" && (old == from.end() || old->second != value)) out[key] = value;
    }
    return out;
}

SequenceChanges sequence_changes(const std::string& sequence, const Options& from, const Options& to) {
    SequenceChanges out{.first = {}, .options = changed_options(from, to)};
    const std::string bounds = from.contains("minvalue") && to.contains("minvalue") ? wider_bounds(from, to) : "";
    if (bounds.empty()) return out;
    out.options = to;
    out.options.erase("unlogged");
    out.first = {"ALTER SEQUENCE " + sequence + bounds,
                 perform("pg_catalog.setval(" + quote_literal(sequence) + ", " + to.at("start") + ", false) FROM " + sequence +
                         " WHERE NOT is_called AND last_value NOT BETWEEN " + to.at("minvalue") + " AND " + to.at("maxvalue"))};
    return out;
}

std::optional<Statements> alter_domain(const Domain& from, const Domain& to) {
    if (from.type != to.type || from.collate != to.collate) return std::nullopt;
    Statements out;
    const std::string start = "ALTER DOMAIN " + qualified(to.schema, to.name) + " ";
    if (from.nullable != to.nullable) out.push_back(start + (to.nullable ? "DROP NOT NULL" : "SET NOT NULL"));
    return out;
}

std::optional<Statements> alter_composite(const CompositeType& from, const CompositeType& to) {
    using Attribute = std::pair<std::string, Sql>;
    Statements out;
    const std::string start = "ALTER TYPE " + qualified(to.schema, to.name) + " ";
    std::vector<Attribute> now;
    for (const Attribute& attribute : from.attributes) {
        const auto same = std::ranges::find(to.attributes, attribute.first, &Attribute::first);
        if (same == to.attributes.end()) {
            out.push_back(start + "DROP ATTRIBUTE " + quote(attribute.first) + " CASCADE");
            continue;
        }
        if (same->second != attribute.second)
            out.push_back(start + "ALTER ATTRIBUTE " + quote(attribute.first) + " TYPE " + same->second.text + " CASCADE");
        now.push_back(*same);
    }
    for (const Attribute& attribute : to.attributes) {
        if (std::ranges::find(from.attributes, attribute.first, &Attribute::first) != from.attributes.end()) continue;
        out.push_back(start + "ADD ATTRIBUTE " + quote(attribute.first) + " " + attribute.second.text + " CASCADE");
        now.push_back(attribute);
    }
    // The order of attributes counts: rows are written by it.
    if (now != to.attributes) return std::nullopt;
    return out;
}

std::optional<Statements> alter_sequence(const Sequence& from, const Sequence& to) {
    const std::string name = qualified(to.schema, to.name);
    auto [out, options] = sequence_changes(name, from.options, to.options);
    const bool unlogged = to.options.contains("unlogged");
    if (from.options.contains("unlogged") != unlogged)
        out.push_back("ALTER SEQUENCE " + name + (unlogged ? " SET UNLOGGED" : " SET LOGGED"));
    if (!options.empty()) out.push_back("ALTER SEQUENCE " + name + sequence_options(options));
    return out;
}

namespace {

/// "1.9" is older than "1.10".
bool version_less(const std::string& a, const std::string& b) {
    const auto numbers = [](const std::string& text) {
        std::vector<int> out{0};
        for (const char c : text) {
            if (c >= '0' && c <= '9') {
                out.back() = out.back() * 10 + (c - '0');
            } else {
                out.push_back(0);
            }
        }
        return out;
    };
    return numbers(a) < numbers(b);
}

}  // namespace

std::optional<Statements> alter_extension(const Extension& from, const Extension& to) {
    Statements out;
    const std::string start = "ALTER EXTENSION " + quote(to.name) + " ";
    if (from.schema != to.schema) out.push_back(start + "SET SCHEMA " + quote(to.schema));
    // Scripts lead from older versions to newer ones only.
    if (version_less(to.version, from.version)) return std::nullopt;
    if (from.version != to.version) out.push_back(start + "UPDATE TO " + quote_literal(to.version));
    return out;
}

Statements alter_storage(const std::string& start, const Options& from, const Options& to) {
    Options set;
    std::vector<std::string> order;  // in which SET leaves them: what it names goes to the end
    std::string reset;
    for (const auto& [key, value] : from) {
        if (!to.contains(key)) reset += (reset.empty() ? "" : ", ") + key;
        if (const auto now = to.find(key); now != to.end() && now->second == value) order.push_back(key);
    }
    for (const auto& [key, value] : to) {
        const auto old = from.find(key);
        if (old != from.end() && old->second == value) continue;
        set[key] = value;
        order.push_back(key);
    }
    if (set.empty() && reset.empty()) return {};
    if (!std::ranges::equal(order, to, {}, {}, &Options::value_type::first)) {
        set = to;
        reset.clear();
        for (const auto& [key, value] : from) reset += (reset.empty() ? "" : ", ") + key;
    }
    Statements out;
    if (!reset.empty()) out.push_back(start + " RESET (" + reset + ")");
    if (!set.empty()) out.push_back(start + " SET " + storage_list(set));
    return out;
}

Statements index_statistics(const std::string& index, const Options& from, const Options& to) {
    Statements out;
    const std::string start = "ALTER INDEX " + index + " ALTER COLUMN ";
    for (const auto& [place, target] : from) {
        if (!to.contains(place)) out.push_back(start + place + " SET STATISTICS -1");
    }
    for (const auto& [place, target] : to) {
        const auto old = from.find(place);
        if (old == from.end() || old->second != target) out.push_back(start + place + " SET STATISTICS " + target);
    }
    return out;
}

std::optional<Statements> alter_index(const Table& table, const Index& from, const Index& to) {
    Index now = from;
    now.storage = to.storage;
    now.tablespace = to.tablespace;
    now.statistics = to.statistics;
    if (from.attached_to.empty()) now.attached_to = to.attached_to;
    if (now != to) return std::nullopt;
    const std::string name = qualified(table.schema, to.name.text);
    Statements out = alter_storage("ALTER INDEX " + name, from.storage, to.storage);
    if (from.tablespace != to.tablespace)
        out.push_back("ALTER INDEX " + name + " SET TABLESPACE " +
                      (to.tablespace.empty() ? "pg_default" : quote(to.tablespace)));
    std::ranges::move(index_statistics(name, from.statistics, to.statistics), std::back_inserter(out));
    return out;
}

std::optional<Statements> alter_object(const Object& from, const Object& to) {
    const auto is = [&](const char* kind) { return to.id.starts_with(kind); };
    if (is("FUNCTION ") || is("PROCEDURE ")) {
        // Replacing takes defaults of arguments for granted: they may come but not go.
        const auto defaults = [](const Object& object) {
            int count = 0;
            const std::string text = object.shape.empty() ? "0" : object.shape.front();
            std::from_chars(text.data(), text.data() + text.size(), count);
            return count;
        };
        const bool same = from.shape.size() == to.shape.size() && !to.shape.empty() &&
                          std::equal(from.shape.begin() + 1, from.shape.end(), to.shape.begin() + 1);
        if (same && defaults(from) <= defaults(to)) return Statements{to.definition.text};
        return std::nullopt;
    }
    if (is("VIEW ")) {
        // New columns may only be appended.
        const bool appended =
            from.shape.size() <= to.shape.size() && std::equal(from.shape.begin(), from.shape.end(), to.shape.begin());
        if (!appended) return std::nullopt;
        Statements out{"CREATE OR REPLACE " + to.definition.text.substr(std::string_view("CREATE ").size())};
        return out;
    }
    if (is("SERVER ") || is("FOREIGN DATA WRAPPER ") || is("USER MAPPING ")) return alter_foreign(from, to);
    if (is("COMMENT ON ") || is("OWNER OF ") || is("DEFAULT OF ")) return Statements{to.definition.text};
    if (is("GRANTS ON ")) return Statements{from.undo, to.text()};
    return std::nullopt;
}

}  // namespace tenon::postgres
