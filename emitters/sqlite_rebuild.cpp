// Table changes beyond ALTER TABLE, as plain SQL.
#include "emitters/sqlite_rebuild.h"

#include <algorithm>
#include <array>
#include <optional>

#include "emitters/sqlite_copy.h"
#include "emitters/sqlite_ddl.h"
#include "emitters/sqlite_edit.h"
#include "emitters/sqlite_guards.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"
#include "schemas/type.h"

namespace tenon::sqlite {
namespace {

std::string q(const std::string& name) { return quoted(name); }
std::string literal(const std::string& text) { return quote_literal(text); }

/// Around edits of sqlite_schema.  Making and dropping a table raises the schema cookie, so that every other connection reads
/// the schema anew; RESET makes this one do so.
void begin_edit(Steps& steps) { steps.add("PRAGMA writable_schema = ON"); }
void end_edit(Steps& steps) {
    steps.add("CREATE TABLE tenon_bump (x)");
    steps.add("DROP TABLE tenon_bump");
    steps.add("PRAGMA writable_schema = RESET");
}

std::string set_text(const std::string& table, const std::string& text, const std::string& condition = {}) {
    return "UPDATE sqlite_schema SET sql = " + literal(text) + " WHERE type = 'table' AND name = " + literal(table) + condition;
}

void edit_schema(Steps& steps, const std::string& update) {
    begin_edit(steps);
    steps.add(update);
    end_edit(steps);
}

void edit_text(Steps& steps, const std::string& table, const std::string& text, const std::string& condition = {}) {
    edit_schema(steps, set_text(table, text, condition));
}

/// Not for WITHOUT ROWID tables: SQLite 3.40 reads their columns in the wrong order there and finds NULLs that are none.
Step quick_check(const Table& table, const std::string& why) {
    Step step;
    step.kind = StepKind::guard;
    step.sql = "SELECT count(*) FROM pragma_quick_check(" + literal(table.name) + ") WHERE quick_check <> 'ok'";
    step.examples = "SELECT quick_check FROM pragma_quick_check(" + literal(table.name) + ") LIMIT 5";
    step.message = table.full_name() + ": rows do not fit the new definition";
    step.why = why;
    step.slow = true;
    return step;
}

bool is_virtual(const Column& column) { return column.generated && !column.generated->stored; }

/// A default as `x IS …` compares it; NULL where there is none or where it was never stored with a row.
std::string stored_default(const Column& column) {
    if (!column.default_value) return "NULL";
    const std::string& text = std::get<Sql>(*column.default_value).text;
    const std::vector<Token> tokens = lex(text, Dialect::sqlite);
    const TokenKind kind = tokens.back().kind;
    if (kind == TokenKind::number || kind == TokenKind::string) return text;
    if (kind == TokenKind::name && tokens.size() == 1) return literal(token_name(text, tokens[0]));
    return same_name(text, "TRUE") || same_name(text, "FALSE") ? text : "NULL";
}

/// Rows written before their column was added do not hold it: they read the default out of the definition, and would read
/// another one after the edit.  The edit is made, and where it changed what a row reads, it is taken back, the rows get their
/// value, and it is made again.  Without such rows the statements do nothing.
void edit_default(Steps& steps, const Table& from, const std::string& before, const std::string& after, const Column& column) {
    const std::string same =
        "SELECT count(*) FROM " + q(from.name) + " WHERE " + q(column.name) + " IS " + stored_default(column);
    steps.add("CREATE TEMP TABLE tenon_short AS SELECT (" + same + ") AS found").slow = true;
    edit_text(steps, from.name, after);
    steps.add("UPDATE temp.tenon_short SET found = found - (" + same + ")").slow = true;
    edit_text(steps, from.name, before, " AND (SELECT found FROM temp.tenon_short) <> 0");
    steps
        .add("UPDATE OR ABORT " + q(from.name) + " SET " + q(column.name) + " = " + q(column.name) +
             " WHERE (SELECT found FROM temp.tenon_short) <> 0 AND " + q(column.name) + " IS " + stored_default(column))
        .slow = true;
    steps.add("DROP TABLE temp.tenon_short");
}

/// AUTOINCREMENT needs its table of marks to exist; one that begins starts behind the largest rowid.
void settle_autoincrement(Steps& steps, const Table& from, const Table& to) {
    const bool had = from.primary_key && from.primary_key->autoincrement;
    const bool has = to.primary_key && to.primary_key->autoincrement;
    if (has && !had) {
        steps.add("CREATE TABLE tenon_sequence (id INTEGER PRIMARY KEY AUTOINCREMENT)");
        steps.add("DROP TABLE tenon_sequence");
        steps.add("DELETE FROM sqlite_sequence WHERE name = " + literal(to.name));
        steps.add("INSERT INTO sqlite_sequence (name, seq) SELECT " + literal(to.name) + ", ifnull(max(" +
                  q(to.primary_key->columns[0].column) + "), 0) FROM " + q(to.name));
    } else if (had && !has) {
        steps.add("DELETE FROM sqlite_sequence WHERE name = " + literal(from.name));
    }
}

/// Only what decides how rows are stored, in the order of columns of `text`; keys where `keys` says so.  With `rules` also what
/// each row is held to, NOT NULL and CHECK, so that rows are verified as they come in.
Table storage_shape(const std::string& text, bool keys, bool rules) {
    Table shape = parse_create_table(text).table;
    if (!rules || !checks_fit_copy(shape)) shape.checks.clear();
    for (Check& check : shape.checks) {
        check.conflict.clear();
        check.name = {};
        check.placement.value.clause = -1;  // all at the end of the list
    }
    shape.foreign_keys.clear();
    if (!keys) shape.uniques.clear();
    if (shape.primary_key) {
        shape.primary_key->autoincrement = false;
        shape.primary_key->name = {};
        if (!keys && !shape.without_rowid && !shape.primary_key->row_id) shape.primary_key.reset();
    }
    for (Column& column : shape.columns) {
        column.default_value.reset();
        column.nullable = column.nullable || (!rules && !shape.without_rowid);
        column.not_null_conflict.clear();
        column.not_null_name.clear();
    }
    for (UniqueConstraint& unique : shape.uniques) {
        unique.conflict.clear();
        unique.name = {};
    }
    if (shape.primary_key) shape.primary_key->conflict.clear();
    return shape;
}

/// The CREATE text of a shape.  Every key stands where it stood in the text that the shape was read from, inside its column or
/// in its place of the list: SQLite numbers the automatic indexes in that order.
std::string shape_text(const Table& shape, const std::string& name) {
    std::string items;
    for (const Column& column : shape.columns)
        items += (items.empty() ? "    " : ",\n    ") + column_with_constraints(shape, column);
    std::vector<std::pair<int, std::string>> keys;
    const auto add = [&](const Placement& place, std::string text) {
        if (place.clause < 0) keys.emplace_back(place.item, std::move(text));
    };
    for (const UniqueConstraint& unique : shape.uniques) add(unique.placement.value, unique_clause(unique));
    for (const Check& check : shape.checks) add(check.placement.value, check_clause(check));
    if (shape.primary_key) add(shape.primary_key->placement.value, primary_key_clause(*shape.primary_key));
    std::ranges::stable_sort(keys, {}, [](const auto& key) { return key.first; });
    for (const auto& key : keys) items += ",\n    " + key.second;
    return "CREATE TABLE " + q(name) + " (\n" + items + "\n)" + table_options(shape);
}

/// What SQLite tells of a table's own keys, by the numbers of their automatic indexes.
std::string keys_of(const std::string& table) {
    return "(SELECT group_concat(line, char(10)) FROM (SELECT substr(l.name, length('sqlite_autoindex_' || " + literal(table) +
           ") + 1) || ' ' || k.seqno || ' ' || k.cid || ' ' || k.\"desc\" || ' ' || k.coll AS line FROM pragma_index_list(" +
           literal(table) + ") AS l JOIN pragma_index_xinfo(l.name) AS k WHERE l.origin <> 'c' ORDER BY 1))";
}

/// What SQLite tells of a table's columns, in order.
std::string columns_of(const std::string& table) {
    return "(SELECT group_concat(cid || ' ' || name || ' ' || \"notnull\" || ' ' || hidden, char(10)) FROM "
           "pragma_table_xinfo(" +
           literal(table) + "))";
}

/// What of a column decides its values' place in an index.
bool indexed_alike(const Table& from, const Table& to, const std::string& name, const PlanOptions& options) {
    const Column* a = find_column(from, name);
    const Column* b = find_column(to, name);
    return a != nullptr && b != nullptr && affinity_of(a->type.text) == affinity_of(b->type.text) && a->collate == b->collate &&
           !a->generated && !b->generated && !revalued(from, to, *b, options);
}

/// Rebuilds the indexes whose entries the copy has outdated.
void reindex(Steps& steps, const TableChange& change, bool all) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    const bool any_changed = std::ranges::any_of(from.columns, [&](const Column& column) {
        return find_column(to, column.name) != nullptr && !indexed_alike(from, to, column.name, *change.options);
    });
    if (!all && !any_changed) return;
    const auto outdated = [&](const std::vector<KeyPart>& parts) {
        return std::ranges::any_of(parts, [&](const KeyPart& part) {
            return part.column.empty() || !indexed_alike(from, to, part.column, *change.options);
        });
    };
    const bool keys_outdated =
        std::ranges::any_of(to.uniques, [&](const UniqueConstraint& unique) { return outdated(unique.columns); }) ||
        (to.primary_key && outdated(to.primary_key->columns));
    if (all || keys_outdated) {
        steps.add("REINDEX " + q(to.name)).slow = true;
        return;
    }
    for (const Index& index : to.indexes) {
        const bool live = std::ranges::find(from.indexes, index) != from.indexes.end();
        if (live && (outdated(index.columns) || !index.where_clause.empty()))
            steps.add("REINDEX " + q(index.name.text)).slow = true;
    }
}

bool changes_affinity(const Column& from, const Column& to) {
    return !to.generated && affinity_of(from.type.text) != affinity_of(to.type.text);
}

/// The value of a column as its old definition has it, read under the new one: a REAL column stores 7.0 as the integer 7, which
/// any but a number would show as that.
std::string as_it_was(const Column& live, const Column& column) {
    const Affinity after = affinity_of(column.type.text);
    const std::string name = q(column.name);
    if (affinity_of(live.type.text) != Affinity::real || after == Affinity::integer || after == Affinity::numeric) return name;
    return "CASE typeof(" + name + ") WHEN 'integer' THEN CAST(" + name + " AS REAL) ELSE " + name + " END";
}

/// Values of a column whose affinity the edit has changed pass through the new one as they are written back; SQLite holds them
/// to NOT NULL, CHECK and STRICT as it does so.
void convert_in_place(Steps& steps, const TableChange& change) {
    std::string columns;
    for (const Column& column : change.to->columns) {
        const Column* live = find_column(*change.from, column.name);
        if (live == nullptr || !changes_affinity(*live, column)) continue;
        columns += (columns.empty() ? "" : ", ") + q(column.name) + " = " + as_it_was(*live, column);
    }
    if (columns.empty()) return;
    Step& step = steps.add("UPDATE OR ABORT " + q(change.to->name) + " SET " + columns);
    step.slow = true;
    const std::string name = change.to->full_name();
    step.hazards.push_back({Hazard::Kind::copy, name, "writes all rows of " + name + " once, in place"});
}

}  // namespace

