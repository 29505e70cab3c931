#!/usr/bin/env python3
"""schemas/tenon.schema.json and the reader accept and refuse the same: the samples, and each key of them misspelt."""
import json
import subprocess

import jsonschema
import tenon_test
import yaml

SCHEMA = json.loads((tenon_test.SOURCE / "schemas/tenon.schema.json").read_text())


def load(path):
    """YAML as JSON sees it: dates and the like are texts."""
    return yaml.load(path.read_text(), yaml.BaseLoader)


def typed(node):
    """BaseLoader leaves everything a text; the schema's booleans and numbers are found by their words."""
    if isinstance(node, dict):
        return {k: typed(v) for k, v in node.items()}
    if isinstance(node, list):
        return [typed(v) for v in node]
    return {"true": True, "false": False, "null": None, "": None}.get(node, int(node) if isinstance(node, str) and node.isdigit() else node)


def object_keys(schema):
    """Every key that the JSON Schema names in an object, with the number of objects that name it."""
    found = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        for value in schema.values():
            found |= object_keys(value)
    elif isinstance(schema, list):
        for value in schema:
            found |= object_keys(value)
    return found


class JsonSchema(tenon_test.TenonTest):
    def test_samples_are_valid_for_both(self):
        validator = jsonschema.Draft7Validator(SCHEMA)
        for name in ("blog.yaml", "shop.yaml", "press.yaml"):
            with self.subTest(name):
                path = tenon_test.SOURCE / "schemas" / name
                errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(typed(load(path)))]
                self.assertEqual(errors, [])
                self.tenon("diff", "--from", "empty", "--to", path, expect=2)

    def test_samples_use_every_key(self):
        text = "".join((tenon_test.SOURCE / "schemas" / name).read_text() for name in ("blog.yaml", "shop.yaml", "press.yaml"))
        missing = {key for key in object_keys(SCHEMA) if f"{key}:" not in text}
        # Forms that a sample would say twice, and those that `tenon inspect` alone writes.
        self.assertLessEqual(missing, {"absent", "inherited", "complete", "sequence", "of", "file",
                                       "set_columns", "no_inherit", "table", "expression", "desc", "autoincrement", "bounds", "schema"})

    def test_both_refuse_misspelt_keys(self):
        validator = jsonschema.Draft7Validator(SCHEMA)
        base = "tables:\n  t:\n    columns:\n      a: {{ {column} }}\n    {table}\n"
        for column, table in (("type: text, nulable: true", "comment: x"), ("type: text", "colunms: {}"), ("type: text", "strikt: true"),
                              ("type: text, json: { fromat: iso }", "comment: x")):
            text = base.format(column=column, table=table)
            self.write("schema.yaml", text)
            self.tenon("diff", "--from", "empty", "--to", "schema.yaml", expect=1)
            self.assertFalse(validator.is_valid(typed(yaml.load(text, yaml.BaseLoader))), text)

    def test_init_writes_it(self):
        self.tenon("init")
        self.assertEqual(json.loads((self.folder / "tenon.schema.json").read_text()), SCHEMA)


if __name__ == "__main__":
    tenon_test.main()
