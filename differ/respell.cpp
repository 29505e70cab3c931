// Putting the old form of a thing in the place of the new one.
#include "differ/respell.h"

#include <algorithm>

namespace tenon {
namespace {

/// Columns, constraints and indexes are told by their names.
template <class T>
std::string name_of(const T& thing) {
    if constexpr (requires { thing.name.text; }) {
        return thing.name.text;
    } else {
        return thing.name;
    }
}

template <class T>
void put(std::vector<T>& things, const T& old) {
    const auto found = std::ranges::find_if(things, [&](const T& thing) { return name_of(thing) == name_of(old); });
    if (found != things.end()) *found = old;
}

Table* table_of(Schema& schema, const std::string& name) {
    const auto found = std::ranges::find_if(schema.tables, [&](const Table& table) { return table.full_name() == name; });
    return found == schema.tables.end() ? nullptr : &*found;
}

/// Only what holds an expression can be spelled in two ways.
void put_back(Schema& schema, const std::string& table, const Column& old) {
    if (Table* const of = table_of(schema, table)) put(of->columns, old);
}
void put_back(Schema& schema, const std::string& table, const Check& old) {
    if (Table* const of = table_of(schema, table)) put(of->checks, old);
}
void put_back(Schema& schema, const std::string& table, const Index& old) {
    if (Table* const of = table_of(schema, table)) put(of->indexes, old);
}
void put_back(Schema& schema, const std::string& table, const Exclusion& old) {
    if (Table* const of = table_of(schema, table)) put(of->exclusions, old);
}
void put_back(Schema& schema, const std::string&, const Domain& old) {
    const auto found =
        std::ranges::find_if(schema.domains, [&](const Domain& d) { return d.schema == old.schema && d.name == old.name; });
    if (found != schema.domains.end()) *found = old;
}
void put_back(Schema& schema, const std::string&, const Object& old) {
    const auto found = std::ranges::find(schema.objects, old.id, &Object::id);
    if (found != schema.objects.end()) *found = old;
}
template <class T>
void put_back(Schema&, const std::string&, const T&) {}

}  // namespace

Schema respell(Schema to, const Changes& changes, const std::set<std::string>& objects) {
    for (const Change& change : changes.list) {
        if (!objects.contains(change_id(change))) continue;
        std::visit(
            [&]<class T>(const Delta<T>& delta) {
                if (delta.from && delta.to) put_back(to, delta.table, *delta.from);
            },
            change);
    }
    return to;
}

}  // namespace tenon
