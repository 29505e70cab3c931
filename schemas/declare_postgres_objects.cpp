// Views, functions, triggers, policies, … of a PostgreSQL database as a person would write them.
#include <algorithm>

#include "schemas/declare_postgres.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_cursor.h"

namespace tenon::postgres {
namespace {

using sqlite::Cursor;

std::string in_public(const std::string& schema) { return schema == "public" ? "" : schema; }

/// The rest of a statement from the cursor on.
std::string rest_of(const std::string& text, const Cursor& cursor) {
    return cursor.done() ? "" : text.substr(cursor.token().begin);
}

void pass_qualified_name(Cursor& cursor) {
    do {
        cursor.take_name();
    } while (cursor.take_symbol('.'));
}

class ObjectDeclarer {
public:
    ObjectDeclarer(const Schema& inspected, Remarks& remarks, Schema& declared)
        : live_(inspected), remarks_(remarks), out_(declared) {
        for (std::size_t i = 0; i < out_.tables.size(); ++i) tables_[table_id(out_.tables[i])] = i;
        for (const Object& object : live_.objects) {
            if (object.id.starts_with("FUNCTION ") || object.id.starts_with("PROCEDURE "))
                ++overloads_[object.id.substr(0, object.id.find('('))];
        }
    }

    void run() {
        // What hangs on another object comes after it.
        for (const bool attached : {false, true}) {
            for (const Object& object : live_.objects) {
                if (is_attached(object) != attached || object.id.starts_with("COMMENT ON ") ||
                    object.id.starts_with("GRANTS ON "))
                    continue;
                try {
                    if (declare(object)) continue;
                } catch (const Error&) {
                    // A text of a form that is not known here stands as it is.
                }
                keep(object);
            }
        }
        for (const Object* object : remarks_.left()) {
            if (object->owner.empty() && object->id.find("ALTER DEFAULT PRIVILEGES") != std::string::npos) {
                default_privileges(*object);
            } else {
                keep(*object);
            }
        }
    }

private:
    const Schema& live_;
    Remarks& remarks_;
    Schema& out_;
    std::map<std::string, std::size_t> tables_;
    std::map<std::string, std::size_t> views_;
    std::map<std::string, int> overloads_;

    static bool is_attached(const Object& object) {
        for (const std::string_view kind : {"DEFAULT OF ", "INDEX ", "TRIGGER ", "RULE ", "POLICY ", "STATISTICS "}) {
            if (object.id.starts_with(kind)) return true;
        }
        return false;
    }

    bool declare(const Object& object) {
        const auto is = [&](std::string_view kind) { return object.id.starts_with(kind); };
        if (is("VIEW ") || is("MATERIALIZED VIEW ")) return view(object);
        if (is("DEFAULT OF ")) return view_default(object);
        if (is("FUNCTION ") || is("PROCEDURE ")) return function(object);
        if (is("COLLATION ")) return collation(object);
        if (is("INDEX ")) return index(object);
        if (is("TRIGGER ")) return trigger(object);
        if (is("RULE ")) return rule(object);
        if (is("POLICY ")) return policy(object);
        if (is("STATISTICS ")) return statistics(object);
        return false;
    }

    void keep(const Object& live) {
        Object object;
        object.id = live.id;
        object.definition = is_passed_on(live) ? live.definition : make_sql(live.text(), Dialect::postgres);
        object.comment = remarks_.comment(live.id);
        object.rights = remarks_.rights(live.id);
        out_.objects.push_back(std::move(object));
    }

