// Privileges between the schema language and GRANT statements.
#include <algorithm>
#include <tuple>

#include "schemas/joined.h"
#include "schemas/postgres_names.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_cursor.h"

namespace tenon::postgres {
namespace {

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? "" : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// `[no] update (a, b) [with grant option]` taken apart.
struct Privilege {
    bool given = true;
    std::string word{};
    std::vector<std::string> columns{};
    bool grantable = false;
};

Privilege parse(const std::string& text) {
    constexpr std::string_view kOption = " with grant option";
    Privilege out;
    std::string rest = trimmed(text);
    if (fold(rest).starts_with("no ")) {
        out.given = false;
        rest = rest.substr(3);
    }
    if (fold(rest).ends_with(kOption)) {
        out.grantable = true;
        rest.resize(rest.size() - kOption.size());
    }
    if (const auto open = rest.find('('); open != std::string::npos && rest.ends_with(')')) {
        const std::string columns = rest.substr(open + 1, rest.size() - open - 2);
        for (const Token& token : lex(columns, Dialect::postgres)) {
            if (token.kind == TokenKind::word || token.kind == TokenKind::name)
                out.columns.push_back(token_name(columns, token));
        }
        rest.resize(open);
    }
    out.word = upper(trimmed(rest));
    if (out.word == "ALL PRIVILEGES") out.word = "ALL";
    return out;
}

std::string role_text(const std::string& role) { return fold(role) == "public" ? "PUBLIC" : quote(role); }

/// An aggregate's arguments as a function takes them: `f(*)` has none, and those to order by come behind the others.
std::string plain_arguments(const std::string& id) {
    const auto open = id.find('(');
    if (open == std::string::npos || !id.ends_with(')')) return id;
    std::string arguments = id.substr(open + 1, id.size() - open - 2);
    if (arguments == "*") arguments.clear();
    constexpr std::string_view kOrder = "ORDER BY ";
    if (const auto order = upper(arguments).find(kOrder); order != std::string::npos) {
        const std::string direct = trimmed(arguments.substr(0, order));
        const std::string ordered = trimmed(arguments.substr(order + kOrder.size()));
        arguments = direct.empty() || direct == ordered ? ordered : direct + ", " + ordered;
    }
    return id.substr(0, open + 1) + arguments + ")";
}

}  // namespace

std::string grant_target(const std::string& id) {
    const auto swap = [&](std::string_view from, const char* to) -> std::string {
        return id.starts_with(from) ? to + id.substr(from.size()) : "";
    };
    for (const auto& [from, to] : {std::pair{"VIEW ", "TABLE "},
                                   {"MATERIALIZED VIEW ", "TABLE "},
                                   {"FOREIGN TABLE ", "TABLE "},
                                   {"SERVER ", "FOREIGN SERVER "}}) {
        if (const std::string target = swap(from, to); !target.empty()) return target;
    }
    if (const std::string target = swap("AGGREGATE ", "FUNCTION "); !target.empty()) return plain_arguments(target);
    return id;
}

namespace {

/// The statements of one target.
struct Line {
    bool given = true;
    std::string role{};
    bool grantable = false;
    std::vector<std::string> privileges{};
};

class Lines {
public:
    void add(const Privilege& privilege, const std::string& role, const std::string& part) {
        const auto same = std::ranges::find_if(lines_, [&](const Line& line) {
            return line.given == privilege.given && line.role == role && line.grantable == privilege.grantable;
        });
        Line& line = same == lines_.end() ? lines_.emplace_back(Line{privilege.given, role, privilege.grantable, {}}) : *same;
        line.privileges.push_back(privilege.word + part);
    }

