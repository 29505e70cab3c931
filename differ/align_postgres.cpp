// The PostgreSQL side of align().
#include "differ/align_postgres.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include "differ/align_names.h"
#include "schemas/postgres_names.h"
#include "schemas/type.h"

namespace tenon::postgres {
namespace {

using Names = std::map<std::string, std::string>;

std::map<std::string, const Table*> by_name(const Schema& schema) {
    std::map<std::string, const Table*> out;
    for (const Table& table : schema.tables) out[table.full_name()] = &table;
    return out;
}

class NameAdopter {
public:
    NameAdopter(const Schema& from, Schema& to) : to_(to), live_(by_name(from)) {}

    void run() {
        // A partition's index names its parent's, so parents come first.
        std::vector<Table*> left;
        for (Table& table : to_.tables) left.push_back(&table);
        std::set<std::string> waiting;
        for (const Table* table : left) waiting.insert(table->full_name());
        while (!left.empty()) {
            std::vector<Table*> later;
            for (Table* table : left) {
                const bool ready = table->partition_of.empty() || !waiting.contains(table->partition_of);
                if (ready) adopt(*table);
                if (!ready) later.push_back(table);
            }
            for (const Table* table : left) {
                if (std::ranges::find(later, table) == later.end()) waiting.erase(table->full_name());
            }
            if (later.size() == left.size()) return;
            left = std::move(later);
        }
        for (Object& object : to_.objects) rename_remark(object);
    }

private:
    Schema& to_;
    std::map<std::string, const Table*> live_;
    Names indexes_;  ///< qualified, old to new
    Names ids_;      ///< of constraints and indexes

    void adopt(Table& table) {
        attach(table);
        const auto found = live_.find(table.full_name());
        if (found == live_.end()) return;
        const Table& live = *found->second;
        adopt_key(table, live);
        adopt_each(table, table.uniques, live.uniques, true, true);
        adopt_each(table, table.checks, live.checks, true, false);
        adopt_each(table, table.foreign_keys, live.foreign_keys, true, false);
        adopt_each(table, table.exclusions, live.exclusions, true, false);
        adopt_each(table, table.indexes, live.indexes, false, true);
    }

    void attach(Table& table) const {
        const auto follow = [&](Rare<std::string>& name) {
            if (const auto found = indexes_.find(*name); found != indexes_.end()) name = found->second;
        };
        if (table.primary_key) follow(table.primary_key->attached_to);
        for (UniqueConstraint& unique : table.uniques) follow(unique.attached_to);
        for (Index& index : table.indexes) follow(index.attached_to);
    }

    static bool integer_key(const Table& table) {
        if (!table.primary_key || table.primary_key->columns.size() != 1) return false;
        const auto column = std::ranges::find(table.columns, table.primary_key->columns[0].column, &Column::name);
        return column != table.columns.end() && value_kind(column->type.text) == ValueKind::integer;
    }

    /// An `id` that nobody declared takes the live integer key as it is.
    void adopt_key(Table& table, const Table& live) {
        if (!table.primary_key || !live.primary_key) return;
        PrimaryKey& key = *table.primary_key;
        if (!key.name.given.value) renamed(table, key.name.text, live.primary_key->name.text, true, true);
        if (!key.name.given.value) key.name.text = live.primary_key->name.text;
        const bool same_key = key.implicit.value && integer_key(live) && live.primary_key->columns[0].column == "id";
        if (!same_key) return;
        const auto own = std::ranges::find(table.columns, std::string("id"), &Column::name);
        const auto theirs = std::ranges::find(live.columns, std::string("id"), &Column::name);
        if (own != table.columns.end() && theirs != live.columns.end()) *own = *theirs;
    }

    template <class T>
    void adopt_each(Table& table, std::vector<T>& things, const std::vector<T>& live, bool constraint, bool index) {
        std::vector<std::string> before;
        for (const T& thing : things) before.push_back(thing.name.text);
        adopt_names(things, live);
        for (std::size_t i = 0; i < things.size(); ++i) renamed(table, before[i], things[i].name.text, constraint, index);
    }

    void renamed(Table& table, const std::string& old, const std::string& now, bool constraint, bool index) {
        if (old == now) return;
        if (index) indexes_[qualified(table.schema, old)] = qualified(table.schema, now);
        ids_[constraint ? constraint_id(table, old) : index_id(table, old)] =
            constraint ? constraint_id(table, now) : index_id(table, now);
        if (table.cluster_on == old) table.cluster_on = now;
        if (table.replica_identity == "index " + old) table.replica_identity = "index " + now;
    }

