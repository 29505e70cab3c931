// Which parts there are, and their texts.
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

std::string notes_made(const std::set<std::string>& notes) {
    std::string all;
    for (const std::string& each : notes) all += (all.empty() ? "" : ", ") + each;
    // One condition over a list: the server would take longer to plan a condition for each.
    return "(SELECT string_agg(n, E'\\n') FROM unnest('{" + all + "}'::text[]) n WHERE current_setting('" + std::string(kNote) +
           "' || n, true) = 't')";
}

std::vector<std::string> noted(std::initializer_list<SystemTable> tables) {
    std::vector<std::string> out;
    for (const SystemTable table : tables) out.push_back(std::to_string(static_cast<std::uint32_t>(table)));
    return out;
}

std::string joined(const Assembled& query, const Found& found) {
    const auto there = [&](const std::string& each) { return found.contains(each); };
    std::string out;
    for (const Part& part : query.parts) {
        if (!part.noted.empty() && std::ranges::none_of(part.noted, there)) continue;
        if (!part.exists.empty() && !there(part.exists)) continue;
        out += (out.empty() ? "" : "\nUNION ALL") + part.query;
    }
    return out.empty() ? "" : query.head + out + query.tail;
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
