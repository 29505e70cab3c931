"""What the command-line tests share: a temporary folder, the command, and a database: SQLite's, or one of a PostgreSQL server."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

TENON = os.environ.get("TENON", "tenon")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/property"))
import postgres_state  # noqa: E402


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


class PostgresTest(TenonTest):
    """Has an empty database on the server of TENON_TEST_POSTGRES, which tenon.yaml names; a test that cannot reach it fails."""

    def setUp(self):
        super().setUp()
        if not os.environ.get("TENON_TEST_POSTGRES"):
            self.fail("TENON_TEST_POSTGRES names no server: run tools/test")
        self.url = self.database()
        self.write("tenon.yaml", f'url: "{self.url}"\n')

    count = 0

    def database(self):
        """The URL of another empty database."""
        PostgresTest.count += 1
        name = f"tenon_cli_{os.getpid()}_{PostgresTest.count}"
        self.addCleanup(postgres_state.drop, name)
        return postgres_state.create(name)

    def role(self, options="", database=None):
        """The name of a new role, and the URL by which it connects."""
        PostgresTest.count += 1
        name = f"tenon_cli_{os.getpid()}_{PostgresTest.count}"
        url = database or self.url
        self.psql(f"CREATE ROLE {name} LOGIN {options}", url)
        drop = lambda: postgres_state.psql(postgres_state.server(), f"DROP ROLE IF EXISTS {name}")  # its databases are gone by then
        self._cleanups.insert(0, (drop, (), {}))
        return name, self.with_user(url, name)

    @staticmethod
    def with_user(url, name, password=None):
        parts = urllib.parse.urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urllib.parse.urlunsplit(parts._replace(netloc=f"{name}{':' + password if password else ''}@{host}"))

    def psql(self, script, url=None):
        postgres_state.load(url or self.url, script)

    def ask(self, query, url=None):
        """What `psql -At` prints."""
        run = postgres_state.psql(url or self.url, query, postgres_state.LOADING, "-At")
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout.rstrip("\n")

    def dump(self, url=None):
        """The statements of pg_dump, but for the history."""
        return [s for s in postgres_state.dump(url or self.url) if "tenon_migrations" not in s]

    def only_file(self):
        (path,) = sorted((self.folder / "migrations").glob("*.sql"))
        return path

    def migration(self, version, up, down="", options=""):
        """Writes a migration by hand."""
        return self.write(f"migrations/{version}_m.sql", f"-- migrate:up{options}\n{up}\n-- migrate:down{options}\n{down}\n")


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[1:], verbosity=1)