    void rename_remark(Object& object) const {
        const auto found = ids_.find(object.owner);
        if (found == ids_.end()) return;
        const auto swap = [&](std::string text) {
            if (const auto at = text.find(object.owner); at != std::string::npos)
                text.replace(at, object.owner.size(), found->second);
            return text;
        };
        object.id = swap(object.id);
        object.undo = swap(object.undo);
        object.definition = make_sql(swap(object.definition.text), Dialect::postgres);
        object.owner = found->second;
    }
};

bool starts(const std::string& text, std::string_view head) { return text.starts_with(head); }

/// "public.t" of "COLUMN public.t.c".
std::string relation_of_column(const std::string& id) {
    return split_last(id.substr(std::string_view("COLUMN ").size())).first;
}

class Keeper {
public:
    Keeper(const Schema& from, Schema& to, const Intents& intents) : from_(from), to_(to), mentioned_(intents.mentioned) {}

    void run() {
        keep_types();
        keep_sequences();
        keep_extensions();
        note_ids();
        for (const Object& object : from_.objects) {
            if (!is_remark(object) && !is_there(object) && !managed(object)) keep(object);
        }
        for (const Object& object : from_.objects) {
            if (is_remark(object) && !own_.contains(object.id) && keeps_remark(object)) keep(object);
        }
        keep_schemas();
        settle_grants();
        settle_owners();
        for (const Dependency& dependency : from_.dependencies.value) {
            if (kept_.contains(dependency.id)) to_.dependencies.value.push_back(dependency);
        }
    }

private:
    const Schema& from_;
    Schema& to_;
    const Mentioned& mentioned_;
    std::unordered_set<std::string> own_;                   ///< ids of the objects that the declared schema has
    std::unordered_set<std::string> there_;                 ///< ids of everything in `to` but the parts of tables
    std::optional<std::unordered_set<std::string>> parts_;  ///< ids of those, once somebody asks
    std::unordered_set<std::string> kept_;                  ///< ids that are there because they are in `from`
    std::unordered_set<std::string> granted_;

    /// Privileges among the schema's `objects:` do not say what they go with.
    void settle_grants() {
        std::map<std::string, std::string> owners;
        for (const Object& object : from_.objects) {
            if (starts(object.id, "GRANTS ON ")) owners[object.id] = object.owner;
        }
        for (Object& object : to_.objects) {
            if (!starts(object.id, "GRANTS ON ") || !object.owner.empty()) continue;
            if (const auto found = owners.find(object.id); found != owners.end()) object.owner = found->second;
        }
    }

    /// Of the owners that the schema names, those that are not so yet remain, with the way back.
    void settle_owners() {
        std::erase_if(to_.objects, [&](Object& object) {
            if (!is_ownership(object)) return false;
            const std::string& now = from_.owners.value.of(object.owner);
            object.undo = "ALTER " + object.owner + " OWNER TO " + quote(now);
            return object.definition.text == "ALTER " + object.owner + " OWNER TO " + quote(now);
        });
    }

    void keep(const Object& object) {
        to_.objects.push_back(object);
        kept_.insert(object.id);
        there_.insert(object.id);
    }

    template <class T>
    void keep_kind(const std::vector<T>& live, std::vector<T>& to, bool mentioned, const std::string& kind) {
        if (mentioned) return;
        std::set<std::string> known;
        for (const T& thing : to) known.insert(qualified(thing.schema, thing.name));
        for (const T& thing : live) {
            const std::string name = qualified(thing.schema, thing.name);
            if (known.contains(name)) continue;
            to.push_back(thing);
            kept_.insert(kind + name);
        }
    }

    void keep_types() {
        keep_kind(from_.enums, to_.enums, mentioned_.enums, "TYPE ");
        keep_kind(from_.domains, to_.domains, mentioned_.domains, "DOMAIN ");
        keep_kind(from_.composites, to_.composites, mentioned_.composites, "TYPE ");
        keep_kind(from_.ranges, to_.ranges, mentioned_.ranges, "TYPE ");
    }

