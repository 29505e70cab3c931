// Columns of the row types of tables and views: their values wait as text while such a type is made anew, or while the rows of
// its table are written again, which the server refuses as long as a column is of it.
#include <algorithm>
#include <array>
#include <set>

#include "emitters/postgres_anew.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

const std::array<std::string_view, 4> kRelations{"TABLE ", "VIEW ", "MATERIALIZED VIEW ", "FOREIGN TABLE "};
const std::array<std::string_view, 2> kTypes{"TYPE ", "DOMAIN "};

class RowTypes {
public:
    RowTypes(const Changes& changes, Items& items) : changes_(changes), items_(items) {
        for (const Table& table : changes.from.tables) live_[table_id(table)] = &table;
        for (const Table& table : changes.to.tables) wanted_[table_id(table)] = &table;
        for (const auto& [id, table] : live_) relations_.insert(id);
        for (const Object& object : changes.from.objects) {
            if (std::ranges::any_of(kRelations, [&](std::string_view kind) { return object.id.starts_with(kind); }))
                relations_.insert(object.id);
        }
    }

    void run() {
        for (const auto& [id, table] : wanted_) {
            const auto live = live_.find(id);
            if (live == live_.end()) continue;
            for (const Column& column : table->columns) {
                const Column* const old = column_of(*live->second, column.name);
                if (old != nullptr && old->type == column.type && element_of(column.type).find('.') != std::string::npos)
                    add(*live->second, *table, column);
            }
        }
    }

private:
    const Changes& changes_;
    Items& items_;
    TableMap live_;  ///< by ids
    TableMap wanted_;
    std::set<std::string> relations_;  ///< ids in the old schema

    /// Ids of the relations whose rows a value of the type is, or holds.
    std::set<std::string> relations_in(const std::string& type) const {
        std::set<std::string> out;
        std::vector<std::string> todo;
        for (const std::string_view kind : kRelations) todo.push_back(std::string(kind) + type);
        for (const std::string_view kind : kTypes) todo.push_back(std::string(kind) + type);
        for (std::size_t i = 0; i < todo.size(); ++i) {  // it grows meanwhile
            const std::string id = todo[i];
            const auto is = [&](std::string_view kind) { return id.starts_with(kind); };
            if (relations_.contains(id)) {
                out.insert(id);
            } else if (std::ranges::any_of(kTypes, is)) {
                const std::vector<std::string>& needs = items_.circles.needs_of(id);
                todo.insert(todo.end(), needs.begin(), needs.end());
            }
        }
        return out;
    }

    /// True where a value keeps its parts, by their places, from the old schema to the new one.
    bool same_parts(const std::string& relation) const {
        const auto live = live_.find(relation);
        if (live == live_.end()) return false;
        std::vector<std::string> was, now;
        for (const Column& column : live->second->columns) was.push_back(column.name);
        if (const auto wanted = wanted_.find(relation); wanted != wanted_.end()) {
            for (const Column& column : wanted->second->columns) now.push_back(column.name);
        }
        for (const CompositeType& type : changes_.to.composites) {
            if (qualified(type.schema, type.name) != qualified(*live->second)) continue;
            for (const auto& [name, of] : type.attributes) now.push_back(name);
        }
        return was == now;
    }

    void add(const Table& live, const Table& table, const Column& column) {
        const std::string type = element_of(column.type);
        const std::set<std::string> relations = relations_in(type);
        const Item* const of = items_.find(column_id(table, column.name));
        if (relations.empty() || of == nullptr || !of->in_from || !of->in_to || of->retypes) return;
        Item& item = items_.add("ROW TYPE OF " + of->id, Rank::column);
        item.in_from = item.in_to = item.equal = true;
        const std::string name = quote(column.name);
        const std::string alter = "ALTER TABLE " + qualified(table) + " ALTER COLUMN " + name + " TYPE ";
        const bool by_place = std::ranges::all_of(relations, [&](const std::string& relation) { return same_parts(relation); });
        // By their names, where a single value has other parts now.
        const bool by_name =
            !by_place && !column.type.text.ends_with("[]") &&
            std::ranges::all_of(relations, [&](const std::string& relation) { return live_.contains(relation); });
        item.drop = {alter + (by_name ? "jsonb USING to_jsonb(" + name + ")" : "text USING " + name + "::text")};
        item.make = {alter + column.type.text + " USING " +
                     (by_name ? "jsonb_populate_record(NULL::" + type + ", " + name + ")" : name + "::" + column.type.text)};
        for (const std::string_view kind : kRelations) item.needs.push_back(std::string(kind) + type);
        for (const std::string_view kind : kTypes) item.needs.push_back(std::string(kind) + type);
        for (const std::string& relation : relations) stand_on(relation, item);
        if (!by_place && !by_name)
            item.guards.push_back(
                guard("SELECT count(*) FROM " + qualified(live) + " WHERE " + name + " IS DISTINCT FROM NULL",
                      table.full_name() + "." + column.name + ": rows hold values of " + type + ", which is made anew",
                      "move the column to another type first"));
    }

    void stand_on(const std::string& relation, Item& item) const {
        item.frees.push_back(relation);
        item.needs.push_back(relation);
        const auto wanted = wanted_.find(relation);
        if (wanted == wanted_.end()) return;
        for (const Column& part : wanted->second->columns) {
            item.needs.push_back(column_id(*wanted->second, part.name));
            item.frees.push_back(item.needs.back());  // one that goes is gone from the values by itself
            const Item* const comes = items_.find(item.needs.back());
            // Such a column comes with a value for each row.
            if (comes != nullptr && !comes->in_from && (part.default_value || part.generated || part.identity))
                item.equal = false;
        }
    }
};

}  // namespace

void add_row_types(const Changes& changes, Items& items) { RowTypes(changes, items).run(); }

}  // namespace tenon::postgres
