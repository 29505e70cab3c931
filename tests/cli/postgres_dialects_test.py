#!/usr/bin/env python3
"""One schema, two dialects: migrations/sqlite and migrations/postgres are written together and lead to the same place."""
import tenon_test

FIRST = """
tables:
  user:
    columns:
      name: varchar(40)
      active: { type: boolean, default: true }
      amount: { type: "decimal(10,2)", default: 0 }
      made: { type: timestamptz, default: { sql: now() }, json: { format: iso-seconds } }
    checks:
      name_not_empty: length(name) > 0
  post:
    columns:
      title: text
      user_id: { references: user.id, on_delete: cascade, index: true }
    relations:
      user: { one: user }
"""
SECOND = FIRST.replace("title: text", "headline: { type: text, renamed_from: title }").replace("name: varchar(40)", "name: varchar(60)")


class Dialects(tenon_test.PostgresTest):
    def setUp(self):
        super().setUp()
        self.write("schema.yaml", FIRST)
        self.write("tenon.yaml", f'url: sqlite:app.db\nscratch_url: "{self.url}"\nenvironments:\n  production: {{ url: "{self.url}" }}\n')
        for name in ("sqlite", "postgres"):
            (self.folder / "migrations" / name).mkdir(parents=True)

    def names(self, dialect):
        return [p.name for p in sorted((self.folder / "migrations" / dialect).iterdir())]

    def test_written_and_run_together(self):
        self.tenon("generate", "first")
        self.assertEqual(self.names("sqlite"), self.names("postgres"))
        (name,) = self.names("sqlite")
        self.assertIn("dialect=sqlite", (self.folder / "migrations/sqlite" / name).read_text())
        self.assertIn("dialect=postgres", (self.folder / "migrations/postgres" / name).read_text())
        self.tenon("check")
        for flags in ([], ["--env", "production"]):
            self.tenon("migrate", "up", *flags)
            self.tenon("diff", *flags)
        self.sql("INSERT INTO user (name) VALUES ('ann'); INSERT INTO post (title, user_id) VALUES ('t', 1)")
        self.psql("INSERT INTO \"user\" (name) VALUES ('ann'); INSERT INTO post (title, user_id) VALUES ('t', 1)")

        self.write("schema.yaml", SECOND)
        self.tenon("check", expect=2)
        self.tenon("generate", "second")
        self.assertEqual(self.names("sqlite"), self.names("postgres"))
        rows = []
        for flags in ([], ["--env", "production"]):
            self.tenon("migrate", "up", *flags)
            self.tenon("diff", *flags)
            self.tenon("status", *flags)
            rows.append(self.json("query", "post", "--with", "user", *flags))
        for row in rows:
            row[0]["user"].pop("made")
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(rows[0][0]["user"], {"id": 1, "name": "ann", "active": True, "amount": "0.00"})
        for flags in ([], ["--env", "production"]):
            self.tenon("migrate", "down", *flags)
            self.tenon("migrate", "up", *flags)

    def test_what_concerns_one_alone(self):
        self.tenon("generate", "first")
        self.write("schema.yaml", FIRST.replace("title: text", "title: { type: text, storage: external }"))
        self.tenon("generate", "second")
        self.assertEqual((len(self.names("sqlite")), len(self.names("postgres"))), (1, 2))
        self.assertIn("sqlite skips", self.tenon("check").stderr)
        self.tenon("new", "by_hand")
        self.assertEqual((len(self.names("sqlite")), len(self.names("postgres"))), (2, 3))
        self.assertEqual(self.names("sqlite")[-1], self.names("postgres")[-1])

    def test_a_key_that_may_be_null_is_sqlites(self):
        self.write("schema.yaml", FIRST + "  label:\n    columns:\n      code: { type: text, nullable: true, primary_key: true }\n")
        self.tenon("generate", "first")
        self.assertIn("postgres skips label.code: nullable", self.tenon("check").stderr)
        for flags in ([], ["--env", "production"]):
            self.tenon("migrate", "up", *flags)
            self.tenon("diff", *flags)
        self.sql("INSERT INTO label VALUES (NULL)")

    def test_a_question_in_one_writes_neither(self):
        self.tenon("generate", "first")
        self.write("schema.yaml", FIRST.replace("title: text", "caption: text"))
        self.tenon("generate", "second", expect=3)
        self.assertEqual((len(self.names("sqlite")), len(self.names("postgres"))), (1, 1))


if __name__ == "__main__":
    tenon_test.main()
