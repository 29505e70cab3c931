#!/usr/bin/env python3
"""Bad days on PostgreSQL: a clear error that names the object, the documented exit status, and nothing lost."""
import socket
import struct
import threading

import tenon_test

SCHEMA = "tables:\n  t:\n    columns:\n      a: text\n"


class FakeServer:
    """Speaks just enough of the protocol to say one thing to each client."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def url(self, user="ann"):
        return f"postgresql://{user}@127.0.0.1:{self.listener.getsockname()[1]}/app?sslmode=disable&gssencmode=disable"

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                client.recv(10000)
                try:
                    self.answer(client)
                except OSError:
                    pass

    @staticmethod
    def message(kind, body):
        return kind + struct.pack("!i", len(body) + 4) + body


def old_server(client):
    m = FakeServer.message
    client.sendall(m(b"R", struct.pack("!i", 0)) + m(b"S", b"server_version\0" + b"12.3\0") + m(b"K", struct.pack("!ii", 1, 1)) + m(b"Z", b"I"))
    client.recv(10000)


def wrong_password(client):
    m = FakeServer.message
    client.sendall(m(b"R", struct.pack("!i", 3)))
    client.recv(10000)
    client.sendall(m(b"E", b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "ann"\0\0'))


class BadDays(tenon_test.PostgresTest):
    def setUp(self):
        super().setUp()
        self.write("schema.yaml", SCHEMA)

    # -- no server to speak to

    def test_no_server(self):
        for verb in (["diff"], ["inspect"], ["status"], ["apply", "--yes"], ["migrate", "up"], ["query", "t"], ["check"]):
            error = self.tenon(*verb, "--url", "postgresql://ann:geheim@127.0.0.1:1/app", expect=1).stderr
            self.assertIn("127.0.0.1", error)
            self.assertNotIn("geheim", error)

    def test_no_such_database(self):
        self.assertIn("no_such_db", self.tenon("status", "--url", tenon_test.postgres_state.database("no_such_db"), expect=1).stderr)

    def test_passwords_are_never_echoed(self):
        server = FakeServer(wrong_password)
        for url in (server.url("ann:geheim"), "postgresql://ann:geheim@127.0.0.1:port/app", "postgresql://ann:geheim@/app?nonsense=1", "postgresql://ann:ge@heim@127.0.0.1:1/app"):
            for verb in (["diff"], ["status"], ["apply", "--yes"]):
                run = self.tenon(*verb, "--url", url, expect=1)
                self.assertNotIn("geheim", run.stdout + run.stderr)
                self.assertNotIn("heim@", run.stdout + run.stderr)
        self.assertIn("password", self.tenon("status", "--url", server.url("ann:geheim"), expect=1).stderr)
        self.tenon("init", "--url", self.with_user(self.url, "tenon", "geheim"), expect=None)
        self.assertNotIn("geheim", (self.folder / "tenon.yaml").read_text())

    def test_an_old_server(self):
        error = self.tenon("status", "--url", FakeServer(old_server).url(), expect=1).stderr
        self.assertIn("12.3", error)
        self.assertIn("13", error)

    def test_a_server_that_hangs_up(self):
        self.tenon("status", "--url", FakeServer(lambda client: None).url(), expect=1)

    # -- what a role may not

    def test_no_privilege(self):
        role, url = self.role("CREATEDB")
        error = self.tenon("apply", "--yes", "--url", url, expect=1).stderr
        self.assertIn("public", error)
        self.migration(1, "CREATE TABLE t (a int);", "DROP TABLE t;")
        error = self.tenon("migrate", "up", "--url", url, expect=1).stderr
        self.assertIn("permission denied", error)
        self.assertEqual(self.dump(), [])

    def test_a_reader(self):
        """A role that can read alone: everything but what changes, or it says what it lacks."""
        self.tenon("apply", "--yes")
        self.psql("INSERT INTO t (a) VALUES ('x')")
        role, url = self.role()
        self.psql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        other = self.database()
        self.tenon("inspect", "--url", url)
        self.tenon("status", "--url", url)
        self.assertEqual(self.json("query", "t", "--url", url), [{"id": 1, "a": "x"}])
        self.tenon("diff", "--from", url, "--to", self.with_user(self.url, role), "--url", url)
        ends = ["diff", "--from", url, "--to", self.with_user(other, role), "--url", url]
        self.assertRegex(self.tenon(*ends, expect=2).stderr, "warning: the plan could not be tried on a scratch database: .*permission denied")
        self.assertIn("permission denied", self.json(*ends, "--format", "json", expect=2)["untried"])
        self.assertNotIn("untried", self.json(*ends, "--format", "json", "--scratch-url", self.url, expect=2))
        self.tenon("diff", "--url", url, "--scratch-url", self.url)
        for verb in (["diff"], ["generate", "x"], ["check"]):
            run = self.tenon(*verb, "--url", url, expect=None)
            if run.returncode == 1:
                self.assertIn("--scratch-url", run.stderr)
        self.write("schema.yaml", SCHEMA + "      b: text?\n")
        self.tenon("apply", "--yes", "--url", url, "--scratch-url", self.url, expect=1)
        self.tenon("diff", expect=2)

    def test_a_database_without_plpgsql(self):
        self.psql("DROP EXTENSION plpgsql; CREATE VIEW v AS SELECT 1 AS a; GRANT SELECT ON v TO PUBLIC")
        self.assertIn("v:", self.tenon("inspect").stdout)
        self.tenon("apply", "--yes")
        self.tenon("diff")

    def test_a_session_that_is_read_only(self):
        role, url = self.role("SUPERUSER")
        self.psql(f"ALTER ROLE {role} SET default_transaction_read_only = on")
        self.tenon("status", "--url", url)
        self.migration(1, "CREATE TABLE u (a int);", "DROP TABLE u;")
        self.assertIn("takes no changes", self.tenon("migrate", "up", "--url", url, expect=1).stderr)
        (self.folder / "migrations/1_m.sql").unlink()
        self.assertIn("no changes", self.tenon("apply", "--yes", "--url", url, "--scratch-url", self.url, expect=1).stderr)
        self.assertEqual(self.dump(), [])

    def test_tables_of_others(self):
        self.tenon("apply", "--yes")
        role, url = self.role("CREATEDB")
        self.psql(f"GRANT ALL ON SCHEMA public TO {role}; GRANT ALL ON t TO {role}")
        self.addCleanup(lambda: None)
        self.migration(1, "CREATE TABLE u (a int);\nALTER TABLE t ADD COLUMN b int;\nCREATE INDEX ON public.t (a);", "ALTER TABLE t DROP COLUMN b; DROP TABLE u;")
        before = self.dump()
        error = self.tenon("migrate", "up", "--url", url, expect=1).stderr
        self.assertRegex(error, r"the table t belongs to \w+, and the role " + role)
        self.assertEqual(self.dump(), before)
        self.psql(f"GRANT CREATE ON SCHEMA public TO {role}; ALTER TABLE t OWNER TO {role}")
        self.tenon("migrate", "up", "--url", url)
        self.tenon("migrate", "down", "--url", url)

    def test_roles_that_are_missing(self):
        self.migration(1, "CREATE TABLE t (a int);\nGRANT SELECT ON t TO no_such_role, \"No Such\";\nALTER TABLE t OWNER TO nobody_either;", "DROP TABLE t;")
        error = self.tenon("migrate", "up", expect=1).stderr
        for name in ("no_such_role", "No Such", "nobody_either"):
            self.assertIn(f"there is no role {name}\n", error)
        self.assertEqual(self.ask("SELECT to_regclass('tenon_migrations')"), "", "not even the history was begun")
        self.migration(1, "CREATE TABLE t (a int);\nGRANT SELECT ON t TO PUBLIC, CURRENT_USER;\nREVOKE ALL ON t FROM public CASCADE;", "DROP TABLE t;")
        self.tenon("migrate", "up")

    def test_what_only_a_superuser_may(self):
        role, url = self.role()
        self.psql(f"GRANT ALL ON SCHEMA public TO {role}")
        self.migration(1, "CREATE TABLE u (a int);\nCREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'int4in';", "DROP FUNCTION f(); DROP TABLE u;")
        error = self.tenon("migrate", "up", "--url", url, expect=1).stderr
        self.assertIn("permission denied", error)
        self.assertIn("1_m.sql:3", error)
        self.assertEqual([s for s in self.dump() if not s.startswith(("GRANT", "REVOKE"))], [])

    def test_objects_of_others_under_a_change(self):
        """What stands on a column is dropped and made anew for its sake: it must be ours, or at least our role's."""
        self.write("schema.yaml", SCHEMA)
        self.tenon("apply", "--yes")
        role, url = self.role("CREATEDB")
        self.psql(f"GRANT CREATE, USAGE ON SCHEMA public TO {role}; CREATE VIEW theirs AS SELECT a FROM t; "
                  f"CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x'; ALTER TABLE t OWNER TO {role}")
        before = self.dump()
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: varchar(40)"))
        self.assertIn("ALTER VIEW public.theirs OWNER TO", self.tenon("diff", "--url", url, "--scratch-url", self.url, "--format", "sql", expect=2).stdout)
        error = self.tenon("apply", "--yes", "--url", url, "--scratch-url", self.url, expect=1).stderr
        self.assertRegex(error, r"the view public.theirs belongs to \w+, and the role " + role + " may not change it")
        self.migration(1, "DROP FUNCTION public.f(integer);", "")
        self.assertIn("the function public.f(integer) belongs to", self.tenon("migrate", "up", "--url", url, expect=1).stderr)
        self.assertEqual(self.dump(), before)

    # -- bodies that are wrong

    def mistake(self, objects, *expected):
        self.write("schema.yaml", SCHEMA + objects)
        error = self.tenon("apply", "--yes", expect=1).stderr
        for text in expected:
            self.assertIn(text, error)
        self.assertEqual(self.dump(), [])

    def test_a_body_with_a_syntax_error(self):
        line = SCHEMA.count("\n") + 1
        body = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1 +;\nEND $$\n"
        block = "functions:\n  f: |\n" + "".join(f"    {text}\n" for text in body.splitlines())
        self.mistake(block, f"schema.yaml:{line + 4}:17: error: FUNCTION public.f: syntax error")
        self.write("sql/f.sql", body)
        self.mistake("functions:\n  f: { file: sql/f.sql }\n", "sql/f.sql:3:13: error: FUNCTION public.f: syntax error")
        self.mistake("functions:\n  f: CREATE FUNCTION f() RETURNS int LANGUAG sql AS 'SELECT 1'\n", f'schema.yaml:{line + 1}:', 'at or near "LANGUAG"')

    def test_views_that_cannot_be(self):
        line = SCHEMA.count("\n") + 1
        self.mistake("views:\n  v: |\n    SELECT a,\n      missing\n    FROM t\n", f'schema.yaml:{line + 3}:7: error: VIEW public.v: column "missing" does not exist')
        self.mistake("views:\n  one: SELECT * FROM two\n  two: SELECT * FROM three\n  three: SELECT * FROM one\n",
                     "VIEW public.one needs VIEW public.two needs VIEW public.three needs VIEW public.one", "take one of them out")

    def test_a_hundred_views_deep(self):
        views = "views:\n" + "".join(f"  v{i}: SELECT a FROM v{i - 1}\n" for i in range(99, 0, -1)) + "  v0: SELECT a FROM t\n"
        self.write("schema.yaml", SCHEMA + views)
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: varchar(40)") + views)
        self.tenon("generate", "shorter")
        self.tenon("migrate", "up")
        self.tenon("diff", expect=0)
        self.assertEqual(self.ask("SELECT atttypmod FROM pg_attribute WHERE attrelid = 'v99'::regclass AND attname = 'a'"), "44")
        self.tenon("migrate", "down")
        self.tenon("migrate", "down")
        self.assertEqual(self.dump(), [])

    # -- limits

    def test_more_locks_than_the_server_has(self):
        room = int(self.ask("SELECT current_setting('max_locks_per_transaction')::int * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)"))
        tables = room // 3  # of which each takes five: itself, its TOAST table with an index, its key, its sequence
        self.migration(1, "\n".join(f"CREATE TABLE t{i} (id bigserial PRIMARY KEY, a text);" for i in range(tables)), "SELECT 1;")
        error = self.tenon("migrate", "up", expect=1).stderr
        self.assertIn("max_locks_per_transaction", error)
        self.assertEqual(self.ask("SELECT count(*) FROM pg_class WHERE relname = 't0' OR relname = 'tenon_migrations'"), "0")
        if room > 8000:
            return
        tables = room // 8
        self.migration(1, "\n".join(f"CREATE TABLE t{i} (id bigserial PRIMARY KEY, a text);" for i in range(tables)), "SELECT 1;")
        self.tenon("migrate", "up")

    # -- names and values

    def test_odd_names(self):
        names = ['quo"te', "apos'trophe", "semi;colon", "Upper", "emoji 🦆", "select", "user", "100%", "--", "/*", "n" * 63, "$tenon$", "back\\slash"]
        yaml = "tables:\n"
        for name in names:
            key = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
            yaml += f"  ? {key}\n  : columns:\n      ? {key}\n      : {{ type: text, default: {key}, index: true }}\n      plain: integer?\n"
        self.write("schema.yaml", yaml)
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.tenon("diff")
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            self.psql(f"INSERT INTO {quoted} (plain) VALUES (1)")
            (row,) = self.json("query", "--", name)
            self.assertEqual(row[name], name)
        self.write("schema.yaml", yaml.replace("integer?", "integer"))
        self.tenon("generate", "second")
        self.tenon("migrate", "up")
        self.tenon("diff")
        self.tenon("migrate", "down", "2", expect=3)
        self.tenon("migrate", "down", "2", "--allow-destructive")
        self.assertEqual(self.dump(), [])

    def test_values_that_a_type_cannot_carry(self):
        self.psql("CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text NOT NULL); INSERT INTO t (a) VALUES ('b1'), ('2')")
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: integer"))
        before = self.dump()
        told = "t.a: values that integer does not keep"
        error = self.tenon("apply", "--yes", expect=3).stderr
        self.assertIn(told, error)
        self.assertIn('"b1"', error)
        script = self.tenon("diff", "--format", "sql", expect=2).stdout
        self.assertIn(told + ': invalid input syntax for type integer: "b1"', tenon_test.postgres_state.psql(self.url, script).stderr)
        up = script.replace("BEGIN;", "").replace("COMMIT;", "").replace("SET LOCAL lock_timeout = '5s';", "")
        self.migration(1, up, "SELECT 1;")
        error = self.tenon("migrate", "up", expect=3).stderr
        self.assertIn(told, error)
        self.assertIn('"b1"', error)
        self.assertEqual(self.dump(), before)
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: { type: integer, using: 'substr(a, 2)::integer' }"))
        self.psql("UPDATE t SET a = 'c2' WHERE a = '2'")
        self.tenon("apply", "--yes")
        self.assertEqual(self.ask("SELECT a FROM t ORDER BY id"), "1\n2")

    def test_a_new_column_needs_a_value(self):
        self.tenon("apply", "--yes")
        self.psql("INSERT INTO t (a) VALUES ('x')")
        self.write("schema.yaml", SCHEMA + "      b: integer\n")
        before = self.dump()
        self.assertIn("backfill", self.tenon("apply", "--yes", expect=3).stderr)
        self.assertEqual(self.dump(), before)

    def test_losses_are_named(self):
        self.tenon("apply", "--yes")
        self.psql("INSERT INTO t (a) VALUES ('kept')")
        self.write("schema.yaml", SCHEMA.replace("a: text", "b: text"))
        self.assertIn("--rename t.a=b", self.tenon("apply", "--yes", expect=3).stderr)
        self.tenon("apply", "--yes", "--rename", "t.a=b")
        self.assertEqual(self.ask("SELECT b FROM t"), "kept")


if __name__ == "__main__":
    tenon_test.main()
