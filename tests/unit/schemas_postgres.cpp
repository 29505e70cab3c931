// PostgreSQL's words: types, elements of indexes, privileges, and the way from inspected to declared and back.
#include <boost/test/unit_test.hpp>

#include "schemas/key_parts.h"
#include "schemas/postgres_mentions.h"
#include "schemas/postgres_text.h"
#include "schemas/resolve.h"
#include "schemas/resolve_postgres.h"
#include "schemas/yaml.h"

namespace tenon {
namespace {

BOOST_AUTO_TEST_CASE(elements_of_indexes_read_and_write) {
    struct Case {
        const char* text;
        const char* column;
        const char* expression;
        const char* rest;  ///< collation, operator class, order, nulls
    };
    const std::vector<Case> cases{
        {"title", "title", "", "|||"},
        {"\"Odd Name\" desc", "Odd Name", "", "||desc|"},
        {"lower(title) desc nulls last", "", "lower(title)", "||desc|last"},
        {"title desc nulls first", "title", "", "||desc|"},
        {"title nulls first", "title", "", "|||first"},
        {"(a + b) text_pattern_ops", "", "a + b", "|text_pattern_ops||"},
        {"title collate \"C\" text_pattern_ops", "title", "", "\"C\"|text_pattern_ops||"},
        {"title pg_catalog.text_ops", "title", "", "|pg_catalog.text_ops||"},
        {"doc gin_trgm_ops (siglen = 32)", "doc", "", "|gin_trgm_ops (siglen = 32)||"},
        {"public.f(a, b)", "", "public.f(a, b)", "|||"},
        {"a || b collate nocase", "", "a || b", "nocase|||"},
        {"((data ->> 'k'::text))", "", "(data ->> 'k'::text)", "|||"},
        {"coalesce(a, (b || ')'))", "", "coalesce(a, (b || ')'))", "|||"},
    };
    for (const Case& c : cases) {
        BOOST_TEST_CONTEXT(c.text) {
            const auto part = parse_key_part(c.text);
            BOOST_REQUIRE(part.has_value());
            BOOST_TEST(part->column == c.column);
            BOOST_TEST(part->expression->text == c.expression);
            const std::string rest =
                *part->collate + "|" + *part->opclass + "|" + (part->descending ? "desc" : "") + "|" + *part->nulls;
            BOOST_TEST(rest == c.rest);
            const auto again = parse_key_part(key_part_text(*part));
            BOOST_REQUIRE(again.has_value());
            BOOST_TEST(key_part_text(*again) == key_part_text(*part));
        }
    }
    for (const char* bad : {"", "a, b", "(a", "a)", "a; drop table b"}) BOOST_TEST(!parse_key_part(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(types_in_the_servers_words) {
    const Schema schema =
        read_schema("s.yaml", "enums: { mood: [a], Mood: [a], date: [a] }\ntables: { point: { columns: { a: text } } }\n");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"varchar(40)", "character varying(40)"},
        {"varchar[]", "character varying[]"},
        {"int", "integer"},
        {"timestamptz(3)", "timestamp(3) with time zone"},
        {"timestamp(3) without time zone", "timestamp(3) without time zone"},
        {"decimal(10)", "numeric(10,0)"},
        {"numeric(10, 2)[]", "numeric(10,2)[]"},
        {"char", "character(1)"},
        {"\"char\"", "\"char\""},
        {"double precision", "double precision"},
        {"float(20)", "real"},
        {"mood", "public.mood"},
        {"mood[]", "public.mood[]"},
        {"MOOD", "public.mood"},
        {"Mood", "public.\"Mood\""},
        {"date", "date"},
        {"point", "point"},
        {"public.date", "public.date"},
        {"interval day to second", "interval day to second"},
        {"tsvector", "tsvector"},
    };
    for (const auto& [given, server] : cases) BOOST_TEST(postgres::server_type(given, schema) == server, given);
    BOOST_TEST(postgres::short_type("character varying(40)") == "varchar(40)");
    BOOST_TEST(postgres::short_type("timestamp(3) without time zone") == "timestamp(3) without time zone");
    BOOST_TEST(postgres::short_type("public.mood[]") == "mood[]");
    BOOST_TEST(postgres::short_type("public.date") == "public.date");
    BOOST_TEST(postgres::short_type("numeric(10,2)") == "decimal(10,2)");
}

BOOST_AUTO_TEST_CASE(privileges_read_and_write) {
    const Grants given{{"app", {"insert", "select", "update (a, \"B\")"}},
                       {"public", {"no execute"}},
                       {"reader", {"select with grant option"}}};
    std::vector<Object> objects;
    postgres::add_grants("TABLE public.t", given, objects);
    BOOST_REQUIRE(objects.size() == 3U);
    BOOST_TEST(objects[0].definition.text ==
               "REVOKE EXECUTE ON TABLE public.t FROM PUBLIC;\nGRANT INSERT, SELECT ON TABLE public.t TO app;\n"
               "GRANT SELECT ON TABLE public.t TO reader WITH GRANT OPTION");
    BOOST_TEST(objects[1].id == "GRANTS ON TABLE public.t (\"B\")");
    Grants back;
    for (const Object& object : objects) postgres::read_grants(object.definition.text, back);
    BOOST_TEST(back.at("app") == (std::vector<std::string>{"insert", "select", "update (\"B\", a)"}),
               boost::test_tools::per_element());
    BOOST_TEST(back.at("public") == std::vector<std::string>{"no execute"}, boost::test_tools::per_element());
    BOOST_TEST(back.at("reader") == std::vector<std::string>{"select with grant option"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sequence_options_that_are_the_default_are_left_out) {
    const auto all = postgres::sequence_options("integer", {{"increment", "-1"}, {"maxvalue", "9"}});
    BOOST_TEST(all.at("minvalue") == "-2147483648");
    BOOST_TEST(all.at("start") == "9");
    const auto given = postgres::given_sequence_options("integer", all);
    BOOST_TEST(given.size() == 2U);
    BOOST_TEST((postgres::sequence_options("integer", given) == all));
}

/// The id of everything of `schema` that stands on something, with what it stands on.
std::string needs_of(const Schema& schema, const std::string& id) {
    std::string out;
    for (const Dependency& dependency : postgres::mentioned_dependencies(schema)) {
        if (dependency.id == id) out += (out.empty() ? "" : ", ") + dependency.needs;
    }
    return out;
}

BOOST_AUTO_TEST_CASE(what_stands_on_what_is_read_off_the_names) {
    const Schema schema = resolve(read_schema("s.yaml", R"(
enums: { mood: [sad, ok] }
functions:
  score: "create function score(m mood) returns integer language sql as $$ select 1 from t $$"
tables:
  t:
    columns: { m: mood, s: { type: integer, default: { sql: score('ok') } } }
views:
  v: select * from w
  w: select m from t
)"),
                                  Dialect::postgres);
    BOOST_TEST(needs_of(schema, "FUNCTION public.score") == "TYPE public.mood");
    BOOST_TEST(needs_of(schema, "TABLE public.t") == "TYPE public.mood");
    BOOST_TEST(needs_of(schema, "DEFAULT public.t.s") == "FUNCTION public.score");
    BOOST_TEST(needs_of(schema, "VIEW public.v") == "VIEW public.w");
}

BOOST_AUTO_TEST_CASE(partitions_have_what_their_table_has) {
    const Schema schema = resolve(read_schema("s.yaml", R"(
tables:
  event:
    columns: { id: bigint, at: date }
    primary_key: [id, at]
    indexes: [[at]]
    partition_by: range (at)
    partitions:
      event_1: for values from ('2026-01-01') to ('2027-01-01')
      event_2: { bounds: default, indexes: [{ columns: [at], name: odd }] }
)"),
                                  Dialect::postgres);
    BOOST_REQUIRE(schema.tables.size() == 3U);
    const Table& first = schema.tables[1];
    BOOST_TEST(first.partition_of.get() == "event");
    BOOST_TEST(first.columns.size() == 2U);
    BOOST_TEST(first.primary_key->attached_to.get() == "public.event_pkey");
    BOOST_TEST(first.indexes.at(0).name.text == "event_1_at_idx");
    BOOST_TEST(schema.tables[2].indexes.at(0).name.text == "odd");
    BOOST_TEST(schema.tables[2].indexes.at(0).attached_to.get() == "public.event_at_idx");
    BOOST_TEST(resolve(read_schema("s.yaml",
                                   "tables:\n  e:\n    columns: { id: text, at: date }\n    primary_key: [id]\n    "
                                   "partition_by: list (at)\n    partitions: { p: default }\n"),
                       Dialect::sqlite)
                   .tables.size() == 1U);
}

BOOST_AUTO_TEST_CASE(places_of_texts_are_known) {
    const Schema schema = read_schema("s.yaml",
                                      "functions:\n  f:\n    sql: |\n      create function f()\n      returns int\ntables: "
                                      "{}\nviews:\n  v: \"select 1\"\n  w: select 2\n");
    BOOST_TEST(schema.functions[0].place.value.where.line == 4);
    BOOST_TEST(schema.functions[0].place.value.where.column == 7);
    BOOST_TEST(schema.functions[0].place.value.block);
    BOOST_TEST(schema.views[0].place.value.where.column == 7);
    BOOST_TEST(schema.views[1].place.value.where.column == 6);
}

BOOST_AUTO_TEST_CASE(bodies_come_from_files) {
    const Schema schema = read_schema({{"dir/s.yaml", "tables: {}\nviews:\n  v: { file: sql/v.sql }\n"}},
                                      [](const std::string& path, const std::string& name) {
                                          return SchemaText{path + "/" + name, "select 1"};
                                      });
    BOOST_TEST(schema.views[0].definition.text == "select 1");
    BOOST_TEST(schema.views[0].place.value.where.file.str() == "dir/s.yaml/sql/v.sql");
    BOOST_TEST(write_schema(schema).find("file: sql/v.sql") != std::string::npos);
}

}  // namespace
}  // namespace tenon
