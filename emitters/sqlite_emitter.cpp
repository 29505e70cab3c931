// The SQLite emitter: the order of things around the tables.
#include <algorithm>
#include <map>
#include <set>

#include "differ/report.h"
#include "emitters/order.h"
#include "emitters/sqlite_ddl.h"
#include "emitters/sqlite_edit.h"
#include "emitters/sqlite_emitter.h"
#include "emitters/sqlite_guards.h"
#include "emitters/sqlite_ladder.h"
#include "emitters/sqlite_rename.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace sqlite {
namespace {

Step statement(std::string sql, std::string why) {
    Step step;
    step.sql = std::move(sql);
    step.why = std::move(why);
    return step;
}

/// Tables in the order in which they are best made: referenced ones first, cycles broken.
std::vector<const Table*> by_reference(const std::vector<const Table*>& tables) {
    std::map<std::string, std::size_t> number;
    for (std::size_t i = 0; i < tables.size(); ++i) number[fold(tables[i]->name)] = i;
    std::vector<std::pair<std::size_t, std::size_t>> before;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (const ForeignKey& key : tables[i]->foreign_keys) {
            if (const auto found = number.find(fold(key.referenced_table)); found != number.end())
                before.emplace_back(found->second, i);
        }
    }
    std::vector<const Table*> ordered;
    for (const std::size_t i : dependency_order(tables.size(), before)) ordered.push_back(tables[i]);
    return ordered;
}

/// Views in the order in which they stand on each other.
std::vector<const View*> by_mention(const std::vector<const View*>& views) {
    std::map<std::string, std::size_t> number;
    for (std::size_t i = 0; i < views.size(); ++i) number[fold(views[i]->name)] = i;
    std::vector<std::pair<std::size_t, std::size_t>> before;
    for (std::size_t i = 0; i < views.size(); ++i) {
        for (const std::string& name : mentioned_names(views[i]->definition.text, Dialect::sqlite)) {
            if (const auto found = number.find(name); found != number.end()) before.emplace_back(found->second, i);
        }
    }
    std::vector<const View*> ordered;
    for (const std::size_t i : dependency_order(views.size(), before)) ordered.push_back(views[i]);
    return ordered;
}

std::string index_creation(const Index& index, const Table& table) {
    return index.stored.value.empty() ? create_index(index, table) : index.stored.value;
}

/// One planning run.
class Planner {
public:
    Planner(const Changes& changes, const PlanOptions& options) : changes_(changes), options_(options) {}

    Plan plan() {
        collect();
        if (options_.guards) add_guards();
        // A key that others refer to may be a unique index: it is there before indexes are dropped, and again once they are
        // made.
        const std::vector<const Table*> checked = options_.guards ? tables_with_copied_keys() : std::vector<const Table*>{};
        count_orphans(checked);
        drop_triggers_and_views();
        drop_indexes();
        drop_tables();
        create_tables();
        change_tables();
        create_indexes();
        check_keys(checked);
        create_views();
        create_triggers();
        return std::move(plan_);
    }

private:
    const Changes& changes_;
    const PlanOptions& options_;
    Plan plan_;
    std::vector<TableChange> tables_;
    std::vector<Method> methods_;
    std::vector<const Table*> created_;
    std::vector<const Table*> dropped_;

    void add(Step step) { plan_.steps.push_back(std::move(step)); }
    void add(std::vector<Step> steps) { std::ranges::move(steps, std::back_inserter(plan_.steps)); }

    void collect() {
        std::map<std::string, std::string> why;
        for (const Change& change : changes_.list) {
            std::visit(
                [&]<class T>(const Delta<T>& delta) {
                    if (delta.table.empty()) return;
                    std::string& text = why[fold(delta.table)];
                    text += (text.empty() ? "" : ", ") + describe(change);
                },
                change);
            if (const auto* table = std::get_if<Delta<Table>>(&change)) {
                if (table->from && !table->to) dropped_.push_back(&*table->from);
                if (table->to && !table->from) created_.push_back(&*table->to);
            }
        }
        for (const Table& table : changes_.to.tables) {
            const auto found = why.find(fold(table.full_name()));
            const Table* live = found == why.end() ? nullptr : find_table(changes_.from, table.full_name());
            if (live == nullptr) continue;
            tables_.push_back({live, &table, &changes_, &options_, found->second});
            methods_.push_back(method_for(tables_.back()));
        }
    }

