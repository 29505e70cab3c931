// The state of a table around statements that write its rows.
#include "emitters/postgres_written_rows.h"

#include <algorithm>

#include "schemas/postgres_names.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// How publications look at a table's rows.
struct Published {
    bool whole = false;                  ///< with all columns
    bool filtered = false;               ///< by columns that need not be of a key
    std::vector<std::string> in_part{};  ///< ids of what publishes some columns alone
};

class Publications {
public:
    explicit Publications(const Schema& schema) : schema_(schema) {}

    Published of(const Table& table) const {
        Published out;
        if (table.unlogged) return out;
        for (const Object& object : schema_.objects) {
            const SqlWords id(object.id, Dialect::postgres);
            if (!id.is(0, "PUBLICATION") || !publishes_writes(id.name(1))) continue;
            if (id.size() == 2) {
                out.whole |= object.definition.text.find(" FOR ALL TABLES WITH (publish = ") != std::string::npos;
            } else if (id.is(2, "SCHEMA")) {
                out.whole |=
                    is_in(table, [&](const Table& at) { return (at.schema.empty() ? "public" : at.schema) == id.name(3); });
            } else if (is_in(table, [&](const Table& at) { return object.id.ends_with(" TABLE " + qualified(at)); })) {
                look_at(object, out);
            }
        }
        return out;
    }

private:
    const Schema& schema_;

    bool publishes_writes(const std::string& name) const {
        return std::ranges::any_of(schema_.objects, [&](const Object& object) {
            if (object.id != "PUBLICATION " + quote(name)) return false;
            const std::string& text = object.definition.text;
            const auto kinds = text.find(" WITH (publish = ");
            return kinds == std::string::npos || text.find("update", kinds) != std::string::npos ||
                   text.find("delete", kinds) != std::string::npos;
        });
    }

    /// True for the table or what it is a partition of.
    template <class Condition>
    bool is_in(const Table& table, const Condition& condition) const {
        for (const Table* at = &table; at != nullptr; at = find_table(schema_, at->partition_of)) {
            if (condition(*at)) return true;
        }
        return false;
    }

    static void look_at(const Object& member, Published& out) {
        SqlWords words(member.definition.text, Dialect::postgres);
        while (!words.at_end() && !words.take("ONLY")) words.skip();
        words.take_name();
        if (words.take_parentheses()) {
            out.in_part.push_back(member.id);
        } else {
            out.whole = true;
        }
        out.filtered |= words.take("WHERE");
    }
};

/// True where the server can tell the rows apart before and after, and so all the while.
bool has_identity(const Table& from, const Table& to) {
    if (from.replica_identity != to.replica_identity) return false;
    const std::string& identity = from.replica_identity;
    if (identity == "full") return true;
    if (identity.empty()) return from.primary_key && from.primary_key == to.primary_key && !from.primary_key->deferrable;
    const auto same = [&](const auto& before, const auto& after) {
        const auto found = std::ranges::find_if(before, [&](const auto& key) { return identity == "index " + key.name.text; });
        return found != before.end() && std::ranges::find(after, *found) != after.end();
    };
    return same(from.indexes, to.indexes) || same(from.uniques, to.uniques);
}

}  // namespace

Statements past_policies(const Table& table, Statements statements) {
    if (table.row_security != "forced") return statements;
    const std::string start = "ALTER TABLE " + qualified(table);
    statements.insert(statements.begin(), start + " NO FORCE ROW LEVEL SECURITY");
    statements.push_back(start + " FORCE ROW LEVEL SECURITY");
    return statements;
}

Statements past_publications(const Changes& changes, const Table& table, Statements statements, Item& item, Items& items) {
    const Publications publications(changes.from);
    std::vector<const Table*> written{find_table(changes.from, table.full_name())};
    for (std::size_t i = 0; i < written.size(); ++i) {  // it grows meanwhile
        if (written[i] == nullptr) continue;
        const Table& live = *written[i];
        for (const Table& below : changes.from.tables) {
            const bool inherits = std::ranges::find(below.inherits, live.full_name()) != below.inherits.end();
            if (inherits || below.partition_of == live.full_name()) written.push_back(&below);
        }
        const Table* now = find_table(changes.to, live.full_name());
        if (now == nullptr || !live.partition_by.empty() || items.anew.contains(live.full_name())) continue;
        const Published published = publications.of(live);
        if (!published.filtered && has_identity(live, *now)) continue;
        // Columns that are left out of a publication cannot tell its rows apart.
        items.remade.insert(published.in_part.begin(), published.in_part.end());
        for (const std::string& id : published.in_part)
            item.hazards.push_back({Hazard::Kind::breaks, live.full_name(), id + " does not publish what its rows become"});
        if (!published.whole || live.replica_identity == "full") continue;
        statements.insert(statements.begin(), "ALTER TABLE ONLY " + qualified(live) + " REPLICA IDENTITY FULL");
        item.hazards.push_back({Hazard::Kind::lock, live.full_name(),
                                "its rows are published and have no key: all their columns tell them apart meanwhile"});
        choose_replica_identity(*now, items).needs.push_back(item.id);
    }
    return statements;
}

}  // namespace tenon::postgres
