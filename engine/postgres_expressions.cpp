// Expressions in the words of a catalog, and back.
#include "engine/postgres_expressions.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/postgres_inspect.h"

namespace tenon::postgres {
namespace {

/// pg_statistic: its number is fixed, its columns are the same from PostgreSQL 13 to 18, and no function or type of
/// pg_catalog is called by their names.  (Names of other schemas come qualified, for search_path is empty.)
constexpr std::string_view kLender = "pg_statistic";
constexpr std::array<std::string_view, 31> kLent{
    "starelid",    "staattnum",   "stainherit", "stanullfrac", "stawidth",   "stadistinct", "stakind1",    "stakind2",
    "stakind3",    "stakind4",    "stakind5",   "staop1",      "staop2",     "staop3",      "staop4",      "staop5",
    "stacoll1",    "stacoll2",    "stacoll3",   "stacoll4",    "stacoll5",   "stanumbers1", "stanumbers2", "stanumbers3",
    "stanumbers4", "stanumbers5", "stavalues1", "stavalues2",  "stavalues3", "stavalues4",  "stavalues5",
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// The table's own word for a bare one; empty where that is no lent one.
std::string own_word(const Relation& relation, std::string_view word) {
    if (word == kLender) return relation.own_name;  // a whole row
    const auto found = std::ranges::find(kLent, word);
    return found == kLent.end() ? "" : quote(relation.column(static_cast<int>(found - kLent.begin()) + 1));
}

}  // namespace

std::string printed_expression(const std::string& expression, const std::string& relation, const std::string& attributes) {
    return "CASE WHEN " + expression + " IS NULL THEN NULL WHEN " + attributes + " <= " + std::to_string(kLent.size()) +
           " THEN pg_get_expr(" + expression + ", 'pg_catalog." + std::string(kLender) + "'::regclass) ELSE pg_get_expr(" +
           expression + ", " + relation + ") END";
}

std::string expression_on(const Relation& relation, std::string text) {
    if (relation.attributes > static_cast<int>(kLent.size())) return text;
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (const char c = text[at]; c == '\'' || c == '"') {
            end = std::min(text.find(c, end), text.size() - 1) + 1;  // a doubled quote begins the next piece
        } else if (is_word(c)) {
            while (end < text.size() && is_word(text[end])) ++end;
            const bool qualified = at > 0 && text[at - 1] == '.';
            const bool argument = text.compare(end, 3, " =>") == 0;
            const std::string_view word = std::string_view(text).substr(at, end - at);
            if (std::string own = qualified || argument ? "" : own_word(relation, word); !own.empty()) {
                out += own;
                at = end;
                continue;
            }
        }
        out.append(text, at, end - at);
        at = end;
    }
    return out;
}

}  // namespace tenon::postgres
