// What is read from stored CREATE texts against what SQLite's own pragmas say of the same tables.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "engine/inspect.h"
#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace {

/// Statements that are hard to read: quoting, comments, keywords as names, clauses in odd orders.
const std::vector<std::string> kStatements{
    "CREATE TABLE plain (a INTEGER PRIMARY KEY, b TEXT)",
    "CREATE TABLE \"od\"\"d\" ([a b] TEXT, `c``d` INT NOT NULL, 'e' VARCHAR ( 10 , 2 ), \"check\" UNSIGNED BIG INT)",
    "create table comments (a int -- CHECK (x\n, /* b text, */ c text default 'CHECK (y)' /* ) */, d)",
    "CREATE TABLE adjacent (a INT CHECK (a > 0) CHECK (a < 9) UNIQUE, CHECK (a <> 5) CONSTRAINT n CHECK (a <> 6) UNIQUE (a))",
    "CREATE TABLE doubled (a INT CONSTRAINT x CONSTRAINT y NOT NULL NULL DEFAULT 1 DEFAULT 2 COLLATE NOCASE COLLATE RTRIM)",
    "CREATE TABLE defaults (a DEFAULT -1.5e3, b DEFAULT (1 + (2)), c DEFAULT CURRENT_TIMESTAMP, d DEFAULT x'00', e DEFAULT "
    "\"text\", f DEFAULT NULL, g DEFAULT TRUE)",
    "CREATE TABLE alias_desc (a INTEGER PRIMARY KEY DESC, b)",
    "CREATE TABLE alias_list (a INTEGER, b, PRIMARY KEY (a DESC))",
    "CREATE TABLE auto_mark (a INTEGER PRIMARY KEY AUTOINCREMENT)",
    "CREATE TABLE no_rowid (k TEXT, v, PRIMARY KEY (k)) WITHOUT ROWID",
    "CREATE TABLE strict_one (a INTEGER, b ANY, c TEXT NOT NULL) STRICT",
    "CREATE TABLE both_options (k INT, PRIMARY KEY (k)) WITHOUT ROWID, STRICT",
    "CREATE TABLE generated (a INT, b INT GENERATED ALWAYS AS (a * (2)) STORED, c TEXT AS (a || ',') VIRTUAL, d AS (a))",
    "CREATE TABLE keys (x, y, z INTEGER, PRIMARY KEY (y, x COLLATE NOCASE DESC), UNIQUE (z, x) ON CONFLICT REPLACE, UNIQUE "
    "(z))",
    "CREATE TABLE refs (a REFERENCES plain, b INT REFERENCES plain (a) ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE "
    "INITIALLY DEFERRED, c,\n"
    "  FOREIGN KEY (c, b) REFERENCES keys (y, x) MATCH FULL ON DELETE NO ACTION NOT DEFERRABLE)",
    "CREATE TABLE self_ref (id INTEGER PRIMARY KEY, up REFERENCES self_ref ON DELETE SET DEFAULT)",
    "CREATE TABLE \"order\" (\"group\" TEXT, \"select\" INT, key TEXT, action TEXT)",
    "CREATE INDEX i1 ON plain (b COLLATE NOCASE DESC, a)",
    "CREATE UNIQUE INDEX [i 2] ON plain (lower(b), a + 1 DESC) where b is not null and a <> 3",
    "CREATE INDEX i3 ON \"order\" (\"group\", key ASC)",
};

std::string text_of(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}
std::int64_t number_of(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? -1 : *number;
}

struct Fixture {
    std::unique_ptr<Connection> db = open_scratch({});
    Schema schema;
    Fixture() {
        for (const std::string& statement : kStatements) db->execute(statement);
        schema = inspect(*db);
    }
    std::vector<std::vector<Value>> rows(const std::string& sql) const {
        std::vector<std::vector<Value>> out;
        db->query(sql, {}, [&](std::span<const Value> row) { out.emplace_back(row.begin(), row.end()); });
        return out;
    }
};

BOOST_FIXTURE_TEST_CASE(columns_are_as_table_xinfo_says, Fixture) {
    for (const Table& table : schema.tables) {
        const auto found = rows("PRAGMA table_xinfo(" + quoted(table.name) + ")");
        BOOST_TEST_CONTEXT(table.name) {
            BOOST_REQUIRE(found.size() == table.columns.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                const Column& column = table.columns[i];
                BOOST_TEST_CONTEXT(column.name) {
                    BOOST_TEST(column.name == text_of(found[i][1]));
                    BOOST_TEST(column.type.key() == canonical_sql(text_of(found[i][2]), Dialect::sqlite));
                    BOOST_TEST(!column.nullable == (number_of(found[i][3]) == 1));
                    const std::string expected = canonical_sql(text_of(found[i][4]), Dialect::sqlite);
                    BOOST_TEST((column.default_value ? std::get<Sql>(*column.default_value).key() : "") == expected);
                    const std::int64_t hidden = !column.generated ? 0 : column.generated->stored ? 3 : 2;
                    BOOST_TEST(hidden == number_of(found[i][6]));
                    const auto& key = table.primary_key;
                    std::int64_t place = 0;
                    for (std::size_t k = 0; key && k < key->columns.size(); ++k) {
                        if (same_name(key->columns[k].column, column.name)) place = static_cast<std::int64_t>(k) + 1;
                    }
                    BOOST_TEST(place == number_of(found[i][5]));
                }
            }
        }
    }
}

