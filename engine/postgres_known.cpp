// Matching a resolved schema with a live one by text.
#include "engine/postgres_known.h"

#include <algorithm>
#include <unordered_map>

#include "differ/diff.h"
#include "engine/postgres_grants.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

/// A type without its schema where that is public: the server finds it there.
void take_type(Sql& own, const Sql& live) {
    if (own.text != live.text && "public." + own.text == live.text) own = live;
}

class Matcher {
public:
    Matcher(const Schema& live, Schema resolved, const Intents& intents) : live_(live), intents_(intents) {
        out_.schema = std::move(resolved);
    }

    Known run() {
        for (const Table& table : live_.tables) tables_[table.full_name()] = &table;
        for (Table& table : out_.schema.tables) {
            const auto found = tables_.find(table.full_name());
            if (found != tables_.end()) take_words(table, *found->second);
        }
        for (Extension& extension : out_.schema.extensions) {
            const auto found = std::ranges::find(live_.extensions, extension.name, &Extension::name);
            if (found != live_.extensions.end() && extension.schema.empty()) extension.schema = found->schema;
        }
        match_objects();
        settle_grants(out_.schema, 0);
        out_.changes = compare(live_, out_.schema, intents_);
        note_differences(out_.changes);
        return std::move(out_);
    }

private:
    const Schema& live_;
    const Intents& intents_;
    Known out_;
    std::unordered_map<std::string, const Table*> tables_;
    std::unordered_map<std::string, const Object*> by_text_;
    std::unordered_multimap<std::string, const Object*> remarks_;  ///< by what they are on
    std::map<std::string, std::string> ids_;                       ///< as resolved, to live

    static void take_words(Table& table, const Table& live) {
        for (Column& column : table.columns) {
            const auto theirs = std::ranges::find(live.columns, column.name, &Column::name);
            if (theirs != live.columns.end()) take_type(column.type, theirs->type);
        }
        // A constraint that is there has been checked, or not: that is the live one's affair unless the schema says so.
        for (Index& index : table.indexes) index.concurrently = false;
    }

    void match_objects() {
        for (const Object& object : live_.objects) {
            if (is_remark(object)) {
                remarks_.emplace(object.owner, &object);
            } else {
                by_text_.emplace(object.definition.key(), &object);
            }
        }
        for (Object& object : out_.schema.objects) {
            if (is_remark(object)) continue;
            const auto found = by_text_.find(object.definition.key());
            if (found == by_text_.end()) continue;
            ids_[object.id] = found->second->id;
            take(object, *found->second);
        }
        for (Object& object : out_.schema.objects) {
            if (is_remark(object)) follow(object);
        }
    }

    static void take(Object& object, const Object& live) {
        const Aside<TextPlace> place = object.place;
        object = live;
        object.place = place;
    }

    /// A comment or grant is on the live thing, which may have a longer id.
    void follow(Object& object) {
        const auto id = ids_.find(object.owner);
        if (id == ids_.end()) return;
        const auto [first, last] = remarks_.equal_range(id->second);
        for (auto at = first; at != last; ++at) {
            if (ends_alike(object.definition.text, at->second->definition.text)) return take(object, *at->second);
        }
    }

    /// `COMMENT ON FUNCTION public.f IS 'x'` and `COMMENT ON FUNCTION public.f(integer) IS 'x'`.
    static bool ends_alike(const std::string& own, const std::string& live) {
        const auto tail = [](const std::string& text) {
            const auto is = text.find(" IS ");
            return is == std::string::npos ? std::string{} : text.substr(is);
        };
        return own.starts_with("COMMENT ON ") && live.starts_with("COMMENT ON ") && tail(own) == tail(live) &&
               !tail(own).empty();
    }

    void note_differences(const Changes& changes) {
        for (const Change& change : changes.list) {
            match(
                change, [&](const Delta<Table>& d) { note_table(d.to ? d.to->full_name() : ""); },
                [&](const Delta<Column>& d) { note_table(d.table); }, [&](const Delta<PrimaryKey>& d) { note_table(d.table); },
                [&](const Delta<UniqueConstraint>& d) { note_table(d.table); },
                [&](const Delta<Check>& d) { note_table(d.table); }, [&](const Delta<ForeignKey>& d) { note_table(d.table); },
                [&](const Delta<Exclusion>& d) { note_table(d.table); }, [&](const Delta<Index>& d) { note_table(d.table); },
                [&](const Delta<Trigger>& d) { note_table(d.table); },
                [&](const Delta<TableOptions>& d) { note_table(d.table); }, [&](const Delta<View>&) {},
                [&](const Delta<EnumType>& d) { note_type("TYPE ", d); },
                [&](const Delta<Domain>& d) { note_type("DOMAIN ", d); },
                [&](const Delta<CompositeType>& d) { note_type("TYPE ", d); },
                [&](const Delta<RangeType>& d) { note_type("TYPE ", d); },
                [&](const Delta<Sequence>& d) { note_type("SEQUENCE ", d); }, [&](const Delta<Collation>&) {},
                [&](const Delta<Extension>& d) {
                    if (d.to) out_.types.insert("EXTENSION " + quote(d.to->name));
                },
                [&](const Delta<Function>&) {}, [&](const Delta<std::string>&) {},
                [&](const Delta<Object>& d) {
                    if (d.to) out_.objects.insert(d.to->id);
                },
                [&](const Delta<Unmanaged>&) {});
        }
    }

    void note_table(const std::string& name) {
        if (!name.empty()) out_.tables.insert(name);
    }

    template <class T>
    void note_type(const std::string& kind, const Delta<T>& delta) {
        if (delta.to) out_.types.insert(kind + qualified(delta.to->schema, delta.to->name));
    }
};

}  // namespace

Known known_by(const Schema& live, Schema resolved, const Intents& intents) {
    return Matcher(live, std::move(resolved), intents).run();
}

}  // namespace tenon::postgres
