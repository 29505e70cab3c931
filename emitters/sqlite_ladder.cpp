// Choosing between ALTER TABLE, an edit of the definition and a rebuild.
#include "emitters/sqlite_ladder.h"

#include <algorithm>

#include "emitters/sqlite_edit.h"
#include "emitters/sqlite_guards.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/type.h"

namespace tenon::sqlite {
namespace {

bool mentions(const std::string& sql, const std::string& name) {
    return std::ranges::binary_search(mentioned_names(sql, Dialect::sqlite), fold(name));
}

bool has_part(const std::vector<KeyPart>& parts, const std::string& column) {
    return std::ranges::any_of(parts, [&](const KeyPart& part) { return same_name(part.column, column); });
}

/// A default that ALTER TABLE ADD COLUMN takes on a table with rows: a literal.
bool constant_default(const Column& column) {
    if (!column.default_value) return true;
    const std::string& text = std::get<Sql>(*column.default_value).text;
    const std::vector<Token> tokens = lex(text, Dialect::sqlite);
    if (tokens.empty()) return true;
    const TokenKind kind = tokens.back().kind;
    const bool sign = tokens.size() == 2 && (text.front() == '-' || text.front() == '+');
    if (kind == TokenKind::number) return tokens.size() == 1 || sign;
    if (kind == TokenKind::string || kind == TokenKind::name) return tokens.size() == 1;
    return tokens.size() == 1 && (same_name(text, "NULL") || same_name(text, "TRUE") || same_name(text, "FALSE"));
}

bool null_default(const Column& column) {
    return !column.default_value || same_name(std::get<Sql>(*column.default_value).text, "NULL");
}

/// The constraints of `to` that `from` does not have, and the other way round, are only those that stand inside added columns.
template <class T>
bool only_added_inline(const Table& from, const Table& to, const std::vector<T>& had, const std::vector<T>& has) {
    std::vector<T> left = had;
    for (const T& constraint : has) {
        if (const auto same = std::ranges::find(left, constraint); same != left.end()) {
            left.erase(same);
            continue;
        }
        const Placement place = constraint.placement.value;
        const auto around =
            std::ranges::find_if(to.columns, [&](const Column& c) { return c.placement.value.item == place.item; });
        if (place.clause < 0 || around == to.columns.end() || find_column(from, around->name) != nullptr) return false;
    }
    return left.empty();
}

bool natively_added(const Table& to, const Column& column) {
    if (column.generated) return !column.generated->stored && column.nullable;
    const bool refers = std::ranges::any_of(to.foreign_keys, [&](const ForeignKey& key) {
        return std::ranges::any_of(key.columns, [&](const std::string& name) { return same_name(name, column.name); });
    });
    return constant_default(column) && (column.nullable || !null_default(column)) && (!refers || null_default(column));
}

/// True where a key, a foreign key or a generated column of the table depends on the column.
bool is_leaned_on(const Table& table, const Column& column) {
    const auto in_parts = [&](const auto& keyed) { return has_part(keyed.columns, column.name); };
    const auto refers = [&](const ForeignKey& key) {
        return std::ranges::any_of(key.columns, [&](const std::string& name) { return same_name(name, column.name); });
    };
    const auto computed = [&](const Column& other) {
        return other.generated && &other != &column && mentions(other.generated->expression.text, column.name);
    };
    return (table.primary_key && in_parts(*table.primary_key)) || std::ranges::any_of(table.uniques, in_parts) ||
           std::ranges::any_of(table.foreign_keys, refers) || std::ranges::any_of(table.columns, computed);
}

bool is_indexed(const Table& table, const Column& column) {
    return std::ranges::any_of(table.indexes, [&](const Index& index) {
        return has_part(index.columns, column.name) || mentions(index.where_clause->text, column.name) ||
               std::ranges::any_of(index.columns,
                                   [&](const KeyPart& part) { return mentions(part.expression->text, column.name); });
    });
}

/// DROP COLUMN refuses what anything else in the table speaks of, and what a view or trigger would miss.
bool natively_dropped(const TableChange& change, const Column& column) {
    const Table& from = *change.from;
    if (is_leaned_on(from, column)) return false;
    if (std::ranges::any_of(from.checks, [&](const Check& check) { return mentions(check.expression.text, column.name); }))
        return false;
    // What changes itself is dropped before the column, and made after it.
    const auto misses = [&](const auto& thing, const auto& later) {
        const std::string& sql = thing.definition.text;
        return mentions(sql, from.name) && mentions(sql, column.name) && std::ranges::find(later, thing) != later.end();
    };
    const auto trigger_misses = [&](const auto& owner, const auto& later) {
        return std::ranges::any_of(owner.triggers, [&](const Trigger& trigger) {
            return std::ranges::any_of(later, [&](const auto& other) { return misses(trigger, other.triggers); });
        });
    };
    const Schema& before = change.changes->from;
    const Schema& after = change.changes->to;
    return std::ranges::none_of(
               before.views,
               [&](const View& view) { return misses(view, after.views) || trigger_misses(view, after.views); }) &&
           std::ranges::none_of(before.tables, [&](const Table& table) { return trigger_misses(table, after.tables); });
}

bool all_native(const TableChange& change) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    if (from.strict != to.strict || from.without_rowid != to.without_rowid || from.primary_key != to.primary_key) return false;
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (live != nullptr ? !(*live == column) : !natively_added(to, column)) return false;
    }
    for (const Column& column : from.columns) {
        if (find_column(to, column.name) == nullptr &&
            !(change.options->capabilities.native_drop_column && natively_dropped(change, column)))
            return false;
    }
    return only_added_inline(from, to, from.uniques, to.uniques) && from.uniques.size() == to.uniques.size() &&
           only_added_inline(from, to, from.checks, to.checks) &&
           only_added_inline(from, to, from.foreign_keys, to.foreign_keys);
}

