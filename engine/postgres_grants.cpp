// Privileges in the words of inspection.
#include "engine/postgres_grants.h"

#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_text.h"

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

/// The function of `made` that a declared schema calls by this id; nullptr where there is none.
const Object* routine(const Schema& made, const std::string& id) {
    const std::string name = id.substr(0, id.find('('));
    const auto arguments = arguments_of(id);
    const Object* found = nullptr;
    for (const Object& object : made.objects) {
        if (object.id.substr(0, object.id.find('(')) != name || !object.id.ends_with(')')) continue;
        if (!arguments || object.id == id || server_arguments(*arguments, made) == arguments_of(object.id)) found = &object;
    }
    return found;
}

bool is_routine(const std::string& id) {
    return id.starts_with("FUNCTION ") || id.starts_with("PROCEDURE ") || id.starts_with("AGGREGATE ");
}

/// GRANT names a function with the names and modes of its arguments, as inspection does.
std::string routine_target(const Object& routine) {
    constexpr std::size_t kArguments = 3;  // behind the defaults, the kind and the result
    const std::string arguments = routine.shape.size() > kArguments ? routine.shape[kArguments] : "";
    return routine.id.substr(0, routine.id.find('(')) + "(" + arguments + ")";
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
        std::string target = object.id.substr(std::string_view("GRANTS ON ").size());
        if (const auto part = target.rfind(" ("); part != std::string::npos && target.starts_with("TABLE "))
            target.resize(part);
        if (const Object* found = is_routine(object.owner) ? routine(schema, object.owner) : nullptr) {
            const std::string now = routine_target(*found);
            object.id = "GRANTS ON " + now;
            object.definition =
                make_sql(replaced(object.definition.text, " ON " + target + " ", " ON " + now + " "), Dialect::postgres);
            object.undo = replaced(object.undo, " ON " + target + " ", " ON " + now + " ");
            object.owner = found->id;
            target = now;
        }
        if (version == 0) continue;
        const auto on = object.id.rfind(" ON ");
        const std::string all = all_privileges(object.owner.empty() ? object.id.substr(on + 4) : target, version);
        for (const char* verb : {"GRANT ", "REVOKE "}) {
            object.definition = make_sql(replaced(object.definition.text, verb + std::string("ALL ON "), verb + all + " ON "),
                                         Dialect::postgres);
            object.undo = replaced(object.undo, verb + std::string("ALL ON "), verb + all + " ON ");
        }
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
