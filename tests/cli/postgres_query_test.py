#!/usr/bin/env python3
"""Rows of PostgreSQL as JSON: every portable type, relations, and what the command line may ask for."""
import json

import tenon_test

SCHEMA = """
enums:
  mood: [sad, ok]
tables:
  v:
    columns:
      b: boolean?
      i: smallint?
      l: bigint?
      r: real?
      d: double?
      n: { type: "decimal(10,3)", nullable: true }
      big: { type: "decimal(20,0)", nullable: true, json: { format: number } }
      da: date?
      ti: time?
      ts: timestamp?
      tz: timestamptz?
      ms: { type: timestamptz, nullable: true, json: { format: unix-ms } }
      iv: interval?
      u: uuid?
      j: json?
      jb: jsonb?
      by: bytes?
      hex: { type: bytes, nullable: true, json: { format: hex } }
      m: mood?
      a: "text[]?"
      ip: inet?
      hidden: { type: text, nullable: true, json: false }
"""
SHOP = """
tables:
  tag:
    primary_key: none
    columns:
      name: { type: text, unique: true }
    relations:
      items: { many: item, through: item_tag }
  item:
    columns:
      code: text
      part: integer
      parent_code: text?
      parent_part: integer?
    unique:
      - [code, part]
    foreign_keys:
      - { columns: [parent_code, parent_part], references: item, referenced_columns: [code, part] }
    relations:
      parent: { one: item, via: [parent_code, parent_part], back_populates: parts }
      parts: { many: item, via: [parent_code, parent_part], back_populates: parent }
      tags: { many: tag, through: item_tag }
  item_tag:
    primary_key: none
    columns:
      item_id: { references: item.id }
      tag_name: { references: tag.name }
"""


class Query(tenon_test.PostgresTest):
    def query(self, *arguments):
        return [json.loads(line) for line in self.tenon("query", *arguments, "--format", "ndjson").stdout.splitlines()]

    def test_types(self):
        self.write("schema.yaml", SCHEMA)
        self.tenon("apply", "--yes")
        self.psql("""
        INSERT INTO v (b, i, l, r, d, n, big, da, ti, ts, tz, ms, iv, u, j, jb, by, hex, m, a, ip, hidden) VALUES
          (true, -3, 9223372036854775807, 0.1, 1e300, -12345.6, 99999999999999999999, '2024-02-29', '12:34:56.789', '2024-01-02 03:04:05.5',
           '2024-01-02 03:04:05.123456+02', '1969-12-31 23:59:59.5+00', '1 day 2 hours', '0a0b0c0d-0000-4000-8000-00000000000f',
           E'{"a":\\n 1}', '{"b": [1, 2]}', '\\x00ff10', '\\x00ff', 'ok', '{a,"b c",NULL}', '10.0.0.1', 'secret');
        INSERT INTO v (r, d, n, da, ts, tz, ti, big) VALUES
          ('NaN', '-Infinity', 'NaN', 'infinity', '-infinity', '0044-03-15 00:00:00+00 BC', '24:00:00', 0),
          (0, 0, 0.001, '0001-01-01', '9999-12-31 23:59:59.999999', '2024-06-01 00:00:00+00', '00:00:00', 120000);
        ALTER DATABASE current_database_ SET timezone = 'Asia/Tokyo'""".replace("current_database_", tenon_test.postgres_state.name_of(self.url)))
        one, two, three = self.query("v")
        self.assertEqual(one, {
            "id": 1, "b": True, "i": -3, "l": 9223372036854775807, "r": 0.1, "d": 1e300, "n": "-12345.600", "big": 99999999999999999999,
            "da": "2024-02-29", "ti": "12:34:56.789", "ts": "2024-01-02T03:04:05.500", "tz": "2024-01-02T01:04:05.123456Z", "ms": -500,
            "iv": "1 day 02:00:00", "u": "0a0b0c0d-0000-4000-8000-00000000000f", "j": {"a": 1}, "jb": {"b": [1, 2]}, "by": "AP8Q",
            "hex": "00ff", "m": "ok", "a": ["a", "b c", None], "ip": "10.0.0.1"})
        self.assertEqual([two[k] for k in ("r", "d", "n", "da", "ts", "tz", "ti", "big")], [None] * 6 + ["24:00:00", 0])
        self.assertEqual([three[k] for k in ("r", "d", "n", "da", "ts", "tz", "ti", "big")],
                         [0.0, 0.0, "0.001", "0001-01-01", "9999-12-31T23:59:59.999999", "2024-06-01T00:00:00Z", "00:00:00", 120000])

    def test_relations(self):
        self.write("schema.yaml", SHOP)
        self.tenon("apply", "--yes")
        self.psql("""
        INSERT INTO item (code, part, parent_code, parent_part)
          SELECT 'c' || (i - 1) / 10, i % 10, CASE WHEN i > 10 THEN 'c0' END, CASE WHEN i > 10 THEN i % 10 END FROM generate_series(1, 1300) i;
        INSERT INTO tag VALUES ('red'), ('blue');
        INSERT INTO item_tag SELECT id, 'red' FROM item WHERE id % 2 = 0;
        INSERT INTO item_tag VALUES (1, 'blue'), (2, 'blue')""")
        items = self.query("item", "--with", "parent,tags")
        self.assertEqual(len(items), 1300)
        self.assertEqual([i["id"] for i in items], list(range(1, 1301)))
        for item in items:
            self.assertEqual(item["parent"] and (item["parent"]["code"], item["parent"]["part"]),
                             (item["parent_code"], item["parent_part"]) if item["id"] > 10 else None)
        self.assertEqual(sorted(t["name"] for t in items[1]["tags"]), ["blue", "red"])
        self.assertEqual(items[2]["tags"], [])
        first = self.json("query", "item", "--with", "parts.tags", "--limit", "1")[0]
        self.assertEqual(len(first["parts"]), 129)
        self.assertEqual({len(p["tags"]) for p in first["parts"]}, {0})
        tags = self.query("tag", "--with", "items", "--order=-name", "--select", "name")
        self.assertEqual([(t["name"], len(t["items"])) for t in tags], [("red", 650), ("blue", 2)])
        self.assertEqual(self.query("item", "--where", "code = :c AND part > :p::int", "--param", "c=c1", "--param", "p=7", "--select", "id,part", "--order=-part"),
                         [{"id": 19, "part": 9}, {"id": 18, "part": 8}])
        self.assertEqual(self.json("query", "item", "--offset", "1299", "--select", "id"), [{"id": 1300}])

    def test_mistakes(self):
        self.write("schema.yaml", SHOP)
        self.tenon("apply", "--yes")
        self.assertIn("item", self.tenon("query", "itm", expect=1).stderr)
        self.assertIn("tags", self.tenon("query", "item", "--with", "tagz", expect=1).stderr)
        self.assertIn(":x", self.tenon("query", "item", "--where", "code = :x", expect=1).stderr)
        self.assertIn("nosuch", self.tenon("query", "item", "--where", "nosuch = 1", expect=1).stderr)
        # Reading is all that a query can do.
        self.tenon("query", "item", "--where", "1 = 1); DROP TABLE item; --", expect=1)
        self.assertEqual(self.ask("SELECT count(*) FROM item"), "0")


if __name__ == "__main__":
    tenon_test.main()
