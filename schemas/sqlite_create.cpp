// Parsing CREATE TABLE.  https://sqlite.org/lang_createtable.html
#include "schemas/sqlite_create.h"

#include <algorithm>

#include "schemas/sqlite_cursor.h"

namespace tenon {
namespace sqlite {
namespace {

/// Words that end a column's type and begin a clause.
bool begins_clause(const Cursor& cursor) {
    for (const std::string_view word : {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE",
                                        "REFERENCES", "GENERATED", "AS", "DEFERRABLE"}) {
        if (cursor.at_keyword(word)) return true;
    }
    return false;
}

bool begins_table_constraint(const Cursor& cursor) {
    for (const std::string_view word : {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}) {
        if (cursor.at_keyword(word)) return true;
    }
    return false;
}

std::string lower_action(Cursor& cursor) {
    if (cursor.take_keyword("CASCADE")) return "cascade";
    if (cursor.take_keyword("RESTRICT")) return "restrict";
    if (cursor.take_keyword("NO")) {
        cursor.expect_keyword("ACTION");
        return "";
    }
    cursor.expect_keyword("SET");
    if (cursor.take_keyword("NULL")) return "set null";
    cursor.expect_keyword("DEFAULT");
    return "set default";
}

/// [NOT] DEFERRABLE [INITIALLY DEFERRED|IMMEDIATE], where it stands.
bool take_deferrable(Cursor& cursor, ForeignKey& key) {
    const std::size_t start = cursor.position();
    const bool negated = cursor.take_keyword("NOT");
    if (!cursor.take_keyword("DEFERRABLE")) {
        cursor.back_to(start);
        return false;
    }
    key.deferrable = !negated;
    if (cursor.take_keyword("INITIALLY")) {
        // SQLite defers only what is DEFERRABLE INITIALLY DEFERRED, and takes the words after NOT DEFERRABLE too.
        key.initially_deferred = cursor.take_keyword("DEFERRED");
        if (!key.initially_deferred) cursor.expect_keyword("IMMEDIATE");
    }
    return true;
}

/// REFERENCES … with its tail, in any order and number.
void take_references(Cursor& cursor, ForeignKey& key) {
    cursor.expect_keyword("REFERENCES");
    key.referenced_table = cursor.take_name();
    if (cursor.at_symbol('(')) {
        for (const KeyPart& part : take_key_parts(cursor, false)) key.referenced_columns.push_back(part.column);
    }
    while (true) {
        if (cursor.take_keyword("ON")) {
            if (cursor.take_keyword("DELETE")) {
                key.on_delete = lower_action(cursor);
            } else if (cursor.take_keyword("UPDATE")) {
                key.on_update = lower_action(cursor);
            } else {
                cursor.expect_keyword("INSERT");  // accepted and ignored by SQLite's grammar
                lower_action(cursor);
            }
        } else if (cursor.take_keyword("MATCH")) {
            key.match = fold(cursor.take_name());
            if (key.match == "simple") key.match.clear();
        } else if (!take_deferrable(cursor, key)) {
            return;
        }
    }
}

/// Reads one CREATE TABLE.
class TableParser {
public:
    explicit TableParser(std::string_view sql) : cursor_(sql) {}

    ParsedTable parse(std::string_view sql) {
        cursor_.expect_keyword("CREATE");
        if (!cursor_.take_keyword("TEMP")) cursor_.take_keyword("TEMPORARY");
        cursor_.expect_keyword("TABLE");
        if (cursor_.take_keyword("IF")) {
            cursor_.expect_keyword("NOT");
            cursor_.expect_keyword("EXISTS");
        }
        table_.name = cursor_.take_name();
        if (cursor_.take_symbol('.')) table_.name = cursor_.take_name();
        layout_.name = {cursor_.previous().begin, cursor_.previous().end};
        layout_.list.begin = cursor_.token().begin;
        cursor_.expect_symbol('(');
        take_items();
        layout_.list.end = cursor_.previous().end;
        take_options();
        table_.stored.value = std::string(sql);
        settle();
        return {std::move(table_), std::move(layout_)};
    }

private:
    Cursor cursor_;
    Table table_;
    TableLayout layout_;
    bool inline_descending_key_ = false;

