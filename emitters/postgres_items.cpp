// Types, sequences, extensions and objects with a text of their own as items.
#include "emitters/postgres_items.h"

#include <algorithm>
#include <set>

#include "emitters/postgres_alter.h"
#include "emitters/postgres_anew.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

template <class T, class Id>
const T* find_by(const std::vector<T>& things, const std::string& id, Id id_of) {
    const auto found = std::ranges::find_if(things, [&](const T& thing) { return id_of(thing) == id; });
    return found == things.end() ? nullptr : &*found;
}

/// How one kind becomes items: its ids, its statements, its way to change in place.
template <class T>
struct Kind {
    Rank rank;
    std::string (*id)(const T&);
    Statements (*make)(const T&);
    std::optional<Statements> (*alter)(const T&, const T&);
};

template <class T>
void add_kind(const std::vector<T>& from, const std::vector<T>& to, const Kind<T>& kind, Items& items) {
    for (const T& thing : from) {
        Item& item = items.add(kind.id(thing), kind.rank);
        item.in_from = true;
        item.drop = {"DROP " + item.id};
    }
    std::map<std::string, const T*> live;
    for (const T& thing : from) live[kind.id(thing)] = &thing;
    for (const T& thing : to) {
        Item& item = items.add(kind.id(thing), kind.rank);
        item.in_to = true;
        item.make = kind.make(thing);
        const auto old = live.find(item.id);
        if (old == live.end()) continue;
        item.equal = *old->second == thing;
        if (item.equal) continue;
        item.alter = kind.alter(*old->second, thing);
        item.equal = item.alter && item.alter->empty();
    }
}

/// A type made anew is put aside first and dropped when no column is of it any more.
void put_aside(Items& items, const std::string& id, const std::string& schema, const std::string& name) {
    Item* const item = items.find(id);
    if (item == nullptr || !item->in_from || !item->in_to) return;
    const std::string aside = "tenon_old_" + name;
    item->drop = {"ALTER " + id + " RENAME TO " + quote(aside)};
    item->finish = {"DROP " + id.substr(0, id.find(' ')) + " " + qualified(schema, aside)};
}

/// The same for a collation.
void put_aside_collation(Item& item) {
    std::size_t begin = 0;  // of the name without its schema
    for (const Token& token : lex(item.id, Dialect::postgres)) begin = token.begin;
    const std::string aside = quote("tenon_old_" + token_name(item.id, lex(item.id, Dialect::postgres).back()));
    item.drop = {"ALTER " + item.id + " RENAME TO " + aside};
    item.finish = {"DROP " + item.id.substr(0, begin) + aside};
}

/// A range type's constructors have its name, and its multirange's the name of that.
void put_range_aside(Items& items, const RangeType& type) {
    const std::string id = "TYPE " + qualified(type.schema, type.name);
    put_aside(items, id, type.schema, type.name);
    Item* const item = items.find(id);
    if (item == nullptr || item->finish.empty()) return;
    const auto rename = [&](const std::string& kind, const std::string& name, const std::string& arguments) {
        item->drop.push_back("ALTER " + kind + " " + qualified(type.schema, name) + arguments + " RENAME TO " +
                             quote("tenon_old_" + name));
    };
    rename("FUNCTION", type.name, "(" + type.subtype.text + ", " + type.subtype.text + ")");
    rename("FUNCTION", type.name, "(" + type.subtype.text + ", " + type.subtype.text + ", text)");
    const auto multirange = type.options.find("multirange_type_name");
    if (multirange == type.options.end()) return;
    const std::string& name = multirange->second;
    const std::string range = qualified(type.schema, "tenon_old_" + type.name);
    rename("TYPE", name, "");
    rename("FUNCTION", name, "()");
    rename("FUNCTION", name, "(" + range + ")");
    rename("FUNCTION", name, "(" + range + "[])");
}

std::string domain_id(const Domain& domain) { return "DOMAIN " + qualified(domain.schema, domain.name); }

/// A domain that takes the name of another kind of type, or gives it: the old one counts as made anew, of nothing.
void make_room(Items& items) {
    const auto give_way = [&](const std::string& old, const std::string& taker) {
        Item* const gone = items.find(old);
        Item* const coming = items.find(taker);
        if (gone == nullptr || coming == nullptr || !gone->in_from || gone->in_to || coming->in_from) return;
        gone->in_to = true;
        gone->make = {};
        coming->needs.push_back("gone " + old);
    };
    std::vector<std::string> names;
    for (const auto& [id, item] : items.by_id) {
        if (id.starts_with("DOMAIN ")) names.push_back(id.substr(id.find(' ') + 1));
    }
    for (const std::string& name : names) {
        give_way("TYPE " + name, "DOMAIN " + name);
        give_way("DOMAIN " + name, "TYPE " + name);
    }
}

