// Columns of a table's or view's row type.  The server changes what is stored in none of them: while the relation changes, they
// are of a composite type like its old rows.
#include <algorithm>
#include <set>

#include "emitters/postgres_alter.h"
#include "emitters/postgres_anew.h"
#include "emitters/postgres_guards.h"
#include "emitters/postgres_items.h"
#include "emitters/postgres_remade_values.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

class RowTypes {
public:
    RowTypes(const Changes& changes, Items& items)
        : from_(changes.from),
          to_(changes.to),
          items_(items),
          from_tables_(by_name(from_)),
          to_tables_(by_name(to_)),
          new_circles_(to_) {
        for (const Schema* schema : {&from_, &to_}) {
            for (const Table& table : schema->tables) names_.insert(qualified(table));
            for (const Object& object : schema->objects) names_.insert(place_of(object.id));
        }
    }

    void run() {
        for (const Table& table : to_.tables) {
            const auto live = from_tables_.find(table.full_name());
            const bool made = live == from_tables_.end() || items_.anew.contains(table.full_name());
            for (const Column& column : table.columns) {
                const Column* old = made ? nullptr : column_of(*live->second, column.name);
                if (old == nullptr) {
                    await_relations(column, column_id(table, column.name));
                } else if (old->type != column.type) {
                    change_between(*old, column, column_id(table, column.name));
                } else if (!old->generated && parent_with(to_tables_, table, column.name) == nullptr) {
                    look(table, *old, column);
                }
            }
        }
    }

private:
    const Schema& from_;
    const Schema& to_;
    Items& items_;
    TableMap from_tables_;
    TableMap to_tables_;
    Circles new_circles_;          ///< of the new schema
    std::set<std::string> names_;  ///< of all relations, and of other things

    /// The table or view of that name, as SQL has it, and the columns of the table; none for any other type.
    std::vector<std::string> relation(const Schema& schema, const std::string& name) const {
        if (!names_.contains(name)) return {};
        for (const Table& table : schema.tables) {
            if (qualified(table) != name) continue;
            std::vector<std::string> out{table_id(table)};
            for (const Column& column : table.columns) out.push_back(column_id(table, column.name));
            return out;
        }
        for (const char* kind : {"VIEW ", "MATERIALIZED VIEW ", "FOREIGN TABLE "}) {
            if (std::ranges::find(schema.objects, kind + name, &Object::id) != schema.objects.end()) return {kind + name};
        }
        return {};
    }

    /// A column that is made holds rows of relations that are as they shall be.
    void await_relations(const Column& column, const std::string& id) {
        Item* const item = items_.find(items_.resolve(items_.to_alias, id));
        if (item == nullptr) return;
        const std::string type = element_of(column.type);
        std::vector<std::string> names{type};
        for (const std::string& each : relations_within(to_, new_circles_, type)) names.push_back(place_of(each));
        for (const std::string& name : names) std::ranges::move(relation(to_, name), std::back_inserter(item->needs));
    }

    /// A column that leaves a row type does so before that changes, and one that comes to be of one comes after.
    void change_between(const Column& old, const Column& now, const std::string& id) {
        for (const Schema* schema : {&from_, &to_}) {
            for (const std::string& part : relation(*schema, element_of(old.type))) {
                if (Item* const item = items_.find(part); item != nullptr && item->in_to) item->needs.push_back(id);
            }
        }
        Item* const item = items_.find(id);
        if (item == nullptr) return;
        for (std::string& part : relation(to_, element_of(now.type))) item->needs.push_back(std::move(part));
    }

    Item& add_passing(const std::string& column) {
        Item& item = items_.add("ROW TYPE OF " + column, Rank::column);
        item.in_from = item.in_to = item.equal = true;
        item.passes = column;
        return item;
    }

