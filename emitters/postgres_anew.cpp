// What must be made anew, by what differs and by what stands above it.
#include "emitters/postgres_anew.h"

#include <algorithm>
#include <functional>
#include <map>

#include "emitters/postgres_alter.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

class MadeAnew {
public:
    MadeAnew(const Changes& changes, const Items& items)
        : to_(changes.to), from_tables_(by_name(changes.from)), to_tables_(by_name(changes.to)) {
        for (const auto& [id, item] : items.by_id) {
            if (item.rank == Rank::type && item.in_from && item.in_to && !item.equal && !item.alter) types_.insert(id);
        }
        for (const Dependency& dependency : changes.from.dependencies.value) {
            if (types_.contains(dependency.needs)) of_such_type_.insert(dependency.id);
            if (dependency.id.starts_with("TABLE ") && dependency.needs.starts_with("FUNCTION ") &&
                is_remade(changes, dependency.needs))
                of_such_key_.insert(dependency.id);
        }
    }

    std::set<std::string> run() {
        std::vector<std::string> todo;
        std::map<std::string, std::vector<std::string>> children;
        for (const auto& [name, now] : to_tables_) {
            const auto live = from_tables_.find(name);
            if (live == from_tables_.end()) continue;
            const Table& from = *live->second;
            if (!now->partition_of.empty() && now->partition_of == from.partition_of)
                children[now->partition_of].push_back(name);
            for (const std::string& parent : now->inherits) {
                if (has(from.inherits, parent)) children[parent].push_back(name);
            }
            if (partitioned_otherwise(from, *now) || loses_its_own(from, *now) || in_other_order(from, *now))
                todo.push_back(name);
        }
        std::set<std::string> out;
        while (!todo.empty()) {
            const std::string name = todo.back();
            todo.pop_back();
            if (!out.insert(name).second) continue;
            todo.insert(todo.end(), children[name].begin(), children[name].end());
        }
        return out;
    }

private:
    const Schema& to_;
    TableMap from_tables_;
    TableMap to_tables_;
    std::set<std::string> types_;
    std::set<std::string> of_such_type_;
    std::set<std::string> of_such_key_;  ///< tables partitioned by what a function gives that is made anew

    static bool is_remade(const Changes& changes, const std::string& function) {
        const auto was = std::ranges::find(changes.from.objects, function, &Object::id);
        const auto now = std::ranges::find(changes.to.objects, function, &Object::id);
        return was != changes.from.objects.end() && now != changes.to.objects.end() && *was != *now &&
               !alter_object(*was, *now);
    }

    bool partitioned_otherwise(const Table& from, const Table& to) const {
        if (from.partition_by != to.partition_by) return true;
        if (from.partition_by.empty()) return false;
        if (of_such_key_.contains(table_id(from))) return true;
        return std::ranges::any_of(partition_columns(from), [&](const std::string& name) {
            const Column* now = column_of(to, name);
            const Column* was = column_of(from, name);
            return now == nullptr || was->type != now->type || was->collate != now->collate ||
                   of_such_type_.contains(column_id(from, name));
        });
    }

    /// What is a table's own remains its own when it comes to inherit it, and what it inherits cannot become its own as well.
    bool loses_its_own(const Table& from, const Table& to) const {
        if (to.inherits.empty()) return false;
        const bool column = std::ranges::any_of(to.columns, [&](const Column& now) {
            const Column* was = column_of(from, now.name);
            if (was == nullptr) return now.inherited && !reaches_it(from, to, now.name);
            if (was->inherited != now.inherited) return now.inherited || comes_from_above(to, now.name);
            return now.inherited && !comes_from_the_same(from, to, now.name);
        });
        const bool new_parent =
            std::ranges::any_of(to.inherits, [&](const std::string& parent) { return !has(from.inherits, parent); });
        return column || (new_parent && !inherited_checks(to_, to).empty());
    }

    /// What stays keeps its order, and what comes is put last.
    template <class Range, class Name>
    static bool comes_in_order(const Range& from, const Range& to, Name name) {
        std::vector<std::string> grown;
        for (const auto& old : from) {
            if (std::ranges::find(to, std::invoke(name, old), name) != to.end()) grown.push_back(std::invoke(name, old));
        }
        for (const auto& now : to) {
            if (std::ranges::find(from, std::invoke(name, now), name) == from.end()) grown.push_back(std::invoke(name, now));
        }
        return std::ranges::equal(grown, to, {}, {}, name);
    }

