// Which parts there are, and their texts.
#include "engine/postgres_assembled.h"

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

std::string joined(const Assembled& query, const std::set<std::string>& holding) {
    std::string out;
    for (const Part& part : query.parts) {
        if (part.condition.empty() || holding.contains(part.condition)) out += (out.empty() ? "" : "\nUNION ALL") + part.query;
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
