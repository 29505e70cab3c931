// Default privileges are for what people make by hand: what a plan makes has the privileges that its target tells.
#include <algorithm>
#include <array>
#include <set>

#include "emitters/postgres_items.h"
#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// Who gets what by itself on new things of one kind, everywhere or in one schema.
struct Scope {
    std::string kind{};  ///< TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS
    std::string schema{};
    Grants grants{};
};

/// Those that hold for what the role that runs the plan makes.
std::vector<Scope> scopes_of(const Schema& schema) {
    const std::string head = "GRANTS ON ALTER DEFAULT PRIVILEGES FOR ROLE " + quote(schema.owners.value.self) + " ";
    std::vector<Scope> out;
    for (const Object& object : schema.objects) {
        if (!object.id.starts_with(head)) continue;
        const std::vector<Token> tokens = lex_significant(object.id, Dialect::postgres);
        Scope& scope = out.emplace_back();
        scope.kind = token_text(object.id, tokens.back());
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (token_text(object.id, tokens[i]) == "SCHEMA") scope.schema = token_name(object.id, tokens[i + 1]);
        }
        read_grants(object.definition.text, scope.grants);
    }
    return out;
}

struct Kind {
    std::string_view target;  ///< as GRANT says it
    std::string_view name;
    std::string_view everybodys{};  ///< what PUBLIC may without a word
};
constexpr std::array kKinds{
    Kind{"TABLE ", "TABLES"},
    Kind{"SEQUENCE ", "SEQUENCES"},
    Kind{"FUNCTION ", "FUNCTIONS", "EXECUTE"},
    Kind{"PROCEDURE ", "FUNCTIONS", "EXECUTE"},
    Kind{"TYPE ", "TYPES", "USAGE"},
    Kind{"DOMAIN ", "TYPES", "USAGE"},
    Kind{"SCHEMA ", "SCHEMAS"},
};

/// Statements after which the new thing has the privileges of one that nobody has granted anything on.
Statements without_defaults(const std::string& id, const std::vector<Scope>& scopes) {
    const std::string target = grant_target(id);
    const auto kind = std::ranges::find_if(kKinds, [&](const Kind& k) { return target.starts_with(k.target); });
    if (kind == kKinds.end()) return {};
    const std::string name = target.substr(kind->target.size());
    const std::string schema = token_name(name, lex_significant(name, Dialect::postgres).front());
    std::set<std::string> roles;
    for (const Scope& scope : scopes) {
        if (scope.kind != kind->name || (!scope.schema.empty() && scope.schema != schema)) continue;
        for (const auto& [role, privileges] : scope.grants) roles.insert(role == "public" ? "PUBLIC" : quote(role));
    }
    if (roles.empty()) return {};
    const std::string on = " ON " + target;
    Statements out = {"REVOKE ALL" + on + " FROM " + joined(std::vector(roles.begin(), roles.end()))};
    if (!kind->everybodys.empty() && roles.contains("PUBLIC"))
        out.push_back("GRANT " + std::string(kind->everybodys) + on + " TO PUBLIC");
    return out;
}

void append(Statements& to, const Statements& more) { to.insert(to.end(), more.begin(), more.end()); }

/// The sequence of a column that numbers itself comes with the column, or with the table.
void leave_out_of_identities(const Table& table, bool exact, const std::vector<Scope>& scopes, Items& items) {
    const auto adds = [](const std::string& sql) { return sql.find(" ADD GENERATED ") != std::string::npos; };
    for (const Column& column : table.columns) {
        if (!column.identity || column.identity->sequence.empty()) continue;
        Item* const own = items.find(column_id(table, column.name));
        Item* const item = own == nullptr ? items.find(table_id(table)) : own;
        if (item == nullptr || !(item->in_from || exact)) continue;
        const Statements reset = without_defaults("SEQUENCE " + column.identity->sequence, scopes);
        append(item->make, reset);
        if (item->alter && std::ranges::any_of(*item->alter, adds)) append(*item->alter, reset);
        if (std::ranges::any_of(item->retype, adds)) append(item->retype, reset);
    }
}

}  // namespace

void leave_out_default_privileges(const Changes& changes, const PlanOptions& options, Items& items) {
    const std::vector<Scope> scopes = scopes_of(changes.from);
    if (scopes.empty()) return;
    // A schema file that says nothing of privileges leaves new things to the database's defaults.
    const Intents& intents = options.intents;
    const bool exact = !intents.declared || intents.mentioned.grants;
    for (const std::string& id : items.order) {
        Item& item = *items.find(id);
        if (!item.in_to || item.make.empty() || !(item.in_from || exact)) continue;
        append(item.make, without_defaults(id, scopes));
    }
    for (const Table& table : changes.to.tables) leave_out_of_identities(table, exact, scopes, items);
}

}  // namespace tenon::postgres
