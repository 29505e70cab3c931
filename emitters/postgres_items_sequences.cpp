// Sequences that go with a column: whose they are.
#include <algorithm>
#include <set>

#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

class OwnedSequences {
public:
    OwnedSequences(const Changes& changes, Items& items) : from_(changes.from), to_(changes.to), items_(items) {
        for (const Object& object : to_.objects) {
            constexpr std::string_view kOwner = "OWNER OF ";
            constexpr std::string_view kTo = " OWNER TO ";
            if (!object.id.starts_with(kOwner)) continue;
            const std::string& text = object.definition.text;
            owners_[object.id.substr(kOwner.size())] = text.substr(text.rfind(kTo) + kTo.size());
        }
    }

    /// Whose column a sequence goes with: said when both are there.
    void run() {
        std::map<std::string, const Sequence*> live;
        for (const Sequence& sequence : from_.sequences) live[qualified(sequence.schema, sequence.name)] = &sequence;
        std::set<std::string> kept;
        for (const Sequence& sequence : to_.sequences) {
            const std::string name = qualified(sequence.schema, sequence.name);
            kept.insert(name);
            const auto old = live.find(name);
            const std::string was = old == live.end() ? "" : old->second->owned_by;
            if (was.empty() && sequence.owned_by.empty()) continue;
            Item& item = items_.add("OWNED BY " + name, Rank::owned_by);
            item.in_from = !was.empty();
            item.in_to = !sequence.owned_by.empty();
            item.equal = was == sequence.owned_by;  // yet it must leave a column that is made anew
            item.drop = {"ALTER SEQUENCE " + name + " OWNED BY NONE"};
            if (!was.empty()) item.frees = {"COLUMN " + was, "TABLE " + split_last(was).first};
            if (item.in_to) {
                item.make = {"ALTER SEQUENCE " + name + " OWNED BY " + sequence.owned_by};
                item.needs = {"SEQUENCE " + name, "COLUMN " + sequence.owned_by};
                bring_to_owner_of_table(name, was, sequence.owned_by, item);
            }
        }
        for (const Sequence& sequence : from_.sequences) {
            const std::string name = qualified(sequence.schema, sequence.name);
            if (!kept.contains(name) && !sequence.owned_by.empty()) goes_with_owner(sequence, name);
        }
    }

private:
    const Schema& from_;
    const Schema& to_;
    Items& items_;
    std::map<std::string, std::string> owners_;  ///< those that the schema names, by id, as they stand in SQL

    /// A sequence and the table with which it goes must belong to the same role.
    void bring_to_owner_of_table(const std::string& sequence, const std::string& was, const std::string& column,
                                 Item& item) const {
        const auto table_of = [](const std::string& name) { return "TABLE " + split_last(name).first; };
        const std::string id = "SEQUENCE " + sequence;
        item.needs.insert(item.needs.end(), {"OWNER OF " + id, "OWNER OF " + table_of(column)});
        const std::string role = role_of(table_of(column));
        if (role != role_of(was.empty() ? id : table_of(was)))
            item.make.insert(item.make.begin(), "ALTER " + id + " OWNER TO " + role);
    }

    /// Whose a thing will be, as it stands in SQL: as the schema says, else as it was, else the own role's.
    std::string role_of(const std::string& id) const {
        const auto said = owners_.find(id);
        return said == owners_.end() ? quote(from_.owners.value.of(id)) : said->second;
    }

    /// The sequence goes with its column, unless that only seems to stay: then it leaves the table before that is dropped.
    void goes_with_owner(const Sequence& sequence, const std::string& name) {
        const std::string column = "COLUMN " + sequence.owned_by;
        const std::string& stands_for = items_.resolve(items_.from_alias, column);
        const Item* owner = items_.find(stands_for);
        if (owner == nullptr) return;
        if (!owner->in_to) {
            items_.find("SEQUENCE " + name)->owner = stands_for;
        } else if (stands_for != column) {
            Item& item = items_.add("OWNED BY " + name, Rank::owned_by);
            item.in_from = true;
            item.drop = {"ALTER SEQUENCE " + name + " OWNED BY NONE"};
            item.frees = {stands_for};
        }
    }
};

}  // namespace

void add_owned_sequences(const Changes& changes, Items& items) { OwnedSequences(changes, items).run(); }

}  // namespace tenon::postgres
