"""What the command-line tests share: a temporary folder, the command, and SQLite."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

TENON = os.environ.get("TENON", "tenon")
SOURCE = pathlib.Path(__file__).resolve().parents[2]


class TenonTest(unittest.TestCase):
    """Runs in a fresh folder; self.tenon("diff", …) runs the command there."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tenon_test_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def tenon(self, *args, expect=0, stdin="", env=None, timeout=120):
        """Runs the command and checks its exit status; returns the finished process."""
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "TENON_CONFIG")}
        run = subprocess.run([TENON, *map(str, args)], cwd=self.folder, input=stdin, capture_output=True, text=True, timeout=timeout,
                             env={**environment, "CI": "true", **(env or {})})
        if expect is not None:
            self.assertEqual(run.returncode, expect, f"tenon {' '.join(map(str, args))}\n--- stdout\n{run.stdout}\n--- stderr\n{run.stderr}")
        return run

    def json(self, *args, **options):
        return json.loads(self.tenon(*args, **options).stdout)

    def sql(self, script, name="app.db"):
        """Runs a script on a database of the folder."""
        with sqlite3.connect(self.folder / name) as db:
            db.executescript(script)

    def rows(self, query, name="app.db"):
        with sqlite3.connect(self.folder / name) as db:
            return db.execute(query).fetchall()

    def bytes(self, name="app.db"):
        return (self.folder / name).read_bytes()


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[1:], verbosity=1)
