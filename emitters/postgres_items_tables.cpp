// Tables, columns and defaults as items.
#include <algorithm>
#include <set>

#include "emitters/postgres_alter.h"
#include "emitters/postgres_anew.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "emitters/postgres_remade_values.h"
#include "emitters/postgres_written_rows.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

class TableItems {
public:
    TableItems(const Changes& changes, const PlanOptions& options, Items& items)
        : changes_(changes),
          from_(changes.from),
          to_(changes.to),
          options_(options),
          items_(items),
          from_tables_(by_name(from_)),
          to_tables_(by_name(to_)),
          circles_(to_) {}

    void run() {
        for (const Table& table : from_.tables) {
            if (!to_tables_.contains(table.full_name())) add_dropped(table);
        }
        for (const Table& table : to_.tables) {
            const auto live = from_tables_.find(table.full_name());
            if (live == from_tables_.end()) {
                add_new(table);
            } else if (made_anew(table.full_name())) {
                add_anew(*live->second, table);
            } else {
                add_both(*live->second, table);
            }
        }
    }

private:
    const Changes& changes_;
    const Schema& from_;
    const Schema& to_;
    const PlanOptions& options_;
    Items& items_;
    TableMap from_tables_;
    TableMap to_tables_;
    const Circles circles_;  ///< of the new schema

    void add_dropped(const Table& table) {
        const std::string id = table_id(table);
        Item& item = items_.add(id, Rank::table);
        item.in_from = true;
        item.drop = {"DROP " + id};
        // What refers to the partitioned table refers to each of its partitions.
        if (!table.partition_of.empty() && to_tables_.contains(table.partition_of) && !made_anew(table.partition_of))
            item.drop.insert(item.drop.begin(),
                             "ALTER TABLE " + qualified(from_, table.partition_of) + " DETACH PARTITION " + qualified(table));
        item.hazards.push_back({Hazard::Kind::data_loss, table.full_name(), "the table and its rows are dropped"});
        for (const Column& column : table.columns) {
            items_.from_alias[column_id(table, column.name)] = id;
            const std::string own = default_id(table, column.name);
            if (column.generated || !items_.circles.lead_back(own, id)) {
                items_.from_alias[own] = id;
                continue;
            }
            Item& first = items_.add(own, Rank::column_default);
            first.in_from = true;
            first.drop = {"ALTER TABLE " + qualified(table) + " ALTER COLUMN " + quote(column.name) + " DROP DEFAULT"};
        }
        items_.from_alias["ATTACHMENT " + qualified(table)] = id;
        add_constraints(from_, to_, &table, nullptr, items_);
    }

    /// Checks of a partitioned table, which its partitions must have before they are attached.
    void parents_checks(const Table& table, TableBody& body) const {
        for (auto at = to_tables_.find(table.partition_of); at != to_tables_.end();
             at = to_tables_.find(at->second->partition_of)) {
            for (const Check& check : at->second->checks) {
                if (!check.no_inherit) body.constraints.push_back(constraint_clause(check));
            }
        }
    }