    /// What is taken away comes first; the roles in the order in which they came.
    std::vector<Line> in_order() {
        for (Line& line : lines_) {
            std::ranges::sort(line.privileges);
            line.privileges.erase(std::unique(line.privileges.begin(), line.privileges.end()), line.privileges.end());
        }
        std::ranges::stable_sort(lines_, {}, &Line::given);
        return lines_;
    }

private:
    std::vector<Line> lines_;
};

std::string grant(const Line& line, const std::string& on, bool undo) {
    const bool gives = line.given != undo;
    return std::string(gives ? "GRANT " : "REVOKE ") + joined(line.privileges) + " ON " + on + (gives ? " TO " : " FROM ") +
           line.role + (gives && line.grantable && !undo ? " WITH GRANT OPTION" : "");
}

Object grants_object(const std::string& name, const std::string& owner, const std::string& on, const std::string& scope,
                     std::vector<Line> lines) {
    const auto text = [&](bool undo) {
        return joined(lines, ";\n", [&](const Line& line) { return scope + grant(line, on, undo); });
    };
    Object object;
    object.id = "GRANTS ON " + name;
    object.owner = owner;
    const std::string in_order = text(false);
    // Inspection gives them by name.
    std::ranges::sort(lines, {},
                      [](const Line& line) { return std::tuple(line.given, line.role, line.grantable, line.privileges); });
    object.definition = make_sql(text(false), Dialect::postgres);
    if (in_order != object.definition.text) object.in_order.value = in_order;
    std::ranges::stable_sort(lines, [](const Line& a, const Line& b) { return a.given && !b.given; });
    object.undo = text(true);
    return object;
}

}  // namespace

void add_grants(const std::string& owner, const Grants& grants, std::vector<Object>& objects) {
    const std::string target = grant_target(owner);
    Lines whole;
    std::map<std::string, Lines> columns;
    for (const auto& [role, privileges] : grants) {
        for (const std::string& text : privileges) {
            const Privilege privilege = parse(text);
            if (privilege.columns.empty()) whole.add(privilege, role_text(role), "");
            for (const std::string& column : privilege.columns) {
                const std::string part = " (" + quote(column) + ")";
                columns[column].add(privilege, role_text(role), part);
            }
        }
    }
    if (auto lines = whole.in_order(); !lines.empty())
        objects.push_back(grants_object(target, owner, target, "", std::move(lines)));
    for (auto& [column, lines] : columns) {
        const std::string name = target + " (" + quote(column) + ")";
        const bool relation = target.starts_with("TABLE ");
        const std::string column_owner = relation ? "COLUMN " + target.substr(6) + "." + quote(column) : owner;
        objects.push_back(grants_object(name, column_owner, target, "", lines.in_order()));
    }
}

void add_default_privileges(const DefaultPrivileges& entry, std::vector<Object>& objects) {
    const std::string scope = "ALTER DEFAULT PRIVILEGES FOR ROLE " + quote(entry.role) +
                              (entry.schema.empty() ? "" : " IN SCHEMA " + quote(entry.schema));
    const std::string on = upper(entry.objects);
    Lines lines;
    for (const auto& [role, privileges] : entry.grants) {
        for (const std::string& text : privileges) lines.add(parse(text), role_text(role), "");
    }
    if (auto in_order = lines.in_order(); !in_order.empty())
        objects.push_back(grants_object(scope + " ON " + on, "", on, scope + " ", std::move(in_order)));
}

bool is_passed_on(const Object& grants) { return grants.definition.text.find("SET ROLE ") != std::string::npos; }

void sort_grants(Object& object) {
    if (is_passed_on(object)) return;  // what one role gives takes what another gave it
    using Line = std::tuple<bool, std::string, bool, std::string>;
    std::vector<Line> lines;
    for (const Statement& statement : split_statements(object.definition.text, Dialect::postgres)) {
        Grants one;
        read_grants(statement.text, one);
        const auto& [role, privileges] = *one.begin();
        lines.emplace_back(!privileges.front().starts_with("no "), role_text(role),
                           privileges.front().ends_with(" with grant option"), statement.text);
    }
    const auto text = [&] { return joined(lines, ";\n", [](const Line& line) { return std::get<3>(line); }); };
    const std::string in_order = text();
    std::ranges::sort(lines);
    object.definition = make_sql(text(), Dialect::postgres);
    if (in_order != object.definition.text) object.in_order.value = in_order;
}

void read_grants(const std::string& statements, Grants& grants) {
    for (const Statement& statement : split_statements(statements, Dialect::postgres)) {
        sqlite::Cursor cursor(statement.text, Dialect::postgres);
        if (cursor.take_keyword("ALTER")) {  // ALTER DEFAULT PRIVILEGES FOR ROLE r [IN SCHEMA s]
            while (!cursor.at_keyword("GRANT") && !cursor.at_keyword("REVOKE")) cursor.advance();
        }
        const bool given = cursor.take_keyword("GRANT");
        if (!given) cursor.expect_keyword("REVOKE");
        struct Entry {
            std::string word;
            std::string columns;
        };
        std::vector<Entry> entries;
        do {
            Entry& entry = entries.emplace_back();
            while (!cursor.at_symbol(',') && !cursor.at_symbol('(') && !cursor.at_keyword("ON")) {
                entry.word += (entry.word.empty() ? "" : " ") + fold(cursor.text());
                cursor.advance();
            }
            if (cursor.at_symbol('(')) entry.columns = cursor.take_group();
        } while (cursor.take_symbol(','));
        while (!cursor.at_keyword("TO") && !cursor.at_keyword("FROM")) cursor.advance();
        cursor.advance();
        const bool everybody = cursor.at_keyword("PUBLIC");
        const std::string role = everybody ? "public" : cursor.take_name();
        if (everybody) cursor.advance();
        const std::string option = cursor.take_keyword("WITH") ? " with grant option" : "";
        for (const Entry& entry : entries) {
            const std::string head = (given ? "" : "no ") + entry.word;
            std::vector<std::string>& list = grants[role];
            // `select (a)` and `select (b)` are one.
            const auto same = std::ranges::find_if(list, [&](const std::string& other) {
                return !entry.columns.empty() && other.starts_with(head + " (") && other.ends_with(")" + option);
            });
            if (same != list.end()) {
                same->insert(same->size() - option.size() - 1, ", " + entry.columns);
            } else {
                list.push_back(head + (entry.columns.empty() ? "" : " (" + entry.columns + ")") + option);
            }
        }
    }
}

}  // namespace tenon::postgres
