#!/usr/bin/env python3
"""Bad input and bad days: a clear error, the documented exit status, and nothing lost."""
import os
import sqlite3
import subprocess
import threading
import time
import unittest

import tenon_test

SCHEMA = """
tables:
  t:
    columns:
      a: text
"""


class BadDays(tenon_test.TenonTest):
    def setUp(self):
        super().setUp()
        self.write("schema.yaml", SCHEMA)
        self.write("tenon.yaml", "url: sqlite:app.db\n")

    def test_a_missing_file_is_an_error_for_readers_and_stays_missing(self):
        for verb in (["diff"], ["inspect"], ["status"], ["query", "t"]):
            self.assertIn("app.db", self.tenon(*verb, expect=1).stderr)
            self.assertFalse((self.folder / "app.db").exists())

    def test_no_database(self):
        self.write("app.db", b"this is no database, but a text that is long enough to look at" * 100)
        before = self.bytes()
        for verb in (["diff"], ["inspect"], ["apply", "--yes"], ["status"]):
            self.assertIn("not a database", self.tenon(*verb, expect=1).stderr)
        self.assertEqual(self.bytes(), before)

    def test_corrupt(self):
        self.sql("CREATE TABLE u (a); INSERT INTO u VALUES (zeroblob(100000))")
        data = bytearray(self.bytes())
        data[100:3000] = b"\x55" * 2900
        self.write("app.db", bytes(data))
        self.assertRegex(self.tenon("diff", expect=1).stderr, "malformed|corrupt")
        self.tenon("apply", "--yes", "--allow-destructive", expect=1)
        self.assertEqual(self.bytes(), bytes(data))

    def test_an_encrypted_file_looks_like_no_database(self):
        self.write("app.db", os.urandom(8192))
        self.assertIn("encrypted", self.tenon("diff", expect=1).stderr)

    @unittest.skipIf(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), "root may write everything")
    def test_read_only(self):
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL)")
        self.folder.chmod(0o555)
        (self.folder / "app.db").chmod(0o444)
        self.addCleanup(self.folder.chmod, 0o755)
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        run = lambda *args: subprocess.run([*drop, tenon_test.TENON, *args], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(run("diff").returncode, 0, run("diff").stderr)
        self.folder.chmod(0o755)
        self.write("schema.yaml", SCHEMA + "      b: text?\n")
        (self.folder / "schema.yaml").chmod(0o644)
        self.folder.chmod(0o555)
        refused = run("apply", "--yes")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertRegex(refused.stderr, "read-only|readonly")

    def test_wal(self):
        self.sql("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (7, 'x');")
        reader = sqlite3.connect(self.folder / "app.db")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM t").fetchall()
        self.tenon("apply", "--yes")
        reader.close()
        self.assertEqual(self.rows("SELECT id, a FROM t"), [(7, "x")])
        self.assertEqual(self.rows("PRAGMA journal_mode"), [("wal",)])
        self.tenon("diff")

    def test_locked_by_another(self):
        self.sql("CREATE TABLE u (a)")
        holder = sqlite3.connect(self.folder / "app.db", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        run = self.tenon("apply", "--yes", "--allow-destructive", "--lock-timeout", "300ms", expect=4)
        self.assertLess(time.monotonic() - started, 5)
        self.assertIn("lock", run.stderr)
        holder.execute("ROLLBACK")

    def test_waits_for_a_lock_that_goes(self):
        self.sql("CREATE TABLE u (a)")
        holder = sqlite3.connect(self.folder / "app.db", isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, lambda: holder.execute("ROLLBACK")).start()
        self.tenon("apply", "--yes", "--allow-destructive", "--lock-timeout", "20s")
        self.assertEqual(self.rows("SELECT count(*) FROM t"), [(0,)])

    def test_full_disk(self):
        """A limit on the file's size stands for a disk that is full."""
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT); "
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, hex(randomblob(40)), '1' FROM n; "
                 "CREATE INDEX t_b ON t (b);")
        self.write("schema.yaml", SCHEMA + "      b: integer?\n    indexes:\n      - {columns: b, name: t_b}\n")
        size = (self.folder / "app.db").stat().st_size // 1024
        before = self.rows("SELECT count(*), sum(length(a)) FROM t")
        run = subprocess.run(["bash", "-c", f"trap '' XFSZ; ulimit -f {size + 100}; exec {tenon_test.TENON} apply --yes"], cwd=self.folder,
                             capture_output=True, text=True)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertRegex(run.stderr, "full|disk I/O")
        self.assertEqual(self.rows("SELECT count(*), sum(length(a)) FROM t"), before)
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.tenon("apply", "--yes")

    def test_history_of_a_newer_tenon(self):
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        columns = [r[1] for r in self.rows("PRAGMA table_info(tenon_migrations)")]
        self.sql("ALTER TABLE tenon_migrations RENAME TO keep; CREATE TABLE tenon_migrations (version TEXT PRIMARY KEY, layout INTEGER, later TEXT);"
                 "INSERT INTO tenon_migrations VALUES ('20990101000000', 99, 'x');")
        self.assertTrue(columns)
        self.assertIn("newer", self.tenon("migrate", "up", expect=1).stderr)

    def test_edited_and_missing_migrations(self):
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        (path,) = (self.folder / "migrations").glob("*.sql")
        text = path.read_text()
        path.write_text(text.replace("\n", "\r\n") + "\n-- a comment\n")
        self.tenon("migrate", "up")  # neither a comment nor a line ending is an edit
        path.write_text(text.replace("TEXT", "BLOB"))
        self.assertIn(path.name.split("_")[0], self.tenon("migrate", "up", expect=1).stderr)
        path.unlink()
        self.assertIn("missing", self.tenon("migrate", "up", expect=1).stderr)

    def test_odd_names_and_values(self):
        long = "n" * 10000
        names = ['quo"te', "apos'trophe", "semi;colon", "new\\nline", "emoji 🦆", "select", "[bracket]", "back`tick", "100%", "--", "/*", long]
        yaml = "tables:\n"
        for i, name in enumerate(names):
            key = '"' + name.replace('"', '\\"') + '"'
            yaml += f"  ? {key}\n  : columns:\n      ? {key}\n      : {{ type: text, default: {key}, index: true }}\n      plain: integer?\n"
        self.write("schema.yaml", yaml)
        self.tenon("apply", "--yes")
        self.tenon("diff")
        with sqlite3.connect(self.folder / "app.db") as db:
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                quoted = '"' + table.replace('"', '""') + '"'
                db.execute(f"INSERT INTO {quoted} (plain) VALUES (1)")
                self.assertEqual(db.execute(f"SELECT {quoted} FROM {quoted}").fetchone()[0], table)
        self.write("schema.yaml", yaml.replace("integer?", "text?"))
        self.tenon("apply", "--yes")
        self.tenon("diff")
        self.assertEqual(self.rows('SELECT plain FROM "semi;colon"'), [("1",)])
        self.write("schema.yaml", (self.folder / "schema.yaml").read_text().encode() + b'  "a\\0b": { columns: { a: text } }\n')
        self.assertIn("NUL", self.tenon("apply", "--yes", expect=1).stderr)

    def test_help(self):
        overview = self.tenon("--help").stdout
        verbs = [line.split()[0] for line in overview.splitlines() if line.startswith("  ")]
        self.assertIn("apply", verbs)
        for verb in verbs:
            text = self.tenon(verb, "--help").stdout
            self.assertRegex(text, rf"\Ausage: tenon {verb} (.+ )?\[FLAGS\]\n")
            self.assertNotRegex(text, r"(?m)[ \t]$")

    def test_wrong_usage(self):
        self.assertIn("migrate", self.tenon("migrat", expect=64).stderr)
        self.assertIn("--format", self.tenon("diff", "--formt", "sql", expect=64).stderr)
        self.tenon("migrate", "up", "many", expect=64)
        self.tenon("migrate", "redo", "2", expect=64)
        self.assertIn("text, json", self.tenon("apply", "--format", "sql", expect=64).stderr)
        self.assertIn("--unified is text", self.tenon("diff", "--unified", "--format", "json", expect=64).stderr)
        self.assertIn("--url URL", self.tenon("diff", "--url", "", expect=64).stderr)
        self.assertIn("mysql://x", self.tenon("diff", "--from", "mysql://x", expect=64).stderr)
        self.tenon("lint", expect=64)

    def test_values_that_a_type_cannot_carry(self):
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (1, 'b1'), (2, '2')")
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: integer?"))
        before = self.bytes()
        refused = self.tenon("apply", "--yes", expect=3)
        self.assertIn("b1", refused.stderr)
        self.assertIn("t.a", refused.stderr)
        self.assertEqual(self.bytes(), before)
        self.tenon("apply", "--yes", "--allow-destructive", expect=3)
        self.tenon("apply", "--yes", "--allow-destructive=t.a")
        self.assertEqual(self.rows("SELECT id, a FROM t"), [(1, None), (2, 2)])

    def test_using_says_how(self):
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (1, 'b1')")
        self.write("schema.yaml", SCHEMA.replace("a: text", "a: { type: integer, using: 'CAST(substr(a, 2) AS INTEGER)' }"))
        self.tenon("apply", "--yes")
        self.assertEqual(self.rows("SELECT a FROM t"), [(1,)])

    def test_not_null_column_needs_a_value(self):
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (1, 'x')")
        self.write("schema.yaml", SCHEMA + "      b: integer\n")
        before = self.bytes()
        self.assertIn("backfill", self.tenon("apply", "--yes", expect=3).stderr)
        self.assertEqual(self.bytes(), before)
        self.write("schema.yaml", SCHEMA + "      b: { type: integer, backfill: length(a) }\n")
        self.tenon("apply", "--yes")
        self.assertEqual(self.rows("SELECT b FROM t"), [(1,)])

    def test_renames_are_asked_for(self):
        self.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, old TEXT NOT NULL); INSERT INTO t VALUES (1, 'kept')")
        refused = self.tenon("apply", "--yes", expect=3)
        self.assertIn("--rename t.old=a", refused.stderr)
        self.tenon("apply", "--yes", "--rename", "t.old=a")
        self.assertEqual(self.rows("SELECT a FROM t"), [("kept",)])


if __name__ == "__main__":
    tenon_test.main()
