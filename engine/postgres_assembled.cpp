// The parts are joined by a DO block, which opens a cursor: still one round trip, and no plan for what is not there.
#include "engine/postgres_assembled.h"

namespace tenon::postgres {

std::string assembled(Assembly assembly, const std::string& cursor, const std::string& head, std::span<const Part> parts,
                      const std::string& tail) {
    if (assembly == Assembly::whole) {
        std::string query;
        for (const Part& part : parts) query += (query.empty() ? "" : "\nUNION ALL") + part.query;
        return head + query + tail + ";\n";
    }
    std::string out = "DO $tenon_do$ DECLARE found refcursor := '" + cursor + "'; query text; BEGIN\n";
    for (const Part& part : parts) {
        out += "IF EXISTS (" + std::string(part.present) + ") THEN query := concat_ws(E'\\nUNION ALL', query, $tenon$" +
               part.query + "$tenon$); END IF;\n";
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
