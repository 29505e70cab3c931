// Parsing CREATE TABLE.  https://sqlite.org/lang_createtable.html
#include "schemas/sqlite_create.h"

#include <algorithm>
#include <array>

#include "schemas/sqlite_cursor.h"

namespace tenon {
namespace sqlite {
namespace {

/// Words that end a column's type and begin a clause.
bool begins_clause(const Cursor& cursor) {
    static constexpr std::array<std::string_view, 12> kWords{"CONSTRAINT", "PRIMARY",   "NOT",     "NULL",
                                                             "UNIQUE",     "CHECK",     "DEFAULT", "COLLATE",
                                                             "REFERENCES", "GENERATED", "AS",      "DEFERRABLE"};
    return cursor.at_one_of(kWords);
}

bool begins_table_constraint(const Cursor& cursor) {
    static constexpr std::array<std::string_view, 5> kWords{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"};
    return cursor.at_one_of(kWords);
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
        for (KeyPart& part : take_key_parts(cursor, false)) key.referenced_columns.push_back(std::move(part.column));
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
    /// Fills in `parsed`, which is empty.
    TableParser(std::string_view sql, ParsedTable& parsed) : cursor_(sql), table_(parsed.table), layout_(parsed.layout) {}

    void parse() {
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
        settle();
    }

private:
    Cursor cursor_;
    Table& table_;
    TableLayout& layout_;
    bool inline_descending_key_ = false;

    int item() const { return static_cast<int>(layout_.items.size()) - 1; }

    void take_items() {
        const std::size_t items = cursor_.items_ahead();
        table_.columns.reserve(items);
        layout_.items.reserve(items);
        layout_.clauses.reserve(items);
        bool columns_over = false;
        while (!cursor_.take_symbol(')')) {
            columns_over = columns_over || (!table_.columns.empty() && begins_table_constraint(cursor_));
            ItemLayout& here = layout_.items.emplace_back();
            here.span.begin = cursor_.token().begin;
            here.first_clause = layout_.clauses.size();
            if (columns_over) {
                take_table_constraint();
            } else {
                here.is_column = true;
                take_column();
            }
            here.span.end = cursor_.previous().end;
            // SQLite lets table constraints follow each other without a comma, and ALTER puts columns only before them.
            if (!cursor_.take_symbol(',') && !cursor_.at_symbol(')') && !columns_over && !begins_table_constraint(cursor_)) {
                cursor_.fail("expected , or )");
            }
        }
    }

    void take_column() {
        Column& column = table_.columns.emplace_back();
        ItemLayout& here = layout_.items.back();
        here.name.begin = cursor_.token().begin;
        column.name = cursor_.take_name();
        here.name.end = cursor_.previous().end;
        column.nullable = true;
        column.placement.value = {item(), -1};
        here.type = {here.name.end, here.name.end};
        take_type(column);
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
        const std::string_view text = cursor_.text_of(first, cursor_.position() - 1);
        layout_.items.back().type.begin = cursor_.previous().end - text.size();
        layout_.items.back().type.end = cursor_.previous().end;
        // SQLite takes the quotes off a type that is one quoted name.
        const bool quoted = cursor_.position() == first + 1 && cursor_.previous().kind != TokenKind::word;
        if (quoted) cursor_.back_to(first);
        // `GENERATED ALWAYS` before AS belongs to the clause; begins_clause stops there already.
        column.type = make_sql(quoted ? cursor_.take_name() : std::string(text));
    }

    void note(ClauseKind kind, std::size_t begin) {
        layout_.clauses.push_back({kind, {begin, cursor_.previous().end}});
        ++layout_.items.back().clause_count;
    }
    Placement inline_placement() const { return {item(), static_cast<int>(layout_.items.back().clause_count)}; }

    std::string take_constraint_name() {
        std::string name;
        while (cursor_.take_keyword("CONSTRAINT")) name = cursor_.take_name();  // of several names the last one counts
        return name;
    }

    void take_clause() {
        Column& column = table_.columns.back();
        const std::size_t begin = cursor_.token().begin;
        ConstraintName name{take_constraint_name()};
        if (cursor_.at_symbol(',') || cursor_.at_symbol(')')) return;  // a name without a constraint: SQLite ignores it
        const Placement place = inline_placement();
        if (cursor_.take_keyword("PRIMARY")) {
            cursor_.expect_keyword("KEY");
            PrimaryKey& key = table_.primary_key.emplace();
            key.name = std::move(name);
            key.columns.push_back({.column = column.name});
            if (!cursor_.take_keyword("ASC")) key.columns[0].descending = cursor_.take_keyword("DESC");
            inline_descending_key_ = key.columns[0].descending;
            key.conflict = take_conflict(cursor_);
            key.autoincrement = cursor_.take_keyword("AUTOINCREMENT");
            key.placement.value = place;
            note(ClauseKind::primary_key, begin);
        } else if (cursor_.take_keyword("NOT")) {
            cursor_.expect_keyword("NULL");
            column.nullable = false;
            column.not_null_name = std::move(name.text);
            column.not_null_conflict = take_conflict(cursor_);
            note(ClauseKind::not_null, begin);
        } else if (cursor_.take_keyword("NULL")) {
            take_conflict(cursor_);
            note(ClauseKind::null, begin);
        } else if (cursor_.take_keyword("UNIQUE")) {
            UniqueConstraint& unique = table_.uniques.emplace_back();
            unique.name = std::move(name);
            unique.columns.push_back({.column = column.name});
            unique.conflict = take_conflict(cursor_);
            unique.placement.value = place;
            note(ClauseKind::unique, begin);
        } else if (cursor_.at_keyword("CHECK")) {
            take_check(std::move(name), place);
            note(ClauseKind::check, begin);
        } else if (cursor_.take_keyword("DEFAULT")) {
            column.default_value = take_default();
            note(ClauseKind::default_value, begin);
        } else if (cursor_.take_keyword("COLLATE")) {
            column.collate = collation(cursor_.take_name());
            note(ClauseKind::collate, begin);
        } else if (cursor_.at_keyword("REFERENCES")) {
            ForeignKey& key = table_.foreign_keys.emplace_back();
            key.name = std::move(name);
            key.columns.push_back(column.name);
            take_references(cursor_, key);
            key.placement.value = place;
            note(ClauseKind::references, begin);
        } else if (cursor_.at_keyword("GENERATED") || cursor_.at_keyword("AS")) {
            if (cursor_.take_keyword("GENERATED")) cursor_.expect_keyword("ALWAYS");
            cursor_.expect_keyword("AS");
            Generated& generated = column.generated.emplace();
            generated.expression = bare_sql(cursor_.take_group());
            generated.stored = cursor_.take_keyword("STORED");
            if (!generated.stored) cursor_.take_keyword("VIRTUAL");
            note(ClauseKind::generated, begin);
        } else if (ForeignKey ignored; !take_deferrable(cursor_, ignored)) {
            cursor_.fail("expected a column constraint");
        }
    }

    static std::string collation(const std::string& name) {
        std::string known = upper(name);
        return known == "BINARY" ? "" : known;
    }

    Sql take_default() {
        const std::size_t first = cursor_.position();
        if (cursor_.at_symbol('(')) {
            cursor_.take_group();
        } else {
            if (cursor_.at_symbol('+') || cursor_.at_symbol('-')) cursor_.advance();
            cursor_.advance();
        }
        return bare_sql(cursor_.text_of(first, cursor_.position() - 1));
    }

    void take_check(ConstraintName name, const Placement& place) {
        cursor_.expect_keyword("CHECK");
        Check& check = table_.checks.emplace_back();
        check.name = std::move(name);
        check.expression = bare_sql(cursor_.take_group());
        check.conflict = take_conflict(cursor_);
        check.placement.value = place;
    }

    void take_table_constraint() {
        ConstraintName name{take_constraint_name()};
        const Placement place{item(), -1};
        if (cursor_.take_keyword("PRIMARY")) {
            cursor_.expect_keyword("KEY");
            PrimaryKey& key = table_.primary_key.emplace();
            key.name = std::move(name);
            key.columns = take_primary_key_parts(key);
            key.conflict = take_conflict(cursor_);
            key.placement.value = place;
        } else if (cursor_.take_keyword("UNIQUE")) {
            UniqueConstraint& unique = table_.uniques.emplace_back();
            unique.name = std::move(name);
            unique.columns = take_key_parts(cursor_, false);
            unique.conflict = take_conflict(cursor_);
            unique.placement.value = place;
        } else if (cursor_.at_keyword("CHECK")) {
            take_check(std::move(name), place);
        } else if (cursor_.take_keyword("FOREIGN")) {
            cursor_.expect_keyword("KEY");
            ForeignKey& key = table_.foreign_keys.emplace_back();
            key.name = std::move(name);
            for (KeyPart& part : take_key_parts(cursor_, false)) key.columns.push_back(std::move(part.column));
            take_references(cursor_, key);
            key.placement.value = place;
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
            parts.push_back(std::move(part));
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
        if (table_.without_rowid || (table_.strict && !key.row_id)) {
            for (Column& column : table_.columns) {
                if (in_key(table_, column)) column.nullable = false;  // SQLite makes it so, and says so in its pragmas
            }
        }
    }
};

}  // namespace

std::string_view without_outer_parentheses(std::string_view text) {
    while (true) {
        const auto first = text.find_first_not_of(" \t\r\n\f");
        if (first == std::string_view::npos) return "";
        const auto last = text.find_last_not_of(" \t\r\n\f");
        text = text.substr(first, last - first + 1);
        if (text.front() != '(') return text;
        Cursor cursor(text);
        try {
            const std::string_view inside = cursor.take_group();
            if (!cursor.done()) return text;
            text = inside;
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
    std::string action = upper(cursor.text());
    cursor.advance();
    return action;
}

}  // namespace sqlite

ParsedTable parse_create_table(std::string sql) {
    ParsedTable parsed;
    sqlite::TableParser(sql, parsed).parse();
    parsed.table.stored.value = std::move(sql);
    return parsed;
}

}  // namespace tenon
