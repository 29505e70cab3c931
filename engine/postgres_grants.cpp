// Privileges in the words of inspection.
#include "engine/postgres_grants.h"

#include <algorithm>

#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve_postgres.h"

namespace tenon::postgres {
namespace {

/// `(a, b)` behind a function's name, or nothing where there is none.
std::optional<std::string> arguments_of(const std::string& id) {
    const auto open = id.find('(');
    return open == std::string::npos ? std::nullopt : std::optional(id.substr(open + 1, id.rfind(')') - open - 1));
}

std::string server_arguments(const std::string& arguments, const Schema& schema) {
    return joined(split_at_commas(arguments), ", ", [&](const std::string& type) { return server_type(type, schema); });
}

bool is_aggregate(const std::string& id) { return id.starts_with("AGGREGATE "); }

std::string types_of_arguments(const Object& routine) {
    if (is_aggregate(routine.id)) return routine.shape.empty() ? "" : routine.shape.front();
    return arguments_of(routine.id).value_or("");
}

/// The function of `made` that a declared schema calls by this id; nullptr where there is none.
const Object* routine(const Schema& made, const std::string& id) {
    const std::string name = id.substr(0, id.find('('));
    const auto arguments = arguments_of(id);
    std::vector<const Object*> named;
    for (const Object& object : made.objects) {
        if (object.id.substr(0, object.id.find('(')) != name || !object.id.ends_with(')')) continue;
        if (object.id == id) return &object;
        named.push_back(&object);
    }
    const auto found = std::ranges::find_if(named, [&](const Object* object) {
        return !arguments || server_arguments(*arguments, made) == types_of_arguments(*object);
    });
    if (found != named.end()) return *found;
    // The id of an aggregate may tell more than types.
    return is_aggregate(id) && named.size() == 1 ? named.front() : nullptr;
}

bool is_routine(const std::string& id) {
    return id.starts_with("FUNCTION ") || id.starts_with("PROCEDURE ") || is_aggregate(id);
}

/// GRANT names a function with the names and modes of its arguments, and an aggregate as a function of types, as inspection
/// does.
std::string routine_target(const Object& routine) {
    const std::string target = grant_target(routine.id);
    if (routine.shape.empty()) return target;
    constexpr std::size_t kArguments = 3;  // behind the defaults, the kind and the result
    const std::string arguments = is_aggregate(routine.id)            ? routine.shape.front()
                                  : routine.shape.size() > kArguments ? routine.shape[kArguments]
                                                                      : "";
    return target.substr(0, target.find('(')) + "(" + arguments + ")";
}

/// What GRANT ALL means on a thing.
std::string all_privileges(const std::string& target, int version) {
    const auto is = [&](std::string_view kind) { return target.starts_with(kind); };
    constexpr int kMaintain = 170000;
    if (is("TABLE ") || is("TABLES"))
        return std::string("DELETE, INSERT, ") + (version >= kMaintain ? "MAINTAIN, " : "") +
               "REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE";
    if (is("SEQUENCE ") || is("SEQUENCES")) return "SELECT, UPDATE, USAGE";
    if (is("FUNCTION ") || is("PROCEDURE ") || is("FUNCTIONS")) return "EXECUTE";
    if (is("SCHEMA ") || is("SCHEMAS")) return "CREATE, USAGE";
    return "USAGE";
}

std::string replaced(std::string text, const std::string& old, const std::string& now) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + now.size()))
        text.replace(at, old.size(), now);
    return text;
}

}  // namespace

void settle_grants(Schema& schema, int version) {
    for (Object& object : schema.objects) {
        if (!object.id.starts_with("GRANTS ON ")) continue;
        const auto replace_all = [&](const std::string& old, const std::string& now) {
            object.definition = make_sql(replaced(object.definition.text, old, now), Dialect::postgres);
            object.undo = replaced(object.undo, old, now);
            if (!object.in_order.value.empty()) object.in_order.value = replaced(object.in_order.value, old, now);
        };
        std::string target = object.id.substr(std::string_view("GRANTS ON ").size());
        if (const auto part = target.rfind(" ("); part != std::string::npos && target.starts_with("TABLE "))
            target.resize(part);
        if (const Object* found = is_routine(object.owner) ? routine(schema, object.owner) : nullptr) {
            const std::string now = routine_target(*found);
            object.id = "GRANTS ON " + now;
            replace_all(" ON " + target + " ", " ON " + now + " ");
            object.owner = found->id;
            target = now;
        }
        if (version == 0) continue;
        const auto on = object.id.rfind(" ON ");
        const std::string all = all_privileges(object.owner.empty() ? object.id.substr(on + 4) : target, version);
        for (const std::string verb : {"GRANT ", "REVOKE "}) replace_all(verb + "ALL ON ", verb + all + " ON ");
    }
}

std::vector<Object> settled_owners(std::vector<Object> owners, const Schema& made) {
    for (Object& object : owners) {
        if (const Object* found = is_routine(object.owner) ? routine(made, object.owner) : nullptr) {
            object.id = "OWNER OF " + found->id;
            object.definition = make_sql(
                replaced(object.definition.text, "ALTER " + object.owner + " ", "ALTER " + found->id + " "), Dialect::postgres);
            object.owner = found->id;
        }
    }
    return owners;
}

}  // namespace tenon::postgres
