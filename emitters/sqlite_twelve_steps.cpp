// SQLite's own procedure for changes of a table (https://sqlite.org/lang_altertable.html, section 7).
#include <algorithm>

#include "emitters/sqlite_copy.h"
#include "emitters/sqlite_ddl.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon::sqlite {
namespace {

std::string q(const std::string& name) { return quoted(name); }
std::string literal(const std::string& text) { return quote_literal(text); }

/// A table that keeps whatever the columns of `table` hold, as it is.
std::string plain_table(const Table& table, const std::string& name) {
    std::string columns;
    for (const Column& column : table.columns) {
        if (!column.generated) columns += (columns.empty() ? "" : ", ") + q(column.name);
    }
    return "CREATE TABLE " + q(name) + " (" + columns + ")";
}

}  // namespace

std::vector<Step> twelve_steps(const TableChange& change) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    const std::string copy = free_name(*change.changes, "tenon_new_" + to.name);
    const std::string text = new_definition(change);
    const Span place = parse_create_table(text).layout.name;
    const auto [columns, values] = copied_columns(change);
    // A CHECK that says `t.a` is understood in a table of that name alone: the rows wait in a plain table until it is free.
    const bool waits = !checks_fit_copy(to);
    Steps steps(change.why);
    steps.add(waits ? plain_table(to, copy) : text.substr(0, place.begin) + q(copy) + text.substr(place.end));
    Step& copying = steps.add(copy_rows(copy, columns, from.name, values));
    copying.slow = true;
    copying.hazards.push_back(copy_hazard(from));
    const bool mark = from.primary_key && from.primary_key->autoincrement && to.primary_key && to.primary_key->autoincrement;
    if (mark) {
        steps.add("CREATE TEMP TABLE tenon_mark AS SELECT seq FROM sqlite_sequence WHERE name = " + literal(from.name));
    }
    steps.add("DROP TABLE " + q(from.name));
    if (waits) {
        steps.add(text);
        steps.add(copy_rows(to.name, columns, copy, columns)).slow = true;
        steps.add("DROP TABLE " + q(copy));
    } else {
        // The old way of renaming leaves views and other tables' triggers alone, which name the table by its own name all
        // along.
        steps.add("PRAGMA legacy_alter_table = ON");
        steps.add("ALTER TABLE " + q(copy) + " RENAME TO " + q(to.name));
        steps.add("PRAGMA legacy_alter_table = OFF");
    }
    if (mark) {
        steps.add("DELETE FROM sqlite_sequence WHERE name = " + literal(to.name));
        steps.add("INSERT INTO sqlite_sequence (name, seq) SELECT " + literal(to.name) + ", seq FROM temp.tenon_mark");
        steps.add("DROP TABLE temp.tenon_mark");
    }
    for (const Index& index : to.indexes) {
        const bool live = std::ranges::find(from.indexes, index) != from.indexes.end();
        if (live) steps.add(create_index(index, to)).slow = true;
    }
    for (const Trigger& trigger : to.triggers) {
        const bool live = std::ranges::find(from.triggers, trigger) != from.triggers.end();
        if (live) steps.add(create_trigger(trigger, to));
    }
    return steps.take();
}

}  // namespace tenon::sqlite
