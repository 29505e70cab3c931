// Lexing, comparing and splitting SQL.
#include <boost/test/unit_test.hpp>

#include "schemas/sql_tokens.h"
#include "schemas/sqlite_create.h"

namespace tenon {
namespace {

struct Pair {
    const char* a;
    const char* b;
    bool equal;
};

BOOST_AUTO_TEST_CASE(stored_sql_is_compared_by_its_tokens) {
    const std::vector<Pair> pairs{
        {"a>0", " ( ( A > 0 ) ) ", true},
        {"\"a\" > 0", "[A] > 0", true},
        {"`a b`", "\"A B\"", true},
        {"a = 'X'", "a = 'x'", false},
        {"a = 'x'", "a = \"x\"", false},
        {"(a) OR (b)", "a OR b", false},
        {"((a) OR (b))", "(a) OR (b)", true},
        {"a -- comment\n> 0", "a /* ( */ > 0", true},
        {"a>=0", "a > = 0", false},
        {"1E3", "1e3", true},
        {"x'AB'", "x'ab'", false},
    };
    for (const Pair& pair : pairs) {
        BOOST_TEST_CONTEXT(pair.a << " and " << pair.b) {
            BOOST_TEST((canonical_sql(pair.a, Dialect::sqlite) == canonical_sql(pair.b, Dialect::sqlite)) == pair.equal);
        }
    }
}

BOOST_AUTO_TEST_CASE(tokens_cover_the_text) {
    for (const std::string text : {"SELECT 'it''s', \"q\"\"n\", [b], `t`, x'00', 1.5e-3, .5, ?1, :a -- end", "'open", "/* open",
                                   "\"", "$tag$ a $tag$ E'\\''", ""}) {
        for (const Dialect dialect : {Dialect::sqlite, Dialect::postgres}) {
            std::size_t at = 0;
            for (const Token& token : lex(text, dialect)) {
                BOOST_TEST(token.begin == at);
                BOOST_TEST(token.end > token.begin);
                at = token.end;
            }
            BOOST_TEST(at == text.size());
        }
    }
}

BOOST_AUTO_TEST_CASE(scripts_are_split_at_the_ends_of_statements) {
    const std::string script =
        "-- first\nCREATE TABLE t (a TEXT DEFAULT ';'); ; /* only; a comment */;\n"
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM t; END;\nSELECT 1";
    const std::vector<Statement> statements = split_statements(script, Dialect::sqlite);
    BOOST_REQUIRE(statements.size() == 3U);
    BOOST_TEST(statements[0].text == "-- first\nCREATE TABLE t (a TEXT DEFAULT ';')");
    BOOST_TEST(statements[1].text.ends_with("END"));
    BOOST_TEST(statements[1].line == 3);
    BOOST_TEST(statements[2].text == "SELECT 1");
    BOOST_TEST(split_statements("CREATE FUNCTION f() AS $$ a; b; $$; SELECT 1", Dialect::postgres).size() == 2U);
    BOOST_TEST(split_statements("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; NOTIFY b;); SELECT (1)", Dialect::postgres)
                   .size() == 2U);
}

BOOST_AUTO_TEST_CASE(names_are_quoted_where_they_must_be) {
    const std::vector<std::pair<std::string, std::string>> names{{"plain", "plain"},
                                                                 {"order", "\"order\""},
                                                                 {"two words", "\"two words\""},
                                                                 {"quo\"te", "\"quo\"\"te\""},
                                                                 {"1st", "\"1st\""},
                                                                 {"é", "\"é\""},
                                                                 {"", "\"\""}};
    for (const auto& [name, quoted_name] : names) BOOST_TEST(quote_name(name, Dialect::sqlite) == quoted_name);
    BOOST_TEST(quote_name("Upper", Dialect::postgres) == "\"Upper\"");
    BOOST_TEST(quote_name("user", Dialect::postgres) == "\"user\"");
}

}  // namespace
}  // namespace tenon
