// Plans for PostgreSQL: items, their fates, their order, as steps of one transaction.
#include "emitters/postgres_emitter.h"

#include <algorithm>

#include "emitters/postgres_order.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

std::string_view verb(Action::Kind kind) {
    switch (kind) {
        case Action::Kind::drop:
        case Action::Kind::finish: return "drop ";
        case Action::Kind::alter: return "change ";
        case Action::Kind::make: return "create ";
    }
    return "";
}

Statements statements_of(const Action& action) {
    const Item& item = *action.item;
    const auto secured = [&](Statements statements) {
        statements.insert(statements.end(), item.secure.begin(), item.secure.end());
        return statements;
    };
    switch (action.kind) {
        case Action::Kind::drop: return item.drop;
        case Action::Kind::finish: return secured(item.finish);
        case Action::Kind::make: return item.finish.empty() ? secured(item.make) : item.make;
        case Action::Kind::alter: return action.retypes_anew ? item.retype : *item.alter;
    }
    return item.make;
}

Step statement(std::string sql, std::string why, int group) {
    Step step;
    step.sql = std::move(sql);
    step.why = std::move(why);
    step.group = group;
    return step;
}

/// A value that ALTER TYPE adds can be used only after a commit; if something in the plan does, it gets a transaction of its
/// own.
bool value_is_used(const std::vector<Action>& actions, const Item& type) {
    for (const std::string& sql : *type.alter) {
        const std::vector<Token> tokens = lex(sql, Dialect::postgres);
        const auto value = std::ranges::find(tokens, TokenKind::string, &Token::kind);
        if (value == tokens.end()) continue;
        const std::string literal = token_text(sql, *value);
        for (const Action& action : actions) {
            if (action.item == &type || action.kind == Action::Kind::drop) continue;
            for (const std::string& other : statements_of(action)) {
                if (other.find(literal) != std::string::npos) return true;
            }
        }
    }
    return false;
}

class PostgresEmitter final : public Emitter {
public:
    std::vector<std::string> create_all(const Schema& schema) const override {
        Changes changes;
        changes.from.dialect = Dialect::postgres;
        changes.from.schemas = {"public"};
        changes.to = schema;
        std::vector<std::string> out;
        for (const Step& step : plan(changes, {}).steps) {
            if (step.kind == StepKind::statement) out.push_back(step.sql);
        }
        return out;
    }

    Plan rename(const Schema& from, const std::vector<Rename>& renames, const Capabilities&) const override {
        Plan out;
        out.dialect = Dialect::postgres;
        std::vector<std::string> schemas = from.schemas;
        for (const Rename& rename : renames) {
            if (rename.kind == Rename::Kind::table) {
                rename_table(*find_table(from, rename.from), rename.to, schemas, out);
            } else {
                const std::string sql = "ALTER TABLE " + qualified(from, rename.table) + " RENAME COLUMN " +
                                        quote(rename.from) + " TO " + quote(rename.to);
                out.steps.push_back(statement(sql, "rename column " + rename.table + "." + rename.from, 1));
            }
        }
        return out;
    }

    Plan plan(const Changes& changes, const PlanOptions& options) const override {
        const Items items = make_items(changes, options);
        const Fates fates = decide_fates(items, changes.from);
        const std::vector<Action> actions = ordered_actions(items, fates, changes.from, changes.to);
        Plan out;
        out.dialect = Dialect::postgres;
        const bool values_first = std::ranges::any_of(actions, [&](const Action& action) { return early(actions, action); });
        if (options.guards) add_guards(actions, options, values_first ? 0 : 1, out);
        for (const Action& action : actions) {
            if (early(actions, action)) add_steps(action, 0, out);
        }
        if (makes_functions(actions)) {
            // Bodies may speak of what comes later.
            out.steps.push_back(statement("SET LOCAL check_function_bodies = off", "create functions", 1));
        }
        for (const Action& action : actions) {
            if (!early(actions, action)) add_steps(action, 1, out);
        }
        return out;
    }

private:
    /// To another name, to another schema (made where none of `schemas` is it), or both.
    static void rename_table(const Table& table, const std::string& to, std::vector<std::string>& schemas, Plan& out) {
        const auto add = [&](const std::string& sql) {
            out.steps.push_back(statement(sql, "rename table " + table.full_name(), 1));
        };
        const auto in_public = [](const std::string& schema) { return schema == "public" ? "" : schema; };
        const auto parts = split_full_name(to);
        const std::string schema = in_public(parts.first);
        const std::string& name = parts.second;
        if (schema != in_public(table.schema)) {
            if (!schema.empty() && std::ranges::find(schemas, schema) == schemas.end()) {
                add("CREATE SCHEMA " + quote(schema));
                schemas.push_back(schema);
            }
            add("ALTER TABLE " + qualified(table) + " SET SCHEMA " + (schema.empty() ? "public" : quote(schema)));
        }
        if (name != table.name) add("ALTER TABLE " + qualified(schema, table.name) + " RENAME TO " + quote(name));
    }

    static bool early(const std::vector<Action>& actions, const Action& action) {
        const bool adds_values = action.kind == Action::Kind::alter && !action.item->alter->empty() &&
                                 action.item->id.starts_with("TYPE ") &&
                                 action.item->alter->front().find(" ADD VALUE ") != std::string::npos;
        return adds_values && value_is_used(actions, *action.item);
    }

    static bool makes_functions(const std::vector<Action>& actions) {
        return std::ranges::any_of(actions, [](const Action& action) {
            const std::string& id = action.item->id;
            return action.kind != Action::Kind::drop && (id.starts_with("FUNCTION ") || id.starts_with("PROCEDURE "));
        });
    }

    static void add_guards(const std::vector<Action>& actions, const PlanOptions& options, int group, Plan& out) {
        for (const Action& action : actions) {
            if (action.kind == Action::Kind::finish || (action.kind == Action::Kind::drop && action.item->in_to)) continue;
            for (Step guard : action.item->guards) {
                const std::string prefix = "--allow-destructive=";
                if (guard.flag.starts_with(prefix) &&
                    options.decisions.allowed_losses.contains(guard.flag.substr(prefix.size())))
                    continue;
                guard.group = group;
                guard.why = std::string(verb(action.kind)) + action.item->id;
                out.steps.push_back(std::move(guard));
            }
        }
    }

    static void add_steps(const Action& action, int group, Plan& out) {
        bool first = true;
        for (const std::string& sql : statements_of(action)) {
            if (sql.empty()) continue;
            Step step = statement(sql, std::string(verb(action.kind)) + action.item->id, group);
            if (first) step.hazards = action.item->hazards;
            first = false;
            out.steps.push_back(std::move(step));
        }
    }
};

}  // namespace

std::unique_ptr<Emitter> make_postgres_emitter() { return std::make_unique<PostgresEmitter>(); }

}  // namespace tenon::postgres