    void add_new(const Table& table) {
        const std::string id = table_id(table);
        Item& item = items_.add(id, Rank::table);
        item.in_to = true;
        TableBody body;
        for (const Column& column : table.columns) {
            items_.to_alias[column_id(table, column.name)] = id;
            if (!column.default_value || column.generated) {
                items_.to_alias[default_id(table, column.name)] = id;
            } else if (circles_.lead_back(default_id(table, column.name), id)) {
                body.without_default.push_back(column.name);
                Item& later = items_.add(default_id(table, column.name), Rank::column_default);
                later.in_to = true;
                later.make = set_default(table, column);
            } else {
                items_.to_alias[default_id(table, column.name)] = id;
            }
        }
        parents_checks(table, body);
        const bool plain =
            table.of_type.empty() && table.partition_by.empty() && table.partition_of.empty() && table.inherits.empty();
        const auto inline_constraint = [&](const std::string& name, const std::string& clause) {
            const std::string constraint = constraint_id(table, name);
            if (!plain || circles_.lead_back(constraint, id)) return;
            body.constraints.push_back(clause);
            items_.to_alias[constraint] = id;
        };
        if (table.primary_key) inline_constraint(table.primary_key->name.text, constraint_clause(*table.primary_key));
        for (const UniqueConstraint& unique : table.uniques) {
            if (!merges(table, unique)) inline_constraint(unique.name.text, constraint_clause(unique));
        }
        for (const Check& check : table.checks) {
            if (!check.not_valid) inline_constraint(check.name.text, constraint_clause(check));
        }
        item.make = {create_table(to_, table, body)};
        std::ranges::move(table_settings(to_, table), std::back_inserter(item.make));
        item.secure = security_settings(table);
        for (const std::string& parent : table.inherits) {
            item.needs.push_back("TABLE " + qualified(to_, parent));
            // Its own may merge with theirs, which must be of the same type by then.
            for (const Column& column : table.columns)
                item.needs.push_back("COLUMN " + qualified(to_, parent) + "." + quote(column.name));
        }
        add_constraints(from_, to_, nullptr, &table, items_);
        add_ties(changes_, nullptr, &table, items_);
    }

    /// CREATE TABLE makes one of two keys over the same columns.
    static bool merges(const Table& table, const UniqueConstraint& unique) {
        if (table.primary_key && table.primary_key->columns == unique.columns) return true;
        const auto first = std::ranges::find(table.uniques, unique.columns, &UniqueConstraint::columns);
        return &*first != &unique;
    }

    /// A domain of the same name may be over another type.
    bool is_stored_otherwise(const Column& old, const Column& now) const {
        return stored_type(from_, old.type.text) != stored_type(to_, now.type.text);
    }

    /// Made anew with its partitions; its rows wait in a temporary table.
    void add_anew(const Table& from, const Table& to) {
        add_dropped(from);
        add_new(to);
        Item& item = *items_.find(table_id(to));
        item.hazards = {{Hazard::Kind::copy, to.full_name(), "the table is made anew and its rows are copied"}};
        if (made_anew(from.partition_of)) {
            item.owner = "TABLE " + qualified(from_, from.partition_of);  // dropped with it, its rows saved with it
            return;
        }
        WaitingRows rows = waiting_rows(changes_, options_.intents, from, to,
                                        (from.partition_by.empty() ? "TABLE ONLY " : "TABLE ") + qualified(from));
        std::ranges::move(rows.guards, std::back_inserter(item.guards));
        std::ranges::move(rows.hazards, std::back_inserter(item.hazards));
        // The columns of a partitioned parent change first.
        for (const std::string& name : from.partition_by.empty() ? std::vector<std::string>{} : partition_columns(from)) {
            if (const Table* parent = parent_with(from_tables_, from, name)) {
                item.frees.push_back(column_id(*parent, name));
                item.needs.push_back(column_id(*parent, name));
            }
        }
        Item& saved = items_.add("ROWS OF " + table_id(from), Rank::grants);
        saved.in_from = true;
        saved.drop = past_policies(from, std::move(rows.save));
        saved.frees = {table_id(from)};
        for (const Table* part : with_partitions(from_, from)) {
            if (part != &from) saved.frees.insert(saved.frees.end(), {table_id(*part), "ATTACHMENT " + qualified(*part)});
        }
        item.finish = std::move(rows.give);
    }

    bool made_anew(const std::string& name) const { return items_.anew.contains(name); }

    /// What a table had from a parent that it leaves is its own from then on.
    Table after_leaving(const Table& from, const Table& to) const {
        Table out = from;
        const bool leaves_whole = from.partition_of != to.partition_of;
        if (from.inherits == to.inherits && !leaves_whole) return out;
        for (const Check& check : inherited_checks(from_, from)) {
            if (leaves_whole || std::ranges::find(to.checks, check) != to.checks.end()) out.checks.push_back(check);
        }
        return out;
    }