template <class T>
std::string type_id(const T& type) {
    return "TYPE " + qualified(type.schema, type.name);
}

std::string check_id(const Domain& domain, const Check& check) {
    return "CONSTRAINT " + quote(check.name.text) + " ON " + domain_id(domain);
}

std::string default_id(const Domain& domain) { return "DEFAULT ON " + domain_id(domain); }

/// Default and checks of a domain: those of a new one stand in its CREATE unless they call something; all others come and go by
/// themselves.
class DomainParts {
public:
    DomainParts(const Schema& to, Items& items) : items_(items) {
        for (const Dependency& dependency : to.dependencies.value) {
            if (!dependency.id.ends_with(" ON " + dependency.needs)) calls_.insert(dependency.id);
        }
    }

    void run(const Schema& from, const Schema& to) {
        for (const Domain& domain : from.domains) add_live(domain);
        for (const Domain& domain : to.domains) add_wanted(domain);
    }

private:
    Items& items_;
    std::set<std::string> calls_;  ///< ids that need more than their domain
    std::map<std::string, const Check*> checks_;
    std::map<std::string, const Domain*> domains_;

    void add_live(const Domain& domain) {
        domains_[domain_id(domain)] = &domain;
        const auto part = [&](const std::string& id, Rank rank, const std::string& drop) {
            Item& item = items_.add(id, rank);
            item.in_from = true;
            item.owner = domain_id(domain);
            item.drop = {"ALTER " + item.owner + drop};
        };
        if (domain.default_value) part(default_id(domain), Rank::column_default, " DROP DEFAULT");
        for (const Check& check : domain.checks) {
            part(check_id(domain, check), Rank::constraint, " DROP CONSTRAINT " + quote(check.name.text));
            checks_[check_id(domain, check)] = &check;
        }
    }

    void add_wanted(const Domain& domain) {
        Item& owner = *items_.find(domain_id(domain));
        Domain inside = domain;
        inside.checks.clear();
        const auto separate = [&](const std::string& id, Rank rank, const std::string& statement) -> Item& {
            Item& item = items_.add(id, rank);
            item.in_to = true;
            item.make = {"ALTER " + owner.id + statement};
            item.needs.push_back(owner.id);
            return item;
        };
        for (const Check& check : domain.checks) {
            const std::string id = check_id(domain, check);
            if (!owner.in_from && !check.not_valid && !calls_.contains(id)) {
                inside.checks.push_back(check);
                items_.to_alias[id] = owner.id;
                continue;
            }
            Item& item = separate(id, Rank::constraint, " ADD " + constraint_clause(check));
            const auto old = checks_.find(id);
            if (old == checks_.end()) continue;
            item.equal = *old->second == check;
            Check valid = *old->second;
            valid.not_valid = false;
            if (valid == check) item.alter = Statements{"ALTER " + owner.id + " VALIDATE CONSTRAINT " + quote(check.name.text)};
        }
        add_default(domain, owner, inside, separate);
        owner.make = {create_domain(inside)};
    }

    template <class Separate>
    void add_default(const Domain& domain, const Item& owner, Domain& inside, const Separate& separate) {
        if (!domain.default_value) return;
        const std::string id = default_id(domain);
        if (!owner.in_from && !calls_.contains(id)) {
            items_.to_alias[id] = owner.id;
            return;
        }
        inside.default_value.reset();
        Item& item = separate(id, Rank::column_default, " SET DEFAULT " + default_text(*domain.default_value));
        const auto old = domains_.find(owner.id);
        if (old == domains_.end() || !old->second->default_value) return;
        item.equal = old->second->default_value == domain.default_value;
        item.alter = item.make;
    }
};

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