std::vector<Step> schema_edit(const std::string& update, const std::string& why) {
    Steps steps(why);
    edit_schema(steps, update);
    return steps.take();
}

std::string free_name(const Changes& changes, const std::string& wish) {
    const auto taken = [](const Schema& schema, const std::string& name) {
        const auto same = [&](const auto& thing) { return same_name(thing.name, name); };
        return std::ranges::any_of(schema.tables, same) || std::ranges::any_of(schema.views, same) ||
               std::ranges::any_of(schema.unmanaged, same) || std::ranges::any_of(schema.tables, [&](const Table& table) {
                   return std::ranges::any_of(table.indexes,
                                              [&](const Index& index) { return same_name(index.name.text, name); });
               });
    };
    std::string name = wish;
    for (int n = 2; taken(changes.from, name) || taken(changes.to, name); ++n) name = wish + "_" + std::to_string(n);
    return name;
}

std::vector<Step> edit_definition(const TableChange& change) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    Steps steps(change.why);
    settle_autoincrement(steps, from, to);

    // Defaults one by one, each with its own look at the rows; then all the rest at once.
    Table before = from;
    for (const Column& column : to.columns) {
        const auto live = std::ranges::find_if(before.columns, [&](const Column& c) { return same_name(c.name, column.name); });
        if (live == before.columns.end() || live->default_value == column.default_value || is_virtual(column)) continue;
        const Column old = *live;
        Table after = before;
        after.columns[static_cast<std::size_t>(live - before.columns.begin())].default_value = column.default_value;
        const std::string text = edited_definition(before, after);
        edit_default(steps, from, before.stored.value, text, old);
        after.stored.value = text;
        before = after;
        before.columns = parse_create_table(text).table.columns;
        edit_text(steps, from.name, text);
    }
    // Natively added, a column needs no place in the rows that are there: they read its default.
    for (const Column& column : to.columns) {
        if (find_column(from, column.name) != nullptr || column.generated) continue;
        Column plain = column;
        plain.nullable = true;
        steps.add("ALTER TABLE " + q(from.name) + " ADD COLUMN " + column_definition(plain));
    }
    edit_text(steps, from.name, edited_definition(from, to));
    convert_in_place(steps, change);

    const auto was = [&](const Column& column) { return find_column(from, column.name); };
    const auto recollated = [&](const Column& column) {
        return was(column) != nullptr && was(column)->collate != column.collate;
    };
    const auto recomputed = [&](const Column& column) {
        return was(column) != nullptr && is_virtual(column) && was(column)->generated != column.generated;
    };
    if (std::ranges::any_of(to.columns, recollated) || std::ranges::any_of(to.columns, recomputed)) {
        steps.add("REINDEX " + q(to.name)).slow = true;
    }
    const bool retyped = std::ranges::any_of(to.columns, [&](const Column& column) {
        return was(column) != nullptr && !(was(column)->type == column.type) && !changes_affinity(*was(column), column);
    });
    const bool verify = retyped || to.strict != from.strict || std::ranges::any_of(to.columns, recomputed);
    if (verify && !to.without_rowid) steps.add(quick_check(to, change.why));
    return steps.take();
}

