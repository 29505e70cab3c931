#!/usr/bin/env python3
"""The first thing anyone does, on PostgreSQL: two tables that belong together, from YAML to JSON; and adopting a database."""
import tenon_test
from seed_test import BLOG

ROWS = """
INSERT INTO "user" (username, email) VALUES ('ann', 'ann@x');
INSERT INTO post (title, body, user_id) VALUES ('t1', 'b1', 1), ('t2', 'b2', 1);
"""


class Seed(tenon_test.PostgresTest):
    def setUp(self):
        super().setUp()
        self.write("schema.yaml", BLOG)

    def test_from_schema_to_json_and_back(self):
        self.tenon("generate", "first")
        self.assertEqual(self.dump(), [], "generate touches nothing")
        self.tenon("check")
        self.tenon("status", expect=2)
        self.tenon("migrate", "up")
        self.tenon("diff")
        self.tenon("status")
        self.psql(ROWS)

        (ann,) = self.json("query", "user", "--with", "posts")
        self.assertEqual(list(ann), ["id", "username", "email", "posts"])
        self.assertEqual([p["title"] for p in ann["posts"]], ["t1", "t2"])
        self.assertNotIn("user", ann["posts"][0])

        post = self.json("query", "post", "--with", "user", "--where", "title = :t", "--param", "t=t2")[0]
        self.assertEqual(list(post), ["id", "title", "body", "user_id", "update_ts", "user"])
        self.assertEqual(post["user"], {"id": 1, "username": "ann", "email": "ann@x"})
        self.assertRegex(post["update_ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

        up = self.dump()
        refused = self.tenon("migrate", "down", expect=3).stderr
        self.assertIn("2 row(s)", refused)
        self.assertEqual(self.dump(), up)
        self.tenon("migrate", "down", "--allow-destructive")
        self.assertEqual(self.dump(), [])
        self.assertEqual(self.ask("SELECT count(*) FROM tenon_migrations"), "0")
        self.tenon("migrate", "up")
        self.assertEqual(self.dump(), up)
        self.tenon("migrate", "redo")
        self.assertEqual(self.dump(), up)
        self.tenon("diff")

    def test_apply(self):
        self.tenon("apply", expect=3)  # nobody confirms
        self.assertIn("CREATE TABLE", self.tenon("apply", "--dry-run", expect=2).stdout)
        self.assertEqual(self.dump(), [])
        self.tenon("apply", "--yes")
        self.tenon("diff")
        self.assertIn("nothing to do", self.tenon("apply", "--yes").stderr)
        self.psql(ROWS)
        self.write("schema.yaml", BLOG.replace("title: text", "headline: { type: text, renamed_from: title }"))
        self.tenon("apply", "--yes")
        self.tenon("diff")
        self.assertEqual(self.ask("SELECT headline FROM post ORDER BY 1"), "t1\nt2")

    def test_the_history_decides(self):
        self.tenon("generate", "first")
        self.tenon("migrate", "up")
        self.write("schema.yaml", BLOG + "  more:\n    columns:\n      a: text\n")
        self.assertIn("generate", self.tenon("apply", "--yes", expect=3).stderr)
        self.tenon("check", expect=2)
        self.tenon("generate", "more")
        self.assertIn("more", self.tenon("migrate", "up", "--dry-run", expect=2).stdout)
        self.tenon("migrate", "up", "1")
        self.tenon("check")
        self.tenon("diff")

    def test_init_adopts_a_database(self):
        self.tenon("apply", "--yes")
        self.psql(ROWS)
        before = self.dump()
        for name in ("tenon.yaml", "schema.yaml"):
            (self.folder / name).unlink()
        self.tenon("init", "--url", self.url)
        self.tenon("diff")
        self.tenon("check")
        path = self.only_file()
        self.tenon("migrate", "up")
        self.assertEqual(self.ask("SELECT state FROM tenon_migrations"), "baseline")
        self.assertEqual(self.dump(), before)
        self.tenon("migrate", "down", expect=3)

        # The baseline is SQL for psql, and makes an empty database the same.
        other = self.database()
        self.psql(path.read_text().split("-- migrate:down")[0], other)
        self.assertEqual(self.dump(other), before)
        third = self.database()
        self.tenon("migrate", "up", "--url", third)
        self.assertEqual(self.ask("SELECT state FROM tenon_migrations", third), "applied")
        self.assertEqual(self.dump(third), before)

        # A database that holds something else is told apart.
        fourth = self.database()
        self.psql('CREATE TABLE "user" (id int)', fourth)
        refused = self.tenon("migrate", "up", "--url", fourth, expect=3).stderr
        self.assertIn("baseline", refused)
        self.tenon("migrate", "baseline", path.name.split("_")[0], "--url", fourth)
        self.tenon("migrate", "up", "--url", fourth)

    def test_same_input_same_bytes(self):
        flags = ["diff", "--from", "empty", "--to", "schema.yaml", "--format", "sql"]
        self.assertEqual(self.tenon(*flags, expect=2).stdout, self.tenon(*flags, expect=2).stdout)


if __name__ == "__main__":
    tenon_test.main()