    int item() const { return static_cast<int>(layout_.items.size()) - 1; }

    void take_items() {
        bool columns_over = false;
        while (!cursor_.take_symbol(')')) {
            columns_over = columns_over || (!table_.columns.empty() && begins_table_constraint(cursor_));
            layout_.items.emplace_back();
            layout_.items.back().span.begin = cursor_.token().begin;
            if (columns_over) {
                take_table_constraint();
            } else {
                layout_.items.back().is_column = true;
                take_column();
            }
            layout_.items.back().span.end = cursor_.previous().end;
            // SQLite lets table constraints follow each other without a comma, and ALTER puts columns only before them.
            if (!cursor_.take_symbol(',') && !cursor_.at_symbol(')') && !columns_over && !begins_table_constraint(cursor_)) {
                cursor_.fail("expected , or )");
            }
        }
    }

    void take_column() {
        Column column;
        ItemLayout& here = layout_.items.back();
        here.name.begin = cursor_.token().begin;
        column.name = cursor_.take_name();
        here.name.end = cursor_.previous().end;
        column.nullable = true;
        column.placement.value = {item(), -1};
        here.type = {here.name.end, here.name.end};
        take_type(column);
        table_.columns.push_back(std::move(column));
        while (!cursor_.at_symbol(',') && !cursor_.at_symbol(')')) take_clause();
    }

    void take_type(Column& column) {
        const std::size_t first = cursor_.position();
        while (!cursor_.at_symbol(',') && !cursor_.at_symbol(')') && !begins_clause(cursor_)) {
            if (cursor_.at_symbol('(')) {
                cursor_.take_group();
                break;  // nothing of a type follows its arguments
            }
            cursor_.advance();
        }
        if (cursor_.position() == first) return;
        std::string text = cursor_.text_of(first, cursor_.position() - 1);
        layout_.items.back().type.begin = cursor_.previous().end - text.size();
        layout_.items.back().type.end = cursor_.previous().end;
        // SQLite takes the quotes off a type that is one quoted name.
        if (cursor_.position() == first + 1 && cursor_.previous().kind != TokenKind::word) {
            cursor_.back_to(first);
            text = cursor_.take_name();
        }
        // `GENERATED ALWAYS` before AS belongs to the clause; begins_clause stops there already.
        column.type = make_sql(std::move(text));
    }

    void note(ClauseKind kind, std::size_t begin) {
        layout_.items.back().clauses.push_back({kind, {begin, cursor_.previous().end}});
    }
    Placement inline_placement() const { return {item(), static_cast<int>(layout_.items.back().clauses.size())}; }

    std::string take_constraint_name() {
        std::string name;
        while (cursor_.take_keyword("CONSTRAINT")) name = cursor_.take_name();  // of several names the last one counts
        return name;
    }

