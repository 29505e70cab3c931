// ALTER of servers, their wrappers and user mappings: in place, for what stands on them would lose the passwords that nobody
// reads.
#include <map>

#include "emitters/postgres_alter.h"
#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/sqlite_cursor.h"

namespace tenon::postgres {
namespace {

/// CREATE … [VERSION 'v'] … [OPTIONS (name 'value', …)] taken apart.
struct Foreign {
    std::vector<std::string> head{};  ///< words that only a new thing can have otherwise
    std::string version{};
    std::map<std::string, std::string> options{};
};

Foreign read(const std::string& definition) {
    Foreign out;
    sqlite::Cursor cursor(definition, Dialect::postgres);
    while (!cursor.done()) {
        const std::string word(cursor.text());
        cursor.advance();
        // A name may be one of these words too.
        if (word == "OPTIONS" && !cursor.done() && cursor.at_symbol('(')) {
            for (const std::string& option : split_at_commas(cursor.take_group())) {
                sqlite::Cursor pair(option, Dialect::postgres);
                const std::string name(pair.text());
                pair.advance();
                out.options[name] = pair.take_rest();
            }
        } else if (word == "VERSION" && !cursor.done() && cursor.token().kind == TokenKind::string) {
            out.version = cursor.text();
            cursor.advance();
        } else {
            out.head.push_back(word);
        }
    }
    return out;
}

}  // namespace

std::optional<Statements> alter_foreign(const Object& from, const Object& to) {
    const Foreign was = read(from.definition.text);
    const Foreign is = read(to.definition.text);
    if (was.head != is.head) return std::nullopt;
    std::vector<std::string> options;
    for (const auto& [name, value] : was.options) {
        if (!is.options.contains(name)) options.push_back("DROP " + name);
    }
    for (const auto& [name, value] : is.options) {
        const auto old = was.options.find(name);
        if (old == was.options.end()) options.push_back("ADD " + name + " " + value);
        if (old != was.options.end() && old->second != value) options.push_back("SET " + name + " " + value);
    }
    std::string out = "ALTER " + to.id;
    if (was.version != is.version) out += " VERSION " + (is.version.empty() ? "NULL" : is.version);
    if (!options.empty()) out += " OPTIONS (" + joined(options) + ")";
    return Statements{out};
}

}  // namespace tenon::postgres
