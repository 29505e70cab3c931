// Materializing on PostgreSQL: what the server has to say of a resolved schema, asked about as little as need be.
#include "engine/postgres_materialize.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/inspect.h"
#include "engine/postgres_connection.h"
#include "engine/postgres_grants.h"
#include "engine/postgres_known.h"
#include "engine/postgres_maker.h"
#include "schemas/postgres_mentions.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

bool is_grant(const Object& object) { return object.id.starts_with("GRANTS ON "); }

/// Privileges are as the schema says: on scratch everything belongs to whoever made it, so that grants to that role show
/// nowhere.
void take_over_grants(Schema& made, const Schema& resolved, int version) {
    std::erase_if(made.objects, is_grant);
    std::ranges::copy_if(resolved.objects, std::back_inserter(made.objects), is_grant);
    settle_grants(made, version);
}

/// Inspection tells the names but not who gave them.
template <class Constraint>
void take_over_given(std::vector<Constraint>& made, const std::vector<Constraint>& resolved) {
    for (Constraint& constraint : made) {
        const auto same =
            std::ranges::find_if(resolved, [&](const Constraint& other) { return other.name.text == constraint.name.text; });
        constraint.name.given = {same != resolved.end() && same->name.given.value};
    }
}

void take_over_names(Schema& made, const Schema& resolved) {
    std::map<std::string, const Table*> sources;
    for (const Table& table : resolved.tables) sources[table.full_name()] = &table;
    for (Table& table : made.tables) {
        const auto found = sources.find(table.full_name());
        if (found == sources.end()) continue;
        const Table& source = *found->second;
        take_over_given(table.uniques, source.uniques);
        take_over_given(table.checks, source.checks);
        take_over_given(table.foreign_keys, source.foreign_keys);
        take_over_given(table.indexes, source.indexes);
        take_over_given(table.exclusions, source.exclusions);
        for (Column& column : table.columns) {
            if (column.not_null_name.empty()) continue;
            const auto named = std::ranges::find(source.columns, column.name, &Column::name);
            column.not_null_name = named == source.columns.end() ? "" : *named->not_null_name;
        }
        table.where = source.where;
        if (table.primary_key && source.primary_key) {
            table.primary_key->name.given = source.primary_key->name.given;
            table.primary_key->implicit = source.primary_key->implicit;
        }
    }
}

/// Extensions are as the schema says, not as the database has them; a version that nobody gave is any.
void take_over_extensions(Schema& made, const Schema& resolved) {
    std::vector<Extension> kept;
    for (Extension& extension : made.extensions) {
        const auto source = std::ranges::find(resolved.extensions, extension.name, &Extension::name);
        if (source == resolved.extensions.end()) continue;
        if (source->version.empty()) extension.version.clear();
        kept.push_back(std::move(extension));
    }
    made.extensions = std::move(kept);
    // What belongs to somebody is not told by a database in which all is new.
    std::erase_if(made.objects, [&](const Object& object) {
        constexpr std::string_view kOn = "COMMENT ON EXTENSION ";
        if (!object.id.starts_with(kOn)) return false;
        return std::ranges::none_of(resolved.extensions,
                                    [&](const Extension& e) { return quote(e.name) == object.id.substr(kOn.size()); });
    });
}

/// Everything on scratch.
Schema ask_about_all(const Schema& resolved, const ScratchPlace& place) {
    Schema ordered = resolved;
    ordered.dependencies.value = mentioned_dependencies(resolved);
    const auto scratch = open_scratch(place);
    make_on(*scratch, ordered);
    Schema made = inspect(*scratch);
    take_over_names(made, resolved);
    take_over_extensions(made, resolved);
    take_over_grants(made, resolved, server_version(*scratch));
    return made;
}

/// The part of a known schema that has to be made so that the server can say how it prints what differs.
class Part {
public:
    explicit Part(const Known& known) : known_(known), whole_(known.schema) {
        for (const Dependency& dependency : mentioned_dependencies(whole_)) needs_[dependency.id].push_back(dependency.needs);
        for (const Table& table : whole_.tables) tables_[table.full_name()] = &table;
    }