    bool view(const Object& object) {
        View view;
        view.materialized = object.id.starts_with("MATERIALIZED ");
        const IdName name = name_of_id(object.id, view.materialized ? "MATERIALIZED VIEW " : "VIEW ");
        view.schema = name.schema;
        view.name = name.name;
        std::string text = object.definition.text;
        constexpr std::string_view kNoData = "\nWITH NO DATA";
        if (text.ends_with(kNoData)) {
            view.with_data = false;
            text.resize(text.size() - kNoData.size());
        }
        Cursor cursor(text, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        cursor.take_keyword("MATERIALIZED");
        cursor.expect_keyword("VIEW");
        pass_qualified_name(cursor);
        if (cursor.take_keyword("USING")) view.access_method = cursor.take_name();
        if (cursor.take_keyword("WITH")) {
            for (const std::string& option : split_at_commas(cursor.take_group())) {
                const auto equals = option.find('=');
                view.options[option.substr(0, equals)] = option.substr(equals + 1);
            }
        }
        if (cursor.take_keyword("TABLESPACE")) view.tablespace = cursor.take_name();
        cursor.expect_keyword("AS");
        view.definition = make_sql(rest_of(text, cursor), Dialect::postgres);
        std::vector<std::string> column_ids;
        std::map<std::string, ViewColumn> notes;
        for (const std::string& line : object.shape) {
            const std::string column = token_name(line, lex(line, Dialect::postgres).front());
            column_ids.push_back("COLUMN " + qualified(view.schema, view.name) + "." + quote(column));
            if (const std::string comment = remarks_.comment(column_ids.back()); !comment.empty())
                notes[column].comment = comment;
        }
        for (auto& [column, note] : notes) {
            note.name = column;
            view.column_notes.push_back(std::move(note));
        }
        view.comment = remarks_.comment(object.id);
        view.rights.grants = remarks_.grants(object.id, column_ids);
        views_[object.id] = out_.views.size();
        out_.views.push_back(std::move(view));
        return true;
    }

    bool view_default(const Object& object) {
        const auto view = views_.find(object.owner);
        if (view == views_.end()) return false;
        const std::string& text = object.definition.text;
        Cursor cursor(text, Dialect::postgres);
        cursor.expect_keyword("ALTER");
        cursor.expect_keyword("VIEW");
        pass_qualified_name(cursor);
        cursor.expect_keyword("ALTER");
        cursor.expect_keyword("COLUMN");
        const std::string column = cursor.take_name();
        cursor.expect_keyword("SET");
        cursor.expect_keyword("DEFAULT");
        std::vector<ViewColumn>& notes = out_.views[view->second].column_notes;
        auto note = std::ranges::lower_bound(notes, column, {}, &ViewColumn::name);
        if (note == notes.end() || note->name != column) note = notes.insert(note, {.name = column});
        note->default_value = make_sql(rest_of(text, cursor), Dialect::postgres);
        return true;
    }

    bool function(const Object& object) {
        const std::string head = object.id.substr(0, object.id.find('('));
        const IdName name = name_of_id(object.id, object.id.starts_with("FUNCTION ") ? "FUNCTION " : "PROCEDURE ");
        Function function;
        function.schema = name.schema;
        function.name = name.name;
        if (overloads_[head] > 1) function.arguments = name.rest.substr(1, name.rest.size() - 2);
        std::string text = object.definition.text;
        while (text.ends_with('\n')) text.pop_back();
        function.definition = make_sql(std::move(text), Dialect::postgres);
        function.comment = remarks_.comment(object.id);
        function.rights = remarks_.rights(object.id);
        out_.functions.push_back(std::move(function));
        return true;
    }

    bool collation(const Object& object) {
        const IdName name = name_of_id(object.id, "COLLATION ");
        Collation collation;
        collation.schema = name.schema;
        collation.name = name.name;
        Cursor cursor(object.definition.text, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        cursor.expect_keyword("COLLATION");
        pass_qualified_name(cursor);
        for (const std::string& option : split_at_commas(cursor.take_group())) {
            const auto equals = option.find(" = ");
            std::string value = option.substr(equals + 3);
            if (value.starts_with('\'')) value = token_name(value, lex(value, Dialect::postgres).front());
            collation.options[fold(option.substr(0, equals))] = value;
        }
        const auto option = [&](std::string_view key) -> std::string {
            const auto found = collation.options.find(key);
            return found == collation.options.end() ? "" : found->second;
        };
        if (option("deterministic") == "true") collation.options.erase("deterministic");
        if (option("provider") == "libc") {
            collation.options.erase("provider");
            if (const std::string locale = option("lc_collate"); locale == option("lc_ctype")) {
                collation.options.erase("lc_collate");
                collation.options.erase("lc_ctype");
                collation.options["locale"] = locale;
            }
        }
        collation.comment = remarks_.comment(object.id);
        collation.rights = remarks_.rights(object.id);
        out_.collations.push_back(std::move(collation));
        return true;
    }

    bool index(const Object& object) {
        const auto view = views_.find(object.owner);
        if (view == views_.end()) return false;
        const std::vector<Statement> statements = split_statements(object.definition.text, Dialect::postgres);
        Index index = parse_index(statements.at(0).text);
        index.comment = remarks_.comment(object.id);
        for (KeyPart& part : index.columns) part.expression = without_parentheses(part.expression);
        View& owner = out_.views[view->second];
        if (statements.size() > 1) owner.cluster_on = index.name.text;
        owner.indexes.push_back(std::move(index));
        return true;
    }

    /// Takes `;\nALTER TABLE t DISABLE TRIGGER n` off the end of the text.
    static std::string take_state(std::string& text, const std::string& kind, const std::string& name) {
        for (const auto& [words, state] :
             {std::pair{"DISABLE", "disabled"}, {"ENABLE REPLICA", "replica"}, {"ENABLE ALWAYS", "always"}}) {
            const std::string end = std::string(" ") + words + " " + kind + " " + quote(name);
            const auto start = text.rfind(";\nALTER TABLE ");
            if (start == std::string::npos || !text.ends_with(end)) continue;
            text.resize(start);
            return state;
        }
        return "";
    }

    bool trigger(const Object& object) {
        const IdName name = name_of_id(object.id, "TRIGGER ");
        Trigger trigger;
        trigger.name = name.name;
        std::string text = object.definition.text;
        trigger.state = take_state(text, "TRIGGER", trigger.name);
        Cursor cursor(text, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        const bool constraint = cursor.take_keyword("CONSTRAINT");
        cursor.expect_keyword("TRIGGER");
        cursor.take_name();
        trigger.definition = make_sql(constraint ? text : rest_of(text, cursor), Dialect::postgres);
        std::vector<Trigger>* list = nullptr;
        if (const auto table = tables_.find(object.owner); table != tables_.end()) list = &out_.tables[table->second].triggers;
        if (const auto view = views_.find(object.owner); view != views_.end()) list = &out_.views[view->second].triggers;
        if (list == nullptr) return false;
        trigger.comment = remarks_.comment(object.id);
        list->push_back(std::move(trigger));
        return true;
    }

    bool rule(const Object& object) {
        const IdName name = name_of_id(object.id, "RULE ");
        TableText rule;
        rule.name = name.name;
        std::string text = object.definition.text;
        rule.state = take_state(text, "RULE", rule.name);
        Cursor cursor(text, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        cursor.expect_keyword("RULE");
        cursor.take_name();
        cursor.expect_keyword("AS");
        rule.definition = make_sql(rest_of(text, cursor), Dialect::postgres);
        std::vector<TableText>* list = nullptr;
        if (const auto table = tables_.find(object.owner); table != tables_.end())
            list = &out_.tables[table->second].rules.edit();
        if (const auto view = views_.find(object.owner); view != views_.end()) list = &out_.views[view->second].rules;
        if (list == nullptr) return false;
        rule.comment = remarks_.comment(object.id);
        list->push_back(std::move(rule));
        return true;
    }

    bool policy(const Object& object) {
        const auto table = tables_.find(object.owner);
        if (table == tables_.end()) return false;
        TableText policy;
        Cursor cursor(object.definition.text, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        cursor.expect_keyword("POLICY");
        policy.name = cursor.take_name();
        cursor.expect_keyword("ON");
        pass_qualified_name(cursor);
        policy.definition = make_sql(rest_of(object.definition.text, cursor), Dialect::postgres);
        // For everything and everyone, without a condition: nothing would be left to write.
        if (policy.definition.empty()) policy.definition = make_sql("FOR ALL", Dialect::postgres);
        policy.comment = remarks_.comment(object.id);
        out_.tables[table->second].policies.edit().push_back(std::move(policy));
        return true;
    }

    bool statistics(const Object& object) {
        const auto table = tables_.find(object.owner);
        if (table == tables_.end()) return false;
        const IdName name = name_of_id(object.id, "STATISTICS ");
        Table& owner = out_.tables[table->second];
        const std::vector<Statement> parts = split_statements(object.definition.text, Dialect::postgres);
        const std::string& text = parts.at(0).text;
        const std::string end = " FROM " + qualified(owner);
        if (!text.ends_with(end)) return false;
        TableText statistics;
        statistics.name = name.schema == in_public(owner.schema)
                              ? name.name
                              : (name.schema.empty() ? "public" : name.schema) + "." + name.name;
        const std::string head = text.substr(0, text.size() - end.size());
        Cursor cursor(head, Dialect::postgres);
        cursor.expect_keyword("CREATE");
        cursor.expect_keyword("STATISTICS");
        pass_qualified_name(cursor);
        statistics.definition = make_sql(rest_of(head, cursor), Dialect::postgres);
        if (parts.size() > 1) statistics.state = parts[1].text.substr(parts[1].text.rfind(' ') + 1);
        statistics.comment = remarks_.comment(object.id);
        owner.statistics.edit().push_back(std::move(statistics));
        return true;
    }

    /// `GRANTS ON ALTER DEFAULT PRIVILEGES FOR ROLE r [IN SCHEMA s] ON TABLES`
    void default_privileges(const Object& object) {
        const std::string scope = object.id.substr(std::string_view("GRANTS ON ").size());
        Cursor cursor(scope, Dialect::postgres);
        for (const char* word : {"ALTER", "DEFAULT", "PRIVILEGES", "FOR", "ROLE"}) cursor.expect_keyword(word);
        DefaultPrivileges entry;
        entry.role = cursor.take_name();
        if (cursor.take_keyword("IN")) {
            cursor.expect_keyword("SCHEMA");
            entry.schema = cursor.take_name();
        }
        cursor.expect_keyword("ON");
        entry.objects = fold(cursor.take_name());
        read_grants(object.definition.text, entry.grants);
        out_.default_privileges.push_back(std::move(entry));
    }
};

}  // namespace

void declare_objects(const Schema& inspected, Remarks& remarks, Schema& declared) {
    ObjectDeclarer(inspected, remarks, declared).run();
}

IdName name_of_id(const std::string& id, std::string_view kind) {
    const std::string text = id.substr(kind.size());
    Cursor cursor(text, Dialect::postgres);
    IdName out;
    out.name = cursor.take_name();
    if (cursor.take_symbol('.')) {
        out.schema = in_public(out.name);
        out.name = cursor.take_name();
    }
    out.rest = rest_of(text, cursor);
    return out;
}

}  // namespace tenon::postgres
