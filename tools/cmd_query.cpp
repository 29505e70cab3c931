// tenon query: rows as JSON.
#include <charconv>

#include "engine/query_request.h"
#include "tools/commands.h"

namespace tenon {
namespace {

std::vector<std::string> comma_list(const std::vector<std::string>& values) {
    std::vector<std::string> out;
    for (const std::string& value : values) {
        std::size_t at = 0;
        while (at <= value.size()) {
            const std::size_t end = std::min(value.find(',', at), value.size());
            if (end > at) out.push_back(value.substr(at, end - at));
            at = end + 1;
        }
    }
    return out;
}

std::optional<std::int64_t> number(const Session& session, const char* flag) {
    const auto text = session.arguments.value(flag);
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size() || value < 0)
        throw Error(ErrorCode::usage, "--" + std::string(flag) + " " + *text + " is no number of rows");
    return value;
}

}  // namespace

int run_query(Session& session) {
    if (session.arguments.positional.empty())
        throw Error(ErrorCode::usage, "query which table?", "tenon query user --with posts");
    QueryRequest request;
    request.table = session.arguments.positional[0];
    request.select = comma_list(session.arguments.values("select"));
    request.where = session.arguments.value("where").value_or("");
    request.order = comma_list(session.arguments.values("order"));
    request.with = comma_list(session.arguments.values("with"));
    request.limit = number(session, "limit");
    request.offset = number(session, "offset");
    for (const std::string& param : session.arguments.values("param")) {
        const auto equals = param.find('=');
        if (equals == std::string::npos)
            throw Error(ErrorCode::usage, "--param " + param + " has no value", "write --param name=value");
        request.params.emplace_back(param.substr(0, equals), param.substr(equals + 1));
    }
    request.ndjson = session.arguments.value("format") == "ndjson";
    const Schema declared = session.declared_schema();
    const auto connection = open_connection(session.url(), Access::read);
    run_query(*connection, declared, request, [&](std::string_view piece) { session.terminal.out(piece); });
    if (!request.ndjson) session.terminal.out("\n");
    return 0;
}

}  // namespace tenon
