// Privileges that make no difference.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "differ/align_postgres.h"
#include "schemas/postgres_names.h"

namespace tenon::postgres {
namespace {

/// The statements of `text` but those that end in one of `ends`.
std::string without(std::string_view text, std::initializer_list<std::string> ends) {
    constexpr std::string_view kBetween = ";\n";
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find(kBetween), text.size());
        const std::string_view statement = text.substr(0, end);
        text.remove_prefix(std::min(end + kBetween.size(), text.size()));
        if (std::ranges::any_of(ends, [&](const std::string& words) { return statement.ends_with(words); })) continue;
        out += (out.empty() ? "" : std::string(kBetween)) + std::string(statement);
    }
    return out;
}

}  // namespace

void forget_owners_grants(const Schema& from, Schema& to) {
    const auto& owners = from.owners.value.others;
    if (owners.empty()) return;
    std::set<std::string> given_away;
    for (const Object& object : to.objects) {
        if (is_ownership(object)) given_away.insert(object.owner);
    }
    std::erase_if(to.objects, [&](Object& object) {
        if (!object.id.starts_with("GRANTS ON ") || given_away.contains(object.owner)) return false;
        const auto owner = owners.find(object.owner);
        if (owner == owners.end()) return false;
        const std::string role = quote(owner->second);
        const auto granted = {" TO " + role, " TO " + role + " WITH GRANT OPTION"};
        std::string kept = without(object.definition.text, granted);
        if (kept == object.definition.text) return false;
        object.definition = make_sql(std::move(kept), Dialect::postgres);
        object.undo = without(object.undo, {" FROM " + role});
        if (!object.in_order.value.empty()) object.in_order.value = without(*object.in_order.value, granted);
        return object.definition.text.empty();
    });
}

}  // namespace tenon::postgres
