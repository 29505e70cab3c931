#!/usr/bin/env python3
"""Owners: those that the schema names are brought about and undone; what is made anew returns to the owner that it had."""
import unittest

import tenon_test

SCHEMA = """
tables:
  t:
    columns: { a: { type: %s, nullable: true } }
    %s
functions:
  f: { %s sql: { postgres: "create function f(x int) returns int language sql as 'select x'" } }
views:
  v: { as: "select a from t" }
"""
OWNERS = "SELECT string_agg(relname || ' ' || pg_get_userbyid(relowner), ', ' ORDER BY relname) FROM pg_class WHERE relname IN ('t', 'v')"


class Owners(tenon_test.PostgresTest):
    def setUp(self):
        super().setUp()
        self.role = f"tenon_owner_{self.id().rsplit('.', 1)[1]}"
        self.psql(f"DROP ROLE IF EXISTS {self.role}; CREATE ROLE {self.role}")
        self.addCleanup(self.drop_role)
        self.me = self.ask("SELECT current_user")

    def drop_role(self):
        self.psql(f"DROP OWNED BY {self.role}; DROP ROLE {self.role}")

    def test_named_owners_come_and_go(self):
        self.write("schema.yaml", SCHEMA % ("text", "", ""))
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.write("schema.yaml", SCHEMA % ("text", f"owner: {self.role}", f"owner: {self.role},"))
        self.assertIn("owner table public.t", self.tenon("diff", expect=2).stdout)
        self.tenon("generate", "owners")
        self.tenon("migrate", "up")
        self.assertEqual(self.ask(OWNERS), f"t {self.role}, v {self.me}")
        self.assertEqual(self.ask("SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'f'"), self.role)
        self.tenon("diff", expect=0)
        self.tenon("migrate", "down")
        self.assertEqual(self.ask(OWNERS), f"t {self.me}, v {self.me}")
        self.assertEqual(self.ask("SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'f'"), self.me)

    def test_what_is_made_anew_has_its_owner(self):
        self.write("schema.yaml", SCHEMA % ("text", "", ""))
        self.tenon("apply", "--yes")
        self.psql(f"ALTER VIEW v OWNER TO {self.role}")
        self.tenon("diff", expect=0)
        self.write("schema.yaml", SCHEMA % ("varchar(30)", "", ""))
        self.tenon("apply", "--yes")
        self.assertEqual(self.ask(OWNERS), f"t {self.me}, v {self.role}")
        self.tenon("diff", expect=0)

    def test_a_sequence_for_somebody_elses_table(self):
        """The server wants a sequence and the table with which it goes to have one owner."""
        self.psql(f"CREATE TABLE t (a text); ALTER TABLE t OWNER TO {self.role}")
        other = self.database()
        self.psql("CREATE TABLE t (a text, b serial)", other)
        self.psql(self.tenon("diff", "--from", self.url, "--to", other, "--format", "sql", expect=2).stdout)
        self.tenon("diff", "--from", self.url, "--to", other)
        self.assertEqual(self.ask("SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('t', 't_b_seq')"), self.role)

    def test_a_role_whose_name_needs_quotes(self):
        clerk = f"Desk Clerk {self.role}"
        self.psql(f'ALTER ROLE {self.role} RENAME TO "{clerk}"; ALTER ROLE "{clerk}" LOGIN; CREATE TABLE mine (a int); '
                  f'CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO "{clerk}"')
        self.role = f'"{clerk}"'
        url = self.with_user(self.url, clerk.replace(" ", "%20"))
        self.assertIn("theirs", self.tenon("inspect", "--url", url).stdout)
        self.tenon("diff", "--from", url, "--to", self.url, expect=0)

    def test_a_role_that_is_not_there(self):
        self.write("schema.yaml", SCHEMA % ("text", "owner: nobody_has_this_name", ""))
        self.assertIn("nobody_has_this_name", self.tenon("apply", "--yes", expect=1).stderr)
        self.assertEqual(self.ask("SELECT count(*) FROM pg_class WHERE relname = 't'"), "0")


if __name__ == "__main__":
    unittest.main()
