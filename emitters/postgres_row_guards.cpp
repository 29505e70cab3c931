// Guards of new rules over rows that are there: checks, keys, unique indexes, foreign keys.  A rule is proved beforehand where
// all that it speaks of is there already and stays the same, or is filled with what is known; else the server finds out when it
// is made.
#include <algorithm>
#include <array>
#include <map>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "emitters/postgres_remade_values.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// True for the server's own functions that say something else each time, or do something.
bool is_volatile(std::string_view function) {
    static constexpr std::array<std::string_view, 13> kNames = {
        "random", "random_normal", "clock_timestamp", "timeofday",       "nextval",    "currval", "lastval",
        "setval", "uuidv4",        "uuidv7",          "gen_random_uuid", "set_config", "setseed"};
    return function.starts_with("pg_") || function.starts_with("lo_") || function.starts_with("txid_") ||
           std::ranges::find(kNames, function) != kNames.end();
}

bool is_name(const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::name; }

class RowGuards {
public:
    RowGuards(const Changes& changes, const Intents& intents, Items& items)
        : from_(changes.from),
          to_(changes.to),
          intents_(intents),
          items_(items),
          from_tables_(by_name(from_)),
          to_tables_(by_name(to_)) {}

    void run() {
        for (const Table& table : to_.tables) {
            const auto live = from_tables_.find(table.full_name());
            if (live != from_tables_.end()) look(*live->second, table);
        }
    }

private:
    const Schema& from_;
    const Schema& to_;
    const Intents& intents_;
    Items& items_;
    TableMap from_tables_;
    TableMap to_tables_;
    std::multimap<std::string_view, std::string_view> needs_;  ///< once somebody asks

    void look(const Table& from, const Table& to) {
        for (const Check& check : to.checks) {
            const auto old = std::ranges::find(from.checks, check.name, &Check::name);
            Item* const item = item_of(constraint_id(to, check.name.text));
            if (item != nullptr && !check.not_valid && (is_made(*item) || (old != from.checks.end() && old->not_valid)))
                prove(*item, rows_satisfy(from, to, check, item->id));
        }
        if (to.primary_key) {
            Item* const item = item_of(constraint_id(to, to.primary_key->name.text));
            if (item != nullptr && is_made(*item) && to.primary_key->attached_to.empty())
                prove(*item, rows_are_unique(from, to, to.primary_key->columns, "", false, item->id));
        }
        for (const UniqueConstraint& unique : to.uniques) {
            Item* const item = item_of(constraint_id(to, unique.name.text));
            if (item != nullptr && is_made(*item) && unique.attached_to.empty())
                prove(*item, rows_are_unique(from, to, unique.columns, "", unique.nulls_not_distinct, item->id));
        }
        for (const Index& index : to.indexes) {
            Item* const item = index.unique ? item_of(index_id(to, index.name.text)) : nullptr;
            if (item != nullptr && is_made(*item) && index.attached_to.empty())
                prove(*item,
                      rows_are_unique(from, to, index.columns, index.where_clause->text, index.nulls_not_distinct, item->id));
        }
        for (const ForeignKey& key : to.foreign_keys) {
            const auto old = std::ranges::find(from.foreign_keys, key.name, &ForeignKey::name);
            Item* const item = item_of(constraint_id(to, key.name.text));
            if (item != nullptr && !key.not_valid && !held(old == from.foreign_keys.end() ? nullptr : &*old, key))
                prove(*item, rows_have_parents(from, to, key));
        }
    }

    /// The item of a rule that is new or changes.
    Item* item_of(const std::string& id) {
        Item* const item = items_.find(id);
        return item == nullptr || item->equal ? nullptr : item;
    }

    static bool is_made(const Item& item) { return !item.in_from || !item.alter; }

    static void prove(Item& item, std::optional<Step> guard) {
        if (guard) item.guards.push_back(std::move(*guard));
    }

    /// True where the rows are held to the key already.
    static bool held(const ForeignKey* old, const ForeignKey& now) {
        return old != nullptr && !old->not_valid && old->columns == now.columns && old->match == now.match &&
               old->referenced_table == now.referenced_table && old->referenced_columns == now.referenced_columns;
    }

    bool type_stands(const std::string& id) const {
        const auto found = items_.by_id.find(id);
        return found == items_.by_id.end() || found->second.equal;
    }

    bool type_stands(const Column& column) const {
        const std::string type = element_of(column.type);
        return type_stands("TYPE " + type) && type_stands("DOMAIN " + type);
    }

