#!/usr/bin/env python3
"""Owners: those that the schema names are brought about and undone; what is made anew returns to the owner that it had; what a
plain role owns it migrates, whatever the policies for its rows."""
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

    def test_grants_of_the_next_owner(self):
        """ALTER … OWNER makes them the owner's, and nothing is to be taken from whom they were given."""
        self.psql(f"CREATE ROLE {self.role}_other")
        self.addCleanup(self.psql, f"DROP ROLE {self.role}_other")
        granted = (f"GRANT SELECT ON t TO {self.role} WITH GRANT OPTION; SET ROLE {self.role}; GRANT SELECT ON t TO {self.role}_other; RESET ROLE; "
                   f"GRANT INSERT ON t TO {self.role}_other")
        of_other = f"SELECT has_table_privilege('{self.role}_other', 't', 'SELECT'), has_table_privilege('{self.role}', 't', 'SELECT')"
        for grants, privileges in (("", "t|t"), (f"grants: {{ {self.role}_other: [insert, select] }}", "t|t"), (f"grants: {{ {self.role}_other: [insert] }}", "f|t")):
            self.psql(f"DROP TABLE IF EXISTS t; CREATE TABLE t (a text); {granted}")
            self.write("schema.yaml", "tables:\n  t:\n    columns: { a: text? }\n    primary_key: none\n    owner: %s\n    %s\n" % (self.role, grants))
            shown = self.tenon("diff", "--format", "sql", expect=2).stdout
            self.tenon("apply", "--yes")
            self.assertEqual(self.ask(of_other), privileges, shown)
            self.assertEqual("GRANT" in shown, privileges == "f|t", shown)
            self.tenon("diff", expect=0)
        self.psql("DROP TABLE t")

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


class PlainOwners(tenon_test.PostgresTest):
    def test_a_plain_owner_moves_and_fills_rows_that_policies_hide(self):
        force = "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY own ON {0} USING (a < 2);"
        parts = ("CREATE TABLE p (a int, b int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (%s);"
                 "CREATE TABLE rest PARTITION OF p DEFAULT;")
        rows = "INSERT INTO p SELECT n, n FROM generate_series(0, 20) n; INSERT INTO t SELECT n, NULL FROM generate_series(0, 9) n;"
        old = parts % 5 + "CREATE TABLE t (a int, b int);"
        new = parts % 10 + "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int NOT NULL DEFAULT 7);"
        policies = "".join(map(force.format, ("p", "p1", "rest", "t")))
        role, url = self.role(database=self.url)
        other = self.database()
        for schema, database in ((old + rows + policies, self.url), (new + policies, other)):
            self.psql(f"GRANT CREATE ON SCHEMA public TO {role}; SET ROLE {role}; {schema}", database)
        self.psql(self.tenon("diff", "--from", self.url, "--to", other, "--format", "sql", expect=2).stdout, url)
        self.tenon("diff", "--from", self.url, "--to", other)
        self.assertEqual(self.ask("SELECT string_agg(t || ' ' || n, ', ' ORDER BY t) FROM (SELECT tableoid::regclass::text AS t, count(*) AS n FROM p GROUP BY 1) _"), "p1 10, rest 11")
        self.assertEqual(self.ask("SELECT count(*), min(b) FROM t"), "10|7")
        self.assertEqual(self.ask("SELECT nextval('t_a_seq')"), "10")


if __name__ == "__main__":
    unittest.main()
