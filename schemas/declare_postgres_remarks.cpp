// Comments and privileges of an inspected schema, by what they are on.
#include <algorithm>

#include "schemas/declare_postgres.h"
#include "schemas/resolve_postgres.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {

Remarks::Remarks(const Schema& inspected) {
    constexpr std::string_view kComment = "COMMENT ON ";
    for (const Object& object : inspected.objects) {
        if (object.id.starts_with(kComment)) comments_[object.id.substr(kComment.size())] = {&object, false};
        if (object.id.starts_with("GRANTS ON ")) grants_.emplace(object.owner, Remark{&object, false});
    }
}

std::string Remarks::comment(const std::string& id) {
    const auto found = comments_.find(id);
    if (found == comments_.end()) return "";
    const std::string& text = found->second.object->definition.text;
    const std::string head = "COMMENT ON " + id + " IS ";
    const std::string value = text.starts_with(head) ? text.substr(head.size()) : "";
    const std::vector<Token> tokens = lex(value, Dialect::postgres);
    // COMMENT … IS NULL takes a standard comment away: there is no key for that.
    if (tokens.size() != 1 || tokens[0].kind != TokenKind::string || !value.starts_with('\'')) return "";
    found->second.taken = true;
    return token_name(value, tokens[0]);
}

namespace {

using Names = std::vector<std::string>;

/// The roles that get something, in the order in which they do.
Names roles_of(const std::string& statements) {
    Names out;
    for (const Statement& statement : split_statements(statements, Dialect::postgres)) {
        Grants one;
        read_grants(statement.text, one);
        const auto& [role, privileges] = *one.begin();
        if (!privileges.front().starts_with("no ") && std::ranges::find(out, role) == out.end()) out.push_back(role);
    }
    return out;
}

/// One order that has all of these in it; nothing where they contradict each other.
std::optional<Names> one_order(std::vector<Names> orders) {
    Names out;
    while (std::ranges::any_of(orders, [](const Names& order) { return !order.empty(); })) {
        const auto waits = [&](const std::string& role) {
            return std::ranges::any_of(orders, [&](const Names& order) {
                const auto found = std::ranges::find(order, role);
                return found != order.end() && found != order.begin();
            });
        };
        const auto next = std::ranges::find_if(orders, [&](const Names& order) { return !order.empty() && !waits(order[0]); });
        if (next == orders.end()) return std::nullopt;
        out.push_back((*next)[0]);
        for (Names& order : orders) std::erase(order, out.back());
    }
    return out;
}

}  // namespace

std::optional<Grants> Remarks::grants(const std::string& id, const std::vector<std::string>& column_ids) {
    std::vector<Remark*> taken;
    std::vector<Names> orders;
    const auto take = [&](const std::string& of) {
        const auto [first, last] = grants_.equal_range(of);
        for (auto at = first; at != last; ++at) {
            // There is no key for who passed a privilege on.
            if (is_passed_on(*at->second.object)) continue;
            // A mapping of roles has one order for the thing and its columns.
            orders.push_back(roles_of(at->second.object->text()));
            if (one_order(orders)) {
                taken.push_back(&at->second);
            } else {
                orders.pop_back();
            }
        }
    };
    take(id);
    for (const std::string& column : column_ids) take(column);
    if (taken.empty()) return std::nullopt;
    Grants out;
    const std::optional<Names> roles = one_order(orders);
    for (const std::string& role : *roles) out[role];
    for (Remark* const remark : taken) {
        remark->taken = true;
        read_grants(remark->object->text(), out);
    }
    return out;
}

bool Remarks::has(const std::string& id) const { return comments_.contains(id) || grants_.contains(id); }

std::vector<const Object*> Remarks::left() const {
    std::vector<const Object*> out;
    for (const auto& [id, remark] : comments_) {
        if (!remark.taken) out.push_back(remark.object);
    }
    for (const auto& [id, remark] : grants_) {
        if (!remark.taken) out.push_back(remark.object);
    }
    return out;
}

}  // namespace tenon::postgres
