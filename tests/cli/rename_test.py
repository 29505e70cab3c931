#!/usr/bin/env python3
"""Renames keep values: declared in the schema or named on the command line, up and down."""
import itertools

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

    def test_a_key_that_sqlite_itself_does_not_rename(self):
        """ALTER TABLE RENAME COLUMN misses an INTEGER PRIMARY KEY in some UNIQUE (…); everything that names it must follow."""
        rest = """CREATE TABLE child (up REFERENCES {t} ({c}) ON DELETE CASCADE, other REFERENCES {t});
            CREATE INDEX {t}_i ON {t} ({c}, e) WHERE {c} > 0; CREATE VIEW v AS SELECT {c} FROM {t};
            CREATE TRIGGER g AFTER UPDATE OF {c} ON {t} BEGIN INSERT INTO child VALUES (new.{c}, new.{c}); END;"""
        tables = ("CREATE TABLE {t} ({c} INTEGER /* the key */ PRIMARY KEY, e TEXT, UNIQUE (e, {c})) WITHOUT ROWID;",
                  "CREATE TABLE {t} (e TEXT, {c} \"integer\", UNIQUE ({c}), CONSTRAINT k PRIMARY KEY ({c})) STRICT;",
                  "CREATE TABLE {t} ({c} INTEGER, e, UNIQUE (e, {c}), PRIMARY  KEY ({c} COLLATE binary DESC) ON CONFLICT REPLACE, CHECK ({c} <> 7));",
                  "CREATE TABLE {t} (e UNIQUE, {c} INTEGER, UNIQUE ({c}), /* ids stay */ PRIMARY KEY ({c} AUTOINCREMENT));")
        for number, (table, rebuild) in enumerate(itertools.product(tables, ("fast", "classic"))):
            self.write("tenon.yaml", f"url: sqlite:app.db\nrebuild: {rebuild}\n")
            old, new = ((table + rest).format(t=t, c=c) for t, c in (("item", "id"), ("thing", "number")))
            for name, script in (("old", old), ("new", new)):
                self.write(f"{name}.sql", script)
                self.sql(script, f"{name}{number}.db")
            with self.subTest(table, rebuild=rebuild):
                for path in (self.folder / "migrations").iterdir():
                    path.unlink()
                url = ["--url", f"sqlite:live{number}.db"]
                self.tenon("generate", "first", "--schema", "old.sql", *url)
                self.tenon("migrate", "up", *url)
                self.sql("INSERT INTO item (id, e) VALUES (1, 'a'), (5, 'b'); INSERT INTO child VALUES (5, 5)", f"live{number}.db")
                self.tenon("generate", "second", "--schema", "new.sql", "--rename", "item=thing", "--rename", "item.id=number", *url)
                for way, wanted, query in (("up", "new", "SELECT number, e FROM thing"), ("down", "old", "SELECT id, e FROM item")) * 2:
                    self.tenon("migrate", way, *url)
                    self.tenon("diff", "--from", f"sqlite:live{number}.db", "--to", f"sqlite:{wanted}{number}.db")
                    self.assertEqual(sorted(self.rows(query, f"live{number}.db")), [(1, "a"), (5, "b")])
                    self.assertEqual(self.rows("SELECT count(*) FROM child UNION ALL SELECT count(*) FROM pragma_foreign_key_check",
                                               f"live{number}.db"), [(1,), (0,)])
                    for (text,) in self.rows("SELECT sql FROM sqlite_schema WHERE tbl_name <> 'tenon_migrations'", f"live{number}.db"):
                        self.assertNotIn("tenon", text or "")

    def test_a_rename_of_nothing_is_a_mistake(self):
        self.write("schema.yaml", TO.replace("    renamed_from: account\n", "").replace(", renamed_from: headline }", " }"))
        self.sql("DROP TABLE tenon_migrations")
        for verb in ("diff", "generate", "apply"):
            words = [verb, "second"] if verb == "generate" else [verb]
            for wrong, says in (("acount=customer", "there is no table acount"), ("acount=customer", "did you mean account?"),
                                ("account=custmer", "there is to be no table custmer"), ("entry=customer=x", "there is to be no table customer=x"),
                                ("headline.x=y", "there is no table headline")):
                self.assertIn(says, self.tenon(*words, "--rename", wrong, expect=64).stderr)
            wrong = ["--rename", "account=customer", "--rename", "account.headlin=title", "--rename", "customer.headline=titel",
                     "--rename", "account.headline=note"]
            told = self.tenon(*words, *wrong, expect=64).stderr
            for says in ("table account has no column headlin", "table customer is to have no column titel",
                         "table account has a column note already", "did you mean headline?", "did you mean title?"):
                self.assertIn(says, told)

    def test_a_rename_that_is_done_is_none(self):
        self.write("schema.yaml", TO.replace("renamed_from", "comment"))
        self.sql("DROP TABLE tenon_migrations")
        renames = ["--rename", "account=customer", "--rename", "account.headline=title", "--rename", "entry.account_id=customer_id"]
        self.tenon("apply", "--yes", *renames)
        self.tenon("diff", *renames)
        self.tenon("diff", "--rename", "account.headline=title", expect=64)  # of no table that is known by that name
        self.tenon("diff", "--rename", "Customer=customer", "--rename", "customer.TITLE=title")
        self.tenon("diff", "--rename", "acount=customer", "--rename", "entry.account=customer_id")  # what is meant is there
        self.tenon("diff", "--rename", "acount=customr", expect=64)

    def test_a_name_goes_on_to_another(self):
        """What b was is c, and what a was is b, of columns and of tables; an exchange cannot be told from one that is done."""
        self.sql("CREATE TABLE t (a TEXT, b TEXT); CREATE TABLE u (x TEXT); INSERT INTO t VALUES ('a', 'b'); INSERT INTO u VALUES ('u');", "old.db")
        self.sql("CREATE TABLE u (b TEXT, c TEXT); CREATE TABLE v (x TEXT);", "new.db")
        ends = ["diff", "--from", "sqlite:old.db", "--to", "sqlite:new.db"]
        renames = ["--rename", "t.a=b", "--rename", "t.b=c", "--rename", "t=u", "--rename", "u=v"]
        self.sql(self.tenon(*ends, *renames, "--format", "sql", expect=2).stdout, "old.db")
        self.assertEqual(self.rows("SELECT b, c, x FROM u, v", "old.db"), [("a", "b", "u")])
        self.tenon(*ends)
        self.assertIn("has a column c already", self.tenon(*ends, "--rename", "u.b=c", "--rename", "u.c=b", expect=64).stderr)

    def test_a_dot_may_be_part_of_a_table_s_name(self):
        self.sql('CREATE TABLE "a.b" (x); INSERT INTO "a.b" VALUES (7);', "old.db")
        self.sql('CREATE TABLE "a.c" (x);', "new.db")
        ends = ["diff", "--from", "sqlite:old.db", "--to", "sqlite:new.db"]
        self.assertIn("--rename a.b=a.c", self.tenon(*ends, expect=2).stdout)
        self.sql(self.tenon(*ends, "--rename", "a.b=a.c", "--format", "sql", expect=2).stdout, "old.db")
        self.assertEqual(self.rows('SELECT x FROM "a.c"', "old.db"), [(7,)])

    def test_two_renames_from_one_name(self):
        self.write("schema.yaml", TO.replace("note: text?", "note: { type: text, renamed_from: headline }"))
        self.assertIn("headline", self.tenon("diff", expect=1).stderr)


if __name__ == "__main__":
    tenon_test.main()