void add_types(const Changes& changes, Items& items) {
    const Schema& from = changes.from;
    const Schema& to = changes.to;
    add_kind<std::string>(from.schemas, to.schemas,
                          {.rank = Rank::schema,
                           .id = [](const std::string& name) { return "SCHEMA " + quote(name); },
                           .make = [](const std::string& name) { return Statements{"CREATE SCHEMA " + quote(name)}; },
                           .alter = [](const std::string&, const std::string&) { return std::optional(Statements{}); }},
                          items);
    add_kind<Extension>(from.extensions, to.extensions,
                        {.rank = Rank::extension,
                         .id = [](const Extension& e) { return "EXTENSION " + quote(e.name); },
                         .make = [](const Extension& e) { return Statements{create_extension(e)}; },
                         .alter = alter_extension},
                        items);
    add_kind<EnumType>(from.enums, to.enums,
                       {.rank = Rank::type,
                        .id = type_id<EnumType>,
                        .make = [](const EnumType& e) { return Statements{create_enum(e)}; },
                        .alter = alter_enum},
                       items);
    add_kind<RangeType>(from.ranges, to.ranges,
                        {.rank = Rank::type,
                         .id = type_id<RangeType>,
                         .make = [](const RangeType& r) { return Statements{create_range(r)}; },
                         .alter = [](const RangeType&, const RangeType&) { return std::optional<Statements>{}; }},
                        items);
    add_kind<CompositeType>(from.composites, to.composites,
                            {.rank = Rank::type,
                             .id = type_id<CompositeType>,
                             .make = [](const CompositeType& c) { return Statements{create_composite(c)}; },
                             .alter = alter_composite},
                            items);
    add_kind<Domain>(from.domains, to.domains,
                     {.rank = Rank::type,
                      .id = domain_id,
                      .make = [](const Domain& d) { return Statements{create_domain(d)}; },
                      .alter = alter_domain},
                     items);
    make_room(items);
    for (const EnumType& type : from.enums) put_aside(items, type_id(type), type.schema, type.name);
    for (const RangeType& type : from.ranges) put_range_aside(items, type);
    for (const CompositeType& type : from.composites) put_aside(items, type_id(type), type.schema, type.name);
    for (const Domain& domain : from.domains) put_aside(items, domain_id(domain), domain.schema, domain.name);
    DomainParts(to, items).run(from, to);
    add_kind<Sequence>(from.sequences, to.sequences,
                       {.rank = Rank::sequence,
                        .id = [](const Sequence& s) { return "SEQUENCE " + qualified(s.schema, s.name); },
                        .make = [](const Sequence& s) { return Statements{create_sequence(s)}; },
                        .alter = alter_sequence},
                       items);
}

void add_objects(const Changes& changes, Items& items) {
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
        item.make = {object.definition.text};
        needs_of_own(object, changes.to, item);
        const auto old = live.find(object.id);
        if (old == live.end()) {
            item.owner = object.owner;
            if (!object.owner.empty()) item.needs.push_back(object.owner);
            continue;
        }
        item.equal = *old->second == object;
        if (!item.equal) item.alter = alter_object(*old->second, object);
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

/// A table whose row type is the type of another's column cannot change a column's type meanwhile.
void add_row_types(const Changes& changes, Items& items) {
    std::map<std::string, std::vector<std::string>> retyping;
    for (const Table& table : changes.to.tables) {
        for (const Column& column : table.columns) {
            const Item* item = items.find(column_id(table, column.name));
            if (item != nullptr && item->retypes) retyping[table_id(table)].push_back(item->id);
        }
    }
    if (retyping.empty()) return;
    const auto row_type = [&](const Column& column) {
        const bool array = column.type.text.ends_with("[]");
        return retyping.find("TABLE " + column.type.text.substr(0, column.type.text.size() - (array ? 2 : 0)));
    };
    for (const Table& table : changes.to.tables) {
        for (const Column& column : table.columns) {
            Item* const of = items.find(column_id(table, column.name));
            const auto changing = row_type(column);
            if (of == nullptr || !of->in_from || of->retypes || changing == retyping.end()) continue;
            of->retypes = true;
            const std::string alter = "ALTER TABLE " + qualified(table) + " ALTER COLUMN " + quote(column.name) + " TYPE ";
            Item& item = items.add("ROW TYPE OF " + of->id, Rank::column);
            item.in_from = item.in_to = true;
            item.drop = {alter + "text USING " + quote(column.name) + "::text"};
            item.make = {alter + column.type.text + " USING " + quote(column.name) + "::" + column.type.text};
            item.frees = item.needs = changing->second;
        }
    }
}

Items make_items(const Changes& changes, const PlanOptions& options) {
    Items items;
    add_types(changes, items);
    items.anew = tables_made_anew(changes, items);
    add_tables(changes, options, items);
    remake_keys_across_persistence(changes, items);
    add_owned_sequences(changes, items);
    add_partition_rows(changes, options, items);
    add_row_types(changes, items);
    add_objects(changes, items);
    add_owners(changes, items);
    for (const std::string& id : items.remade) {
        Item* const item = items.find(id);
        if (item == nullptr || !item->in_from || !item->in_to) continue;
        item->equal = false;
        item->alter.reset();
    }
    return items;
}

}  // namespace tenon::postgres