    void take_clause() {
        Column& column = table_.columns.back();
        const std::size_t begin = cursor_.token().begin;
        const ConstraintName name{take_constraint_name()};
        if (cursor_.at_symbol(',') || cursor_.at_symbol(')')) return;  // a name without a constraint: SQLite ignores it
        const Placement place = inline_placement();
        if (cursor_.take_keyword("PRIMARY")) {
            cursor_.expect_keyword("KEY");
            PrimaryKey key;
            key.name = name;
            key.columns.push_back({.column = column.name});
            if (!cursor_.take_keyword("ASC")) key.columns[0].descending = cursor_.take_keyword("DESC");
            inline_descending_key_ = key.columns[0].descending;
            key.conflict = take_conflict(cursor_);
            key.autoincrement = cursor_.take_keyword("AUTOINCREMENT");
            key.placement.value = place;
            table_.primary_key = key;
            note(ClauseKind::primary_key, begin);
        } else if (cursor_.take_keyword("NOT")) {
            cursor_.expect_keyword("NULL");
            column.nullable = false;
            column.not_null_name = name.text;
            column.not_null_conflict = take_conflict(cursor_);
            note(ClauseKind::not_null, begin);
        } else if (cursor_.take_keyword("NULL")) {
            take_conflict(cursor_);
            note(ClauseKind::null, begin);
        } else if (cursor_.take_keyword("UNIQUE")) {
            UniqueConstraint unique;
            unique.name = name;
            unique.columns.push_back({.column = column.name});
            unique.conflict = take_conflict(cursor_);
            unique.placement.value = place;
            table_.uniques.push_back(unique);
            note(ClauseKind::unique, begin);
        } else if (cursor_.at_keyword("CHECK")) {
            take_check(name, place);
            note(ClauseKind::check, begin);
        } else if (cursor_.take_keyword("DEFAULT")) {
            column.default_value = take_default();
            note(ClauseKind::default_value, begin);
        } else if (cursor_.take_keyword("COLLATE")) {
            column.collate = collation(cursor_.take_name());
            note(ClauseKind::collate, begin);
        } else if (cursor_.at_keyword("REFERENCES")) {
            ForeignKey key;
            key.name = name;
            key.columns.push_back(column.name);
            take_references(cursor_, key);
            key.placement.value = place;
            table_.foreign_keys.push_back(key);
            note(ClauseKind::references, begin);
        } else if (cursor_.at_keyword("GENERATED") || cursor_.at_keyword("AS")) {
            if (cursor_.take_keyword("GENERATED")) cursor_.expect_keyword("ALWAYS");
            cursor_.expect_keyword("AS");
            Generated generated;
            generated.expression = make_sql(without_outer_parentheses(cursor_.take_group()));
            generated.stored = cursor_.take_keyword("STORED");
            if (!generated.stored) cursor_.take_keyword("VIRTUAL");
            column.generated = generated;
            note(ClauseKind::generated, begin);
        } else if (ForeignKey ignored; !take_deferrable(cursor_, ignored)) {
            cursor_.fail("expected a column constraint");
        }
    }

    static std::string collation(const std::string& name) {
        std::string upper = name;
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        return upper == "BINARY" ? "" : upper;
    }

    Sql take_default() {
        const std::size_t first = cursor_.position();
        if (cursor_.at_symbol('(')) {
            cursor_.take_group();
        } else {
            if (cursor_.at_symbol('+') || cursor_.at_symbol('-')) cursor_.advance();
            cursor_.token();
            cursor_.advance();
        }
        return make_sql(without_outer_parentheses(cursor_.text_of(first, cursor_.position() - 1)));
    }

    void take_check(const ConstraintName& name, const Placement& place) {
        cursor_.expect_keyword("CHECK");
        Check check;
        check.name = name;
        check.expression = make_sql(without_outer_parentheses(cursor_.take_group()));
        check.conflict = take_conflict(cursor_);
        check.placement.value = place;
        table_.checks.push_back(check);
    }

    void take_table_constraint() {
        const ConstraintName name{take_constraint_name()};
        const Placement place{item(), -1};
        if (cursor_.take_keyword("PRIMARY")) {
            cursor_.expect_keyword("KEY");
            PrimaryKey key;
            key.name = name;
            key.columns = take_primary_key_parts(key);
            key.conflict = take_conflict(cursor_);
            key.placement.value = place;
            table_.primary_key = key;
        } else if (cursor_.take_keyword("UNIQUE")) {
            UniqueConstraint unique;
            unique.name = name;
            unique.columns = take_key_parts(cursor_, false);
            unique.conflict = take_conflict(cursor_);
            unique.placement.value = place;
            table_.uniques.push_back(unique);
        } else if (cursor_.at_keyword("CHECK")) {
            take_check(name, place);
        } else if (cursor_.take_keyword("FOREIGN")) {
            cursor_.expect_keyword("KEY");
            ForeignKey key;
            key.name = name;
            for (const KeyPart& part : take_key_parts(cursor_, false)) key.columns.push_back(part.column);
            take_references(cursor_, key);
            key.placement.value = place;
            table_.foreign_keys.push_back(key);
        } else if (!cursor_.at_symbol(',') && !cursor_.at_symbol(')')) {
            cursor_.fail("expected a table constraint");
        }
    }

