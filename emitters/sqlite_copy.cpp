// Copies of SQLite tables.
#include "emitters/sqlite_copy.h"

#include <algorithm>
#include <array>

#include "emitters/sqlite_edit.h"
#include "emitters/sqlite_guards.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {
namespace {

std::string q(const std::string& name) { return quoted(name); }

constexpr std::array<const char*, 3> kRowidNames{"rowid", "_rowid_", "oid"};

/// True where the table's rows are found by a rowid that a column does not show.
bool hidden_rowid(const Table& table) { return !table.without_rowid && !(table.primary_key && table.primary_key->row_id); }

/// How a statement names the rowid: by the key's column, or by a name that no column has taken.
std::optional<std::string> rowid_name(const Table& table) {
    if (table.without_rowid) return std::nullopt;
    if (!hidden_rowid(table)) return q(table.primary_key->columns[0].column);
    for (const char* const name : kRowidNames) {
        if (find_column(table, name) == nullptr) return name;
    }
    return std::nullopt;
}

/// The column that is the rowid of `to` and that `from` does not have.
bool is_new_rowid(const Table& from, const Table& to, const Column& column) {
    return to.primary_key && to.primary_key->row_id && same_name(to.primary_key->columns[0].column, column.name) &&
           find_column(from, column.name) == nullptr;
}

}  // namespace

bool keeps_rowids(const Table& from, const Table& to) {
    if (!rowid_name(from) || !rowid_name(to)) return false;
    if (hidden_rowid(to)) return true;
    const std::string& key = to.primary_key->columns[0].column;
    return find_column(from, key) == nullptr || (!hidden_rowid(from) && same_name(from.primary_key->columns[0].column, key));
}

bool can_exchange(const Table& from, const Table& to) {
    return !hidden_rowid(from) || std::ranges::any_of(kRowidNames, [&](const char* name) {
        return find_column(from, name) == nullptr && find_column(to, name) == nullptr;
    });
}

std::pair<std::string, std::string> copied_columns(const TableChange& change) {
    std::string names;
    std::string values;
    const auto add = [&](const std::string& name, const std::string& value) {
        names += (names.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + value;
    };
    const bool keeps = keeps_rowids(*change.from, *change.to);
    if (keeps && hidden_rowid(*change.to)) add(*rowid_name(*change.to), *rowid_name(*change.from));
    for (const Column& column : change.to->columns) {
        if (column.generated) continue;
        if (is_new_rowid(*change.from, *change.to, column)) {
            add(q(column.name), keeps ? *rowid_name(*change.from) : "NULL");  // SQLite puts the next number for NULL
        } else {
            add(q(column.name), carried_value(*change.from, *change.to, column, *change.options));
        }
    }
    return {names, values};
}

std::string copy_rows(const std::string& target, const std::string& columns, const std::string& source,
                      const std::string& values) {
    return "INSERT OR ABORT INTO " + q(target) + " (" + columns + ") SELECT " + values + " FROM " + q(source);
}

bool checks_fit_copy(const Table& table) {
    return std::ranges::none_of(table.checks, [&](const Check& check) {
        return std::ranges::binary_search(mentioned_names(check.expression.text, Dialect::sqlite), fold(table.name));
    });
}

std::string new_definition(const TableChange& change) {
    return change.options->intents.column_order ? whole_definition(*change.to) : edited_definition(*change.from, *change.to);
}

Hazard copy_hazard(const Table& table) {
    return {Hazard::Kind::copy, table.full_name(), "copies all rows of " + table.full_name() + " once"};
}

}  // namespace tenon::sqlite
