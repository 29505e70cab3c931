#!/usr/bin/env python3
"""Renames keep values: declared in the schema or named on the command line, up and down."""
import tenon_test

FROM = """
tables:
  account:
    columns:
      headline: text
      note: text?
    checks:
      headline_not_empty: length(headline) > 0
    indexes:
      - [headline]
  entry:
    columns:
      account_id: { references: account.id, on_delete: cascade }
views:
  headlines: { as: select headline from account }
"""
TO = """
tables:
  customer:
    renamed_from: account
    columns:
      title: { type: text, renamed_from: headline }
      note: text?
    checks:
      title_not_empty: { check: length(title) > 0, renamed_from: headline_not_empty }
    indexes:
      - [title]
  entry:
    columns:
      customer_id: { references: customer.id, on_delete: cascade, renamed_from: account_id }
views:
  headlines: { as: select title from customer }
"""


class Rename(tenon_test.TenonTest):
    def setUp(self):
        super().setUp()
        self.write("tenon.yaml", "url: sqlite:app.db\n")
        self.write("schema.yaml", FROM)
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.sql("INSERT INTO account (headline) VALUES ('kept'), ('too'); INSERT INTO entry (account_id) VALUES (1), (1), (2);")

    def test_declared(self):
        self.write("schema.yaml", TO)
        self.tenon("generate", "second")
        self.tenon("migrate", "up")
        self.tenon("diff")
        self.assertEqual(self.rows("SELECT title FROM customer ORDER BY id"), [("kept",), ("too",)])
        self.assertEqual(self.rows("SELECT title FROM headlines ORDER BY 1"), [("kept",), ("too",)])
        self.assertEqual(self.rows("SELECT customer_id FROM entry"), [(1,), (1,), (2,)])
        self.tenon("migrate", "down")
        self.assertEqual(self.rows("SELECT headline FROM account ORDER BY id"), [("kept",), ("too",)])
        self.assertEqual(self.rows("SELECT account_id FROM entry"), [(1,), (1,), (2,)])
        self.tenon("migrate", "up")
        self.tenon("diff")

    def test_an_undeclared_rename_is_a_question(self):
        self.write("schema.yaml", TO.replace("    renamed_from: account\n", ""))
        questions = self.json("generate", "second", "--format", "json", expect=3)["questions"]
        self.assertIn("--rename account=customer", [q["flag"] for q in questions])
        self.assertEqual(self.rows("SELECT count(*) FROM account"), [(2,)])

    def test_a_likely_rename_is_never_a_drop_in_silence(self):
        self.write("schema.yaml", TO.replace("    renamed_from: account\n", ""))
        self.sql("DROP TABLE tenon_migrations")
        verbs = (["diff", "--format", "sql"], ["apply", "--dry-run"], ["generate", "second", "--dry-run"])
        for verb in verbs:
            run = self.tenon(*verb, "--allow-destructive", expect=2)
            self.assertIn("dropped, not renamed: account   (if it has become customer: --rename account=customer)", run.stderr)
            self.assertIn("DROP TABLE", run.stdout)
            run = self.tenon(*verb, "--allow-destructive=account", expect=2)
            self.assertNotIn("renamed", run.stderr)  # named, it is decided
            self.tenon(*verb, "--allow-destructive=", expect=64)  # a variable that is not set approves nothing

    def test_yes_does_not_approve_a_drop(self):
        self.write("schema.yaml", FROM.replace("      note: text?\n", ""))
        self.sql("DROP TABLE tenon_migrations")  # apply is for databases without a history
        self.assertIn("--allow-destructive=account.note", self.tenon("apply", "--yes", expect=3).stderr)
        self.tenon("apply", "--yes", "--allow-destructive=account.note")
        self.tenon("diff")

    def test_two_renames_from_one_name(self):
        self.write("schema.yaml", TO.replace("note: text?", "note: { type: text, renamed_from: headline }"))
        self.assertIn("headline", self.tenon("diff", expect=1).stderr)


if __name__ == "__main__":
    tenon_test.main()
