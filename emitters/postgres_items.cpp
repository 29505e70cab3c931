// Types, sequences, extensions and objects with a text of their own as items.
#include "emitters/postgres_items.h"

#include <algorithm>
#include <set>

#include "differ/align_postgres.h"
#include "emitters/postgres_alter.h"
#include "emitters/postgres_anew.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// A collation made anew is put aside first and dropped when no column is of it any more.
void put_aside_collation(Item& item) {
    std::size_t begin = 0;  // of the name without its schema
    for (const Token& token : lex(item.id, Dialect::postgres)) begin = token.begin;
    const std::string aside = quote("tenon_old_" + token_name(item.id, lex(item.id, Dialect::postgres).back()));
    item.drop = {"ALTER " + item.id + " RENAME TO " + aside};
    item.finish = {"DROP " + item.id.substr(0, begin) + aside};
}

Rank rank_of(const std::string& id) {
    const auto is = [&](std::string_view kind) { return id.starts_with(kind); };
    if (is("FUNCTION ") || is("PROCEDURE ") || is("AGGREGATE ") || is("OPERATOR ") || is("CAST ") || is("COLLATION ") ||
        is("LANGUAGE ") || is("TEXT SEARCH ") || is("ACCESS METHOD ") || is("FOREIGN DATA WRAPPER ") || is("SERVER "))
        return Rank::function;
    if (is("FOREIGN TABLE ")) return Rank::table;
    if (is("VIEW ") || is("MATERIALIZED VIEW ")) return Rank::view;
    if (is("INDEX ")) return Rank::view_index;
    if (is("RULE ")) return Rank::rule;
    if (is("TRIGGER ")) return Rank::trigger;
    if (is("POLICY ")) return Rank::policy;
    if (is("COMMENT ON ")) return Rank::comment;
    if (is("OWNER OF ")) return Rank::ownership;
    if (is("GRANTS ON ")) return Rank::grants;
    return Rank::other;
}

/// What the catalog does not tell of some kinds.
void needs_of_own(const Object& object, const Schema& to, Item& item) {
    // A partition has the triggers of its parent once it is one.
    if (object.id.starts_with("STATE OF TRIGGER "))
        item.needs.push_back("ATTACHMENT " + object.id.substr(object.id.rfind(" ON ") + 4));
    if (!object.id.starts_with("MEMBERS OF ")) return;
    for (const Object& other : to.objects) {
        const std::string call = other.id.substr(other.id.find(' ') + 1, other.id.find('(') - other.id.find(' '));
        if (other.id.starts_with("FUNCTION ") && object.definition.text.find(call) != std::string::npos)
            item.needs.push_back(other.id);
    }
}

}  // namespace

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

std::string place_of(const std::string& id) {
    for (const std::string_view kind : {"TABLE ", "FOREIGN TABLE ", "VIEW ", "MATERIALIZED VIEW ", "SEQUENCE ", "INDEX ",
                                        "TYPE ", "DOMAIN ", "FUNCTION ", "PROCEDURE ", "AGGREGATE "}) {
        if (id.starts_with(kind)) return id.substr(kind.size());
    }
    return {};
}

Item& Items::add(const std::string& id, Rank rank) {
    const auto [at, added] = by_id.try_emplace(id);
    if (added) {
        at->second.id = id;
        at->second.rank = rank;
        order.push_back(id);
    }
    return at->second;
}

Item* Items::find(const std::string& id) {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : &found->second;
}

const std::string& Items::resolve(const std::map<std::string, std::string>& alias, const std::string& id) const {
    const std::string* at = &id;
    for (auto found = alias.find(*at); found != alias.end(); found = alias.find(*at)) at = &found->second;
    return *at;
}