    Schema cut() {
        for (const std::string& name : known_.tables) want_table(name);
        for (const std::string& id : known_.objects) want(id);
        for (const std::string& id : known_.types) want(id);
        for (const Object& object : whole_.objects) {
            // They work without being named.
            if (object.id.starts_with("CAST ") || object.id.starts_with("OPERATOR ")) want(object.id);
        }
        Schema out = whole_;
        std::erase_if(out.tables, [&](const Table& table) { return !wanted_.contains(table_id(table)); });
        const auto keep = [&](auto& things, const std::string& kind) {
            std::erase_if(things,
                          [&](const auto& thing) { return !wanted_.contains(kind + qualified(thing.schema, thing.name)); });
        };
        keep(out.enums, "TYPE ");
        keep(out.composites, "TYPE ");
        keep(out.ranges, "TYPE ");
        keep(out.domains, "DOMAIN ");
        keep(out.sequences, "SEQUENCE ");
        std::erase_if(out.objects, [&](const Object& object) { return !wanted_.contains(object.id); });
        for (Table& table : out.tables) {
            // The server has no opinion on foreign keys.
            table.foreign_keys.clear();
        }
        for (Sequence& sequence : out.sequences) {
            const bool owner_there = std::ranges::any_of(
                out.tables, [&](const Table& table) { return sequence.owned_by.starts_with(qualified(table) + "."); });
            if (!owner_there) sequence.owned_by.clear();
        }
        out.dependencies.value.clear();
        for (const auto& [id, needs] : needs_) {
            for (const std::string& need : needs) out.dependencies.value.push_back({id, need});
        }
        return out;
    }

private:
    const Known& known_;
    const Schema& whole_;
    std::map<std::string, std::vector<std::string>> needs_;
    std::map<std::string, const Table*> tables_;
    std::set<std::string> wanted_;

    void want(const std::string& id) {
        if (!wanted_.insert(id).second) return;
        if (id.starts_with("TABLE ")) {
            for (const auto& [name, table] : tables_) {
                if (table_id(*table) == id) want_parts(*table);
            }
        }
        if (id.starts_with("COLUMN ") || id.starts_with("CONSTRAINT ") || id.starts_with("INDEX ")) want_holder(id);
        const auto found = needs_.find(id);
        if (found == needs_.end()) return;
        for (const std::string& need : found->second) want(need);
    }

    void want_table(const std::string& name) {
        if (const auto found = tables_.find(name); found != tables_.end()) want(table_id(*found->second));
    }

    void want_parts(const Table& table) {
        for (const Column& column : table.columns) want(default_id(table, column.name));
        for (const Check& check : table.checks) want_needs(constraint_id(table, check.name.text));
        for (const Exclusion& exclusion : table.exclusions) want_needs(constraint_id(table, exclusion.name.text));
        for (const Index& index : table.indexes) want_needs(index_id(table, index.name.text));
        if (!table.partition_of.empty()) want_table(table.partition_of);
        for (const std::string& parent : table.inherits) want_table(parent);
        for (const auto& [name, other] : tables_) {
            const bool child = other->partition_of == table.full_name() ||
                               std::ranges::find(other->inherits, table.full_name()) != other->inherits.end();
            if (child) want(table_id(*other));
        }
    }

    void want_needs(const std::string& id) {
        const auto found = needs_.find(id);
        if (found == needs_.end()) return;
        for (const std::string& need : found->second) want(need);
    }

    /// The table, view or type that a column, constraint or index is of.
    void want_holder(const std::string& id) {
        for (const auto& entry : tables_) {
            const Table& table = *entry.second;
            const std::string full = qualified(table);
            const bool holds =
                id.starts_with("COLUMN " + full + ".") || id.ends_with(" ON " + full) ||
                std::ranges::any_of(table.indexes, [&](const Index& index) { return index_id(table, index.name.text) == id; });
            if (holds) want(table_id(table));
        }
        for (const Object& object : whole_.objects) {
            const auto space = object.id.rfind(' ');
            if (id.starts_with("COLUMN " + object.id.substr(space + 1) + ".")) want(object.id);
        }
    }
};

