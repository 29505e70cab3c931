#!/usr/bin/env python3
"""kill -9 during `migrate up` at random moments: the file is the old one or the new one, and a rerun finishes.

TENON_KILLS sets how many times (default 20).
"""
import os
import random
import signal
import sqlite3
import subprocess
import time

import tenon_test

FIRST = """
tables:
  parent:
    columns:
      name: text
      amount: text
  child:
    columns:
      parent_id: { references: parent.id, on_delete: cascade, index: true }
      note: text?
      size: text?
"""
# A new key and a type (exchange with a copy), a NOT NULL (edit), a type (in place) and a new column in one migration.
SECOND = """
tables:
  parent:
    columns:
      name: { type: text, unique: true }
      amount: integer
      extra: { type: text, default: none }
  child:
    columns:
      parent_id: { references: parent.id, on_delete: cascade, index: true }
      note: text
      size: integer?
"""
ROWS = 20000


class Kill(tenon_test.TenonTest):
    def test_old_or_new_never_between(self):
        self.write("tenon.yaml", "url: sqlite:app.db\n")
        self.write("schema.yaml", FIRST)
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.sql(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) "
                 "INSERT INTO parent SELECT i, 'n' || i, i FROM n; INSERT INTO child SELECT id, id, 'x', id * 3 FROM parent;")
        old_file = self.bytes()
        old = self.state()
        self.write("schema.yaml", SECOND)
        self.tenon("generate", "second")

        started = time.monotonic()
        self.tenon("migrate", "up")
        took = time.monotonic() - started
        new = self.state()
        self.assertNotEqual(old, new)

        rng = random.Random(1)
        seen = {"old": 0, "new": 0}
        for _ in range(int(os.environ.get("TENON_KILLS", "20"))):
            for suffix in ("-journal", "-wal", "-shm"):
                (self.folder / ("app.db" + suffix)).unlink(missing_ok=True)
            (self.folder / "app.db").write_bytes(old_file)
            run = subprocess.Popen([tenon_test.TENON, "migrate", "up"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, took))
            run.send_signal(signal.SIGKILL)
            run.wait()
            found = self.state()
            self.assertIn(found, (old, new))
            seen["old" if found == old else "new"] += 1
            self.tenon("migrate", "up")
            self.assertEqual(self.state(), new)
        self.assertGreater(seen["old"], 0, "no kill hit the migration: the test proves nothing")

    def test_a_stop_signal_leaves_the_file_as_it_was(self):
        self.write("tenon.yaml", "url: sqlite:app.db\n")
        self.write("schema.yaml", FIRST)
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                 "INSERT INTO parent SELECT i, 'n' || i, i FROM n;")
        old = self.state()
        self.write("schema.yaml", SECOND)
        self.tenon("generate", "second")
        run = subprocess.Popen([tenon_test.TENON, "migrate", "up"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        _, error = run.communicate(timeout=60)
        if run.returncode == 0:
            self.skipTest("the migration was faster than the signal")
        self.assertEqual(run.returncode, 4, error)
        self.assertEqual(self.state(), old)
        self.tenon("migrate", "up")

    def state(self):
        with sqlite3.connect(self.folder / "app.db") as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name <> 'tenon_migrations' ORDER BY 1, 2").fetchall()
            history = db.execute("SELECT version, state FROM tenon_migrations ORDER BY 1").fetchall()
            rows = [db.execute(f"SELECT count(*), sum(id) FROM {t}").fetchone() for t in ("parent", "child")]
        return schema, history, rows


if __name__ == "__main__":
    tenon_test.main()
