// Differences between schemas, as one line each.
#include <boost/test/unit_test.hpp>

#include "differ/diff.h"
#include "differ/report.h"
#include "differ/sequence.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace {

/// A resolved schema out of CREATE TABLE and CREATE VIEW texts.
Schema schema_of(const std::vector<std::string>& statements) {
    std::vector<StoredObject> rows;
    for (const std::string& sql : statements) {
        if (sql.starts_with("CREATE VIEW ")) {
            const std::string name = sql.substr(12, sql.find(' ', 12) - 12);
            rows.push_back({"view", name, name, sql});
        } else if (sql.starts_with("CREATE TABLE ")) {
            const std::string name = parse_create_table(sql).table.name;
            rows.push_back({"table", name, name, sql});
        } else {
            std::string table;
            const Index index = parse_create_index(sql, table);
            rows.push_back({"index", index.name.text, table, sql});
        }
    }
    return read_sqlite_schema(rows);
}

struct Case {
    const char* name;
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::vector<std::string> changes;
    std::vector<std::string> questions{};
};

const std::vector<Case> kCases{
    {"nothing", {"CREATE TABLE t (a INT, CHECK (a>0))"}, {"CREATE TABLE \"T\" ([A] int, check ((a > 0)))"}, {}},
    {"order of columns", {"CREATE TABLE t (a INT, b INT)"}, {"CREATE TABLE t (b INT, a INT)"}, {}},
    {"tables", {"CREATE TABLE old (x BLOB)"}, {"CREATE TABLE fresh (a INT, b INT)"}, {"create table fresh", "drop table old"}},
    {"columns",
     {"CREATE TABLE t (a INT, b INT)"},
     {"CREATE TABLE t (a BIGINT, c TEXT)"},
     {"drop column t.b", "change column t.a", "add column t.c"}},
    {"a likely rename",
     {"CREATE TABLE t (a INT, headline TEXT)"},
     {"CREATE TABLE t (a INT, title TEXT)"},
     {"drop column t.headline", "add column t.title"},
     {"--rename t.headline=title"}},
    {"a likely table",
     {"CREATE TABLE account (a INT, b TEXT)"},
     {"CREATE TABLE customer (a INT, b TEXT)"},
     {"create table customer", "drop table account"},
     {"--rename account=customer"}},
    {"the order of a key",
     {"CREATE TABLE t (a, b, PRIMARY KEY (a, b))"},
     {"CREATE TABLE t (a, b, PRIMARY KEY (b, a))"},
     {"change primary key t (a, b)"}},
    {"a constraint's name",
     {"CREATE TABLE t (a, CHECK (a > 0))"},
     {"CREATE TABLE t (a, CONSTRAINT c CHECK (a > 0))"},
     {"change check t (a > 0)"}},
    {"a foreign key's action",
     {"CREATE TABLE t (a REFERENCES t2 (x))"},
     {"CREATE TABLE t (a REFERENCES t2 (x) ON DELETE CASCADE)"},
     {"change foreign key t (a) -> t2(x)"}},
    {"an implicit target",
     {"CREATE TABLE p (x INTEGER PRIMARY KEY)", "CREATE TABLE t (a REFERENCES p)"},
     {"CREATE TABLE p (x INTEGER PRIMARY KEY)", "CREATE TABLE t (a REFERENCES p (x))"},
     {}},
    {"options", {"CREATE TABLE t (a INT)"}, {"CREATE TABLE t (a INT) STRICT"}, {"change table options t"}},
    {"an index",
     {"CREATE TABLE t (a)", "CREATE INDEX i ON t (a)"},
     {"CREATE TABLE t (a)", "CREATE INDEX i ON t (a DESC)"},
     {"change index t.i"}},
    {"a view", {"CREATE VIEW v AS SELECT 1"}, {"CREATE VIEW v AS SELECT 2"}, {"change view v"}},
};

BOOST_AUTO_TEST_CASE(differences_are_found_and_named) {
    for (const Case& c : kCases) {
        const Changes changes = diff(schema_of(c.from), schema_of(c.to), {});
        std::vector<std::string> found;
        for (const Change& change : changes.list) found.push_back(describe(change));
        std::vector<std::string> questions;
        for (const Question& question : changes.questions) questions.push_back(question.flag);
        BOOST_TEST_CONTEXT(c.name) {
            BOOST_TEST(found == c.changes, boost::test_tools::per_element());
            BOOST_TEST(questions == c.questions, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_change_turned_round_twice_is_itself) {
    for (const Case& c : kCases) {
        for (const Change& change : diff(schema_of(c.from), schema_of(c.to), {}).list)
            BOOST_TEST((reverse(reverse(change)) == change));
    }
}

BOOST_AUTO_TEST_CASE(two_renames_from_one_name_are_refused) {
    Intents intents;
    intents.renames = {{Rename::Kind::column, "t", "a", "b"}, {Rename::Kind::column, "t", "a", "c"}};
    BOOST_CHECK_THROW(applicable_renames(schema_of({"CREATE TABLE t (a)"}), schema_of({"CREATE TABLE t (b, c)"}), intents),
                      Error);
}

BOOST_AUTO_TEST_CASE(unified_diffs_are_as_diff_writes_them) {
    BOOST_TEST(unified_diff("a\nb\nc\n", "a\nB\nc\n", "from", "to", false) ==
               "--- from\n+++ to\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
    BOOST_TEST(unified_diff("", "a\n", "from", "to", false) == "--- from\n+++ to\n@@ -0,0 +1 @@\n+a\n");
    BOOST_TEST(unified_diff("a", "a\n", "from", "to", false) ==
               "--- from\n+++ to\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    BOOST_TEST(unified_diff("a\n", "a\n", "from", "to", false) == "");
}

BOOST_AUTO_TEST_CASE(similarity_is_the_part_in_common) {
    BOOST_TEST(similarity({"a", "b", "c", "d"}, {"a", "x", "c", "d"}) == 0.75);
    BOOST_TEST(similarity({"a"}, {"b"}) == 0.0);
}

}  // namespace
}  // namespace tenon