template <class T, class Name>
void take_differing(std::vector<T>& known, std::vector<T>& made, const Name& differs) {
    for (T& thing : known) {
        if (!differs(thing)) continue;
        const auto found = std::ranges::find_if(
            made, [&](const T& other) { return other.schema == thing.schema && other.name == thing.name; });
        if (found == made.end()) continue;
        if constexpr (std::is_same_v<T, Table>) {
            for (ForeignKey& key : thing.foreign_keys) found->foreign_keys.push_back(std::move(key));
        }
        if constexpr (std::is_same_v<T, Sequence>) found->owned_by = thing.owned_by;
        thing = std::move(*found);
    }
}

/// What differs on scratch, the rest as it is known.
Schema ask_about_part(const Known& known, const Schema& live, const ScratchPlace& place) {
    const Schema part = Part(known).cut();
    const auto scratch = open_scratch(place);
    make_on(*scratch, part);
    Schema made = inspect(*scratch);
    take_over_names(made, known.schema);
    Schema out = known.schema;
    const auto of_kind = [&](const std::string& kind) {
        return [&known, kind](const auto& thing) { return known.types.contains(kind + qualified(thing.schema, thing.name)); };
    };
    take_differing(out.tables, made.tables, [&](const Table& table) { return known.tables.contains(table.full_name()); });
    take_differing(out.enums, made.enums, of_kind("TYPE "));
    take_differing(out.composites, made.composites, of_kind("TYPE "));
    take_differing(out.ranges, made.ranges, of_kind("TYPE "));
    take_differing(out.domains, made.domains, of_kind("DOMAIN "));
    take_differing(out.sequences, made.sequences, of_kind("SEQUENCE "));
    // Objects that are known keep their form; all others that are there now come from scratch.
    std::set<std::string> there;
    std::erase_if(out.objects, [&](const Object& object) { return known.objects.contains(object.id); });
    for (const Object& object : out.objects) there.insert(object.id);
    std::ranges::copy_if(made.objects, std::back_inserter(out.objects),
                         [&](const Object& object) { return !there.contains(object.id); });
    std::set<std::string> told(known.objects);
    for (const Dependency& dependency : made.dependencies.value) told.insert(dependency.id);
    out.dependencies.value = std::move(made.dependencies.value);
    std::ranges::copy_if(live.dependencies.value, std::back_inserter(out.dependencies.value),
                         [&](const Dependency& dependency) { return !told.contains(dependency.id); });
    take_over_extensions(out, known.schema);
    take_over_grants(out, known.schema, server_version(*scratch));
    return out;
}

Materialized ask(Schema resolved, const ScratchPlace& place, const Schema* live, const Intents& intents) {
    if (live == nullptr || live->dialect != Dialect::postgres) return {ask_about_all(resolved, place)};
    Known known = known_by(*live, std::move(resolved), intents);
    if (known.changes.empty()) return {std::move(known.schema), std::move(known.changes)};
    if (known.nothing_differs()) return {std::move(known.schema)};
    try {
        return {ask_about_part(known, *live, place)};
    } catch (const Error&) {
        // Something that is needed was not seen to be.  If it is the schema that is wrong, the whole of it says so.
    }
    return {ask_about_all(known.schema, place)};
}

}  // namespace

Materialized materialize(Schema resolved, const ScratchPlace& place, const Schema* live, const Intents& intents) {
    // On scratch everything belongs to whoever made it.
    std::vector<Object> owners;
    std::erase_if(resolved.objects, [&](Object& object) {
        if (!is_ownership(object)) return false;
        owners.push_back(std::move(object));
        return true;
    });
    const auto mentioned = resolved.mentioned;
    Materialized made = ask(std::move(resolved), place, live, intents);
    made.schema.mentioned = mentioned;
    if (!owners.empty()) made.in_sync.reset();
    std::ranges::move(settled_owners(std::move(owners), made.schema), std::back_inserter(made.schema.objects));
    return made;
}

}  // namespace tenon::postgres
