#!/usr/bin/env python3
"""Migrations on PostgreSQL: transaction groups, one runner at a time, and runs that are stopped, cut off or killed: what was recorded
stands, what was not is undone, and a rerun finishes."""
import os
import random
import signal
import subprocess
import threading
import time

import tenon_test

SLOW = "SELECT pg_sleep(3)"


class Migrate(tenon_test.PostgresTest):
    def history(self, url=None):
        return self.ask("SELECT version || ' ' || state || ' ' || step FROM tenon_migrations ORDER BY version", url)

    def start(self, *arguments, url=None):
        return subprocess.Popen([tenon_test.TENON, *arguments, "--url", url or self.url], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env={**os.environ, "CI": "true"})

    def wait_for(self, query, answer, seconds=20):
        deadline = time.monotonic() + seconds
        while self.ask(query) != answer:
            self.assertLess(time.monotonic(), deadline, f"never {answer!r}: {query}")
            time.sleep(0.05)

    def sleeping(self):
        """Waits until a migration has come to its pg_sleep."""
        self.wait_for("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'", "1")

    # -- what a file may hold

    def test_a_failure_undoes_the_whole_file(self):
        self.migration(1, "CREATE TABLE a (id int); INSERT INTO a VALUES (1); CREATE TABLE a (id int);", "DROP TABLE a;")
        error = self.tenon("migrate", "up", expect=1).stderr
        self.assertIn("1_m.sql:2", error)
        self.assertIn("already exists", error)
        self.assertEqual(self.dump(), [])
        self.tenon("status", expect=2)

    def test_groups_commit_with_their_step(self):
        self.psql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        self.migration(1, "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nBEGIN;\nCREATE UNIQUE INDEX t_a ON t (a);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (id int);\nCOMMIT;",
                       "DROP TABLE a, b; DROP INDEX t_a;", " transaction:false")
        self.assertIn("duplicate", self.tenon("migrate", "up", expect=1).stderr)
        self.assertEqual(self.history(), "1 running 3")
        self.assertIn("running", self.tenon("status", expect=2).stdout)
        self.assertIn("half-way", self.tenon("migrate", "down", expect=4).stderr)
        self.psql("DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)")
        self.tenon("migrate", "up")
        self.assertEqual(self.history(), "1 applied 0")
        self.assertEqual(self.ask("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 't_a')"), "3")

    def test_an_enum_value_that_is_used_at_once(self):
        schema = "enums:\n  mood: [%s]\ntables:\n  t:\n    columns:\n      m: { type: mood, default: %s }\n"
        self.write("schema.yaml", schema % ("sad, ok", "ok"))
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.psql("INSERT INTO t DEFAULT VALUES")
        one = self.dump()
        self.write("schema.yaml", schema % ("sad, fine, ok", "fine"))
        self.tenon("generate", "second")
        self.tenon("check")
        self.tenon("migrate", "up")
        self.tenon("diff")
        two = self.dump()
        self.tenon("migrate", "down")
        self.assertEqual(self.dump(), one)
        self.tenon("migrate", "up")
        self.assertEqual(self.dump(), two)
        self.assertEqual(self.ask("SELECT m FROM t"), "ok")
        fresh = self.database()
        self.tenon("migrate", "up", "--url", fresh)
        self.assertEqual(self.dump(fresh), two)

    def test_concurrently(self):
        self.psql("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 2)")
        self.migration(1, "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);\nCREATE INDEX CONCURRENTLY t_b ON t (b);",
                       "DROP INDEX CONCURRENTLY t_b;\nDROP INDEX CONCURRENTLY t_a;", " transaction:false")
        self.assertIn("duplicate", self.tenon("migrate", "up", expect=1).stderr)
        self.assertEqual(self.history(), "1 running 0")
        self.assertEqual(self.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass"), "f")
        self.psql("DELETE FROM t WHERE b = 2")
        self.tenon("migrate", "up")
        self.assertEqual(self.ask("SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 't'::regclass"),
                         "t_a true, t_b true")
        # Done, but not recorded: as if the run had been killed just behind a statement.
        self.psql("UPDATE tenon_migrations SET state = 'running', step = 1")
        self.tenon("migrate", "up")
        self.assertEqual(self.history(), "1 applied 0")
        self.tenon("migrate", "down")
        self.assertEqual(self.ask("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "0")

    def test_a_guard_says_how_many_rows(self):
        schema = "tables:\n  t:\n    columns:\n      a: %s\n"
        self.write("schema.yaml", schema % "text?")
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.psql("INSERT INTO t (a) VALUES (NULL), ('x'), (NULL)")
        self.write("schema.yaml", schema % "text")
        self.tenon("generate", "second")
        before = self.dump()
        error = self.tenon("migrate", "up", expect=3).stderr
        self.assertIn("t.a", error)
        self.assertIn("2 rows", error)
        self.assertEqual(self.dump(), before)
        self.psql("UPDATE t SET a = 'y' WHERE a IS NULL")
        self.tenon("migrate", "up")
        self.tenon("diff")

    def test_settings_of_one_file_are_not_those_of_the_next(self):
        """pg_dump's output begins with a dozen settings, the search path among them."""
        role, _ = self.role()
        self.migration(1, "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id int);", "DROP TABLE public.a;")
        self.migration(2, f"GRANT CREATE, USAGE ON SCHEMA public TO {role};\nSET ROLE {role};\nCREATE TABLE b (id int);", "DROP TABLE b;")
        self.migration(3, "CREATE TABLE c (id int);", "DROP TABLE c;")
        self.tenon("migrate", "up")
        self.assertEqual(self.ask("SELECT string_agg(relname || ' ' || (relowner = current_user::regrole), ', ' ORDER BY relname) FROM pg_class "
                                  "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname < 'd'"), "a true, b false, c true")
        self.tenon("migrate", "down", "3")
        self.psql(f"REVOKE ALL ON SCHEMA public FROM {role}")

    def test_copy_has_no_input(self):
        self.migration(1, "CREATE TABLE a (id int);\nCOPY a FROM STDIN;", "DROP TABLE a;")
        self.assertIn("INSERT", self.tenon("migrate", "up", expect=1).stderr)
        self.assertEqual(self.dump(), [])

    def test_the_history_in_another_schema(self):
        self.psql(f"CREATE SCHEMA app; ALTER DATABASE {tenon_test.postgres_state.name_of(self.url)} SET search_path = app")
        self.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;")
        self.tenon("migrate", "up")
        self.assertEqual(self.ask("SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY schemaname, tablename) FROM pg_tables WHERE schemaname IN ('app', 'public')"),
                         "app.a app.tenon_migrations")
        self.tenon("migrate", "down", "--allow-destructive")
        self.assertEqual(self.ask("SELECT to_regclass('a'), to_regclass('app.tenon_migrations')"), "|tenon_migrations")

    def test_edited_and_newer(self):
        path = self.migration(1, "CREATE TABLE a (id int);", "DROP TABLE a;")
        self.tenon("migrate", "up")
        path.write_text(path.read_text() + "-- a comment\n")
        self.tenon("migrate", "up")
        path.write_text(path.read_text().replace("id int", "id bigint"))
        self.assertIn("edited", self.tenon("migrate", "up", expect=1).stderr)
        self.tenon("migrate", "repair")
        self.tenon("migrate", "up")
        self.psql("UPDATE tenon_migrations SET layout = 99")
        self.assertIn("newer", self.tenon("migrate", "up", expect=1).stderr)
        self.psql("DROP TABLE tenon_migrations; CREATE TABLE tenon_migrations (id int)")
        self.assertIn("tenon_migrations", self.tenon("migrate", "up", expect=1).stderr)

    # -- one at a time

    def test_one_runner_at_a_time(self):
        self.migration(1, f"CREATE TABLE a (id int);\n{SLOW};", "DROP TABLE a;")
        first = self.start("migrate", "up")
        self.sleeping()
        refused = self.tenon("migrate", "up", "--lock-timeout", "300ms", expect=4).stderr
        self.assertRegex(refused, r"another Tenon .*process \d+")
        self.write("schema.yaml", "tables: {}\n")
        self.tenon("apply", "--yes", "--lock-timeout", "300ms", "--allow-destructive", expect=None)
        waiting = self.start("migrate", "up", "--wait")
        self.assertIn("nothing pending", waiting.communicate(timeout=60)[1])
        self.assertIn("applied", first.communicate(timeout=60)[1])
        self.assertEqual((first.returncode, waiting.returncode), (0, 0))
        self.assertEqual(self.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"), "0")

    def test_many_runners(self):
        for version in (1, 2, 3):
            self.migration(version, f"CREATE TABLE t{version} (id int);", f"DROP TABLE t{version};")
        runs = [self.start("migrate", "up", "--wait") for _ in range(4)]
        texts = [run.communicate(timeout=60)[1] for run in runs]
        self.assertEqual([run.returncode for run in runs], [0] * 4, texts)
        self.assertEqual(sum(text.count("applied ") for text in texts), 3, texts)

    def test_a_table_that_is_locked(self):
        self.psql("CREATE TABLE t (a int)")
        self.migration(1, "CREATE TABLE u (a int);\nALTER TABLE t ADD COLUMN b int;", "ALTER TABLE t DROP COLUMN b; DROP TABLE u;")
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", self.url], stdin=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (holder.kill(), holder.wait()))
        holder.stdin.write("BEGIN; LOCK TABLE t;\n")
        holder.stdin.flush()
        self.wait_for("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessExclusiveLock' AND granted", "1")
        error = self.tenon("migrate", "up", "--lock-timeout", "300ms", expect=4).stderr
        self.assertIn("ALTER TABLE t", error)
        self.assertEqual(self.ask("SELECT count(*) FROM pg_class WHERE relname IN ('u', 'tenon_migrations')"), "0")
        threading.Timer(0.7, lambda: (holder.stdin.write("ROLLBACK;\n"), holder.stdin.close())).start()
        self.tenon("migrate", "up", "--lock-timeout", "20s")

    # -- stopped, cut off, killed

    def test_a_stop_signal_cancels_on_the_server(self):
        self.migration(1, f"CREATE TABLE a (id int);\n{SLOW.replace('3', '60')};", "DROP TABLE a;")
        run = self.start("migrate", "up")
        self.sleeping()
        started = time.monotonic()
        run.send_signal(signal.SIGINT)
        error = run.communicate(timeout=30)[1]
        self.assertEqual(run.returncode, 4, error)
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(self.dump(), [])
        self.wait_for("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", "1")

    def test_a_connection_that_is_lost(self):
        self.migration(1, f"BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (id int);\n{SLOW};\nCOMMIT;", "DROP TABLE a, b;", " transaction:false")
        run = self.start("migrate", "up")
        self.sleeping()
        self.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        error = run.communicate(timeout=30)[1]
        self.assertEqual(run.returncode, 4, error)
        self.assertIn("lost", error)
        self.assertEqual(self.history(), "1 running 3")
        self.assertEqual(self.ask("SELECT to_regclass('a'), to_regclass('b')"), "a|")
        self.tenon("migrate", "up")
        self.assertEqual(self.history(), "1 applied 0")
        self.assertEqual(self.ask("SELECT to_regclass('a'), to_regclass('b')"), "a|b")

    def test_apply_and_a_connection_that_is_lost(self):
        self.psql("CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a text); INSERT INTO t (a) SELECT md5(i::text) FROM generate_series(1, 300000) i")
        self.write("schema.yaml", "tables:\n  t:\n    columns:\n      a: { type: text, nullable: true, index: true, unique: true }\n      b: { type: uuid, default: { sql: gen_random_uuid() } }\n")
        before = self.dump()
        run = self.start("apply", "--yes")
        self.wait_for("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                      "AND query ~ '^(ALTER|CREATE).*t' AND query !~ 'tenon_aside' AND state = 'active' AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_stat_activity.pid AND locktype = 'advisory')", "t")
        self.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        error = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 4, error)
        self.assertEqual(self.dump(), before)
        self.tenon("apply", "--yes")
        self.tenon("diff")

    def test_killed_at_any_moment(self):
        """Groups, and an index that is built outside of them.  After each kill the database is at a step that the history knows (or
        the index is there though it does not yet say so), and a rerun finishes.  TENON_KILLS sets how many times (default 8)."""
        rows = 60000
        self.psql(f"CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t SELECT i, i, i FROM generate_series(1, {rows}) i;")
        groups = ["BEGIN;\nALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint;\nCOMMIT;",
                  "BEGIN;\nALTER TABLE t ADD COLUMN c text NOT NULL DEFAULT md5(random()::text);\nALTER TABLE t ADD CHECK (length(c) > 1);\nCOMMIT;",
                  "CREATE UNIQUE INDEX CONCURRENTLY t_b ON t (b);",
                  "BEGIN;\nALTER TABLE t ADD CONSTRAINT t_b UNIQUE USING INDEX t_b;\nUPDATE t SET a = a + 1;\nCOMMIT;"]
        reached = {"": 0, "1 running 0": 0, "1 running 3": 1, "1 running 7": 2, "1 running 8": 3, "1 applied 0": 4}
        states = [self.dump()]
        by_hand = self.database()
        self.psql("CREATE TABLE t (id int PRIMARY KEY, a text, b text);", by_hand)
        for group in groups:
            self.psql(group, by_hand)
            states.append(self.dump(by_hand))
        self.migration(1, "\n".join(groups), "SELECT 1;", " transaction:false")
        name = tenon_test.postgres_state.name_of(self.url)

        def copy():
            url = self.database()
            copied = tenon_test.postgres_state.name_of(url)
            tenon_test.postgres_state.ask(tenon_test.postgres_state.server(), f'DROP DATABASE "{copied}"')
            tenon_test.postgres_state.ask(tenon_test.postgres_state.server(), f'CREATE DATABASE "{copied}" TEMPLATE "{name}"')
            return url

        url = copy()
        started = time.monotonic()
        self.tenon("migrate", "up", "--url", url)
        took = time.monotonic() - started
        rng = random.Random(7)
        hit = 0
        for _ in range(int(os.environ.get("TENON_KILLS", "8"))):
            url = copy()
            run = self.start("migrate", "up", url=url)
            time.sleep(rng.uniform(0.05, took))
            run.send_signal(signal.SIGKILL)
            run.communicate()
            deadline = time.monotonic() + 20
            while self.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", url) != "1":
                self.assertLess(time.monotonic(), deadline, "the server never noticed that the client was gone")
                time.sleep(0.05)
            history = self.history(url) if self.ask("SELECT to_regclass('tenon_migrations')", url) else ""
            self.assertIn(history, reached)
            step = reached[history]
            allowed = [states[step]] + ([states[3]] if step == 2 else [])
            self.assertIn(self.dump(url), allowed, history)
            hit += step < 4
            self.tenon("migrate", "up", "--url", url)
            self.assertEqual(self.dump(url), states[4])
            self.assertEqual(self.ask("SELECT count(*), sum(a), count(c) FROM t", url), f"{rows}|{rows * (rows + 1) // 2 + rows}|{rows}")
        self.assertGreater(hit, 0, "no kill hit the migration: the test proves nothing")


if __name__ == "__main__":
    tenon_test.main()
