// Migration files: reading, writing, checksums, names, and the chain they form.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "engine/migration_chain.h"

using namespace tenon;

namespace {

const std::string kText =
    "-- tenon: v1 dialect=sqlite parent=none from=aa to=bb risk=none\n"
    "-- migrate:up transaction:false\n"
    "CREATE TABLE a (b TEXT DEFAULT 'x');\n"
    "-- migrate:down\n"
    "-- irreversible: values of a.b\n"
    "\n"
    "DROP TABLE a;\n";

Migration parse(const std::string& text) { return parse_migration("m/20260101120000_make_a.sql", text, Dialect::sqlite); }

/// All messages of the error that parsing gives, or "" where it gives none.
std::string mistakes(const std::string& text, const std::string& path = "m/1_a.sql") {
    try {
        parse_migration(path, text, Dialect::sqlite);
    } catch (const Error& error) {
        return format_problems(error);
    }
    return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Migration file(const std::string& version, const std::string& parent) {
    return {.version = version, .name = "n", .path = version + "_n.sql", .dialect = Dialect::sqlite, .parent = parent};
}

std::string chain(const std::vector<Migration>& migrations) {
    std::string all;
    for (const Problem& problem : chain_problems(migrations)) all += problem.message + "\n";
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_migration_file)

BOOST_AUTO_TEST_CASE(reads_what_it_writes) {
    const Migration m = parse(kText);
    BOOST_TEST(m.version == "20260101120000");
    BOOST_TEST(m.name == "make_a");
    BOOST_TEST(m.parent == "none");
    BOOST_TEST(m.from + m.to + m.risk == "aabbnone");
    BOOST_TEST(!m.up.transaction);
    BOOST_TEST(m.up.body == "CREATE TABLE a (b TEXT DEFAULT 'x');");
    BOOST_TEST(m.up.line == 3);
    BOOST_TEST(m.down.transaction);
    BOOST_REQUIRE(m.down.irreversible.size() == 1U);
    BOOST_TEST(m.down.irreversible[0] == "values of a.b");
    BOOST_TEST(m.down.body == "DROP TABLE a;");
    BOOST_TEST(m.down.line == 7);
    BOOST_TEST(render_migration(m) == replaced(kText, "\n\n", "\n"));

    Migration baseline = m;
    baseline.baseline = true;
    BOOST_TEST(parse(render_migration(baseline)).baseline);
}

BOOST_AUTO_TEST_CASE(markers_are_comments_and_nothing_else) {
    const Migration m = parse(
        "-- by hand\n-- migrate:up\nINSERT INTO t VALUES ('\n-- migrate:down\n', \"\n-- migrate:down\n\"); /*\n-- "
        "migrate:down\n*/\n"
        "SELECT 1; -- migrate:down\n--migrate:down\nSELECT 2;");
    BOOST_TEST(contains(m.up.body, "SELECT 1"));
    BOOST_TEST(m.down.body == "SELECT 2;");
    BOOST_TEST(!m.dialect.has_value());

    Migration tricked = m;
    tricked.up.body = "SELECT 1;\n-- migrate:down\nSELECT 2;";
    BOOST_CHECK_THROW(render_migration(tricked), Error);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong) {
    BOOST_TEST(contains(mistakes("SELECT 1;"), "one `-- migrate:up`"));
    BOOST_TEST(contains(mistakes("-- migrate:up\nSELECT 'x;\n-- migrate:down\n"), "is a quote left open?"));
    BOOST_TEST(contains(mistakes("SELECT 1;\n-- migrate:up\n-- migrate:down\n"), "m/1_a.sql:1"));
    BOOST_TEST(contains(mistakes("-- migrate:up transacton:false\n-- migrate:down\n"), "transacton:false"));
    BOOST_TEST(contains(mistakes("-- tenon: v2 x\n-- migrate:up\n-- migrate:down\n"), "newer"));
    BOOST_TEST(
        contains(mistakes("-- tenon: v1 parnt=1 dialect=db2\n-- migrate:up\n-- migrate:down\n"), "did you mean \"parent\""));
    BOOST_TEST(contains(mistakes("-- tenon: v1 parnt=1 dialect=db2\n-- migrate:up\n-- migrate:down\n"), "db2"));
    BOOST_TEST(contains(mistakes("-- migrate:up\n-- migrate:down\n", "m/add.sql"), "<version>_<name>.sql"));
    BOOST_TEST(mistakes("-- migrate:up\n-- migrate:down\n") == "");
}

BOOST_AUTO_TEST_CASE(checksum_counts_what_runs) {
    const std::string sum = checksum(parse(kText));
    for (const std::string& same :
         {replaced(kText, "\n", "\r\n"), kText + "-- a comment\n", "\xEF\xBB\xBF" + kText,
          replaced(kText, "CREATE TABLE a (", "create  table A\n("), replaced(kText, "DROP TABLE a;", "DROP TABLE a")}) {
        BOOST_TEST(checksum(parse(same)) == sum);
    }
    for (const std::string& other :
         {replaced(kText, "'x'", "'X'"), replaced(kText, "TEXT", "BLOB"), replaced(kText, "to=bb", "to=bc"),
          replaced(kText, " transaction:false", ""), replaced(kText, "parent=none", "parent=1")}) {
        BOOST_TEST(checksum(parse(other)) != sum);
    }
    // A checkout that converts line ends converts those inside a literal too; a file of mixed ends means them.
    const std::string literal = replaced(kText, "'x'", "'x\ny'");
    BOOST_TEST(parse(replaced(literal, "\n", "\r\n")).up.body == parse(literal).up.body);
    BOOST_TEST(checksum(parse(replaced(literal, "x\ny", "x\r\ny"))) != checksum(parse(literal)));
}

BOOST_AUTO_TEST_CASE(names) {
    BOOST_TEST(make_slug("Add post.subtitle!") == "add_post_subtitle");
    BOOST_TEST(make_slug("  ../../etc  ") == "etc");
    BOOST_TEST(make_slug("🦆") == "migration");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "") == "20260102030405");
    BOOST_TEST(next_version("2026-01-02T03:04:05.999Z", "20260102030404") == "20260102030405");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "20260102030405") == "20260102030406");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "20991231235959") == "21000101000000");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "20280228235959") == "20280229000000");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "20991231235999") == "21000101000040");  // no time, but one comes after it
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "99991231235959") == "100000101000000");
    BOOST_TEST(next_version("2026-01-02T03:04:05Z", "99999999999999") == "100000000000000");
    BOOST_TEST(version_less("9", "10"));
    BOOST_TEST(!version_less("010", "10"));
    BOOST_TEST(!version_less("10", "010"));
}

