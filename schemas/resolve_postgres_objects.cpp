// Views, functions, triggers, policies, comments, privileges, …: the statements that a declared schema asks for, as Objects.
#include <algorithm>

#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

std::string chosen(const Sql& sql) { return text_for(sql, Dialect::postgres); }

/// ENABLE, DISABLE, … of a trigger or rule.
std::string state_words(const std::string& state) {
    return state == "disabled" ? "DISABLE" : state == "replica" ? "ENABLE REPLICA" : "ENABLE ALWAYS";
}

bool begins_with(const std::string& text, std::string_view keyword) {
    for (const Token& token : lex(text, Dialect::postgres)) {
        if (token.kind != TokenKind::space && token.kind != TokenKind::comment) return is_keyword(text, token, keyword);
    }
    return false;
}

class ObjectMaker {
public:
    ObjectMaker(const Schema& declared, Schema& out) : declared_(declared), out_(out) {}

    void run() {
        for (const NamespaceNotes& note : declared_.schema_notes)
            notes("SCHEMA " + quote(note.name), note.comment, note.rights);
        for (const Collation& collation : declared_.collations) this->collation(collation);
        for (const Function& function : declared_.functions) this->function(function);
        for (const Table& table : out_.tables) this->table(table);
        for (const View& view : declared_.views) this->view(view);
        for (const Object& object : declared_.objects) {
            if (chosen(object.definition).empty()) continue;
            Object& made = add(object.id, chosen(object.definition), "", object.place.value, 0);
            if (made.id.starts_with("GRANTS ON ")) sort_grants(made);
            notes(object.id, object.comment, object.rights);
        }
        types();
        for (const DefaultPrivileges& entry : declared_.default_privileges) {
            const std::size_t first = out_.objects.size();
            add_default_privileges(entry, out_.objects);
            place_from(first, entry.where.value);
        }
    }

private:
    const Schema& declared_;
    Schema& out_;

    /// `shift`: so many characters stand before the text that the schema gives.
    Object& add(const std::string& id, const std::string& text, const std::string& owner, const TextPlace& place,
                std::optional<std::size_t> shift) {
        Object& object = out_.objects.emplace_back();
        object.id = id;
        object.definition = make_sql(text, Dialect::postgres);
        object.owner = owner;
        object.place = {place};
        object.place.value.shift.reset();
        if (shift) object.place.value.shift = static_cast<int>(*shift);
        return object;
    }

    void place_from(std::size_t first, const Where& where) {
        for (std::size_t i = first; i < out_.objects.size(); ++i)
            out_.objects[i].place.value = {.where = where, .block = false, .shift = {}, .file = {}};
    }

    void comment(const std::string& id, const std::string& text, const Aside<Where>& where = {}) {
        if (text.empty()) return;
        const std::string on = "COMMENT ON " + id;
        Object& object = add(on, on + " IS " + quote_literal(text), id, {.where = where.value}, {});
        object.undo = on + " IS NULL";
    }

    void notes(const std::string& id, const std::string& text, const Rights& rights, const Aside<Where>& where = {}) {
        comment(id, text, where);
        const std::size_t first = out_.objects.size();
        if (rights.grants) add_grants(id, *rights.grants, out_.objects);
        if (!rights.owner.empty()) owner(id, rights.owner);
        place_from(first, where.value);
    }

    void owner(const std::string& id, const std::string& role) {
        add("OWNER OF " + id, "ALTER " + id + " OWNER TO " + quote(role), id, {}, {});
    }

    void collation(const Collation& collation) {
        const auto option = [&](const char* name) -> std::string {
            const auto found = collation.options.find(name);
            return found == collation.options.end() ? "" : found->second;
        };
        const std::string name = qualified(collation.schema, collation.name);
        std::string text = "CREATE COLLATION " + name;
        if (const std::string other = option("from"); !other.empty()) {
            text += " FROM " + server_collation(other, declared_);
        } else {
            const std::string provider = option("provider").empty() ? "libc" : option("provider");
            text += " (PROVIDER = " + provider + ", DETERMINISTIC = " + (option("deterministic") == "false" ? "false" : "true");
            const std::string locale = option("locale");
            if (provider == "libc") {
                const auto part = [&](const char* key) { return option(key).empty() ? locale : option(key); };
                text +=
                    ", LC_COLLATE = " + quote_literal(part("lc_collate")) + ", LC_CTYPE = " + quote_literal(part("lc_ctype"));
            } else {
                text += ", LOCALE = " + quote_literal(locale);
            }
            if (!option("rules").empty()) text += ", RULES = " + quote_literal(option("rules"));
            text += ")";
        }
        const std::string id = "COLLATION " + name;
        add(id, text, "", {.where = collation.where.value}, {});
        notes(id, collation.comment, collation.rights, collation.where);
    }

