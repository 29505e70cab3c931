// Rows to JSON: every type as people's databases hold it, and relations in batches.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <limits>

#include "tenon.h"

namespace tenon {
namespace {

struct Cell {
    const char* type;   ///< declared type and json options of the column
    const char* value;  ///< SQL of the stored value
    const char* json;   ///< what it must be written as
};

const std::vector<Cell> kCells{
    {"integer", "9007199254740993", "9007199254740993"},
    {"boolean", "1", "true"},
    {"boolean", "0", "false"},
    {"boolean", "7", "7"},
    {"double", "0.1", "0.1"},
    {"double", "1e308 * 10", "null"},
    {"double", "3", "3.0"},
    {"decimal(10,2)", "10", "\"10.00\""},
    {"decimal(10,2)", "2.5", "\"2.50\""},
    {"text", "'é \"x\" \\ ' || char(10)", "\"é \\\"x\\\" \\\\ \\n\""},
    {"text", "CAST(x'61ff62' AS TEXT)",
     "\"a\xEF\xBF\xBD"
     "b\""},
    {"bytes", "x'fffe00'", "\"//4A\""},
    {"bytes", "x''", "\"\""},
    {"timestamptz", "'2024-01-02T03:04:05.678901+05:30'", "\"2024-01-01T21:34:05.678901Z\""},
    {"timestamptz", "'2024-01-02 03:04:05'", "\"2024-01-02T03:04:05Z\""},
    {"timestamptz", "1704164645", "\"2024-01-02T03:04:05Z\""},
    {"timestamp", "'2024-01-02 03:04:05.670000'", "\"2024-01-02T03:04:05.670\""},
    {"timestamptz", "'soon'", "\"soon\""},
    {"date", "'2024-02-29'", "\"2024-02-29\""},
    {"uuid", "'6ba7b8109dad11d180b400c04fd430c8'", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""},
    {"json", "'{\"b\": [1, null]}'", "{\"b\": [1, null]}"},
    {"json", "'{no json'", "\"{no json\""},
    {"text", "NULL", "null"},
    {"{ type: \"timestamptz?\", json: { format: iso-seconds } }", "'2024-01-02 03:04:05.678'", "\"2024-01-02T03:04:05Z\""},
    {"{ type: \"timestamptz?\", json: { format: unix } }", "'1970-01-01 00:01:00'", "60"},
    {"{ type: \"timestamptz?\", json: { format: iso-seconds } }", "NULL", "null"},
    {"{ type: bigint, json: { format: string } }", "9007199254740993", "\"9007199254740993\""},
    {"{ type: bytes, json: { format: hex } }", "x'00ff'", "\"00ff\""},
};

BOOST_AUTO_TEST_CASE(every_type_is_written_as_documented) {
    for (const Cell& cell : kCells) {
        const std::string type = cell.type[0] == '{' ? cell.type : std::string(cell.type) + "?";
        Database db = open("sqlite::memory:");
        db.execute(std::string("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES (") + cell.value + ")");
        const Models models(db, read_schema("s.yaml", "tables:\n  t:\n    columns:\n      v: " + type + "\n"));
        BOOST_TEST_CONTEXT(cell.type << " " << cell.value) {
            BOOST_TEST(models["t"].json() == "[{\"id\":1,\"v\":" + std::string(cell.json) + "}]");
        }
    }
}

BOOST_AUTO_TEST_CASE(doubles_read_back_bit_for_bit) {
    Database db = open("sqlite::memory:");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v REAL)");
    const Models models(db, read_schema("s.yaml", "tables: { t: { columns: { v: double } } }"));
    for (const double value : {0.1 + 0.2, 1e-320, 1.0 / 3, 123456789012345680.0, std::numeric_limits<double>::max()}) {
        Transaction tx = db.begin();
        const std::int64_t id = models["t"].insert(tx, {{"v", value}});
        const std::string json = models["t"].where("id", Value{id}).json();
        BOOST_TEST(std::strtod(json.c_str() + json.rfind(':') + 1, nullptr) == value);
    }
    BOOST_TEST(models["t"].count() == 0);  // nothing was committed
}

const char* const kLibrary =
    "tables:\n"
    "  author:\n    columns: { name: text }\n    relations:\n      books: { many: book, back_populates: author }\n"
    "  book:\n    columns: { title: text, author_id: { references: author.id, nullable: true } }\n    relations:\n"
    "      author: { one: author, back_populates: books }\n      tags: { many: tag, through: book_tag }\n"
    "  tag:\n    columns: { label: text }\n"
    "  book_tag:\n    primary_key: [book_id, tag_id]\n    columns: { book_id: { references: book.id }, tag_id: { references: "
    "tag.id } }\n";

struct Library {
    Database db = open("sqlite::memory:");
    Models models{db, read_schema("s.yaml", kLibrary)};
    Library() {
        db.execute(
            "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, "
            "author_id INTEGER);"
            "CREATE TABLE tag (id INTEGER PRIMARY KEY, label TEXT); CREATE TABLE book_tag (book_id INTEGER, tag_id INTEGER);"
            "INSERT INTO author VALUES (1, 'ann'), (2, 'bob'); INSERT INTO book VALUES (1, 'x', 1), (2, 'y', NULL), (3, 'z', "
            "1);"
            "INSERT INTO tag VALUES (1, 'new'), (2, 'old'); INSERT INTO book_tag VALUES (1, 2), (1, 1), (3, 1);");
    }
};

BOOST_FIXTURE_TEST_CASE(relations_are_followed_as_named, Library) {
    BOOST_TEST(
        models["author"].with("books.tags").json() ==
        R"([{"id":1,"name":"ann","books":[{"id":1,"title":"x","author_id":1,"tags":[{"id":1,"label":"new"},{"id":2,"label":"old"}]},)"
        R"({"id":3,"title":"z","author_id":1,"tags":[{"id":1,"label":"new"}]}]},{"id":2,"name":"bob","books":[]}])");
    BOOST_TEST(models["book"].select("title").with("author").order_by("-id").ndjson() ==
               "{\"title\":\"z\",\"author\":{\"id\":1,\"name\":\"ann\"}}\n{\"title\":\"y\",\"author\":null}\n{\"title\":\"x\","
               "\"author\":{\"id\":1,\"name\":\"ann\"}}\n");
}

BOOST_FIXTURE_TEST_CASE(conditions_are_values, Library) {
    Condition any;
    for (const char* const title : {"x", "z"}) any = any || (col("title") == Value{std::string(title)});
    BOOST_TEST(models["book"].where(any && col("id") > Value{std::int64_t{1}}).json() ==
               R"([{"id":3,"title":"z","author_id":1}])");
    BOOST_TEST(models["book"].where(col("id").in({})).json() == "[]");
    BOOST_TEST(models["book"].where("title", contains("%")).count() == 0);
    BOOST_TEST(models["book"].where(!(col("author_id").is_null())).count() == 2);
    std::string titles;
    models["book"].order_by("id").each([&](const RowView& row) {
        titles += row.get<std::string>("title") + (row.get<std::optional<std::int64_t>>("author_id") ? "+" : "-");
    });
    BOOST_TEST(titles == "x+y-z+");
}

BOOST_FIXTURE_TEST_CASE(unknown_names_are_told_with_a_suggestion, Library) {
    const auto hints = [](const char* word) {
        return [word](const Error& error) { return error.problems().front().hint.find(word) != std::string::npos; };
    };
    BOOST_CHECK_EXCEPTION(models["bok"], Error, hints("book"));
    BOOST_CHECK_EXCEPTION(models["book"].with("tgas").json(), Error, hints("tags"));
    BOOST_CHECK_EXCEPTION(models["book"].select("titel").json(), Error, hints("title"));
    BOOST_CHECK_EXCEPTION(models["book"].where(col("titel") == Value{}).json(), Error, hints("title"));
    BOOST_CHECK_EXCEPTION(models["book"].order_by("-titel").json(), Error, hints("title"));
}

/// One statement for the parents and one per relation and 500 parents.
BOOST_FIXTURE_TEST_CASE(relations_load_in_batches, Library) {
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1209) INSERT INTO author SELECT i, 'a' FROM "
        "n;"
        "INSERT INTO book SELECT id + 100000, 'b', id FROM author WHERE id >= 10");
    const std::string json = models["author"].with("books").json();
    std::size_t books = 0;
    for (std::size_t at = json.find("\"title\""); at != std::string::npos; at = json.find("\"title\"", at + 1)) ++books;
    BOOST_TEST(books == 1202U);
}

}  // namespace
}  // namespace tenon
