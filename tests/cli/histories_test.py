#!/usr/bin/env python3
"""Ways down and up again where an earlier way down left a table with another order of columns than the files tell."""
import tenon_test


class Histories(tenon_test.TenonTest):
    def schemas(self, *columns, beside=""):
        """A migration for each text of t's columns."""
        self.write("tenon.yaml", "url: sqlite:app.db\n")
        for number, text in enumerate(columns, 1):
            self.generate(f"s{number}", text, beside)

    def generate(self, name, columns, beside=""):
        self.write("schema.yaml", f"tables:\n  t:\n    columns: {{{columns}}}\n{beside}")
        self.tenon("generate", name, "--allow-destructive")

    def fill(self):
        self.sql("INSERT INTO t (a, b) VALUES ('a1', 'b1'), ('a2', 'b2')")

    def values(self, columns="a, b"):
        return self.rows(f"SELECT {columns} FROM t ORDER BY id")

    def walk(self):
        self.tenon("migrate", "up")
        self.tenon("migrate", "down", "1", "--allow-destructive")
        self.tenon("migrate", "down", "1", "--allow-destructive")
        self.fill()
        self.tenon("migrate", "down", "1", "--allow-destructive")
        self.tenon("migrate", "up", "1")
        self.fill()
        self.tenon("migrate", "up")
        self.tenon("migrate", "down", "2", "--allow-destructive")
        self.assertEqual([row[0] for row in self.values("a")], ["a1", "a2"])
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.tenon("migrate", "up")
        self.tenon("check")
        self.tenon("diff")

    def test_a_dropped_column(self):
        self.schemas("a: text?, b: text?", "a: text, b: text?", "a: text")
        self.walk()

    def test_a_dropped_column_that_stood_first(self):
        self.schemas("b: text?, a: text", "b: text?, a: text?", "a: text?")
        self.walk()

    def test_a_renamed_column(self):
        self.schemas("a: text?, b: text?", "a: text, b: text?", "a2: {type: text, renamed_from: a}, b: text?")
        self.walk()

    def test_a_dropped_foreign_key(self):
        other = "  p: {columns: {name: text}}\n"
        self.schemas("a: text?, p: {references: p.id, nullable: true}, b: text?", "a: text, p: {references: p.id, nullable: true}, b: text?", "a: text, b: text?", beside=other)
        self.walk()

    def test_a_dropped_column_and_a_new_key(self):
        self.schemas("b: text?, a: text?", "b: text?, a: text", "a: {type: text, unique: true}")
        self.walk()

    def test_a_dropped_key_of_two(self):
        self.schemas("b: {type: text?, unique: true}, a: {type: text?, unique: true}", "b: {type: text?, unique: true}, a: {type: text, unique: true}", "a: {type: text, unique: true}")
        self.walk()

    def test_another_migration_after_a_reverted_one(self):
        self.schemas("b: text?, a: text", "b: text?, a: text?", "a: text?")
        self.tenon("migrate", "up", "2")
        self.fill()
        self.tenon("migrate", "up")
        self.tenon("migrate", "down", "1", "--allow-destructive")
        next((self.folder / "migrations").glob("*_s3.sql")).unlink()
        self.generate("s4", "b: text?, a: {type: text?, default: x}")
        self.tenon("migrate", "up")
        self.assertEqual(self.values(), [("a1", None), ("a2", None)])
        self.sql("INSERT INTO t (b) VALUES ('b3')")
        self.assertEqual(self.values()[-1], ("x", "b3"))
        self.tenon("diff")
        self.tenon("migrate", "down", "3", "--allow-destructive")

    def test_an_order_that_somebody_made(self):
        self.schemas("b: text?, a: text?", "b: text?, a: text")
        self.tenon("migrate", "up", "1")
        self.fill()
        self.sql("CREATE INDEX by_hand ON t (b); CREATE TABLE log (x);"
                 "ALTER TABLE t ADD COLUMN b2 TEXT; UPDATE t SET b2 = b; DROP INDEX by_hand; ALTER TABLE t DROP COLUMN b;"
                 "ALTER TABLE t RENAME COLUMN b2 TO b; CREATE INDEX by_hand ON t (b);"
                 "CREATE TRIGGER noticed AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.b); END;")
        self.tenon("migrate", "up")
        self.assertEqual(self.values(), [("a1", "b1"), ("a2", "b2")])
        self.assertEqual(self.rows("SELECT a FROM t INDEXED BY by_hand WHERE b = 'b2'"), [("a2",)])
        self.assertEqual(self.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'"), [("noticed",)])
        self.assertEqual(self.rows("SELECT count(*) FROM log"), [(0,)])

    def test_a_definition_that_says_something_else_stays(self):
        self.schemas("b: text?, a: text?", "b: text?, a: text")
        self.tenon("migrate", "up", "1")
        self.sql("ALTER TABLE t ADD COLUMN c TEXT")
        before = self.bytes()
        run = self.tenon("migrate", "up", expect=3)
        self.assertIn("t: the table is not stored as it was when this was planned\n", run.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM tenon_migrations"), [(1,)])
        self.assertEqual(len(before), len(self.bytes()))

    def test_computed_values_that_a_strict_table_does_not_take(self):
        table = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, {}, {}) STRICT;"
        self.write("before.sql", table.format("v BLOB DEFAULT x'00ff' NOT NULL", "w INTEGER"))
        self.write("after.sql", table.format("v TEXT AS (lower(a))", "w TEXT AS (lower(a))"))
        url = ["--url", "sqlite:strict.db"]
        (self.folder / "migrations").mkdir(exist_ok=True)
        for path in (self.folder / "migrations").iterdir():
            path.unlink()
        self.tenon("generate", "before", "--schema", "before.sql", *url)
        self.tenon("generate", "after", "--schema", "after.sql", "--allow-destructive", *url)
        self.tenon("migrate", "up", *url)
        self.sql("INSERT INTO t (id, a) VALUES (1, 'X'), (2, '7'), (3, NULL)", "strict.db")
        self.tenon("migrate", "down", *url)
        self.assertEqual(self.rows("SELECT id, a, v, w FROM t", "strict.db"),
                         [(1, "X", b"\0\xff", None), (2, "7", b"\0\xff", 7), (3, None, b"\0\xff", None)])
        self.tenon("migrate", "up", *url)


if __name__ == "__main__":
    tenon_test.main()