    /// What the new parent of a partition has, the partition must have by itself first.
    Table before_joining(const Table& from, const Table& to) const {
        Table out = to;
        if (from.partition_of != to.partition_of) std::ranges::copy(inherited_checks(to_, to), std::back_inserter(out.checks));
        return out;
    }

    void add_both(const Table& from, const Table& to) {
        const std::string id = table_id(to);
        Item& item = items_.add(id, Rank::table);
        item.in_from = item.in_to = true;
        item.alter = alter_table(from, to);
        item.equal = item.alter->empty();
        add_columns(from, to);
        const Table left = after_leaving(from, to);
        const Table joining = before_joining(from, to);
        add_constraints(from_, to_, &left, &joining, items_);
        add_ties(changes_, &from, &to, items_);
    }

    static Statements set_default(const Table& table, const Column& column) {
        return {"ALTER TABLE ONLY " + qualified(table) + " ALTER COLUMN " + quote(column.name) + " SET DEFAULT " +
                default_text(*column.default_value)};
    }

    static bool is_below(const Table& table, const Table& parent) {
        const std::vector<std::string> parents = parents_of(table);
        return std::ranges::find(parents, parent.full_name()) != parents.end();
    }

    /// True where a table keeps as its own what it inherits from this one: its column must not go with the parent's.
    bool stays_below(const Table& parent, const std::string& column) const {
        return std::ranges::any_of(from_.tables, [&](const Table& child) {
            const auto now = to_tables_.find(child.full_name());
            if (now == to_tables_.end() || std::ranges::find(child.inherits, parent.full_name()) == child.inherits.end())
                return false;
            const Column* own = column_of(*now->second, column);
            return own != nullptr && !own->inherited;
        });
    }

    void add_columns(const Table& from, const Table& to) {
        for (const Column& column : from.columns) {
            if (column_of(to, column.name) != nullptr) continue;
            const std::string id = column_id(from, column.name);
            items_.from_alias[default_id(from, column.name)] = id;
            const Table* parent = column.inherited ? parent_with(from_tables_, from, column.name) : nullptr;
            const bool parent_loses_it = parent != nullptr && is_below(to, *parent) &&
                                         (!to_tables_.contains(parent->full_name()) ||
                                          column_of(*to_tables_.at(parent->full_name()), column.name) == nullptr);
            const bool alone = parent_loses_it && stays_below(*parent, column.name);
            if (parent_loses_it && !alone) {
                items_.from_alias[id] = column_id(*parent, column.name);
                continue;
            }
            Item& item = items_.add(id, Rank::column);
            item.in_from = true;
            const bool only = stays_below(from, column.name);
            item.drop = {"ALTER TABLE " + std::string(only ? "ONLY " : "") + qualified(to) + " DROP COLUMN " +
                         quote(column.name)};
            if (alone) items_.add(column_id(*parent, column.name), Rank::column).frees.push_back(id);
            if (!column.generated)
                item.hazards.push_back(
                    {Hazard::Kind::data_loss, to.full_name() + "." + column.name, "the column and its values are dropped"});
        }
        for (const Column& column : to.columns) {
            const Column* live = column_of(from, column.name);
            if (live == nullptr) {
                add_column(from, to, column);
            } else {
                change_column(from, to, *live, column);
            }
        }
    }