    /// `PRIMARY KEY (id AUTOINCREMENT)` is allowed at table level too.
    std::vector<KeyPart> take_primary_key_parts(PrimaryKey& key) {
        std::vector<KeyPart> parts;
        cursor_.expect_symbol('(');
        do {
            KeyPart part;
            part.column = cursor_.take_name();
            if (cursor_.take_keyword("COLLATE")) part.collate = collation(cursor_.take_name());
            if (!cursor_.take_keyword("ASC")) part.descending = cursor_.take_keyword("DESC");
            parts.push_back(part);
            if (cursor_.take_keyword("AUTOINCREMENT")) key.autoincrement = true;
        } while (cursor_.take_symbol(','));
        cursor_.expect_symbol(')');
        return parts;
    }

    void take_options() {
        if (cursor_.done()) {
            layout_.options = {layout_.list.end, layout_.list.end};
            return;
        }
        layout_.options.begin = cursor_.token().begin;
        do {
            if (cursor_.take_keyword("WITHOUT")) {
                cursor_.expect_keyword("ROWID");
                table_.without_rowid = true;
            } else if (cursor_.take_keyword("STRICT")) {
                table_.strict = true;
            } else {
                cursor_.fail("expected STRICT or WITHOUT ROWID");
            }
        } while (cursor_.take_symbol(','));
        layout_.options.end = cursor_.previous().end;
    }

    /// What follows from the whole: spellings of column names, whether the key is the rowid.
    void settle() {
        const auto spell = [&](std::string& name) {
            if (const Column* column = find_column(table_, name)) name = column->name;
        };
        const auto spell_parts = [&](std::vector<KeyPart>& parts) {
            for (KeyPart& part : parts) spell(part.column);
        };
        for (UniqueConstraint& unique : table_.uniques) spell_parts(unique.columns);
        for (ForeignKey& key : table_.foreign_keys) std::ranges::for_each(key.columns, spell);
        if (!table_.primary_key) return;
        PrimaryKey& key = *table_.primary_key;
        spell_parts(key.columns);
        // https://sqlite.org/lang_createtable.html#rowids_and_the_integer_primary_key, the DESC quirk included.
        const Column* only = key.columns.size() == 1 ? find_column(table_, key.columns[0].column) : nullptr;
        key.row_id =
            only != nullptr && !table_.without_rowid && same_name(only->type.text, "INTEGER") && !inline_descending_key_;
        if (table_.without_rowid) {
            for (Column& column : table_.columns) {
                const bool in_key =
                    std::ranges::any_of(key.columns, [&](const KeyPart& part) { return part.column == column.name; });
                if (in_key) column.nullable = false;  // SQLite makes it so, and says so in its pragmas
            }
        }
    }
};

}  // namespace

std::string without_outer_parentheses(std::string text) {
    while (true) {
        const auto first = text.find_first_not_of(" \t\r\n\f");
        if (first == std::string::npos) return "";
        const auto last = text.find_last_not_of(" \t\r\n\f");
        text = text.substr(first, last - first + 1);
        if (text.front() != '(') return text;
        Cursor cursor(text);
        try {
            std::string inside = cursor.take_group();
            if (!cursor.done()) return text;
            text = std::move(inside);
        } catch (const Error&) {
            return text;
        }
    }
}

std::string take_conflict(Cursor& cursor) {
    const std::size_t start = cursor.position();
    if (!cursor.take_keyword("ON")) return "";
    if (!cursor.take_keyword("CONFLICT")) {
        cursor.back_to(start);
        return "";
    }
    std::string action = cursor.text();
    std::ranges::transform(action, action.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    cursor.advance();
    return action;
}

}  // namespace sqlite

ParsedTable parse_create_table(std::string_view sql) { return sqlite::TableParser(sql).parse(sql); }

}  // namespace tenon
