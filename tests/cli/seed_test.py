#!/usr/bin/env python3
"""The first thing anyone does: two tables that belong together, from YAML to JSON."""
import re

import tenon_test

BLOG = """
tables:
  user:
    columns:
      username: text
      email: text
    relations:
      posts: { many: post, back_populates: user }
  post:
    columns:
      title: text
      body: text
      user_id: { references: user.id }
      update_ts:
        type: timestamptz
        default: { sql: now() }
        json: { format: iso-seconds }
    relations:
      user: { one: user, back_populates: posts }
"""


class Seed(tenon_test.TenonTest):
    def setUp(self):
        super().setUp()
        self.write("schema.yaml", BLOG)
        self.write("tenon.yaml", "url: sqlite:app.db\n")

    def test_from_schema_to_json_and_back(self):
        self.tenon("generate", "first")
        self.tenon("check")
        self.tenon("migrate", "up")
        self.tenon("diff")
        self.sql("INSERT INTO user (username, email) VALUES ('ann', 'ann@x');"
                 "INSERT INTO post (title, body, user_id) VALUES ('t1', 'b1', 1), ('t2', 'b2', 1);")
        self.assertEqual(self.rows("SELECT id FROM post ORDER BY id"), [(1,), (2,)])

        (ann,) = self.json("query", "user", "--with", "posts")
        self.assertEqual(list(ann), ["id", "username", "email", "posts"])
        self.assertEqual([p["title"] for p in ann["posts"]], ["t1", "t2"])
        self.assertNotIn("user", ann["posts"][0])

        post = self.json("query", "post", "--with", "user", "--where", "title = :t", "--param", "t=t2")[0]
        self.assertEqual(list(post), ["id", "title", "body", "user_id", "update_ts", "user"])
        self.assertEqual(post["user"], {"id": 1, "username": "ann", "email": "ann@x"})
        self.assertRegex(post["update_ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

        self.tenon("migrate", "down", expect=3)  # it would drop rows
        self.tenon("migrate", "down", "--allow-destructive")
        self.assertEqual(self.rows("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'tenon_%' AND name NOT LIKE 'sqlite_%'"), [])
        self.tenon("migrate", "up")
        self.tenon("diff")

    def test_ndjson_has_a_row_a_line(self):
        self.tenon("apply", "--yes")
        self.sql("INSERT INTO user (username, email) VALUES ('ann', 'a'), ('bob', 'b')")
        lines = self.tenon("query", "user", "--order=-username", "--format", "ndjson").stdout.splitlines()
        self.assertEqual(lines, ['{"id":2,"username":"bob","email":"b"}', '{"id":1,"username":"ann","email":"a"}'])

    def test_same_input_same_bytes(self):
        first = self.tenon("diff", "--from", "empty", "--to", "schema.yaml", "--format", "sql", expect=2).stdout
        second = self.tenon("diff", "--from", "empty", "--to", "schema.yaml", "--format", "sql", expect=2).stdout
        self.assertEqual(first, second)
        self.assertIsNone(re.search(r"/tmp|20\d\d-", first))


if __name__ == "__main__":
    tenon_test.main()
