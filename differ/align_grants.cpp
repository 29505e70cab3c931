// Privileges that make no difference: those of the owner.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "differ/align_postgres.h"
#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_names.h"
#include "schemas/sql_words.h"

namespace tenon::postgres {
namespace {

/// `GRANT privileges ON target TO role [WITH GRANT OPTION]`, or REVOKE, as it stands in SQL.
struct GrantLine {
    std::string giver{};  ///< empty for the owner
    bool given = true;
    std::string role{};
    bool grantable = false;
    std::vector<std::string> privileges{};
    std::string target{};

    std::string text(bool undo) const {
        const bool gives = given != undo;
        const std::string line = std::string(gives ? "GRANT " : "REVOKE ") + joined(privileges) + " ON " + target +
                                 (gives ? " TO " : " FROM ") + role + (grantable && !undo ? " WITH GRANT OPTION" : "");
        return giver.empty() ? line : "SET ROLE " + giver + ";\n" + line + ";\nRESET ROLE";
    }
};

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

GrantLine parse(const std::string& statement) {
    const SqlWords words(statement, Dialect::postgres);
    GrantLine line{.given = words.is(0, "GRANT")};
    const auto next = [&](std::size_t at, std::initializer_list<std::string_view> keywords) {
        const auto is_one = [&](std::string_view keyword) { return words.is(at, keyword); };
        while (at < words.size() && std::ranges::none_of(keywords, is_one))
            at = words.is_symbol(at, "(") ? words.closing(at) + 1 : at + 1;
        return at;
    };
    const std::size_t on = next(1, {"ON"});
    const std::size_t to = next(on, {"TO", "FROM"});
    for (const std::string& privilege : split_at_commas(words.between(0, on))) line.privileges.push_back(trimmed(privilege));
    line.target = trimmed(words.between(on, to));
    line.role = words.text(to + 1);
    line.grantable = words.is(to + 2, "WITH");
    return line;
}

std::vector<GrantLine> lines_of_grants(const std::string& text) {
    std::vector<GrantLine> out;
    std::string giver;
    for (const Statement& statement : split_statements(text, Dialect::postgres)) {
        const SqlWords words(statement.text, Dialect::postgres);
        if (words.is(0, "SET") || words.is(0, "RESET")) {
            giver = words.is(0, "SET") ? words.text(2) : "";
        } else {
            out.push_back(parse(statement.text));
            out.back().giver = giver;
        }
    }
    return out;
}

/// What one role gives another in the same way is one line.
void merge(std::vector<GrantLine>& lines, GrantLine line) {
    const auto key = [](const GrantLine& each) { return std::tie(each.giver, each.given, each.role, each.grantable); };
    const auto same = std::ranges::find_if(lines, [&](const GrantLine& other) { return key(other) == key(line); });
    if (same == lines.end()) return lines.push_back(std::move(line));
    std::ranges::move(line.privileges, std::back_inserter(same->privileges));
    std::ranges::sort(same->privileges);
    same->privileges.erase(std::unique(same->privileges.begin(), same->privileges.end()), same->privileges.end());
}

/// Who may pass a privilege on has it.
void forget_lesser(std::vector<GrantLine>& lines) {
    for (GrantLine& lesser : lines) {
        for (const GrantLine& line : lines) {
            if (lesser.grantable || !line.grantable || !line.given || !lesser.given || lesser.giver != line.giver ||
                lesser.role != line.role)
                continue;
            std::erase_if(lesser.privileges, [&](const std::string& privilege) {
                return std::ranges::find(line.privileges, privilege) != line.privileges.end();
            });
        }
    }
    std::erase_if(lines, [](const GrantLine& line) { return line.privileges.empty(); });
}

std::string text_of(const std::vector<GrantLine>& lines, bool undo) {
    return joined(lines, ";\n", [&](const GrantLine& line) { return line.text(undo); });
}

}  // namespace

Object grants_under(const Object& grants, const std::string& owner) {
    const std::string role = quote(owner);
    const std::vector<GrantLine> all = lines_of_grants(grants.text());
    const bool of_owner = std::ranges::any_of(
        all, [&](const GrantLine& line) { return line.giver == role || (line.given && line.role == role); });
    if (!of_owner) return grants;
    std::vector<GrantLine> lines;
    for (GrantLine line : all) {
        if (line.giver == role) line.giver.clear();
        if (!line.given || line.role != role) merge(lines, std::move(line));
    }
    forget_lesser(lines);
    // As inspection has them: what is taken away comes first, and what one role gives takes what another gave it.
    Object out = grants;
    const auto passed_on = [](const GrantLine& line) { return !line.giver.empty(); };
    std::ranges::stable_sort(lines, {}, [&](const GrantLine& line) { return std::pair(line.given, passed_on(line)); });
    const std::string in_order = text_of(lines, false);
    std::ranges::stable_sort(lines, {}, [&](const GrantLine& line) {
        return passed_on(line) ? std::tuple(line.given, true, std::string(), false, std::vector<std::string>())
                               : std::tuple(line.given, false, line.role, line.grantable, line.privileges);
    });
    out.definition = make_sql(text_of(lines, false), Dialect::postgres);
    out.in_order.value = in_order == out.definition.text ? std::string() : in_order;
    std::ranges::stable_sort(lines, std::ranges::greater(),
                             [&](const GrantLine& line) { return std::pair(line.given, passed_on(line)); });
    out.undo = text_of(lines, true);
    return out;
}

std::map<std::string, std::string> owners_to_be(const Schema& to) {
    std::map<std::string, std::string> out;
    for (const Object& object : to.objects) {
        if (!is_ownership(object)) continue;
        const SqlWords words(object.definition.text, Dialect::postgres);
        out[object.owner] = words.name(words.size() - 1);
    }
    return out;
}

std::string thing_of(const Object& grants, const std::map<std::string, std::string>& owners) {
    constexpr std::string_view kColumn = "COLUMN ";
    if (!grants.owner.starts_with(kColumn)) return grants.owner;
    const std::string relation = split_last(grants.owner.substr(kColumn.size())).first;
    for (const char* kind : {"VIEW ", "MATERIALIZED VIEW ", "FOREIGN TABLE "}) {
        if (owners.contains(kind + relation)) return kind + relation;
    }
    return "TABLE " + relation;
}

void forget_owners_grants(const Schema& from, Schema& to) {
    const auto& owners = from.owners.value.others;
    const std::map<std::string, std::string> given = owners_to_be(to);
    if (owners.empty() && given.empty()) return;
    const auto is_grants = [](const Object& object) { return object.id.starts_with("GRANTS ON ") && !object.owner.empty(); };
    std::map<std::string, const Object*> live;  // of things that are given away
    for (const Object& object : from.objects) {
        if (is_grants(object) && given.contains(thing_of(object, given))) live[object.id] = &object;
    }
    std::erase_if(to.objects, [&](Object& object) {
        if (!is_grants(object)) return false;
        const auto next = given.find(thing_of(object, given));
        const auto now = owners.find(thing_of(object, owners));
        if (next == given.end() && now == owners.end()) return false;
        const std::string& role = next == given.end() ? now->second : next->second;
        Object grants = grants_under(object, role);
        const auto old = live.find(object.id);
        if (old != live.end()) {
            // They become the same with the owner.
            if (grants == grants_under(*old->second, role)) grants = *old->second;
            live.erase(old);
        }
        object = std::move(grants);
        return object.definition.text.empty();
    });
    for (const auto& [id, grants] : live) {
        // What the next owner was given goes with the change.
        if (grants_under(*grants, given.at(thing_of(*grants, given))).definition.text.empty()) to.objects.push_back(*grants);
    }
}

}  // namespace tenon::postgres