    /// True where the column's values are before the plan what they are after it.
    bool column_stands(const Table& from, const Column& now) const {
        const Column* old = column_of(from, now.name);
        return old != nullptr && old->type == now.type && old->collate == now.collate && old->generated == now.generated &&
               (now.nullable || !old->nullable) && type_stands(now);
    }

    static bool names(const std::string& text, const std::string& name) {
        return std::ranges::any_of(lex_significant(text, Dialect::postgres),
                                   [&](const Token& token) { return is_name(token) && token_name(text, token) == name; });
    }

    bool columns_stand(const Table& from, const Table& to, const std::string& text) const {
        return std::ranges::all_of(
            to.columns, [&](const Column& column) { return column_stands(from, column) || !names(text, column.name); });
    }

    /// What the column will hold, said of the old rows; nothing where only the server knows.
    std::optional<std::string> value_after(const Table& from, const Table& to, const Column& now) {
        if (column_stands(from, now)) return quote(now.name);
        const Column* old = column_of(from, now.name);
        const bool same = old == nullptr || (old->type == now.type && old->collate == now.collate && !old->generated);
        const bool below = old == nullptr && std::ranges::any_of(from_.tables, [&](const Table& child) {
                               return std::ranges::find(child.inherits, from.full_name()) != child.inherits.end() &&
                                      column_of(child, now.name) != nullptr;
                           });
        const std::string fill = fill_of(intents_, to, now);
        if (!same || below || now.generated || fill.empty() || !type_stands(now)) return std::nullopt;
        const bool given = intents_.backfills.contains({to.full_name(), now.name});
        const bool known = given ? fill.find('(') == std::string::npos && columns_stand(from, to, fill)
                                 : needs_stand(default_id(to, now.name), fill);
        if (!known) return std::nullopt;
        const std::string value = "(" + fill + ")::" + now.type.text + (now.collate.empty() ? "" : " COLLATE " + *now.collate);
        return old == nullptr ? value : "coalesce(" + quote(now.name) + ", " + value + ")";
    }

    /// The table's rows as they will be, for FROM, with the columns that a text names.
    std::optional<std::string> rows_after(const Table& from, const Table& to, const std::string& text, bool only) {
        const std::string rows = (only ? "ONLY " : "") + qualified(from);
        if (columns_stand(from, to, text)) return rows;
        if (names(text, "tableoid") || names(text, from.name)) return std::nullopt;  // of a real row
        std::vector<std::string> values;
        for (const Column& column : to.columns) {
            if (!names(text, column.name)) continue;
            const auto value = value_after(from, to, column);
            if (!value) return std::nullopt;
            values.push_back(*value + " AS " + quote(column.name));
        }
        return "(SELECT " + joined(values) + " FROM " + rows + ") AS " + quote(from.name);
    }

