// Bounds of partitions as conditions on rows.
#include "emitters/postgres_bounds.h"

#include <vector>

#include "schemas/joined.h"
#include "schemas/key_parts.h"
#include "schemas/postgres_names.h"
#include "schemas/sqlite_cursor.h"

namespace tenon::postgres {
namespace {

using sqlite::Cursor;

/// The parts of the key, as expressions; none where one is compared by an operator class of its own.
std::vector<std::string> key_of(Cursor& cursor) {
    std::vector<std::string> out;
    for (const std::string& text : split_at_commas(cursor.take_group())) {
        const auto part = parse_key_part(text);
        if (!part || !part->opclass.empty()) return {};
        out.push_back((part->column.empty() ? "(" + part->expression->text + ")" : quote(part->column)) +
                      (part->collate.empty() ? "" : " COLLATE " + *part->collate));
    }
    return out;
}

/// How keys compare to one end of a range, which is below all (MINVALUE) or above all (MAXVALUE) from some place on; nothing
/// where all do.
std::string beyond(const std::vector<std::string>& keys, const std::vector<std::string>& bound, bool from) {
    std::vector<std::string> left;
    std::vector<std::string> right;
    for (std::size_t i = 0; i < bound.size() && i < keys.size() && bound[i] != "MINVALUE" && bound[i] != "MAXVALUE"; ++i) {
        left.push_back(keys[i]);
        right.push_back(bound[i]);
    }
    const bool above = left.size() < bound.size() && bound[left.size()] == "MAXVALUE";
    if (left.empty()) return above == from ? "false" : "";
    const std::string sign = from ? (above ? " > " : " >= ") : (above ? " <= " : " < ");
    if (left.size() == 1) return left[0] + sign + right[0];
    return "(" + joined(left) + ")" + sign + "(" + joined(right) + ")";
}

std::string in_list(const std::string& key, const std::vector<std::string>& values) {
    std::vector<std::string> plain;
    std::string out;
    for (const std::string& value : values) {
        if (value == "NULL") {
            out = key + " IS NULL";
        } else {
            plain.push_back(value);
        }
    }
    if (plain.empty()) return out;
    return (out.empty() ? "" : out + " OR ") + key + " IN (" + joined(plain) + ")";
}

}  // namespace

std::optional<std::string> rows_within(const std::string& partition_by, const std::string& bound) {
    Cursor by(partition_by, Dialect::postgres);
    const bool list = by.take_keyword("LIST");
    if (!list && !by.take_keyword("RANGE")) return std::nullopt;
    const std::vector<std::string> keys = key_of(by);
    Cursor cursor(bound, Dialect::postgres);
    if (keys.empty() || !cursor.take_keyword("FOR") || !cursor.take_keyword("VALUES")) return std::nullopt;
    if (list) {
        if (!cursor.take_keyword("IN")) return std::nullopt;
        return in_list(keys[0], split_at_commas(cursor.take_group()));
    }
    if (!cursor.take_keyword("FROM")) return std::nullopt;
    const std::vector<std::string> first = split_at_commas(cursor.take_group());
    if (!cursor.take_keyword("TO")) return std::nullopt;
    const std::vector<std::string> last = split_at_commas(cursor.take_group());
    std::vector<std::string> out;
    for (const std::string& condition : {beyond(keys, first, true), beyond(keys, last, false)}) {
        if (!condition.empty()) out.push_back(condition);
    }
    // No range has a NULL in it, but one behind what tells two rows apart is not looked at.
    if (keys.size() == 1 && !out.empty()) return joined(out, " AND ");
    for (const std::string& key : keys) out.push_back(key + " IS NOT NULL");
    return joined(out, " AND ");
}

}  // namespace tenon::postgres