    void add_guards() {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            if (methods_[i] != Method::none && methods_[i] != Method::native) add(stored_text_guard(*tables_[i].from));
            add(table_guards(*tables_[i].from, *tables_[i].to, changes_, options_));
            name_breakage(tables_[i]);
        }
        if (dropped_.empty()) return;
        // A table that does not change itself may lose the table it refers to.
        for (const Table& table : changes_.to.tables) {
            const bool changed = std::ranges::any_of(tables_, [&](const TableChange& change) { return change.to == &table; });
            const Table* live = changed || table.foreign_keys.empty() ? nullptr : find_table(changes_.from, table.full_name());
            if (live != nullptr) add(table_guards(*live, table, changes_, options_));
        }
    }

    /// A trigger or view that speaks of a dropped column breaks when it is next used; SQLite does not say so.
    void name_breakage(const TableChange& change) {
        for (const Column& column : change.from->columns) {
            if (find_column(*change.to, column.name) != nullptr) continue;
            const auto speaks = [&](const std::string& sql) {
                const std::vector<std::string> names = mentioned_names(sql, Dialect::sqlite);
                return std::ranges::binary_search(names, fold(column.name)) &&
                       std::ranges::binary_search(names, fold(change.from->name));
            };
            const auto warn = [&](const std::string& what, const std::string& name) {
                if (plan_.steps.empty()) return;
                plan_.steps.back().hazards.push_back(
                    {Hazard::Kind::breaks, name,
                     what + " " + name + " mentions " + change.to->full_name() + "." + column.name + ", which is dropped"});
            };
            for (const View& view : changes_.to.views) {
                if (speaks(view.definition.text)) warn("view", view.name);
            }
            for (const Table& table : changes_.to.tables) {
                for (const Trigger& trigger : table.triggers) {
                    if (speaks(trigger.definition.text)) warn("trigger", trigger.name);
                }
            }
        }
    }

    template <class T, class Use>
    void each(Use use) const {
        for (const Change& change : changes_.list) {
            if (const auto* delta = std::get_if<Delta<T>>(&change)) use(*delta, describe(change));
        }
    }

    void drop_triggers_and_views() {
        std::set<std::string> gone;  // a dropped view takes its triggers along
        each<View>([&](const Delta<View>& view, const std::string&) {
            if (view.from) gone.insert(fold(view.from->name));
        });
        for (const Table* table : dropped_) gone.insert(fold(table->name));
        each<Trigger>([&](const Delta<Trigger>& trigger, const std::string& why) {
            if (trigger.from && !gone.contains(fold(trigger.table)))
                add(statement("DROP TRIGGER " + quoted(trigger.from->name), why));
        });
        each<View>([&](const Delta<View>& view, const std::string& why) {
            if (view.from) add(statement("DROP VIEW " + quoted(view.from->name), why));
        });
    }

    void drop_indexes() {
        each<Index>([&](const Delta<Index>& index, const std::string& why) {
            if (index.from) add(statement("DROP INDEX " + quoted(index.from->name.text), why));
        });
    }

    void drop_tables() {
        std::vector<const Table*> order = by_reference(dropped_);
        std::ranges::reverse(order);  // children first
        for (const Table* table : order) {
            Step step = statement("DROP TABLE " + quoted(table->name), "drop table " + table->full_name());
            step.hazards.push_back(
                {Hazard::Kind::data_loss, table->full_name(), "drops " + table->full_name() + " with all its rows"});
            plan_.irreversible.push_back("rows of " + table->full_name());
            add(std::move(step));
            // With foreign keys on, DROP TABLE deletes the rows first, and what refers to them goes along.
            plan_.foreign_keys_off = true;
        }
        each<Unmanaged>([&](const Delta<Unmanaged>& object, const std::string& why) {
            if (!object.from) return;
            Step step = statement("DROP TABLE " + quoted(object.from->name), why);
            step.hazards.push_back({Hazard::Kind::data_loss, object.from->name,
                                    "drops " + object.from->kind + " " + object.from->name + " with its content"});
            add(std::move(step));
        });
    }

    void create_tables() {
        for (const Table* table : by_reference(created_)) {
            const std::string why = "create table " + table->full_name();
            add(statement(creation(*table), why));
            for (const Index& index : table->indexes) add(statement(index_creation(index, *table), why));
        }
        each<Unmanaged>([&](const Delta<Unmanaged>& object, const std::string& why) {
            if (object.to) add(statement(object.to->definition.text, why));
        });
    }

    void change_tables() {
        if (writes_without_keys()) plan_.foreign_keys_off = true;
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            const TableChange& change = tables_[i];
            const std::size_t first = plan_.steps.size();
            switch (methods_[i]) {
                case Method::none: break;
                case Method::native: add(native_steps(change)); break;
                case Method::edit: add(edit_definition(change)); break;
                case Method::exchange: add(exchange(change)); break;
                case Method::twelve_steps:
                    plan_.foreign_keys_off = true;
                    add(twelve_steps(change));
                    break;
            }
            if (plan_.steps.size() > first) add_loss_hazards(change, plan_.steps[first]);
        }
    }

    /// True where rows may be written while a unique index that foreign keys lead to is dropped or not yet made: SQLite would
    /// refuse to follow the keys.
    bool writes_without_keys() const {
        bool writes = false;
        for (std::size_t i = 0; i < tables_.size(); ++i)
            writes = writes || (methods_[i] == Method::edit && changes_default(tables_[i]));
        bool moves = false;
        each<Index>([&](const Delta<Index>& index, const std::string&) {
            moves = moves || (index.from && index.from->unique) || (index.to && index.to->unique);
        });
        if (!writes || !moves) return false;
        const auto breaks = [&](Schema schema) {
            std::vector<ForeignKey> keys;
            for (const Table& table : schema.tables) {
                std::ranges::copy_if(table.foreign_keys, std::back_inserter(keys),
                                     [&](const ForeignKey& key) { return leads_to_key(schema, key); });
            }
            each<Index>([&](const Delta<Index>& change, const std::string&) {
                for (Table& table : schema.tables) {
                    if (!same_name(table.name, change.table)) continue;
                    std::erase_if(table.indexes, [&](const Index& index) {
                        return (change.from && same_name(index.name.text, change.from->name.text)) ||
                               (change.to && same_name(index.name.text, change.to->name.text));
                    });
                }
            });
            return std::ranges::any_of(keys, [&](const ForeignKey& key) { return !leads_to_key(schema, key); });
        };
        return breaks(changes_.from) || breaks(changes_.to);
    }

    static bool changes_default(const TableChange& change) {
        return std::ranges::any_of(change.to->columns, [&](const Column& column) {
            const Column* live = find_column(*change.from, column.name);
            return live != nullptr && live->default_value != column.default_value;
        });
    }

    void add_loss_hazards(const TableChange& change, Step& step) {
        for (const Column& column : change.from->columns) {
            if (find_column(*change.to, column.name) != nullptr || column.generated) continue;
            const std::string name = change.to->full_name() + "." + column.name;
            step.hazards.push_back({Hazard::Kind::data_loss, name, "drops the values of " + name});
            plan_.irreversible.push_back("values of " + name);
        }
        for (const Column& column : change.to->columns) {
            const Column* live = find_column(*change.from, column.name);
            if (!becomes_generated(live, column) || !drop_approved(options_, change.to->full_name(), column.name)) continue;
            const std::string name = change.to->full_name() + "." + column.name;
            step.hazards.push_back({Hazard::Kind::data_loss, name, "replaces the values of " + name + " by generated ones"});
            plan_.irreversible.push_back("values of " + name);
        }
    }

    static bool values_change(const TableChange& change, const PlanOptions& options) {
        return std::ranges::any_of(change.to->columns, [&](const Column& column) {
            const Column* live = find_column(*change.from, column.name);
            return live == nullptr || !(live->type == column.type) || revalued(*change.from, *change.to, column, options);
        });
    }

    /// The tables whose foreign keys a copy of values may break: those copied, and those that refer to them, or to columns that
    /// are yet to come.  Only where SQLite can answer: each key leads to a table that is there, by columns that are a key.
    std::vector<const Table*> tables_with_copied_keys() const {
        std::set<std::string> copied;
        std::set<std::string> grown;
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            const bool grows = std::ranges::any_of(tables_[i].to->columns, [&](const Column& column) {
                return find_column(*tables_[i].from, column.name) == nullptr;
            });
            if (grows) grown.insert(fold(tables_[i].to->name));
            const bool copies =
                methods_[i] == Method::edit || methods_[i] == Method::exchange || methods_[i] == Method::twelve_steps;
            if (copies && values_change(tables_[i], options_)) copied.insert(fold(tables_[i].to->name));
        }
        std::vector<const Table*> concerned;
        for (const Table& table : changes_.to.tables) {
            if ((copied.empty() && grown.empty()) || table.foreign_keys.empty()) continue;
            const bool refers = std::ranges::any_of(table.foreign_keys, [&](const ForeignKey& key) {
                const std::string parent = fold(key.referenced_table);
                return copied.contains(parent) || (grown.contains(parent) && leads_to_new_columns(key, changes_));
            });
            if ((refers || copied.contains(fold(table.name))) && answerable(changes_.to, table) &&
                find_table(changes_.from, table.full_name()) != nullptr) {
                concerned.push_back(&table);
            }
        }
        return concerned;
    }

    /// What refers to nothing already is not this plan's fault.
    void count_orphans(const std::vector<const Table*>& tables) {
        std::string counts;
        for (const Table* table : tables) {
            const Table& live = *find_table(changes_.from, table->full_name());
            const bool askable = !live.foreign_keys.empty() && answerable(changes_.from, live);
            counts += (counts.empty() ? "SELECT " : " UNION ALL SELECT ") + quote_literal(table->name) + " AS name, " +
                      (askable ? "(SELECT count(*) FROM pragma_foreign_key_check(" + quote_literal(live.name) + "))"
                               : std::string("0")) +
                      " AS found";
        }
        if (counts.empty()) return;
        Step step = statement("CREATE TEMP TABLE tenon_orphans AS " + counts, "check foreign keys");
        step.slow = true;
        add(std::move(step));
    }

    void check_keys(const std::vector<const Table*>& tables) {
        for (const Table* table : tables) {
            const std::string name = quote_literal(table->name);
            Step step;
            step.kind = StepKind::guard;
            step.sql = "SELECT max(0, (SELECT count(*) FROM pragma_foreign_key_check(" + name +
                       ")) - (SELECT found FROM temp.tenon_orphans WHERE name = " + name + "))";
            step.examples = "SELECT rowid, parent FROM pragma_foreign_key_check(" + name + ") LIMIT 5";
            step.message = table->full_name() + ": rows refer to rows that do not exist";
            step.why = "check foreign keys";
            step.slow = true;
            add(std::move(step));
        }
        if (!tables.empty()) add(statement("DROP TABLE temp.tenon_orphans", "check foreign keys"));
    }

    static bool answerable(const Schema& schema, const Table& table) {
        return std::ranges::all_of(table.foreign_keys, [&](const ForeignKey& key) { return leads_to_key(schema, key); });
    }

    void create_indexes() {
        each<Index>([&](const Delta<Index>& index, const std::string& why) {
            if (!index.to) return;
            Step step = statement(index_creation(*index.to, *find_table(changes_.to, index.table)), why);
            step.slow = true;
            add(std::move(step));
        });
    }

    void create_views() {
        std::vector<const View*> views;
        each<View>([&](const Delta<View>& view, const std::string&) {
            if (!view.to) return;
            const auto whole = std::ranges::find_if(
                changes_.to.views, [&](const View& other) { return other.full_name() == view.to->full_name(); });
            views.push_back(&*whole);
        });
        for (const View* view : by_mention(views)) add(statement(create_view(*view), "create view " + view->full_name()));
    }

    void create_triggers() {
        for (const Table* table : created_) {
            for (const Trigger& trigger : table->triggers)
                add(statement(create_trigger(trigger, *table), "create trigger " + trigger.name));
        }
        std::set<std::string> remade;
        each<View>([&](const Delta<View>& view, const std::string&) {
            if (!view.from || !view.to) return;
            remade.insert(fold(view.to->name));
            const auto whole = std::ranges::find_if(
                changes_.to.views, [&](const View& other) { return other.full_name() == view.to->full_name(); });
            for (const Trigger& trigger : whole->triggers)
                add(statement(create_trigger(trigger, {}), "create trigger " + trigger.name));
        });
        each<Trigger>([&](const Delta<Trigger>& trigger, const std::string& why) {
            if (!trigger.to || remade.contains(fold(trigger.table))) return;
            const Table* table = find_table(changes_.to, trigger.table);
            add(statement(create_trigger(*trigger.to, table == nullptr ? Table{} : *table), why));
        });
    }
};

class SqliteEmitter final : public Emitter {
public:
    std::vector<std::string> create_all(const Schema& schema) const override {
        std::vector<std::string> statements;
        for (const Table& table : schema.tables) {
            statements.push_back(creation(table));
            for (const Index& index : table.indexes) statements.push_back(index_creation(index, table));
        }
        for (const View& view : schema.views) statements.push_back(create_view(view));
        for (const Table& table : schema.tables) {
            for (const Trigger& trigger : table.triggers) statements.push_back(create_trigger(trigger, table));
        }
        for (const View& view : schema.views) {
            for (const Trigger& trigger : view.triggers) statements.push_back(create_trigger(trigger, {}));
        }
        return statements;
    }

    Plan rename(const Schema& from, const std::vector<Rename>& renames, const Capabilities& capabilities) const override {
        return rename_plan(from, renames, capabilities);
    }

    Plan plan(const Changes& changes, const PlanOptions& options) const override { return Planner(changes, options).plan(); }
};

}  // namespace

std::unique_ptr<Emitter> make_sqlite_emitter() { return std::make_unique<SqliteEmitter>(); }

}  // namespace sqlite
}  // namespace tenon
