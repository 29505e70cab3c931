// What ties a table to other things: its type, the partitioned table above it, the indexes that it is clustered and replicated
// by.
#include <algorithm>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

/// A table of a type is of none while its columns follow that.
void add_type_of(const Table& from, const Table& to, Items& items) {
    if (from.of_type.empty() && to.of_type.empty()) return;
    Item& item = items.add("TYPE OF " + table_id(to), Rank::other);
    const std::string start = "ALTER TABLE " + qualified(to) + " ";
    const Item* type = items.find("TYPE " + *to.of_type);
    item.in_from = !from.of_type.empty();
    item.in_to = !to.of_type.empty();
    item.equal = from.of_type == to.of_type && (type == nullptr || type->equal);
    if (item.in_from) {
        item.drop = {start + "NOT OF"};
        item.frees = {"TYPE " + *from.of_type};
        for (const Column& column : from.columns) item.frees.push_back(column_id(from, column.name));
    }
    if (item.in_to) {
        item.make = {start + "OF " + *to.of_type};
        item.needs = {"TYPE " + *to.of_type};
        for (const Column& column : to.columns) item.needs.push_back(column_id(to, column.name));
    }
}

/// A partition that gets other bounds is put elsewhere at once; one that comes or goes does so when it is as it shall be.
void add_attachment(const Changes& changes, const Table* from, const Table* to, Items& items) {
    const bool was = from != nullptr && !from->partition_of.empty();
    const bool is = to != nullptr && !to->partition_of.empty();
    if (!was && !is) return;
    const Table& any = to != nullptr ? *to : *from;
    Item& item = items.add("ATTACHMENT " + qualified(any), Rank::attachment);
    item.in_from = was;
    item.in_to = is;
    const bool stays = was && is && from->partition_of == to->partition_of;
    if (stays) {
        item.rank = Rank::bounds;
    } else if (from != nullptr && to != nullptr) {
        for (const Check& check : inherited_checks(changes.from, *from))
            item.frees.push_back(constraint_id(*from, check.name.text));
        for (const Check& check : inherited_checks(changes.to, *to)) item.needs.push_back(constraint_id(*to, check.name.text));
    }
    if (was) {
        item.drop = {"ALTER TABLE " + qualified(changes.from, from->partition_of) + " DETACH PARTITION " + qualified(*from)};
        item.frees.push_back("TABLE " + qualified(changes.from, from->partition_of));
    }
    if (is) {
        item.make = {"ALTER TABLE ONLY " + qualified(changes.to, to->partition_of) + " ATTACH PARTITION " + qualified(*to) +
                     " " + to->partition_bound->text};
        item.needs.push_back(table_id(*to));
        // Rows of every table above wait for this.
        for (const Table* at = to; at != nullptr && !at->partition_of.empty(); at = find_table(changes.to, at->partition_of))
            item.needs.push_back("TABLE " + qualified(changes.to, at->partition_of));
    }
    item.equal = stays && from->partition_bound == to->partition_bound;
}

/// True where a column becomes nullable that the index which identifies rows may be of: the server refuses that meanwhile.
bool outgrows_identity(const Table& from, const Table& to) {
    return from.replica_identity->starts_with("index ") && std::ranges::any_of(from.columns, [&](const Column& old) {
               const Column* const now = column_of(to, old.name);
               return now != nullptr && !old.nullable && now->nullable;
           });
}