void add_objects(const Changes& changes, Items& items) {
    const std::map<std::string, std::string> owners = owners_to_be(changes.to);
    // Grants change after the owner.
    const auto alter = [&](const Object& from, const Object& to) {
        const auto owner = to.id.starts_with("GRANTS ON ") ? owners.find(thing_of(from, owners)) : owners.end();
        return alter_object(owner == owners.end() ? from : grants_under(from, owner->second), to);
    };
    std::map<std::string, const Object*> live;
    for (const Object& object : changes.from.objects) {
        live[object.id] = &object;
        Item& item = items.add(object.id, rank_of(object.id));
        item.in_from = true;
        item.owner = object.owner;
        item.drop = {object.undo.empty() ? "DROP " + object.id : object.undo};
    }
    for (const Object& object : changes.to.objects) {
        Item& item = items.add(object.id, rank_of(object.id));
        item.in_to = true;
        item.make = {object.text()};
        needs_of_own(object, changes.to, item);
        const auto old = live.find(object.id);
        if (old == live.end()) {
            item.owner = object.owner;
            if (!object.owner.empty()) item.needs.push_back(object.owner);
            continue;
        }
        item.equal = *old->second == object;
        if (!item.equal) item.alter = alter(*old->second, object);
        if (item.equal && object.id.starts_with("USER MAPPING "))
            item.hazards.push_back(
                {Hazard::Kind::data_loss, object.id,
                 "it is made anew with its server, without its password, which Tenon never reads: set it again"});
        if (object.id.starts_with("COLLATION ")) put_aside_collation(item);
    }
}

/// What is made anew goes back to its owner.
void add_owners(const Changes& changes, Items& items) {
    for (const auto& [id, role] : changes.from.owners.value.others) {
        const Item* thing = items.find(id);
        if (thing == nullptr || !thing->in_from || !thing->in_to) continue;
        const std::string name = "OWNER OF " + id;
        if (items.find(name) != nullptr) continue;
        Item& item = items.add(name, Rank::ownership);
        item.in_from = item.in_to = item.equal = true;
        item.owner = id;
        item.needs = {id};
        item.make = {"ALTER " + id + " OWNER TO " + quote(role)};
    }
}

/// What takes the name of something else waits until that is gone, or is called otherwise.
void await_names(const Schema& from, Items& items) {
    std::map<std::string, std::string> holders;
    for (const Table& table : from.tables) {
        for (const Column& column : table.columns) {
            if (!column.identity) continue;
            const std::string id = column_id(table, column.name);
            holders[column.identity->sequence] = items.find(identity_id(id)) == nullptr ? id : identity_id(id);
        }
    }
    for (const auto& [id, item] : items.by_id) {
        if (const std::string place = place_of(id); item.in_from && !place.empty()) holders[place] = id;
        for (const std::string& name : item.holds) holders[name] = id;
    }
    for (auto& [id, item] : items.by_id) {
        std::vector<std::string> wanted = item.wants;
        if (!item.in_from) wanted.push_back(place_of(id));
        for (const std::string& name : wanted) {
            const auto holder = holders.find(name);
            if (holder == holders.end() || holder->second == id || has(item.holds, name)) continue;
            item.needs.push_back("gone " + holder->second);
            const Item* const other = items.find(holder->second);
            if (other != nullptr && other->rank == Rank::constraint && !other->wants.empty() && !has(other->wants, name))
                item.needs.push_back(holder->second);  // is renamed
        }
    }
}

Items make_items(const Changes& changes, const PlanOptions& options) {
    Items items;
    items.circles = Circles(changes.from, true);
    add_types(changes, items);
    items.anew = tables_made_anew(changes, items);
    add_tables(changes, options, items);
    remake_keys_across_persistence(changes, items);
    add_owned_sequences(changes, items);
    add_sequence_values(changes, items);
    add_partition_rows(changes, options, items);
    add_row_types(changes, items);
    add_objects(changes, items);
    add_owners(changes, items);
    leave_out_default_privileges(changes, options, items);
    add_row_guards(changes, options.intents, items);
    await_names(changes.from, items);
    for (const std::string& id : items.remade) {
        Item* const item = items.find(items.resolve(items.from_alias, id));
        if (item == nullptr || !item->in_from || !item->in_to) continue;
        item->equal = false;
        item->alter.reset();
    }
    return items;
}

}  // namespace tenon::postgres