BOOST_FIXTURE_TEST_CASE(options_are_as_table_list_says, Fixture) {
    for (const Table& table : schema.tables) {
        const auto found =
            rows("SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = " + quote_literal(table.name));
        BOOST_REQUIRE(found.size() == 1U);
        BOOST_TEST(table.without_rowid == (number_of(found[0][0]) == 1));
        BOOST_TEST(table.strict == (number_of(found[0][1]) == 1));
    }
}

BOOST_FIXTURE_TEST_CASE(foreign_keys_are_as_foreign_key_list_says, Fixture) {
    for (const Table& table : schema.tables) {
        auto found = rows("PRAGMA foreign_key_list(" + quoted(table.name) + ")");
        std::vector<std::string> theirs;
        for (const auto& row : found) {
            theirs.push_back(fold(text_of(row[2]) + "|" + text_of(row[3]) + "|" + text_of(row[5]) + "|" + text_of(row[6])));
        }
        std::vector<std::string> ours;
        for (const ForeignKey& key : table.foreign_keys) {
            for (const std::string& column : key.columns) {
                ours.push_back(fold(key.referenced_table + "|" + column + "|" +
                                    (key.on_update.empty() ? "no action" : *key.on_update) + "|" +
                                    (key.on_delete.empty() ? "no action" : *key.on_delete)));
            }
        }
        std::ranges::sort(ours);
        std::ranges::sort(theirs);
        BOOST_TEST_CONTEXT(table.name) { BOOST_TEST(ours == theirs, boost::test_tools::per_element()); }
    }
}

BOOST_FIXTURE_TEST_CASE(indexes_are_as_index_list_says, Fixture) {
    for (const Table& table : schema.tables) {
        for (const Index& index : table.indexes) {
            const auto listed = rows("SELECT \"unique\", partial FROM pragma_index_list(" + quote_literal(table.name) +
                                     ") WHERE name = " + quote_literal(index.name.text));
            BOOST_REQUIRE(listed.size() == 1U);
            BOOST_TEST(index.unique == (number_of(listed[0][0]) == 1));
            BOOST_TEST(!index.where_clause.empty() == (number_of(listed[0][1]) == 1));
            const auto parts =
                rows("SELECT name, \"desc\" FROM pragma_index_xinfo(" + quote_literal(index.name.text) + ") WHERE key");
            BOOST_REQUIRE(parts.size() == index.columns.size());
            for (std::size_t i = 0; i < parts.size(); ++i) {
                BOOST_TEST(index.columns[i].column == text_of(parts[i][0]));
                BOOST_TEST(index.columns[i].descending == (number_of(parts[i][1]) == 1));
            }
        }
    }
}

/// The rowid is the one thing no pragma tells: a rowid alias takes no automatic index and follows the rowid.
BOOST_FIXTURE_TEST_CASE(rowid_aliases_are_what_sqlite_makes_them, Fixture) {
    for (const Table& table : schema.tables) {
        if (!table.primary_key || table.without_rowid) continue;
        const auto automatic = rows("SELECT 1 FROM pragma_index_list(" + quote_literal(table.name) + ") WHERE origin = 'pk'");
        BOOST_TEST_CONTEXT(table.name) { BOOST_TEST(table.primary_key->row_id == automatic.empty()); }
    }
}

/// A text that breaks off is an error, or another whole statement; reading it always ends.
BOOST_AUTO_TEST_CASE(texts_that_break_off_are_refused) {
    for (const std::string& statement : kStatements) {
        for (std::size_t length = 0; length < statement.size(); ++length) {
            const std::string text = statement.substr(0, length);
            std::string table;
            try {
                if (statement.find("INDEX") == std::string::npos) {
                    parse_create_table(text);
                } else {
                    parse_create_index(text, table);
                }
            } catch (const Error&) {
            }
        }
    }
    BOOST_CHECK_THROW(parse_create_table("CREATE TABLE t (a INTEGER"), Error);
    std::string table;
    BOOST_CHECK_THROW(parse_create_index("CREATE INDEX i ON t (a) WHERE", table), Error);
}

}  // namespace
}  // namespace tenon