BOOST_AUTO_TEST_CASE(chains) {
    BOOST_TEST(chain({file("1", "none"), file("2", "1"), file("3", "")}) == "");
    BOOST_TEST(contains(chain({file("1", "none"), file("2", "1"), file("3", "1")}), "two heads: both 2_n and 3_n follow 1"));
    BOOST_TEST(contains(chain({file("1", "none"), file("2", "none")}), "two heads: both 1_n and 2_n follow nothing"));
    BOOST_TEST(contains(chain({file("2", "1")}), "follows 1, which is missing"));
    BOOST_TEST(contains(chain({file("1", "none"), file("01", "none")}), "taken by"));

    const std::vector<MigrationText> files{{"m/10_b.sql", "-- migrate:up\n-- migrate:down\n"},
                                           {"m/9_a.sql", "-- migrate:up\n-- migrate:down\n"}};
    const std::vector<Migration> loaded = load_migrations(files, Dialect::sqlite);
    BOOST_TEST(loaded.front().name == "a");
}

BOOST_AUTO_TEST_CASE(history_beside_files) {
    const std::vector<Migration> files{file("1", "none"), file("2", "1"), file("4", "2")};
    const auto row = [&](const Migration& m) {
        return HistoryRow{.version = m.version, .name = m.name, .checksum = checksum(m)};
    };
    std::vector<HistoryRow> history{row(files[0]), row(file("3", "2")), row(files[2])};
    history[2].checksum = "other";

    std::string states;
    const auto status = compare_with_history(files, history);
    for (const MigrationStatus& line : status) states += line.version + " " + std::string(state_name(line.state)) + "; ";
    BOOST_TEST(states == "1 applied; 2 late; 3 missing; 4 edited; ");
    BOOST_TEST(history_problems(status).size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
