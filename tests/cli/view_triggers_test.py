#!/usr/bin/env python3
"""Triggers that stand on views, declared in a schema file and left alone by one."""
import tenon_test

URL = ["--url", "sqlite:app.db"]
TABLE = "tables:\n  post:\n    columns: { title: text }\n"
VIEW = "views:\n  headline:\n    as: select id, title from post\n"
TRIGGER = '    triggers:\n      write: { sql: "instead of insert on headline begin insert into post (title) values (%s); end" }\n'


class ViewTriggers(tenon_test.TenonTest):
    def stored(self):
        return [sql for (sql,) in self.rows("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]

    def test_a_declared_one_is_made_changed_and_dropped(self):
        self.write("schema.yaml", TABLE + VIEW + TRIGGER % "new.title")
        self.assertIn("CREATE TRIGGER", self.tenon("diff", "--from", "empty", "--to", "schema.yaml", "--format", "sql", expect=2).stdout)
        self.tenon("apply", *URL, "--yes")
        self.tenon("diff", *URL)
        self.sql("INSERT INTO headline (title) VALUES ('first')")
        self.assertEqual(self.rows("SELECT title FROM post"), [("first",)])

        self.write("schema.yaml", TABLE + VIEW + TRIGGER % "upper(new.title)")
        self.tenon("apply", *URL, "--yes")
        self.tenon("diff", *URL)
        self.assertIn("upper", self.stored()[0])

        self.write("schema.yaml", TABLE + VIEW + "    triggers: {}\n")
        self.tenon("apply", *URL, "--yes")
        self.assertEqual(self.stored(), [])
        self.tenon("diff", *URL)

    def test_one_that_the_schema_does_not_mention_stays_and_is_named(self):
        self.sql("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL); CREATE VIEW headline AS select id, title from post;"
                 "CREATE TRIGGER write INSTEAD OF DELETE ON headline BEGIN DELETE FROM post WHERE id = old.id; END;")
        before = self.stored()
        self.write("schema.yaml", TABLE + VIEW)
        self.assertIn("trigger write", self.tenon("diff", *URL).stderr)
        self.write("schema.yaml", TABLE + VIEW.replace("id, title", "id, title, 1 as one"))  # the view is made anew
        self.tenon("apply", *URL, "--yes")
        self.assertEqual(self.stored(), before)
        self.tenon("diff", *URL)

    def test_init_declares_it(self):
        self.sql("CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL); CREATE VIEW headline AS select id, title from post;"
                 "CREATE TRIGGER write INSTEAD OF DELETE ON headline BEGIN DELETE FROM post WHERE id = old.id; END;")
        self.tenon("init", *URL)
        self.assertIn("instead of delete", (self.folder / "schema.yaml").read_text().lower())
        self.tenon("diff", *URL)
        self.sql("DROP TRIGGER write")
        self.assertIn("CREATE TRIGGER", self.tenon("diff", *URL, "--format", "sql", expect=2).stdout)


if __name__ == "__main__":
    tenon_test.main()
