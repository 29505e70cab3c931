// Types, domains, sequences, schemas and extensions as items.
#include <algorithm>
#include <set>

#include "emitters/postgres_alter.h"
#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

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

std::string domain_id(const Domain& domain) { return "DOMAIN " + qualified(domain.schema, domain.name); }

std::string sequence_id(const Sequence& sequence) { return "SEQUENCE " + qualified(sequence.schema, sequence.name); }

template <class T>
std::string type_id(const T& type) {
    return "TYPE " + qualified(type.schema, type.name);
}

/// A type made anew is put aside first and dropped when no column is of it any more.
void put_aside(Items& items, const std::string& id, const std::string& schema, const std::string& name) {
    Item* const item = items.find(id);
    if (item == nullptr || !item->in_from || !item->in_to) return;
    const std::string aside = "tenon_old_" + name;
    item->drop = {"ALTER " + id + " RENAME TO " + quote(aside)};
    item->finish = {"DROP " + id.substr(0, id.find(' ')) + " " + qualified(schema, aside)};
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

/// A type whose name goes to something of another kind counts as made anew, of nothing: columns are of it until they change.
void make_room(const Schema& to, Items& items) {
    std::set<std::string> wanted;
    for (const Table& table : to.tables) wanted.insert(place_of(table_id(table)));
    for (const Sequence& sequence : to.sequences) wanted.insert(place_of(sequence_id(sequence)));
    for (const Object& object : to.objects) wanted.insert(place_of(object.id));
    for (const auto& [id, item] : items.by_id) {
        if (item.rank == Rank::type && item.in_to) wanted.insert(place_of(id));
    }
    for (auto& [id, item] : items.by_id) {
        if (item.rank == Rank::type && !item.in_to && wanted.contains(place_of(id))) item.in_to = true;
    }
}

/// Where the old schema stores values of its types: PostgreSQL changes some things of a type only while no column has it.
class Stored {
public:
    explicit Stored(const Schema& schema) {
        for (const Dependency& dependency : schema.dependencies.value) dependents_[dependency.needs].push_back(dependency.id);
        for (const Table& table : schema.tables) {
            for (const Column& column : table.columns) {
                if (is_array(column.type)) arrays_.insert(column_id(table, column.name));
            }
        }
        for (const Domain& domain : schema.domains) {
            if (is_array(domain.type)) arrays_.insert(domain_id(domain));
        }
    }

    /// True where a column or a view is of the type, or of one that holds it.
    bool anywhere(const std::string& type) const { return reaches(type, true); }
    /// True where a column holds the domain within something else: an array, a composite type, a range.
    bool inside(const std::string& domain) const { return reaches(domain, false); }

private:
    std::map<std::string, std::vector<std::string>> dependents_;
    std::set<std::string> arrays_;  ///< ids of columns and domains that are arrays

    static bool is_array(const Sql& type) { return type.text.ends_with("[]"); }

    bool reaches(const std::string& type, bool counts) const {
        const auto found = dependents_.find(type);
        if (found == dependents_.end()) return false;
        return std::ranges::any_of(found->second, [&](const std::string& id) {
            const bool within = counts || arrays_.contains(id);
            if (id.starts_with("TYPE ")) return reaches(id, true);
            if (id.starts_with("DOMAIN ")) return reaches(id, within);
            // The columns of these have no items of their own.
            const bool whole =
                id.starts_with("VIEW ") || id.starts_with("MATERIALIZED VIEW ") || id.starts_with("FOREIGN TABLE ");
            return (id.starts_with("COLUMN ") && within) || (whole && counts);
        });
    }
};

/// A composite type of which values are stored gets no other type of an attribute in place.
void remake_stored_composites(const Stored& stored, const Changes& changes, Items& items) {
    for (const CompositeType& type : changes.to.composites) {
        Item& item = *items.find(type_id(type));
        const auto retypes = [](const std::string& sql) { return sql.find(" ALTER ATTRIBUTE ") != std::string::npos; };
        if (item.in_from && item.alter && std::ranges::any_of(*item.alter, retypes) && stored.anywhere(item.id))
            item.alter.reset();
    }
}

/// A domain that is stored inside something does not become NOT NULL in place.
void remake_stored_domains(const Stored& stored, const Changes& changes, Items& items) {
    for (const Domain& domain : changes.to.domains) {
        Item& item = *items.find(domain_id(domain));
        if (item.in_from && !item.equal && !domain.nullable && stored.inside(item.id)) item.alter.reset();
    }
}

std::string check_id(const Domain& domain, const Check& check) {
    return "CONSTRAINT " + quote(check.name.text) + " ON " + domain_id(domain);
}

std::string default_id(const Domain& domain) { return "DEFAULT ON " + domain_id(domain); }

/// Default and checks of a domain: those of a new one stand in its CREATE unless they call something; all others come and go by
/// themselves.
class DomainParts {
public:
    DomainParts(const Schema& to, const Stored& stored, Items& items) : items_(items), stored_(stored), wanted_(to) {
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
    const Stored& stored_;
    const Stored wanted_;
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
            item.owner = owner.id;
            item.takes_owner = owner.in_from && !check.not_valid && stored_.inside(owner.id);
            item.comes_first = !check.not_valid && wanted_.inside(owner.id);
            const auto old = checks_.find(id);
            if (old == checks_.end()) continue;
            item.equal = *old->second == check;
            Check valid = *old->second;
            valid.not_valid = false;
            if (valid == check && !item.takes_owner)
                item.alter = Statements{"ALTER " + owner.id + " VALIDATE CONSTRAINT " + quote(check.name.text)};
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

/// What every schema is told apart from, a `public` that came with its database, is open to all.
Statements create_schema(const std::string& name) {
    Statements out{"CREATE SCHEMA " + quote(name)};
    if (name == "public") out.push_back("GRANT USAGE ON SCHEMA public TO PUBLIC");
    return out;
}

}  // namespace

void add_types(const Changes& changes, Items& items) {
    const Schema& from = changes.from;
    const Schema& to = changes.to;
    add_kind<std::string>(from.schemas, to.schemas,
                          {.rank = Rank::schema,
                           .id = [](const std::string& name) { return "SCHEMA " + quote(name); },
                           .make = create_schema,
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
    make_room(to, items);
    const Stored stored(from);
    remake_stored_composites(stored, changes, items);
    remake_stored_domains(stored, changes, items);
    for (const EnumType& type : from.enums) put_aside(items, type_id(type), type.schema, type.name);
    for (const RangeType& type : from.ranges) put_range_aside(items, type);
    for (const CompositeType& type : from.composites) put_aside(items, type_id(type), type.schema, type.name);
    for (const Domain& domain : from.domains) put_aside(items, domain_id(domain), domain.schema, domain.name);
    DomainParts(to, stored, items).run(from, to);
    add_kind<Sequence>(from.sequences, to.sequences,
                       {.rank = Rank::sequence,
                        .id = sequence_id,
                        .make = [](const Sequence& s) { return Statements{create_sequence(s)}; },
                        .alter = alter_sequence},
                       items);
}

}  // namespace tenon::postgres
