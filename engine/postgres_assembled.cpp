// The parts are joined by a DO block, which opens a cursor: still one round trip, and no plan for what is not there.
#include "engine/postgres_assembled.h"

#include <algorithm>

namespace tenon::postgres {
namespace {

/// Settings of one's own hold what a transaction has noted; every role may make them, on a standby too.
constexpr std::string_view kNote = "tenon.found_";

}  // namespace

std::string note(const std::string& what) {
    return "set_config('" + std::string(kNote) + "' || " + what + ", 't', true) = 't'";
}

std::string noted(std::string_view what) {
    return "current_setting('" + std::string(kNote) + std::string(what) + "', true) = 't'";
}

std::string noted(std::initializer_list<SystemTable> tables) {
    std::string out;
    for (const SystemTable table : tables)
        out += (out.empty() ? "" : " OR ") + noted(std::to_string(static_cast<std::uint32_t>(table)));
    return out;
}

std::string assembled(Assembly assembly, const std::string& cursor, const std::string& head, std::span<const Part> parts,
                      const std::string& tail) {
    if (assembly == Assembly::whole) {
        std::string query;
        for (const Part& part : parts) query += (query.empty() ? "" : "\nUNION ALL") + part.query;
        return head + query + tail + ";\n";
    }
    std::string out = "DO $tenon_do$ DECLARE found refcursor := '" + cursor + "'; query text; BEGIN\n";
    // One IF within the other: a condition is planned when it is asked.
    const auto when = [&](const std::string& condition, const std::string& then) {
        return condition.empty() ? then : "IF " + condition + " THEN " + then + "END IF;\n";
    };
    for (auto part = parts.begin(); part != parts.end();) {
        const std::string_view present = part->present;
        const auto same = [&](const Part& other) { return other.noted == part->noted && other.present == present; };
        const auto end = std::find_if_not(part, parts.end(), same);
        std::string joined;
        std::for_each(part, end, [&](const Part& each) {
            joined += "query := concat_ws(E'\\nUNION ALL', query, $tenon$" + each.query + "$tenon$);\n";
        });
        out += when(part->noted, when(present.empty() ? "" : "EXISTS (" + std::string(present) + ")", joined));
        part = end;
    }
    return out + "IF query IS NULL THEN OPEN found FOR SELECT WHERE false;\nELSE OPEN found FOR EXECUTE $tenon$" + head +
           "$tenon$ || query || $tenon$" + tail + "$tenon$; END IF; END $tenon_do$;\nFETCH ALL FROM " + cursor + ";\n";
}

void replace_all(std::string& text, std::string_view mark, std::string_view value) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
        text.replace(at, mark.size(), value);
}

void replace_calls(std::string& text, std::string_view name, const std::function<std::string(const std::string&)>& value) {
    const std::string mark = "@" + std::string(name) + " ";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        const auto from = at + mark.size();
        const auto end = text.find('@', from);
        text.replace(at, end + 1 - at, value(text.substr(from, end - from)));
    }
}

}  // namespace tenon::postgres