    void look(const Table& table, const Column& old, const Column& now) {
        const std::string name = element_of(now.type);
        const std::vector<std::string> was = relation(from_, name);
        const std::string id = column_id(table, now.name);
        const Item* column = items_.find(id);
        if (column == nullptr || column->retypes) return;
        if (was.empty()) return look_deeper(table, old, now);
        auto attributes = attributes_of(from_, name);
        if (!attributes) return;
        // What goes may go with its type, and nobody asks for it any more.
        const auto wanted = attributes_of(to_, name);
        for (auto& [attribute, type] : *attributes) {
            const auto name_of = [](const auto& other) { return other.first; };
            const bool stays = wanted && std::ranges::find(*wanted, attribute, name_of) != wanted->end();
            if (!stays) type.text = "text";
        }
        Column waiting = old;
        CompositeType aside{
            .schema = table.schema, .name = "tenon_row_" + table.name + "." + now.name, .attributes = *attributes};
        waiting.type.text = qualified(aside.schema, aside.name) + (now.type.text.ends_with("[]") ? "[]" : "");
        Item& item = add_passing(id);
        item.drop = retype_column(table, old, waiting, quote(now.name) + "::text::" + waiting.type.text);
        item.drop.insert(item.drop.begin(), create_composite(aside));
        Converter converter(from_, to_);
        item.make = converter.around(retype_column(table, waiting, now, converter.convert(quote(now.name), now.type.text)));
        item.make.push_back("DROP TYPE " + qualified(aside.schema, aside.name));
        for (std::string& setting : column_settings(table, now)) item.make.push_back(std::move(setting));
        item.frees = was;
        item.needs = relation(to_, name);
        if (item.needs.empty()) item.needs.push_back("TYPE " + name);
        for (const auto& [attribute, type] : *attributes) {
            for (const char* kind : {"TYPE ", "DOMAIN "}) item.frees.push_back(kind + element_of(type));
        }
        item.hazards.push_back({Hazard::Kind::copy, table.full_name() + "." + now.name,
                                "its values are copied to another type and back while " + name + " changes"});
        if (fills_rows(name)) items_.remade.insert(item.id);
    }

    /// Ids of the relations whose rows a composite type or a domain holds, however deep.
    std::set<std::string> relations_within(const Schema& schema, const Circles& circles, const std::string& type) const {
        std::set<std::string> out;
        std::vector<std::string> todo{"TYPE " + type, "DOMAIN " + type};
        for (std::size_t i = 0; i < todo.size(); ++i) {  // it grows meanwhile
            for (const std::string& id : circles.needs_of(todo[i])) {
                const bool is_type = id.starts_with("TYPE ") || id.starts_with("DOMAIN ");
                if (is_type && std::ranges::find(todo, id) == todo.end()) todo.push_back(id);
                if (!is_type && !relation(schema, place_of(id)).empty()) out.insert(id);
            }
        }
        return out;
    }

    /// Values that hold rows deeper down wait as text, which tells parts by their places alone.
    void look_deeper(const Table& table, const Column& old, const Column& now) {
        const std::set<std::string> relations = relations_within(from_, items_.circles, element_of(now.type));
        if (relations.empty()) return;
        const std::string id = column_id(table, now.name);
        Item& item = add_passing(id);
        Column waiting = old;
        waiting.type.text = "text";
        item.drop = retype_column(table, old, waiting, quote(now.name) + "::text");
        item.make = retype_column(table, waiting, now, quote(now.name) + "::" + now.type.text);
        for (std::string& setting : column_settings(table, now)) item.make.push_back(std::move(setting));
        for (const char* kind : {"TYPE ", "DOMAIN "}) item.needs.push_back(kind + element_of(now.type));
        bool moved = false;
        for (const std::string& each : relations) {
            const std::string name = place_of(each);
            std::ranges::move(relation(from_, name), std::back_inserter(item.frees));
            std::ranges::move(relation(to_, name), std::back_inserter(item.needs));
            moved |= Converter(from_, to_).has_moved(name);
            if (fills_rows(name)) items_.remade.insert(item.id);
        }
        if (moved)
            item.guards.push_back(guard("SELECT count(*) FROM " + qualified(*from_tables_.at(table.full_name())) + " WHERE " +
                                            quote(old.name) + " IS DISTINCT FROM NULL",
                                        table.full_name() + "." + now.name + ": rows hold values of " + now.type.text +
                                            ", of which parts are made anew",
                                        "move the column to another type first"));
    }

    /// True where the table gets a column with values.
    bool fills_rows(const std::string& name) const {
        return std::ranges::any_of(to_.tables, [&](const Table& table) {
            const auto live = from_tables_.find(table.full_name());
            if (qualified(table) != name || live == from_tables_.end()) return false;
            return std::ranges::any_of(table.columns, [&](const Column& column) {
                const bool has_values =
                    column.default_value || column.generated || column.identity || items_.find("DOMAIN " + column.type.text);
                return has_values && column_of(*live->second, column.name) == nullptr;
            });
        });
    }
};

}  // namespace

void add_row_types(const Changes& changes, Items& items) { RowTypes(changes, items).run(); }

}  // namespace tenon::postgres