/// True where rows are found by the same key, and the indexes that SQLite made for keys serve `definition` too, each in its
/// place.
bool same_keys(const Table& from, const Table& to, const std::string& definition) {
    const auto is_rowid = [](const Table& table) { return table.primary_key && table.primary_key->row_id; };
    const bool same_rowid =
        is_rowid(from) == is_rowid(to) && (!is_rowid(from) || from.primary_key->columns == to.primary_key->columns);
    const bool same_order = !from.without_rowid || from.primary_key->columns == to.primary_key->columns;
    return from.without_rowid == to.without_rowid && same_rowid && same_order &&
           automatic_indexes(from.stored.value) == automatic_indexes(definition);
}

/// True where a record that lacks the column reads the same value before its affinity changes and after: NULL, or an integer.
bool default_outlives_affinity(const Column& column) {
    if (null_default(column)) return true;
    const std::string& text = std::get<Sql>(*column.default_value).text;
    const bool digits = text.size() < 19 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    const Affinity affinity = affinity_of(column.type.text);
    return digits && (affinity == Affinity::integer || affinity == Affinity::numeric);
}

/// True where `UPDATE t SET c = c` under the new definition stores what a copy would: the values pass through the new affinity
/// where they are.
bool converts_in_place(const TableChange& change, const Column& live, const Column& column) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    const auto keeps_all = [&](const Column& c) { return (from.strict || to.strict) && same_name(c.type.text, "ANY"); };
    return from.strict == to.strict && !keeps_all(live) && !keeps_all(column) && from.triggers.empty() &&
           live.default_value == column.default_value && default_outlives_affinity(live) && !is_leaned_on(from, live) &&
           !is_leaned_on(to, column) && !is_indexed(from, live) && !is_indexed(to, column);
}

/// True where the rows may stay where they are stored while the table gets the definition `edited`.
bool rows_stay(const TableChange& change, const std::string& edited) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    if (change.options->intents.column_order || !same_keys(from, to, edited)) return false;
    for (const Column& column : from.columns) {
        const bool stored = !column.generated || column.generated->stored;
        if (find_column(to, column.name) == nullptr && stored) return false;
    }
    for (const Column& column : to.columns) {
        const Column* live = find_column(from, column.name);
        if (live == nullptr) {
            if (column.generated ? column.generated->stored
                                 : carried_value(from, to, column, *change.options) != "NULL" && !constant_default(column))
                return false;
            const bool backfilled = std::ranges::any_of(change.options->intents.backfills, [&](const auto& entry) {
                return same_name(entry.first.first, to.full_name()) && same_name(entry.first.second, column.name);
            });
            if (backfilled) return false;
            continue;
        }
        const bool was_virtual = live->generated && !live->generated->stored;
        const bool is_virtual = column.generated && !column.generated->stored;
        if (was_virtual != is_virtual) return false;
        const bool was_stored = live->generated && live->generated->stored;
        const bool is_stored = column.generated && column.generated->stored;
        if (was_stored && is_stored && live->generated != column.generated) return false;
        if (!is_virtual && affinity_of(live->type.text) != affinity_of(column.type.text) &&
            (column.generated || live->generated || !converts_in_place(change, *live, column)))
            return false;
        // In a STRICT table ANY keeps what it is given; elsewhere the word means NUMERIC.
        if (from.strict != to.strict && (same_name(column.type.text, "ANY") || same_name(live->type.text, "ANY"))) return false;
        if (revalued(from, to, column, *change.options)) return false;
        // Looking for short records rewrites rows where there are any, and triggers would see that.
        if (live->default_value != column.default_value && !from.triggers.empty()) return false;
    }
    return true;
}

}  // namespace

Method method_for(const TableChange& change) {
    const Capabilities& can = change.options->capabilities;
    Table bare = *change.to;
    bare.indexes = change.from->indexes;
    bare.triggers = change.from->triggers;
    if (bare == *change.from) return Method::none;
    const std::string edited = edited_definition(*change.from, *change.to);
    if (edited == change.from->stored.value && !change.options->intents.column_order) return Method::none;
    if (all_native(change)) return Method::native;
    if (can.edit_stored_definition && rows_stay(change, edited)) return Method::edit;
    if (can.exchange_root_pages && can_exchange(*change.from, *change.to)) return Method::exchange;
    return Method::twelve_steps;
}

std::vector<Step> native_steps(const TableChange& change) {
    std::vector<Step> steps;
    const std::string alter = "ALTER TABLE " + quoted(change.from->name);
    const auto add = [&](std::string sql, std::string why) -> Step& {
        Step step;
        step.sql = std::move(sql);
        step.why = std::move(why);
        steps.push_back(std::move(step));
        return steps.back();
    };
    // Added ones first: SQLite does not drop a table's last column.
    for (const Column& column : change.to->columns) {
        if (find_column(*change.from, column.name) != nullptr) continue;
        add(alter + " ADD COLUMN " + written_column(*change.to, column),
            "add column " + change.to->full_name() + "." + column.name);
    }
    for (const Column& column : change.from->columns) {
        if (find_column(*change.to, column.name) != nullptr) continue;
        const std::string name = change.to->full_name() + "." + column.name;
        Step& step = add(alter + " DROP COLUMN " + quoted(column.name), "drop column " + name);
        step.slow = !column.generated;
    }
    return steps;
}

}  // namespace tenon::sqlite