/// A table leaves its parents before anything else changes: the columns that stay are its own before the parent loses them, and
/// those that go before it loses them itself.
void leave_parents(const Changes& changes, const Table& from, const Table& to, Items& items) {
    const std::string start = "ALTER TABLE " + qualified(from) + " ";
    for (const std::string& name : from.inherits) {
        const Table* const parent = find_table(changes.from, name);
        if (parent == nullptr || has(to.inherits, name)) continue;
        Item& item = items.add("PARENTS OF " + table_id(to), Rank::attachment);
        item.in_from = true;
        item.drop.push_back(start + "NO INHERIT " + qualified(*parent));
        item.frees.push_back(table_id(*parent));
        for (const Column& column : parent->columns)
            item.frees.insert(item.frees.end(), {column_id(*parent, column.name), column_id(from, column.name)});
        for (const Check& check : parent->checks) {
            item.frees.insert(item.frees.end(),
                              {constraint_id(*parent, check.name.text), constraint_id(from, check.name.text)});
        }
    }
    if (from.inherits == to.inherits) return;
    // What it had from there and shall not have as its own.
    const std::vector<Check> still = inherited_checks(changes.to, to);
    for (const Check& check : inherited_checks(changes.from, from)) {
        const auto same = [&](const Check& other) { return other.name.text == check.name.text; };
        if (std::ranges::find(to.checks, check) == to.checks.end() && std::ranges::none_of(still, same))
            items.add("PARENTS OF " + table_id(to), Rank::attachment)
                .drop.push_back(start + "DROP CONSTRAINT " + quote(check.name.text));
    }
}

/// A table comes to inherit when it has all that its new parents have.
void join_parents(const Changes& changes, const Table& from, const Table& to, Items& items) {
    for (const std::string& parent : to.inherits) {
        if (has(from.inherits, parent)) continue;
        Item& item = items.add("PARENTS OF " + table_id(to), Rank::attachment);
        const std::string name = qualified(changes.to, parent);
        item.in_to = true;
        item.make.push_back("ALTER TABLE " + qualified(to) + " INHERIT " + name);
        item.needs.insert(item.needs.end(), {table_id(to), "TABLE " + name});
        if (const Table* const above = find_table(changes.to, parent)) {
            for (const Column& column : above->columns)
                item.needs.insert(item.needs.end(), {column_id(*above, column.name), column_id(to, column.name)});
        }
    }
}

/// CLUSTER and REPLICA IDENTITY name an index, so they come after it.
void add_index_choices(const Table* from, const Table* to, Items& items) {
    const auto choose = [&](const std::string& kind, const std::string& old, const std::string& now, const std::string& set,
                            const std::string& reset) {
        if (old == now) return;
        Item& item = items.add(kind + " " + table_id(*to), Rank::other);
        item.in_to = true;
        item.make = {now.empty() ? reset : set};
        item.needs = {table_id(*to), index_id(*to, now), constraint_id(*to, now)};
    };
    const std::string whole = "ALTER TABLE " + qualified(*to) + " ";
    choose("CLUSTER", from == nullptr ? "" : from->cluster_on, to->cluster_on, whole + "CLUSTER ON " + quote(to->cluster_on),
           whole + "SET WITHOUT CLUSTER");
    if ((from == nullptr ? "" : from->replica_identity) == to->replica_identity) return;
    Item& item = choose_replica_identity(*to, items);
    if (from == nullptr || !outgrows_identity(*from, *to)) return;
    item.in_from = true;
    item.in_to = !to->replica_identity.empty();
    item.drop = {"ALTER TABLE ONLY " + qualified(*to) + " REPLICA IDENTITY DEFAULT"};
}

}  // namespace

Item& choose_replica_identity(const Table& table, Items& items) {
    Item& item = items.add("REPLICA IDENTITY " + table_id(table), Rank::other);
    if (item.in_to) return item;
    const std::string& identity = table.replica_identity;
    const std::string index = identity.starts_with("index ") ? identity.substr(6) : "";
    const std::string words = index.empty() ? (identity == "full" ? "FULL" : "NOTHING") : "USING INDEX " + quote(index);
    item.in_to = true;
    item.make = {"ALTER TABLE ONLY " + qualified(table) + " REPLICA IDENTITY " + (identity.empty() ? "DEFAULT" : words)};
    item.needs = {table_id(table), index_id(table, index), constraint_id(table, index)};
    return item;
}

void add_ties(const Changes& changes, const Table* from, const Table* to, Items& items) {
    if (from != nullptr && to != nullptr) {
        add_type_of(*from, *to, items);
        leave_parents(changes, *from, *to, items);
        join_parents(changes, *from, *to, items);
    }
    add_attachment(changes, from, to, items);
    add_index_choices(from, to, items);
}

}  // namespace tenon::postgres
