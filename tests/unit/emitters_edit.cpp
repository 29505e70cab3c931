// Edits of stored definitions: what changes is in the text, what does not keeps its bytes.
#include <boost/test/unit_test.hpp>

#include "emitters/order.h"
#include "emitters/sqlite_edit.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace {

struct Edit {
    const char* from;
    const char* to;      ///< what it shall mean
    const char* edited;  ///< the text that results
};

const std::vector<Edit> kEdits{
    {"CREATE TABLE t (a INT, -- the a\n b TEXT)", "CREATE TABLE t (a INT, b TEXT NOT NULL)",
     "CREATE TABLE t (a INT, -- the a\n b TEXT NOT NULL)"},
    {"CREATE TABLE t (a INT NOT NULL /* yes */, b)", "CREATE TABLE t (a INT, b)", "CREATE TABLE t (a INT /* yes */, b)"},
    {"CREATE TABLE t (a INT DEFAULT (1+1) COLLATE NOCASE)", "CREATE TABLE t (a INT DEFAULT 'x' COLLATE NOCASE)",
     "CREATE TABLE t (a INT COLLATE NOCASE DEFAULT 'x')"},
    {"CREATE TABLE t (a varchar(5), b)", "CREATE TABLE t (a varchar(9), b)", "CREATE TABLE t (a varchar(9), b)"},
    {"CREATE TABLE t (a, b, c)", "CREATE TABLE t (a, c)", "CREATE TABLE t (a, c)"},
    {"CREATE TABLE t (a, b)", "CREATE TABLE t (b)", "CREATE TABLE t (b)"},
    {"CREATE TABLE t (a, CHECK (a > 0))", "CREATE TABLE t (a, b TEXT, CHECK (a > 0))",
     "CREATE TABLE t (a, b TEXT, CHECK (a > 0))"},
    {"CREATE TABLE t (a, b, CHECK (a > 0), UNIQUE (b))", "CREATE TABLE t (a, b, UNIQUE (b))",
     "CREATE TABLE t (a, b, UNIQUE (b))"},
    {"CREATE TABLE t (a CHECK (a > 0) UNIQUE)", "CREATE TABLE t (a UNIQUE)", "CREATE TABLE t (a UNIQUE)"},
    {"CREATE TABLE t (a)", "CREATE TABLE t (a REFERENCES p (x) ON DELETE CASCADE)",
     "CREATE TABLE t (a REFERENCES p (x) ON DELETE CASCADE)"},
    {"CREATE TABLE t (a)", "CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES p (x))",
     "CREATE TABLE t (a, FOREIGN KEY (a) REFERENCES p (x))"},
    {"CREATE TABLE t (a INT) ", "CREATE TABLE t (a INT) STRICT", "CREATE TABLE t (a INT) STRICT"},
    {"create table [t] (a)", "CREATE TABLE t (a NOT NULL)", "CREATE TABLE [t] (a NOT NULL)"},
};

BOOST_AUTO_TEST_CASE(definitions_are_edited_clause_by_clause) {
    for (const Edit& edit : kEdits) {
        Table to = parse_create_table(edit.to).table;
        to.stored = {};  // as of a schema file, which has no text of its own
        BOOST_TEST_CONTEXT(edit.from << " to " << edit.to) {
            BOOST_TEST(sqlite::edited_definition(parse_create_table(edit.from).table, to) == edit.edited);
        }
    }
}

const std::vector<Edit> kWritten{
    {"CREATE TABLE t (a INT DEFAULT (1+1) /* two */ COLLATE NOCASE, b /* kept */)",
     "CREATE TABLE t (a INT DEFAULT 'x' COLLATE NOCASE, b)", "CREATE TABLE t (a INT DEFAULT 'x' COLLATE NOCASE, b /* kept */)"},
    {"CREATE TABLE t (a INT CHECK (a > 0), UNIQUE (a))",
     "CREATE TABLE t (a INT /* new */ NOT NULL UNIQUE, CHECK (a > 0 /* still */))",
     "CREATE TABLE t (a INT /* new */ NOT NULL UNIQUE, CHECK (a > 0 /* still */))"},
    {"CREATE TABLE t (a REFERENCES p)",
     "CREATE TABLE t (a, b /* new */ TEXT, FOREIGN KEY (a) REFERENCES p ON DELETE NO ACTION)",
     "CREATE TABLE t (a REFERENCES p, b /* new */ TEXT)"},
    {"CREATE TABLE t (A INT, b)", "CREATE TABLE t (a BIGINT /* big */, b, CONSTRAINT c CHECK(b > 0))",
     "CREATE TABLE t (A BIGINT, b, CONSTRAINT c CHECK(b > 0))"},
};

BOOST_AUTO_TEST_CASE(what_changes_is_written_as_the_target_has_it) {
    for (const Edit& edit : kWritten) {
        Table to = parse_create_table(edit.to).table;
        const Table from = parse_create_table(edit.from).table;
        to.columns[0].name = from.columns[0].name;  // as aligned
        BOOST_TEST_CONTEXT(edit.from << " to " << edit.to) { BOOST_TEST(sqlite::edited_definition(from, to) == edit.edited); }
    }
}

BOOST_AUTO_TEST_CASE(an_order_keeps_what_must_come_first_and_breaks_cycles) {
    const std::vector<std::size_t> chain{2, 1, 0};
    BOOST_TEST(dependency_order(3, {{2, 1}, {1, 0}}) == chain, boost::test_tools::per_element());
    const std::vector<std::size_t> cycle{0, 1, 2};
    BOOST_TEST(dependency_order(3, {{0, 1}, {1, 0}, {1, 2}}) == cycle, boost::test_tools::per_element());
}

}  // namespace
}  // namespace tenon
