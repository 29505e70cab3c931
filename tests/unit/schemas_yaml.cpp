// Reading schema files: what is wrong is told with its place, and what is right is read as meant.
#include <boost/test/unit_test.hpp>

#include "schemas/resolve.h"
#include "schemas/yaml.h"

namespace tenon {
namespace {

struct Bad {
    const char* name;
    const char* text;
    const char* place;    ///< line:column of the first problem
    const char* message;  ///< part of it
    const char* hint;     ///< part of it
};

const std::vector<Bad> kBad{
    {"unknown section", "tabels:\n  a: { columns: { x: text } }\n", "1:1", "unknown key \"tabels\"", "tables"},
    {"unknown table key", "tables:\n  a:\n    colums: { x: text }\n", "3:5", "unknown key \"colums\"", "columns"},
    {"unknown column key", "tables:\n  a:\n    columns:\n      x: { type: text, nulable: true }\n", "4:24",
     "unknown key \"nulable\"", "nullable"},
    {"duplicate table", "tables:\n  a: { columns: { x: text } }\n  a: { columns: { y: text } }\n", "3:3", "stands twice",
     "line 2"},
    {"tables that differ in case", "tables:\n  a: { columns: { x: text } }\n  A: { columns: { y: text } }\n", "3:3",
     "declared twice", ":2"},
    {"duplicate key", "tables:\n  a:\n    columns:\n      x: text\n      x: integer\n", "5:7", "stands twice", "line 4"},
    {"columns that differ in case", "tables:\n  a:\n    columns:\n      x: text\n      X: integer\n", "5:7", "declared twice",
     "ignore case"},
    {"list for a mapping", "tables:\n  a:\n    columns: [x, y]\n", "3:14", "expected a mapping", "key: value"},
    {"text for a mapping", "tables:\n  a: text\n", "2:6", "expected a mapping", "key: value"},
    {"no type", "tables:\n  a:\n    columns:\n      x:\n", "4:7", "has no type", "text"},
    {"type that is none", "tables:\n  a:\n    columns:\n      x: 5\n", "4:10", "is no type", "letter"},
    {"arguments a type does not take", "tables:\n  a:\n    columns:\n      x: integer(5)\n", "4:10", "does not take",
     "integer"},
    {"unquoted comma", "tables:\n  a:\n    columns:\n      x: { type: decimal(10,2) }\n", "4:18", "cut in two", "quotes"},
    {"true as a name", "tables:\n  true: { columns: { x: text } }\n", "2:3", "cannot be a name", "quotes"},
    {"null as an enum value", "enums:\n  m: [a, null]\ntables: {}\n", "2:10", "expected a name", "quoted"},
    {"enum value twice", "enums:\n  m: [a, b, a]\ntables: {}\n", "2:13", "stands twice", "remove"},
    {"boolean as text", "tables:\n  a:\n    columns:\n      x: { type: text, nullable: maybe }\n", "4:34", "true or false",
     "quotes"},
    {"quoted boolean", "tables:\n  a:\n    columns:\n      x: { type: text, unique: \"true\" }\n", "4:32", "true or false",
     "quotes"},
    {"dangling reference", "tables:\n  post:\n    columns:\n      user_id: { references: user.id }\n", "4:30", "does not exist",
     "declare"},
    {"misspelt reference",
     "tables:\n  user: { columns: { n: text } }\n  post:\n    columns:\n      u: { references: usr.id }\n", "5:24",
     "does not exist", "user"},
    {"reference to an unknown column",
     "tables:\n  user: { columns: { name: text } }\n  post:\n    columns:\n      u: { references: user.nam }\n", "5:24",
     "user.nam", "name"},
    {"reference to what is not unique",
     "tables:\n  user: { columns: { name: text } }\n  post:\n    columns:\n      u: { references: user.name }\n", "5:24",
     "not unique", "unique"},
    {"reference without a column", "tables:\n  a:\n    columns:\n      u: { references: user }\n", "4:24",
     "a table and a column", "user.id"},
    {"action without a reference", "tables:\n  a:\n    columns:\n      u: { type: text, on_delete: cascade }\n", "4:7",
     "foreign key", "references"},
    {"unknown action", "tables:\n  a:\n    columns:\n      u: { references: a.id, on_delete: cascad }\n", "4:41",
     "referential action", "cascade"},
    {"index over an unknown column", "tables:\n  a:\n    columns: { name: text }\n    indexes:\n      - [nam]\n", "5:9",
     "a.nam", "name"},
    {"unique over an unknown column", "tables:\n  a:\n    columns: { name: text }\n    unique:\n      - [nme]\n", "5:9",
     "a.nme", "name"},
    {"key over an unknown column", "tables:\n  a:\n    columns: { name: text }\n    primary_key: [nam]\n", "2:3", "a.nam",
     "name"},
    {"nullable key", "tables:\n  a:\n    columns:\n      k: { type: \"text?\", primary_key: true }\n", "4:7", "may be null",
     ""},
    {"nullable key among several", "tables:\n  a:\n    columns:\n      k: text?\n      l: text\n    primary_key: [k, l]\n",
     "4:7", "may be null", "nullable: true"},
    {"nullable rowid", "tables:\n  a:\n    columns:\n      k: { type: integer, nullable: true, primary_key: true }\n", "4:7",
     "never null", "remove"},
    {"nullable key of a STRICT table",
     "tables:\n  a:\n    strict: true\n    columns:\n      k: { type: text, nullable: true, primary_key: true }\n", "5:7",
     "never null", "remove"},
    {"an id without a key", "tables:\n  a:\n    columns:\n      id: integer\n", "4:7", "no primary key", "primary_key: true"},
    {"two keys", "tables:\n  a:\n    columns:\n      k: { type: text, primary_key: true }\n    primary_key: [k]\n", "5:18",
     "declared twice", ""},
    {"default of another type", "tables:\n  a:\n    columns:\n      n: { type: integer, default: many }\n", "4:7",
     "does not fit", "whole number"},
    {"fraction for an integer", "tables:\n  a:\n    columns:\n      n: { type: integer, default: 1.5 }\n", "4:7",
     "does not fit", "whole number"},
    {"number for a boolean", "tables:\n  a:\n    columns:\n      n: { type: boolean, default: 1 }\n", "4:7", "does not fit",
     "true or false"},
    {"default that is too long", "tables:\n  a:\n    columns:\n      n: { type: varchar(3), default: long }\n", "4:7",
     "does not fit", "longer"},
    {"default that the enum lacks",
     "enums: { m: [sad, ok] }\ntables:\n  a:\n    columns:\n      n: { type: m, default: okk }\n", "5:7", "no value of enum",
     "ok"},
    {"null default of a NOT NULL", "tables:\n  a:\n    columns:\n      n: { type: text, default: null }\n", "4:7", "NOT NULL",
     "?"},
    {"generated with a default", "tables:\n  a:\n    columns:\n      n: { type: text, generated: upper(n), default: x }\n",
     "4:35", "generated", "default"},
    {"relation to nothing", "tables:\n  a:\n    columns: { x: text }\n    relations:\n      bs: { many: b }\n", "5:7",
     "does not exist", ""},
    {"relation without a foreign key",
     "tables:\n  b: { columns: { y: text } }\n  a:\n    columns: { x: text }\n    relations:\n      bs: { many: b }\n", "6:7",
     "no foreign key", "references: a.id"},
    {"relation that two keys fit",
     "tables:\n  u: { columns: { n: text } }\n  p:\n    columns:\n      a: { references: u.id }\n      b: { references: u.id "
     "}\n    relations:\n      who: { one: u }\n",
     "8:7", "more than one foreign key", "via: a"},
    {"sides that disagree",
     "tables:\n  u:\n    columns: { n: text }\n    relations:\n      ps: { many: p, back_populates: other }\n  p:\n    "
     "columns:\n      a: { references: u.id }\n    relations:\n      u: { one: u }\n",
     "5:7", "does not exist", ""},
    {"sides of one kind",
     "tables:\n  u:\n    columns: { n: text, p_id: { references: p.id } }\n    relations:\n      p: { one: p, back_populates: "
     "u }\n  p:\n    columns: { u_id: { references: u.id } }\n    relations:\n      u: { one: u, back_populates: p }\n",
     "5:7", "disagree", ""},
    {"two renames from one name",
     "tables:\n  a:\n    columns:\n      x: { type: text, renamed_from: o }\n      y: { type: text, renamed_from: o }\n", "5:7",
     "two renames", ""},
    {"rename from a name that is there",
     "tables:\n  a:\n    columns:\n      x: { type: text, renamed_from: y }\n      y: text\n", "4:7", "still declared", ""},
    {"a second document", "tables: {}\n---\ntables: {}\n", "2:1", "second document", "---"},
    {"an open bracket", "tables: { a: [\n", "", "YAML", "brackets"},
    {"an anchor that is not there", "tables:\n  a: *nothing\n", "2:6", "no anchor `&nothing`", "define it above"},
    {"a NUL", "tables:\n  \"a\\0b\": { columns: { x: text } }\n", "2:3", "NUL", ""},
    {"an empty name", "tables:\n  \"\": { columns: { x: text } }\n", "2:3", "empty name", ""},
    {"not UTF-8", "tables:\n  \xff: { columns: { x: text } }\n", "2:3", "not UTF-8", ""},
    {"statistics out of range", "tables:\n  a:\n    columns:\n      x: { type: text, statistics: 99999 }\n", "4:36",
     "0 to 10000", ""},
    {"a json format that does not apply", "tables:\n  a:\n    columns:\n      x: { type: text, json: { format: unix } }\n",
     "4:7", "does not apply", ""},
};

std::string place(const Problem& problem) {
    return std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column);
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_with_their_place) {
    for (const Bad& bad : kBad) {
        BOOST_TEST_CONTEXT(bad.name) {
            try {
                read_schema("s.yaml", bad.text);
                BOOST_ERROR("no error");
            } catch (const Error& error) {
                const Problem& first = error.problems().front();
                BOOST_TEST_CONTEXT(format_problems(error)) {
                    if (*bad.place != '\0') BOOST_TEST(place(first) == bad.place);
                    BOOST_TEST(first.message.find(bad.message) != std::string::npos);
                    BOOST_TEST(first.hint.find(bad.hint) != std::string::npos);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(all_mistakes_of_a_file_come_at_once) {
    try {
        read_schema("s.yaml",
                    "tables:\n  a:\n    columns:\n      x: { type: text, nulable: true }\n      y: 5\n    colums: {}\n");
        BOOST_ERROR("no error");
    } catch (const Error& error) {
        BOOST_TEST(error.problems().size() == 3U);
    }
}

BOOST_AUTO_TEST_CASE(bombs_are_errors) {
    std::string aliases = "x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
    char last = 'a';
    for (char c = 'b'; c <= 'i'; ++c) {
        aliases += std::string("x-") + c + ": &" + c + " [*" + last + ", *" + last + ", *" + last + ", *" + last + ", *" +
                   last + ", *" + last + ", *" + last + ", *" + last + "]\n";
        last = c;
    }
    BOOST_CHECK_EXCEPTION(read_schema("s.yaml", aliases + "tables: {}\n"), Error, [](const Error& error) {
        return std::string(error.what()).find("too many nodes") != std::string::npos;
    });
    const std::string nested = "tables: " + std::string(200, '[') + std::string(200, ']') + "\n";
    BOOST_CHECK_EXCEPTION(read_schema("s.yaml", nested), Error, [](const Error& error) {
        return std::string(error.what()).find("nested too deeply") != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(anchors_and_merges_are_replayed) {
    const Schema schema =
        read_schema("s.yaml",
                    "x-times: &times\n  created: { type: timestamptz, default: { sql: now() } }\n"
                    "tables:\n  a:\n    columns: { <<: *times, n: text }\n  b:\n    columns: { <<: *times, created: text }\n");
    BOOST_TEST(schema.tables[0].columns.size() == 2U);
    BOOST_TEST(find_column(schema.tables[0], "created")->type.text == "timestamptz");
    BOOST_TEST(find_column(schema.tables[1], "created")->type.text == "text");
}

/// A name that needs no quotes but looks like another type stays a text.
BOOST_AUTO_TEST_CASE(yaml_1_2_scalars) {
    const Schema schema = read_schema(
        "s.yaml",
        "tables:\n  on:\n    columns:\n      yes: { type: text, default: no }\n      n: { type: text, default: 010 }\n");
    BOOST_TEST(schema.tables[0].name == "on");
    BOOST_TEST(std::get<Literal>(*schema.tables[0].columns[0].default_value).text == "no");
    BOOST_TEST(std::get<Literal>(*schema.tables[0].columns[1].default_value).text == "010");
}

BOOST_AUTO_TEST_CASE(writing_is_stable_and_reads_back) {
    const std::string text =
        "enums: { mood: [sad, { fine: { renamed_from: ok } }] }\n"
        "tables:\n  user:\n    comment: \"it's: a # table\"\n    columns:\n"
        "      name: { type: \"decimal(10,2)?\", default: { sql: { sqlite: a, postgres: b } }, json: { name: n } }\n"
        "      code: { type: text, unique: true, default: '5', on_conflict: replace }\n      mood: mood\n"
        "    checks: [length(code) > 0, { check: code <> '', name: c }]\n"
        "    indexes: [[name desc, lower(code)], { columns: [code], where: code <> '' }]\n"
        "    triggers: { t: { sql: \"after update begin\\n  select 1;\\nend\" } }\n"
        "  other:\n    primary_key: none\n    columns: { u: { references: user.id, deferrable: deferred }, \"odd name\": "
        "\"text?\" }\n"
        "    foreign_keys: [{ columns: [u], references: user, name: twice }]\n"
        "views: { v: { as: select 1 } }\n";
    try {
        const Schema first = read_schema("s.yaml", text);
        const std::string once = write_schema(first);
        const Schema second = read_schema("t.yaml", once);
        BOOST_TEST((first == second), once);
        BOOST_TEST(write_schema(second) == once);
    } catch (const Error& error) {
        BOOST_ERROR(format_problems(error));
    }
}

BOOST_AUTO_TEST_CASE(formatting_keeps_comments) {
    const std::string text =
        "# the head\ntables:\n  # about user\n  user:\n    columns:\n      name: { type: text }   # the name\n      # before "
        "age\n      age: integer\n# the end\n";
    const std::string once = format_schema({"s.yaml", text});
    for (const char* const comment : {"# the head", "# about user", "name: text  # the name", "# before age", "# the end"}) {
        BOOST_TEST(once.find(comment) != std::string::npos, once);
    }
    BOOST_TEST(format_schema({"s.yaml", once}) == once);
}

}  // namespace
}  // namespace tenon
