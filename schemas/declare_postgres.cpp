// The declared form of what inspection found in a PostgreSQL database: tables and types.
#include "schemas/declare_postgres.h"

#include <algorithm>
#include <unordered_map>

#include "schemas/declare.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"

namespace tenon::postgres {
namespace {

class Declaring {
public:
    explicit Declaring(const Schema& inspected) : live_(inspected), remarks_(inspected) {}

    Schema run() {
        schemas();
        types();
        const std::set<std::string> serials = declare_tables(live_, remarks_, out_);
        for (const Sequence& sequence : live_.sequences) {
            if (!serials.contains(qualified(sequence.schema, sequence.name))) declare_sequence(sequence);
        }
        declare_objects(live_, remarks_, out_);
        sort_by_name();
        leave_out_names(live_, out_);
        out_.mentioned.value = Mentioned{};
        out_.unmanaged = live_.unmanaged;
        return std::move(out_);
    }

private:
    const Schema& live_;
    Remarks remarks_;
    Schema out_;
    std::unordered_map<std::string, std::string> columns_;  ///< SQL to the schema language

    void schemas() {
        bool has_public = false;
        for (const std::string& name : live_.schemas) {
            const std::string id = "SCHEMA " + quote(name);
            NamespaceNotes note{.name = name, .comment = remarks_.comment(id), .rights = remarks_.rights(id)};
            has_public = has_public || name == "public";
            if (name == "public" && note.comment.empty() && !note.rights.grants) continue;
            out_.schemas.push_back(name);
            out_.schema_notes.push_back(std::move(note));
        }
        if (!has_public) out_.schema_notes.push_back({.name = "public", .comment = {}, .rights = {}, .absent = true});
        for (const Extension& extension : live_.extensions) {
            out_.extensions.push_back(
                {.name = extension.name, .schema = extension.schema == "public" ? "" : extension.schema, .version = {}});
        }
    }

    void declare_sequence(const Sequence& live) {
        Sequence sequence = live;
        const std::string id = "SEQUENCE " + qualified(live.schema, live.name);
        const std::string type = live.options.at("type");
        sequence.options = given_sequence_options(type, live.options);
        sequence.options.erase("type");
        if (type != "bigint") sequence.options["type"] = type;
        if (!live.owned_by.empty()) sequence.owned_by = owner_column(live.owned_by);
        sequence.comment = remarks_.comment(id);
        sequence.rights = remarks_.rights(id);
        out_.sequences.push_back(std::move(sequence));
    }

    /// `public.t.c` as the schema language has it.
    std::string owner_column(const std::string& sql) {
        if (columns_.empty()) {
            for (const Table& table : live_.tables) {
                const std::string name = table.full_name() + ".";
                for (const Column& column : table.columns)
                    columns_.emplace(qualified(table) + "." + quote(column.name), name + column.name);
            }
        }
        const auto found = columns_.find(sql);
        return found == columns_.end() ? sql : found->second;
    }

    void types() {
        for (EnumType type : live_.enums) {
            const std::string id = "TYPE " + qualified(type.schema, type.name);
            type.comment = remarks_.comment(id);
            type.rights = remarks_.rights(id);
            out_.enums.push_back(std::move(type));
        }
        for (Domain domain : live_.domains) {
            const std::string id = "DOMAIN " + qualified(domain.schema, domain.name);
            const std::string type = domain.type.text;
            if (domain.default_value)
                domain.default_value = declared_default(live_, std::get<Sql>(*domain.default_value), type);
            domain.type = declared_type(live_, type);
            domain.collate = collation_name(domain.collate);
            for (Check& check : domain.checks) {
                check.expression = without_parentheses(check.expression);
                check.comment = remarks_.comment("CONSTRAINT " + quote(check.name.text) + " ON " + id);
            }
            domain.comment = remarks_.comment(id);
            domain.rights = remarks_.rights(id);
            out_.domains.push_back(std::move(domain));
        }
        for (CompositeType type : live_.composites) {
            const std::string name = qualified(type.schema, type.name);
            for (auto& [attribute, sql] : type.attributes) {
                if (const std::string text = remarks_.comment("COLUMN " + name + "." + quote(attribute)); !text.empty())
                    type.attribute_comments[attribute] = text;
                if (sql.text.find(" COLLATE ") == std::string::npos) sql = make_sql(short_type(sql.text), Dialect::postgres);
            }
            type.comment = remarks_.comment("TYPE " + name);
            type.rights = remarks_.rights("TYPE " + name);
            out_.composites.push_back(std::move(type));
        }
        for (RangeType type : live_.ranges) {
            const std::string id = "TYPE " + qualified(type.schema, type.name);
            type.subtype = make_sql(short_type(type.subtype.text), Dialect::postgres);
            type.comment = remarks_.comment(id);
            type.rights = remarks_.rights(id);
            out_.ranges.push_back(std::move(type));
        }
    }

    void sort_by_name() {
        const auto by_name = [](auto& things) {
            std::ranges::stable_sort(things, {}, [](const auto& thing) { return std::pair(thing.schema, thing.name); });
        };
        by_name(out_.tables);
        by_name(out_.views);
        by_name(out_.functions);
        by_name(out_.enums);
        by_name(out_.domains);
        by_name(out_.composites);
        by_name(out_.ranges);
        by_name(out_.sequences);
        by_name(out_.collations);
        std::ranges::stable_sort(out_.extensions, {}, &Extension::name);
        std::ranges::stable_sort(out_.objects, {}, &Object::id);
    }
};

}  // namespace

Schema declare(const Schema& inspected) { return Declaring(inspected).run(); }

}  // namespace tenon::postgres