    void add_column(const Table& from, const Table& to, const Column& column) {
        const std::string id = column_id(to, column.name);
        const Table* parent = column.inherited ? parent_with(to_tables_, to, column.name) : nullptr;
        if (parent != nullptr) {
            items_.to_alias[id] = column_id(*parent, column.name);
            if (from_tables_.contains(parent->full_name()) && is_below(from, *parent)) {
                // ADD COLUMN on the parent reaches here; only an own default is to be said.
                const Column* theirs = column_of(*parent, column.name);
                items_.to_alias[default_id(to, column.name)] = column_id(*parent, column.name);
                if (theirs != nullptr && theirs->default_value != column.default_value && !column.generated)
                    default_item(from, to, nullptr, &column);
                return;
            }
        }
        items_.to_alias[default_id(to, column.name)] = id;
        items_.to_alias.erase(id);
        Item& item = items_.add(id, Rank::column);
        item.in_to = true;
        const std::string add = "ALTER TABLE " + qualified(to) + " ADD COLUMN ";
        const auto wish = options_.intents.backfills.find({to.full_name(), column.name});
        if (wish != options_.intents.backfills.end() && !column.generated && !column.identity) {
            Column loose = column;
            loose.nullable = true;
            const std::string set = " SET " + quote(column.name) + " = " + wish->second.text;
            item.make = write_rows(to, {"UPDATE " + qualified(to) + set}, item);
            item.make.insert(item.make.begin(), add + column_clause(to, loose));
            if (!column.nullable) std::ranges::move(set_not_null(to, column), std::back_inserter(item.make));
        } else {
            item.make = {add + column_clause(to, column)};
            const bool empty_needed = !column.nullable && !column.default_value && !column.generated && !column.identity;
            if (empty_needed) item.guards.push_back(table_is_empty(from, to, column));
        }
        std::ranges::move(column_settings(to, column), std::back_inserter(item.make));
    }

    void default_item(const Table& from, const Table& to, const Column* old, const Column* now) {
        const bool was = old != nullptr && old->default_value && !old->generated;
        const bool is = now != nullptr && now->default_value && !now->generated;
        if (!was && !is) return;
        const std::string& name = now != nullptr ? now->name : old->name;
        Item& item = items_.add(default_id(to, name), Rank::column_default);
        items_.to_alias.erase(item.id);
        item.in_from = was;
        item.in_to = is;
        item.equal = was && is && *old->default_value == *now->default_value;
        if (was) item.drop = {"ALTER TABLE ONLY " + qualified(from) + " ALTER COLUMN " + quote(name) + " DROP DEFAULT"};
        if (is) item.make = set_default(to, *now);
        if (was && is) item.alter = item.make;
    }

    /// True where a column changes with that of a parent, whether or not it is declared here as well.
    bool follows_parent(const Table& from, const Table& to, const Column& old, const Column& now) const {
        const Table* before = parent_with(from_tables_, from, old.name);
        const Table* after = parent_with(to_tables_, to, now.name);
        if (before == nullptr || after == nullptr || old.inherited != now.inherited) return false;
        return now.inherited || before->full_name() == after->full_name();
    }

