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

    def test_keys_that_may_be_null(self):
        """SQLite takes NULL for a key that is no rowid, unless the table is STRICT or WITHOUT ROWID."""
        tables = {
            "plain": "id TEXT PRIMARY KEY, v INT", "strict": "id TEXT NOT NULL PRIMARY KEY, v INT", "pair": "a TEXT, b INT NOT NULL, PRIMARY KEY (a, b)",
            "number": "id INT PRIMARY KEY, v TEXT", "falling": "id INTEGER PRIMARY KEY DESC, v TEXT", "untyped": "id PRIMARY KEY",
            "refers": "id TEXT PRIMARY KEY REFERENCES plain (id)", "rowid": "id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT"}
        self.sql("".join(f"CREATE TABLE {name} ({columns});" for name, columns in tables.items()) + "CREATE TABLE newer (id TEXT PRIMARY KEY) STRICT;"
                 "CREATE TABLE bare (id TEXT PRIMARY KEY) WITHOUT ROWID", "old.db")
        schema = self.write("schema.yaml", self.tenon("inspect", "--url", "sqlite:old.db").stdout).read_text()
        self.assertIn("id: { type: text, nullable: true, primary_key: true }", schema)
        self.tenon("fmt", "--check")
        self.tenon("diff", "--url", "sqlite:old.db")
        self.tenon("apply", "--yes", "--url", "sqlite:new.db")
        self.tenon("diff", "--url", "sqlite:new.db")
        for table in [*tables, "newer", "bare"]:
            info = f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')"
            self.assertEqual(self.rows(info, "old.db"), self.rows(info, "new.db"), table)
        # Said, it is held to; unsaid, it is the live table's affair.
        self.sql("DROP TABLE plain; CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY, v INT)", "new.db")
        self.tenon("diff", "--url", "sqlite:new.db", expect=2)
        self.write("schema.yaml", schema.replace("nullable: true, primary_key", "primary_key"))
        self.tenon("diff", "--url", "sqlite:old.db")


if __name__ == "__main__":
    tenon_test.main()
