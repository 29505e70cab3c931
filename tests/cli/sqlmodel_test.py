#!/usr/bin/env python3
"""Adopting a database that SQLModel made: a schema file that says what SQLModel makes is in sync with it."""
import pathlib
import subprocess
import sys

import tenon_test

MODELS = """
import sys
from datetime import datetime
from typing import List, Optional
from sqlmodel import Field, Relationship, SQLModel, create_engine

class User(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    username: str
    email: str
    posts: List["Post"] = Relationship(back_populates="user")

class Post(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    title: str
    body: str
    user_id: Optional[int] = Field(default=None, foreign_key="user.id")
    update_ts: Optional[datetime] = None
    user: Optional[User] = Relationship(back_populates="posts")

SQLModel.metadata.create_all(create_engine("sqlite:///" + sys.argv[1]))
"""

SCHEMA = """
tables:
  user:
    columns:
      {key}
      username: varchar
      email: varchar
    relations:
      posts: {{ many: post, back_populates: user }}
  post:
    columns:
      {key}
      title: varchar
      body: varchar
      user_id: {{ references: user.id, nullable: true }}
      update_ts: datetime?
    relations:
      user: {{ one: user, back_populates: posts }}
"""


class SqlModel(tenon_test.TenonTest):
    def setUp(self):
        super().setUp()
        self.write("models.py", MODELS)
        # Debian's package is for Debian's Python.
        subprocess.run(["/usr/bin/python3", "models.py", "app.db"], cwd=self.folder, check=True, capture_output=True)

    def test_in_sync_however_the_key_is_written(self):
        for key in ("", "id: { type: integer, primary_key: true }", "id: { type: bigint, primary_key: true }"):
            with self.subTest(key=key):
                self.write("schema.yaml", SCHEMA.format(key=key).replace("\n      \n", "\n"))
                self.tenon("diff", "--url", "sqlite:app.db")

    def test_a_difference_is_seen(self):
        self.write("schema.yaml", SCHEMA.format(key="").replace("email: varchar", "email: varchar(40)").replace("\n      \n", "\n"))
        self.assertIn("email", self.tenon("diff", "--url", "sqlite:app.db", expect=2).stdout)

    def test_init_adopts_it(self):
        self.sql("INSERT INTO user (username, email) VALUES ('ann', 'a@x'); INSERT INTO post (title, body, user_id) VALUES ('t', 'b', 1);")
        self.tenon("init", "--url", "sqlite:app.db")
        self.tenon("diff", "--url", "sqlite:app.db")
        self.tenon("check")
        schema = self.folder / "schema.yaml"
        schema.write_text(schema.read_text().replace("email:", "nickname: text?\n      email:"))
        self.tenon("generate", "nickname")
        self.tenon("migrate", "up", "--url", "sqlite:app.db")
        self.tenon("diff", "--url", "sqlite:app.db")
        self.assertEqual(self.rows("SELECT username, nickname FROM user"), [("ann", None)])
        self.assertEqual(self.rows("SELECT title FROM post"), [("t",)])


if __name__ == "__main__":
    tenon_test.main()