std::vector<Step> exchange(const TableChange& change) {
    const Table& from = *change.from;
    const Table& to = *change.to;
    const std::string text = new_definition(change);
    const bool keys = from.without_rowid != to.without_rowid || automatic_indexes(from.stored.value) != automatic_indexes(text);
    const std::string copy = free_name(*change.changes, "tenon_new_" + to.name);
    const std::string name = literal(to.name);
    Steps steps(change.why);

    const auto [columns, values] = copied_columns(change);
    steps.add(shape_text(storage_shape(text, keys, true), copy));
    Step& copying = steps.add(copy_rows(copy, columns, from.name, values));
    copying.slow = true;
    copying.hazards.push_back(copy_hazard(from));
    Step count;
    count.kind = StepKind::guard;
    count.yes_or_no = true;
    // What the copy just inserted, so that it need not be read again.
    count.sql = "SELECT (SELECT count(*) FROM " + q(from.name) + ") <> changes()";
    count.message = to.full_name() + ": the copy does not have as many rows";
    count.why = change.why;
    steps.add(std::move(count));

    const auto root_of = [](const std::string& table) {
        return "(SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = " + literal(table) + ")";
    };
    steps.add("CREATE TEMP TABLE tenon_roots AS SELECT " + root_of(to.name) + " AS rows_before, " + root_of(copy) +
              " AS rows_after, (SELECT max(rowid) FROM sqlite_schema) AS last, " + columns_of(copy) + " AS columns" +
              (keys ? ", " + keys_of(copy) + " AS keys" : ""));
    begin_edit(steps);
    if (keys) {
        // The automatic indexes of the copy become the table's, and the table's the copy's.  A row of sqlite_schema for an
        // index must come after the one for its table, so these move to the end.
        const std::string automatic = " WHERE type = 'index' AND sql IS NULL AND tbl_name = ";
        const auto renamed = [](const std::string& from_name, const std::string& to_name) {
            return "name = 'sqlite_autoindex_' || " + literal(to_name) + " || substr(name, length('sqlite_autoindex_' || " +
                   literal(from_name) + ") + 1)";
        };
        steps.add("UPDATE sqlite_schema SET tbl_name = 'tenon_moving'" + automatic + name);
        steps.add("UPDATE sqlite_schema SET tbl_name = " + name + ", " + renamed(copy, to.name) + automatic + literal(copy));
        steps.add("UPDATE sqlite_schema SET tbl_name = " + literal(copy) + ", " + renamed(to.name, copy) +
                  ", rowid = rowid + (SELECT last FROM temp.tenon_roots)" + automatic + "'tenon_moving'");
    }
    steps.add("UPDATE sqlite_schema SET rootpage = (SELECT rows_after FROM temp.tenon_roots), sql = " + literal(text) +
              " WHERE type = 'table' AND name = " + name);
    steps.add("UPDATE sqlite_schema SET rootpage = (SELECT rows_before FROM temp.tenon_roots), sql = " +
              literal(shape_text(storage_shape(from.stored.value, keys, false), copy)) +
              " WHERE type = 'table' AND name = " + literal(copy));
    end_edit(steps);
    Step same_columns;
    same_columns.kind = StepKind::guard;
    same_columns.yes_or_no = true;
    same_columns.sql = "SELECT " + columns_of(to.name) + " IS NOT (SELECT columns FROM temp.tenon_roots)";
    same_columns.message = to.full_name() + ": the copy's columns are not those of the new definition";
    same_columns.why = change.why;
    steps.add(std::move(same_columns));
    if (keys) {
        Step same_keys;
        same_keys.kind = StepKind::guard;
        same_keys.yes_or_no = true;
        same_keys.sql = "SELECT " + keys_of(to.name) + " IS NOT (SELECT keys FROM temp.tenon_roots)";
        same_keys.message = to.full_name() + ": the copy's keys are not those of the new definition";
        same_keys.why = change.why;
        steps.add(std::move(same_keys));
    }
    steps.add("DROP TABLE temp.tenon_roots");
    steps.add("DROP TABLE " + q(copy));
    settle_autoincrement(steps, from, to);

    reindex(steps, change, !keeps_rowids(from, to));
    // SQLite held each row to the new NOT NULL, CHECK and STRICT as it was copied; what could not be asked there is asked here.
    if (!to.without_rowid && !checks_fit_copy(to)) steps.add(quick_check(to, change.why));
    return steps.take();
}

}  // namespace tenon::sqlite
