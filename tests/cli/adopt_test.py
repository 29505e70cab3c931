#!/usr/bin/env python3
"""Adopting databases: the schema file that `init --url` writes is in sync with the database it was written from, canonical, and
the migrations agree with it.  On random schemas, because people's databases hold everything."""
import sqlite3
import sys

import tenon_test

sys.path.insert(0, str(tenon_test.SOURCE / "tests/property"))
import random_schema  # noqa: E402


class Adopt(tenon_test.TenonTest):
    def test_what_init_writes_is_in_sync(self):
        for seed in range(1, 61):
            with self.subTest(seed=seed):
                script, _, _ = random_schema.pair(seed)
                with sqlite3.connect(self.folder / f"{seed}.db") as db:
                    db.executescript(script)
                url = ["--url", f"sqlite:{seed}.db"]
                self.tenon("init", *url)
                self.tenon("diff", *url)
                self.tenon("check")
                self.tenon("fmt", "--check")
                self.tenon("migrate", "up", *url)  # the baseline is recorded, not run
                self.assertEqual(self.rows("SELECT state FROM tenon_migrations", f"{seed}.db"), [("baseline",)])
                self.tenon("diff", *url)
                for name in ("tenon.yaml", "schema.yaml", "tenon.schema.json"):
                    (self.folder / name).unlink()
                for path in (self.folder / "migrations").iterdir():
                    path.unlink()


if __name__ == "__main__":
    tenon_test.main()