    /// A sequence that goes with a column is the table's affair.
    void keep_sequences() {
        if (mentioned_.sequences) return;
        std::vector<Sequence> free;
        std::ranges::copy_if(from_.sequences, std::back_inserter(free), [](const Sequence& s) { return s.owned_by.empty(); });
        keep_kind(free, to_.sequences, false, "SEQUENCE ");
    }

    void keep_extensions() {
        for (Extension& extension : to_.extensions) {
            const auto live = std::ranges::find(from_.extensions, extension.name, &Extension::name);
            if (live == from_.extensions.end()) continue;
            if (extension.version.empty()) extension.version = live->version;
            if (extension.schema.empty()) extension.schema = live->schema;
        }
        if (mentioned_.extensions) return;
        for (const Extension& extension : from_.extensions) {
            if (std::ranges::find(to_.extensions, extension.name, &Extension::name) == to_.extensions.end())
                to_.extensions.push_back(extension);
        }
    }

    void note_ids() {
        const std::map<std::string, const Table*> live = by_name(from_);
        for (const Table& table : to_.tables) {
            there_.insert(table_id(table));
            const auto found = live.find(table.full_name());
            if (table.where.value.line == 0 && found != live.end() && table == *found->second) kept_.insert(table_id(table));
        }
        const auto all = [&](const auto& things, const std::string& kind) {
            for (const auto& thing : things) there_.insert(kind + qualified(thing.schema, thing.name));
        };
        all(to_.enums, "TYPE ");
        all(to_.composites, "TYPE ");
        all(to_.ranges, "TYPE ");
        all(to_.domains, "DOMAIN ");
        all(to_.sequences, "SEQUENCE ");
        for (const Domain& domain : to_.domains) {
            const std::string id = "DOMAIN " + qualified(domain.schema, domain.name);
            for (const Check& check : domain.checks) there_.insert("CONSTRAINT " + quote(check.name.text) + " ON " + id);
        }
        for (const std::string& name : to_.schemas) there_.insert("SCHEMA " + quote(name));
        for (const Extension& extension : to_.extensions) there_.insert("EXTENSION " + quote(extension.name));
        for (const Object& object : to_.objects) {
            own_.insert(object.id);
            there_.insert(object.id);
            if (starts(object.id, "GRANTS ON ")) granted_.insert(base_of(object.owner));
        }
    }

    /// Columns, constraints and indexes: many names, of which few are ever asked for.
    bool is_part(const std::string& id) {
        if (parts_) return parts_->contains(id);
        parts_.emplace();
        for (const Table& table : to_.tables) {
            for (const Column& column : table.columns) parts_->insert(column_id(table, column.name));
            const auto constraints = [&](const auto& things) {
                for (const auto& thing : things) parts_->insert(constraint_id(table, thing.name.text));
            };
            if (table.primary_key) parts_->insert(constraint_id(table, table.primary_key->name.text));
            constraints(table.uniques);
            constraints(table.checks);
            constraints(table.foreign_keys);
            constraints(table.exclusions);
            for (const Index& index : table.indexes) parts_->insert(index_id(table, index.name.text));
        }
        return parts_->contains(id);
    }

    /// An index of a materialized view is an object; one of a table is a part of that.
    bool is_there(const Object& object) {
        return there_.contains(object.id) || (starts(object.id, "INDEX ") && is_part(object.id));
    }

    /// Does the declared schema say whether this object shall be?
    bool managed(const Object& object) const {
        const std::string& id = object.id;
        const auto kind = [&](std::string_view head) { return starts(id, head); };
        if (kind("FUNCTION ") || kind("PROCEDURE ")) return mentioned_.functions;
        if (kind("VIEW ") || kind("MATERIALIZED VIEW ")) return mentioned_.views;
        if (kind("COLLATION ")) return mentioned_.collations;
        if (kind("INDEX ")) return !kept_.contains(object.owner);
        const bool attached =
            kind("DEFAULT OF ") || kind("TRIGGER ") || kind("RULE ") || kind("POLICY ") || kind("STATISTICS ");
        // What hangs on something that is left alone is left alone, and what hung on something that goes, goes.
        if (attached && kept_.contains(object.owner)) return false;
        if (attached && !there_.contains(object.owner)) return true;
        if (kind("DEFAULT OF ")) return mentioned_.views;
        if (kind("TRIGGER ")) return mentioned_.triggers;
        if (kind("RULE ")) return mentioned_.rules;
        if (kind("POLICY ")) return mentioned_.policies;
        if (kind("STATISTICS ")) return mentioned_.statistics;
        return mentioned_.objects;
    }