    /// The columns of a table of a type stand in the type's order; the parents have one, too.
    static bool in_other_order(const Table& from, const Table& to) {
        return (!to.of_type.empty() && !comes_in_order(from.columns, to.columns, &Column::name)) ||
               !comes_in_order(from.inherits, to.inherits, std::identity());
    }

    /// True where some parent of both sides gives the column throughout.
    bool comes_from_the_same(const Table& from, const Table& to, const std::string& column) const {
        return std::ranges::any_of(to.inherits, [&](const std::string& name) {
            const auto before = from_tables_.find(name);
            const auto after = to_tables_.find(name);
            return has(from.inherits, name) && before != from_tables_.end() && after != to_tables_.end() &&
                   column_of(*before->second, column) != nullptr && column_of(*after->second, column) != nullptr;
        });
    }

    /// True where a parent of both sides gets the column, and the table with it.
    bool reaches_it(const Table& from, const Table& to, const std::string& column) const {
        return std::ranges::any_of(to.inherits, [&](const std::string& name) {
            const auto parent = to_tables_.find(name);
            return has(from.inherits, name) && from_tables_.contains(name) && parent != to_tables_.end() &&
                   column_of(*parent->second, column) != nullptr;
        });
    }

    bool comes_from_above(const Table& table, const std::string& column) const {
        return std::ranges::any_of(table.inherits, [&](const std::string& name) {
            const auto parent = to_tables_.find(name);
            return parent != to_tables_.end() && column_of(*parent->second, column) != nullptr;
        });
    }
};

}  // namespace

TableMap by_name(const Schema& schema) {
    TableMap out;
    for (const Table& table : schema.tables) out[table.full_name()] = &table;
    return out;
}

const Column* column_of(const Table& table, const std::string& name) {
    const auto found = std::ranges::find(table.columns, name, &Column::name);
    return found == table.columns.end() ? nullptr : &*found;
}

std::vector<const Table*> with_partitions(const Schema& schema, const Table& table) {
    std::vector<const Table*> out{&table};
    for (std::size_t i = 0; i < out.size(); ++i) {  // it grows meanwhile
        for (const Table& part : schema.tables) {
            if (part.partition_of == out[i]->full_name()) out.push_back(&part);
        }
    }
    return out;
}

std::vector<std::string> parents_of(const Table& table) {
    return table.partition_of.empty() ? table.inherits : std::vector<std::string>{table.partition_of};
}

const Table* parent_with(const TableMap& tables, const Table& table, const std::string& column) {
    for (const std::string& name : parents_of(table)) {
        const auto found = tables.find(name);
        if (found != tables.end() && column_of(*found->second, column) != nullptr) return found->second;
    }
    return nullptr;
}

std::set<std::string> tables_made_anew(const Changes& changes, const Items& items) { return MadeAnew(changes, items).run(); }

std::vector<std::string> partition_columns(const Table& table) {
    std::vector<std::string> out;
    const std::string& text = table.partition_by->text;
    for (const Token& token : lex(text, Dialect::postgres)) {
        if (token.kind == TokenKind::space || token.kind == TokenKind::comment) continue;
        const std::string name = token_name(text, token);
        if (column_of(table, name) != nullptr && !has(out, name)) out.push_back(name);
    }
    return out;
}

std::vector<Check> inherited_checks(const Schema& schema, const Table& table) {
    std::vector<Check> out;
    const auto known = [&](const Check& check) {
        const auto same = [&](const Check& other) { return other.name.text == check.name.text; };
        return std::ranges::any_of(table.checks, same) || std::ranges::any_of(out, same);
    };
    std::vector<std::string> parents = parents_of(table);
    for (std::size_t i = 0; i < parents.size(); ++i) {
        const Table* parent = find_table(schema, parents[i]);
        if (parent == nullptr) continue;
        for (const Check& check : parent->checks) {
            if (!check.no_inherit && !known(check)) out.push_back(check);
        }
        for (const std::string& above : parents_of(*parent)) {
            if (!has(parents, above)) parents.push_back(above);
        }
    }
    return out;
}

}  // namespace tenon::postgres