    /// True where the types and functions of a rule are there before, and the same, and say the same each time.
    bool needs_stand(const std::string& rule, const std::string& text) {
        if (needs_.empty()) {
            for (const Dependency& dependency : to_.dependencies.value) {
                const bool is_rule = dependency.id.starts_with("CONSTRAINT ") || dependency.id.starts_with("INDEX ") ||
                                     dependency.id.starts_with("DEFAULT ");
                if (is_rule) needs_.emplace(dependency.id, dependency.needs);
            }
        }
        bool extension = false;
        const auto [first, last] = needs_.equal_range(rule);
        for (auto at = first; at != last; ++at) {
            const std::string need(at->second);
            if (need.starts_with("TABLE ") || need.starts_with("COLUMN ")) continue;
            const Item* item = items_.find(need);
            if (item == nullptr || !item->in_from || !item->equal || items_.remade.contains(need)) return false;
            if (need.starts_with("FUNCTION ") && !is_immutable(item->make.front())) return false;
            extension |= need.starts_with("EXTENSION ");
        }
        const std::vector<Token> tokens = lex_significant(text, Dialect::postgres);
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (!is_name(tokens[i]) || token_text(text, tokens[i + 1]) != "(") continue;
            // Nobody says here how an extension's functions behave.
            const bool qualified_name = i > 0 && token_text(text, tokens[i - 1]) == ".";
            if (is_volatile(token_name(text, tokens[i])) || (extension && qualified_name)) return false;
        }
        return true;
    }

    static bool is_immutable(const std::string& definition) {
        return std::ranges::any_of(lex_significant(definition, Dialect::postgres),
                                   [&](const Token& token) { return is_keyword(definition, token, "IMMUTABLE"); });
    }

    std::optional<Step> rows_satisfy(const Table& from, const Table& to, const Check& check, const std::string& id) {
        const std::string& text = check.expression.text;
        const auto rows = rows_after(from, to, text, check.no_inherit);
        if (!rows || !needs_stand(id, text)) return std::nullopt;
        return guard("SELECT count(*) FROM " + *rows + " WHERE NOT (" + text + ")",
                     from.full_name() + ": rows break the check " + check.name.text, "mend the rows first");
    }

    /// Counts all rows that have their like.
    std::optional<Step> rows_are_unique(const Table& from, const Table& to, const std::vector<KeyPart>& parts,
                                        const std::string& where, bool nulls_are_alike, const std::string& id) {
        std::vector<std::string> list;
        for (const KeyPart& part : parts) {
            if (!part.opclass.empty()) return std::nullopt;
            list.push_back((part.column.empty() ? "(" + part.expression->text + ")" : quote(part.column)) +
                           (part.collate.empty() ? "" : " COLLATE " + *part.collate));
        }
        const std::string names = joined(list);
        const std::string text = names + " " + where;
        const auto rows = rows_after(from, to, text, false);
        if (list.empty() || !rows || !needs_stand(id, text)) return std::nullopt;
        std::vector<std::string> conditions;
        if (!where.empty()) conditions.push_back("(" + where + ")");
        if (!nulls_are_alike) {
            for (const std::string& part : list) conditions.push_back(part + " IS NOT NULL");
        }
        return guard("SELECT coalesce(sum(alike), 0)::bigint FROM (SELECT count(*) AS alike FROM " + *rows +
                         (conditions.empty() ? "" : " WHERE " + joined(conditions, " AND ")) + " GROUP BY " + names +
                         " HAVING count(*) > 1) AS doubled",
                     from.full_name() + ": rows are not unique in (" + names + ")", "mend the rows first");
    }

    /// The server's own comparison, or one of a type that is compared as such.
    bool compares(const Column& one, const Column& other) const {
        const auto own = [](const Column& column) { return column.type.text.find('.') == std::string::npos; };
        if (one.collate != other.collate) return false;
        if (own(one) && own(other)) return true;
        return one.type == other.type && std::ranges::any_of(from_.enums, [&](const EnumType& type) {
                   return qualified(type.schema, type.name) == one.type.text;
               });
    }

    std::optional<Step> rows_have_parents(const Table& from, const Table& to, const ForeignKey& key) {
        const auto parent_was = from_tables_.find(key.referenced_table);
        const auto parent = to_tables_.find(key.referenced_table);
        if (parent == to_tables_.end() || key.columns.size() != key.referenced_columns.size()) return std::nullopt;
        // Partitions bring their rows; any other table begins without.
        const bool empty = parent_was == from_tables_.end() && parent->second->partition_by.empty();
        if (parent_was == from_tables_.end() && !empty) return std::nullopt;
        std::vector<std::string> values;
        std::vector<std::string> same;
        std::vector<std::string> there;
        bool all_stand = true;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            const Column* own = column_of(to, key.columns[i]);
            const Column* theirs = column_of(*parent->second, key.referenced_columns[i]);
            if (own == nullptr || theirs == nullptr || !compares(*own, *theirs) ||
                (!empty && !column_stands(*parent_was->second, *theirs)))
                return std::nullopt;
            const auto value = value_after(from, to, *own);
            if (!value) return std::nullopt;
            all_stand &= column_stands(from, *own);
            values.push_back(*value + " AS " + quote(own->name));
            same.push_back("there." + quote(theirs->name) + " = here." + quote(own->name));
            there.push_back("here." + quote(own->name) + " IS NOT NULL");
        }
        const auto rows = [](const Table& table) {
            return std::string(table.partition_by.empty() ? "ONLY " : "") + qualified(table);
        };
        const std::string here = all_stand ? rows(from) : "(SELECT " + joined(values) + " FROM " + rows(from) + ")";
        const std::string lacking = empty ? ""
                                          : " AND NOT EXISTS (SELECT FROM " + rows(*parent_was->second) + " AS there WHERE " +
                                                joined(same, " AND ") + ")";
        return guard("SELECT count(*) FROM " + here + " AS here WHERE (" +
                         joined(there, *key.match == "full" ? " OR " : " AND ") + ")" + lacking,
                     from.full_name() + ": rows refer by " + key.name.text + " to what is not in " + key.referenced_table,
                     "mend the rows first");
    }
};

}  // namespace

void add_row_guards(const Changes& changes, const Intents& intents, Items& items) { RowGuards(changes, intents, items).run(); }

}  // namespace tenon::postgres
