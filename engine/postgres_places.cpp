// From positions in statements to positions in schema files.
#include "engine/postgres_places.h"

#include <algorithm>

#include "schemas/postgres_names.h"
#include "schemas/sql_tokens.h"

namespace tenon::postgres {
namespace {

/// The byte at a line and column (both from 1, columns in code points) of a text.
std::size_t offset_of(const std::string& text, int line, int column) {
    std::size_t at = 0;
    for (; line > 1; --line) {
        const auto end = text.find('\n', at);
        if (end == std::string::npos) return text.size();
        at = end + 1;
    }
    for (; at < text.size() && text[at] != '\n'; ++at) {
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (starts && --column == 0) break;
    }
    return at;
}

std::string line_at(const std::string& text, std::size_t offset) {
    const auto start = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
    const auto begin = start == std::string::npos ? 0 : start + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
}

int code_points(std::string_view text) {
    return static_cast<int>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// The first name in a line of a CREATE TABLE: a column's, or a constraint's behind CONSTRAINT.
std::string name_in(const std::string& line) {
    for (const Token& token : lex(line, Dialect::postgres)) {
        if (is_keyword(line, token, "CONSTRAINT")) continue;
        if (token.kind == TokenKind::word || token.kind == TokenKind::name) return token_name(line, token);
    }
    return "";
}

}  // namespace

Places::Places(const Schema& resolved) {
    const auto put = [&](const std::string& id, const Where& where) {
        if (where.line > 0) places_[id].where = where;
    };
    for (const Table& table : resolved.tables) {
        const std::string id = table_id(table);
        put(id, table.where.value);
        std::map<std::string, Where>& parts = parts_[id];
        for (const Column& column : table.columns) {
            parts[column.name] = column.where.value;
            put(column_id(table, column.name), column.where.value);
            put(default_id(table, column.name), column.where.value);
        }
        const auto constraints = [&](const auto& things) {
            for (const auto& thing : things) {
                parts[thing.name.text] = thing.where.value;
                put(constraint_id(table, thing.name.text), thing.where.value);
            }
        };
        constraints(table.uniques);
        constraints(table.checks);
        constraints(table.foreign_keys);
        constraints(table.exclusions);
        for (const Index& index : table.indexes) put(index_id(table, index.name.text), index.where.value);
        put("ATTACHMENT " + qualified(table), table.where.value);
    }
    const auto all = [&](const auto& things, const std::string& kind) {
        for (const auto& thing : things) put(kind + qualified(thing.schema, thing.name), thing.where.value);
    };
    all(resolved.enums, "TYPE ");
    all(resolved.composites, "TYPE ");
    all(resolved.ranges, "TYPE ");
    all(resolved.domains, "DOMAIN ");
    all(resolved.sequences, "SEQUENCE ");
    for (const Extension& extension : resolved.extensions) put("EXTENSION " + quote(extension.name), extension.where.value);
    for (const Object& object : resolved.objects) {
        if (object.place.value.where.line > 0) places_[object.id] = object.place.value;
    }
}

const TextPlace* Places::place_of(const std::string& id) const {
    if (const auto found = places_.find(id); found != places_.end()) return &found->second;
    // "CLUSTER TABLE public.t", "OWNED BY public.s": what the last words are about.
    for (auto space = id.find(' '); space != std::string::npos; space = id.find(' ', space + 1)) {
        const std::string rest = id.substr(space + 1);
        for (const std::string& other : {rest, "TABLE " + rest, "SEQUENCE " + rest}) {
            if (const auto found = places_.find(other); found != places_.end()) return &found->second;
        }
    }
    return nullptr;
}

Problem Places::problem(const Error& error, const std::string& id, const std::string& statement) const {
    Problem out = error.problems().front();
    const Where at = out.where;
    const TextPlace* const place = place_of(id);
    out.where = {};
    if (place == nullptr) return out;
    // The statement is the schema's, seen at its place; a reader need not see it again.
    out.message = id + ": " + out.message.substr(0, out.message.find("\n  in: "));
    out.where = place->where;
    if (at.line == 0) return out;
    const std::size_t offset = offset_of(statement, at.line, at.column);
    if (const auto parts = parts_.find(id); parts != parts_.end()) {
        const auto part = parts->second.find(name_in(line_at(statement, offset)));
        if (part != parts->second.end() && part->second.line > 0) out.where = part->second;
        return out;
    }
    const int shift = place->shift.value_or(0);
    if (!place->shift || static_cast<int>(offset) < shift) return out;
    const std::string text = statement.substr(static_cast<std::size_t>(std::max(shift, 0)));
    const std::string before = text.substr(0, offset - static_cast<std::size_t>(std::max(shift, 0)));
    const auto line = static_cast<int>(std::ranges::count(before, '\n'));
    const auto start = before.rfind('\n');
    const int column = code_points(start == std::string::npos ? before : before.substr(start + 1));
    if (line > 0 && !place->block) return out;
    out.where.line += line;
    out.where.column += column;
    return out;
}

}  // namespace tenon::postgres