    void change_column(const Table& from, const Table& to, const Column& old, const Column& now) {
        const std::string id = column_id(to, now.name);
        if (old.generated) items_.from_alias[default_id(from, old.name)] = id;
        if (now.generated) items_.to_alias[default_id(to, now.name)] = id;
        Item& item = items_.add(id, Rank::column);
        item.in_from = item.in_to = true;
        item.keeps_values = !old.generated && !now.generated;
        const bool inherited = follows_parent(from, to, old, now);
        std::optional<Statements> rest = alter_column(to, old, told_here(to, old, now));
        item.retypes = rest && (old.type != now.type || old.collate != now.collate);
        if (rest && old.identity && !now.identity) drop_identity(from, old, item);
        if (inherited) {
            // The parent's own change reaches here, and says what becomes of NULLs.
            item.needs.push_back(column_id(*parent_with(to_tables_, to, now.name), now.name));
            item.equal = !item.retypes && rest && rest->empty();
            item.alter = rest.value_or(Statements{});
            if (item.retypes) item.alter = Statements{};
            item.retype = {};
            if (!item.keeps_values) {
                // It goes and comes with the parent's.
                const std::string above = column_id(*parent_with(to_tables_, to, now.name), now.name);
                item.frees.push_back(above);
                item.needs.push_back(above);
            }
        } else {
            item.equal = rest && rest->empty() && !item.retypes;
            item.alter = rest;
            const std::string given = given_conversion(options_.intents, to, now);
            const bool converts = item.retypes || is_stored_otherwise(old, now);
            Converter converter(from_, to_);
            const Conversion conversion = converts ? conversion_of(from_, to_, from, old, now, given, converter) : Conversion{};
            item.retype = converts || !given.empty()
                              ? converter.around(retype_column(to, old, now, converts ? conversion.using_expression : given))
                              : retype_made_anew(from_, to_, to, old, now);
            const Item* type = items_.find("TYPE " + element_of(now.type));
            const bool in_place = old.type == now.type && type != nullptr && (type->equal || type->alter);
            if (!in_place && given.empty()) {
                if (const auto lost = enum_has_values(from_, to_, from, old, now)) item.guards.push_back(*lost);
            }
            if (item.retypes) item.alter = alter_column(to, old, told_here(to, old, now), item.retype);
            if (conversion.guard) item.guards.push_back(*conversion.guard);
            item.hazards.insert(item.hazards.end(), conversion.hazards.begin(), conversion.hazards.end());
            backfill(from, to, old, now, item);
            if (item.alter) {
                Statements all = item.retypes ? Statements{} : item.retype;
                all.insert(all.end(), item.alter->begin(), item.alter->end());
                item.retype = std::move(all);
            }
        }
        // Made anew: dropped and added, with its values lost unless they are computed.
        if (!inherited) {
            item.drop = {"ALTER TABLE " + qualified(from) + " DROP COLUMN " + quote(old.name)};
            item.make = {"ALTER TABLE " + qualified(to) + " ADD COLUMN " + column_clause(to, now)};
        }
        std::ranges::move(column_settings(to, now), std::back_inserter(item.make));
        if (!rest && !old.generated)
            item.hazards.push_back({Hazard::Kind::data_loss, to.full_name() + "." + now.name,
                                    "the column becomes a generated one: its values are dropped"});
        default_item(from, to, &old, &now);
    }

    /// From PostgreSQL 18 on a parent's NOT NULL reaches its children under its own name: they do not say it again.
    Column told_here(const Table& to, const Column& old, Column now) const {
        if (old.nullable && !now.not_null_name.empty() && not_null_above(to_, to, now)) now.nullable = true;
        return now;
    }

    /// The sequence goes, and what stands on it, before the column changes: one that numbers itself is of an integer type.
    void drop_identity(const Table& table, const Column& column, Item& item) {
        Item& identity = items_.add(identity_id(item.id), Rank::column);
        identity.in_from = true;
        identity.drop = {"ALTER TABLE ONLY " + qualified(table) + " ALTER COLUMN " + quote(column.name) + " DROP IDENTITY"};
        item.needs.push_back("gone " + identity.id);
    }

    /// What old rows get where a column becomes NOT NULL.
    void backfill(const Table& from, const Table& to, const Column& old, const Column& now, Item& item) {
        if (!old.nullable || now.nullable || !item.alter) return;
        const std::string text = fill_of(options_.intents, to, now);
        if (text.empty()) {
            item.guards.push_back(no_nulls(from, old));
        } else {
            std::ranges::copy_if(circles_.needs_of(default_id(to, now.name)), std::back_inserter(item.needs),
                                 [](const std::string& need) { return !need.starts_with("COLUMN "); });
            const auto forbids = [](const std::string& sql) { return sql.ends_with(" SET NOT NULL"); };
            const std::string name = quote(now.name);
            const std::string update =
                "UPDATE " + qualified(to) + " SET " + name + " = " + text + " WHERE " + name + " IS NULL";
            const Statements fill =
                write_rows(to, past_used_numbers(to_, to, now, {text, name, qualified(to)}, {update}), item);
            item.alter->insert(std::ranges::find_if(*item.alter, forbids), fill.begin(), fill.end());
        }
    }

    /// Whatever the table's policies and publications are, which are set first and last.
    Statements write_rows(const Table& table, Statements statements, Item& item) {
        item.needs.push_back(table_id(table));
        return past_policies(table, past_publications(changes_, table, std::move(statements), item, items_));
    }
};

}  // namespace

void add_tables(const Changes& changes, const PlanOptions& options, Items& items) { TableItems(changes, options, items).run(); }

}  // namespace tenon::postgres