    /// The thing itself where the id is that of a column.
    std::string base_of(const std::string& id) const {
        if (!starts(id, "COLUMN ")) return id;
        const std::string relation = relation_of_column(id);
        for (const char* kind : {"TABLE ", "VIEW ", "MATERIALIZED VIEW ", "FOREIGN TABLE ", "TYPE "}) {
            if (there_.contains(kind + relation)) return kind + relation;
        }
        return id;
    }

    bool exists(const std::string& id) {
        if (there_.contains(id) || is_part(id)) return true;
        const std::string base = base_of(id);
        // A table's columns are known; those of views and types are theirs.
        return base != id && !starts(base, "TABLE ") && there_.contains(base);
    }

    bool keeps_remark(const Object& object) {
        if (is_ownership(object)) return false;
        if (starts(object.id, "COMMENT ON EXTENSION ")) return there_.contains(object.owner);
        if (starts(object.id, "GRANTS ON ")) {
            if (object.owner.empty()) return !mentioned_.default_privileges;
            return !mentioned_.grants && !granted_.contains(base_of(object.owner)) && exists(object.owner);
        }
        if (starts(object.owner, "SCHEMA ")) return !mentioned_.schemas && exists(object.owner);
        return kept_.contains(base_of(object.owner)) || (kept_.contains(table_of(object.owner)) && exists(object.owner));
    }

    /// "TABLE public.t" of "CONSTRAINT c ON public.t".
    static std::string table_of(const std::string& id) {
        const auto on = id.rfind(" ON ");
        return on == std::string::npos ? id : "TABLE " + id.substr(on + 4);
    }

    void keep_schemas() {
        const auto add = [&](const std::string& name) {
            if (!name.empty() && std::ranges::find(to_.schemas, name) == to_.schemas.end()) to_.schemas.push_back(name);
        };
        if (!mentioned_.schemas) {
            for (const std::string& name : from_.schemas) add(name);
        }
        for (const Table& table : to_.tables) add(table.schema);
        for (const Extension& extension : to_.extensions) {
            if (std::ranges::find(from_.schemas, extension.schema) != from_.schemas.end()) add(extension.schema);
        }
        std::ranges::sort(to_.schemas);
    }
};

}  // namespace

void adopt_live_names(const Schema& from, Schema& to) { NameAdopter(from, to).run(); }

void keep_unmentioned(const Schema& from, Schema& to, const Intents& intents) { Keeper(from, to, intents).run(); }

std::vector<Unmanaged> kept_objects(const Schema& from, const Schema& to, const Schema& aligned) {
    std::unordered_set<std::string> declared;
    for (const Object& object : to.objects) declared.insert(object.id);
    std::unordered_set<std::string> kept;
    for (const Object& object : aligned.objects) {
        if (!declared.contains(object.id)) kept.insert(object.id);
    }
    std::vector<Unmanaged> out;
    for (const Object& object : from.objects) {
        if (!kept.contains(object.id) || is_remark(object) || starts(object.id, "INDEX ")) continue;
        const Called what = called(object.id);
        out.push_back({what.kind, what.name, object.definition});
    }
    const auto all = [&](const auto& live, const auto& own, const std::string& kind) {
        for (const auto& thing : live) {
            const bool known = std::ranges::any_of(
                own, [&](const auto& other) { return other.schema == thing.schema && other.name == thing.name; });
            if (!known) out.push_back({kind, qualified(thing.schema, thing.name), {}});
        }
    };
    const auto kept_kind = [&](const auto& live, const auto& own, const auto& both, const std::string& kind) {
        auto common = live;
        std::erase_if(common, [&](const auto& thing) {
            return std::ranges::none_of(
                both, [&](const auto& other) { return other.schema == thing.schema && other.name == thing.name; });
        });
        all(common, own, kind);
    };
    kept_kind(from.enums, to.enums, aligned.enums, "enum");
    kept_kind(from.domains, to.domains, aligned.domains, "domain");
    kept_kind(from.composites, to.composites, aligned.composites, "composite type");
    kept_kind(from.ranges, to.ranges, aligned.ranges, "range type");
    kept_kind(from.sequences, to.sequences, aligned.sequences, "sequence");
    return out;
}

}  // namespace tenon::postgres