    /// The statement under the name that its key gives it.
    void function(const Function& function) {
        const std::string text = chosen(function.definition);
        if (text.empty()) return;
        const std::vector<Token> tokens = lex(text, Dialect::postgres);
        std::string kind = "FUNCTION ";
        std::size_t begin = std::string::npos;
        std::size_t end = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const bool blank = tokens[i].kind == TokenKind::space || tokens[i].kind == TokenKind::comment;
            if (blank) continue;
            if (end == 0) {
                if (is_keyword(text, tokens[i], "PROCEDURE")) kind = "PROCEDURE ";
                if (is_keyword(text, tokens[i], "PROCEDURE") || is_keyword(text, tokens[i], "FUNCTION")) end = tokens[i].end;
            } else if (token_text(text, tokens[i]) == "(") {
                break;
            } else {
                if (begin == std::string::npos) begin = tokens[i].begin;
                end = tokens[i].end;
            }
        }
        const std::string name = qualified(function.schema, function.name);
        std::string whole = text;
        std::size_t shift = 0;
        if (begin != std::string::npos) {
            shift = name.size() - (end - begin);
            whole.replace(begin, end - begin, name);
        }
        const std::string id = kind + name + (function.arguments ? "(" + *function.arguments + ")" : "");
        add(id, whole, "", function.place.value, shift);
        notes(id, function.comment, function.rights, function.where);
    }

    void triggers(const std::vector<Trigger>& list, const std::string& owner, const std::string& relation) {
        for (const Trigger& trigger : list) {
            const std::string text = chosen(trigger.definition);
            if (text.empty()) continue;
            const std::string head = begins_with(text, "CREATE") ? "" : "CREATE TRIGGER " + quote(trigger.name) + " ";
            std::string whole = head + with_table(text, relation);
            if (!trigger.state.empty())
                whole += ";\nALTER TABLE " + relation + " " + state_words(trigger.state) + " TRIGGER " + quote(trigger.name);
            const std::string id = "TRIGGER " + quote(trigger.name) + " ON " + relation;
            add(id, whole, owner, trigger.place.value, head.size());
            comment(id, trigger.comment, trigger.where);
        }
    }

    /// The table may be left out of a trigger's text.
    static std::string with_table(const std::string& text, const std::string& relation) {
        for (const Token& token : lex(text, Dialect::postgres)) {
            if (is_keyword(text, token, "ON")) return text;
            const bool after = is_keyword(text, token, "FOR") || is_keyword(text, token, "WHEN") ||
                               is_keyword(text, token, "EXECUTE") || is_keyword(text, token, "REFERENCING");
            if (after) return text.substr(0, token.begin) + "ON " + relation + " " + text.substr(token.begin);
        }
        return text;
    }

    void rules(const std::vector<TableText>& list, const std::string& owner, const std::string& relation) {
        for (const TableText& rule : list) {
            const std::string text = chosen(rule.definition);
            if (text.empty()) continue;
            const std::string head = "CREATE RULE " + quote(rule.name) + " AS ";
            std::string whole = head + text;
            if (!rule.state.empty())
                whole += ";\nALTER TABLE " + relation + " " + state_words(rule.state) + " RULE " + quote(rule.name);
            const std::string id = "RULE " + quote(rule.name) + " ON " + relation;
            add(id, whole, owner, rule.place.value, head.size());
            comment(id, rule.comment, rule.where);
        }
    }

    void table(const Table& table) {
        const std::string id = table_id(table);
        const std::string relation = qualified(table);
        for (const TableText& statistics : *table.statistics) {
            const std::string text = chosen(statistics.definition);
            if (text.empty()) continue;
            const auto dot = statistics.name.find('.');
            const std::string name = dot == std::string::npos
                                         ? qualified(table.schema, statistics.name)
                                         : qualified(statistics.name.substr(0, dot), statistics.name.substr(dot + 1));
            const std::string head = "CREATE STATISTICS " + name + " ";
            std::string whole = head + text + " FROM " + relation;
            if (!statistics.state.empty()) whole += ";\nALTER STATISTICS " + name + " SET STATISTICS " + statistics.state;
            add("STATISTICS " + name, whole, id, statistics.place.value, head.size());
            comment("STATISTICS " + name, statistics.comment, statistics.where);
        }
        rules(table.rules, id, relation);
        triggers(table.triggers, id, relation);
        for (const TableText& policy : *table.policies) {
            const std::string text = chosen(policy.definition);
            if (text.empty()) continue;
            const std::string head = "CREATE POLICY " + quote(policy.name) + " ON " + relation + " ";
            const std::string name = "POLICY " + quote(policy.name) + " ON " + relation;
            add(name, head + text, id, policy.place.value, head.size());
            comment(name, policy.comment, policy.where);
        }
        notes(id, table.comment, table.rights, table.where);
        for (const Column& column : table.columns) comment(column_id(table, column.name), column.comment, column.where);
        const auto constraints = [&](const auto& things) {
            for (const auto& thing : things) comment(constraint_id(table, thing.name.text), thing.comment, thing.where);
        };
        if (table.primary_key)
            comment(constraint_id(table, table.primary_key->name.text), table.primary_key->comment, table.where);
        constraints(table.uniques);
        constraints(table.checks);
        constraints(table.foreign_keys);
        constraints(table.exclusions);
        for (const Index& index : table.indexes) comment(index_id(table, index.name.text), index.comment, index.where);
    }

    void view(const View& view) {
        std::string text = chosen(view.definition);
        if (text.empty()) return;
        while (text.ends_with(';') || text.ends_with('\n') || text.ends_with(' ')) text.pop_back();
        const std::string relation = qualified(view.schema, view.name);
        const std::string id = (view.materialized ? "MATERIALIZED VIEW " : "VIEW ") + relation;
        std::string head = "CREATE " + id;
        std::vector<std::string> columns;
        for (const std::string& name : view.columns) columns.push_back(quote(name));
        if (!columns.empty()) head += " (" + joined(columns) + ")";
        if (!view.access_method.empty()) head += " USING " + quote(view.access_method);
        std::vector<std::string> options;
        for (const auto& [key, value] : view.options) options.push_back(key + "=" + value);
        if (!options.empty()) head += " WITH (" + joined(options) + ")";
        if (!view.tablespace.empty()) head += " TABLESPACE " + quote(view.tablespace);
        head += " AS\n";
        std::string whole = head + text;
        if (!view.with_data) whole += "\nWITH NO DATA";
        add(id, whole, "", view.place.value, head.size());
        for (const ViewColumn& column : view.column_notes) {
            const std::string start = "ALTER VIEW " + relation + " ALTER COLUMN " + quote(column.name);
            if (!column.default_value.empty())
                add("DEFAULT OF " + id + "." + quote(column.name), start + " SET DEFAULT " + chosen(column.default_value), id,
                    {.where = view.where.value}, {})
                    .undo = start + " DROP DEFAULT";
        }
        view_indexes(view, id, relation);
        rules(view.rules, id, relation);
        triggers(view.triggers, id, relation);
        notes(id, view.comment, view.rights, view.where);
        for (const ViewColumn& column : view.column_notes)
            comment("COLUMN " + relation + "." + quote(column.name), column.comment, view.where);
    }

    void view_indexes(const View& view, const std::string& owner, const std::string& relation) {
        for (Index index : view.indexes) {
            if (index.name.text.empty()) {
                std::vector<std::string> columns;
                for (const KeyPart& part : index.columns) columns.push_back(part.column.empty() ? "expr" : part.column);
                index.name.text = conventional_name(view.name, columns, "idx");
            }
            for (KeyPart& part : index.columns) part.expression = make_sql(chosen(part.expression), Dialect::postgres);
            index.where_clause = make_sql(chosen(index.where_clause), Dialect::postgres);
            std::string text = view_index_text(index, relation);
            if (view.cluster_on == index.name.text)
                text += ";\nALTER MATERIALIZED VIEW " + relation + " CLUSTER ON " + quote(index.name.text);
            const std::string id = "INDEX " + qualified(view.schema, index.name.text);
            add(id, text, owner, {.where = index.where.value}, {});
            comment(id, index.comment, index.where);
        }
    }

    void types() {
        const auto all = [&](const auto& things, const std::string& kind) {
            for (const auto& thing : things)
                notes(kind + qualified(thing.schema, thing.name), thing.comment, thing.rights, thing.where);
        };
        all(out_.enums, "TYPE ");
        all(out_.composites, "TYPE ");
        all(out_.ranges, "TYPE ");
        all(out_.domains, "DOMAIN ");
        all(out_.sequences, "SEQUENCE ");
        for (const Domain& domain : out_.domains) {
            const std::string id = "DOMAIN " + qualified(domain.schema, domain.name);
            for (const Check& check : domain.checks)
                comment("CONSTRAINT " + quote(check.name.text) + " ON " + id, check.comment, check.where);
        }
        for (const CompositeType& type : out_.composites) {
            for (const auto& [attribute, text] : type.attribute_comments)
                comment("COLUMN " + qualified(type.schema, type.name) + "." + quote(attribute), text, type.where);
        }
    }
};

}  // namespace

void make_objects(const Schema& declared, Schema& resolved) { ObjectMaker(declared, resolved).run(); }

}  // namespace tenon::postgres
