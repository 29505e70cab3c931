#!/usr/bin/env python3
"""Up, down and up again: the pairs of the PostgreSQL case files as migrations.

    postgres_migrations.py TENON [FILE_OR_FOLDER...] [--count N] [--only TEXT] [--jobs N]

Two migrations are generated from the SQL of each case, from nothing to `from` and on to `to`, and run on a database with the case's
rows.  After each way pg_dump must say the same as of a database made by psql, rows of tables and columns that both sides have must
be there, and `tenon diff` must find nothing.  --count takes that many cases, spread over all files.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cases"))
import postgres_state as state  # noqa: E402
import run_postgres_cases as cases  # noqa: E402


class Wrong(Exception):
    pass


class Case:
    def __init__(self, tenon, case, live, made, folder):
        self.tenon_path, self.case, self.live, self.made, self.folder = tenon, case, live, made, folder

    def tenon(self, *arguments, expect=0):
        run = subprocess.run([self.tenon_path, *arguments, "--url", self.live], cwd=self.folder, capture_output=True, text=True, timeout=120,
                             env={**os.environ, "CI": "true"})
        if run.returncode != expect:
            raise Wrong(f"tenon {' '.join(arguments)} exits {run.returncode}: {run.stderr.strip()}\n" + self.files())
        return run

    def files(self):
        return "\n".join(f"-- {p.name}\n{p.read_text()}" for p in sorted((self.folder / "migrations").glob("*.sql")))

    def dump(self):
        return [s for s in state.dump(self.live) if "tenon_migrations" not in s]

    def must_be(self, wanted, way):
        have = self.dump()
        if have == wanted:
            return
        # The same, once both were read back (see postgres_state.alike)?
        status, _, _ = state.diff(self.tenon_path, self.live, self.made)
        if status != 0:
            raise Wrong(f"{way}: schema differs:\n{state.difference(have, wanted)}\n{self.files()}")

    def must_hold(self, rows, survive, way):
        lost = state.losses(rows, state.contents(self.live, survive))
        if lost:
            raise Wrong(f"{way}: lost: {lost[:3]}\n{self.files()}")

    def reset(self, script):
        state.create(state.name_of(self.made))
        state.load(self.made, script)
        return state.dump(self.made)

    def run(self):
        old, new = cases.sides(self.case)
        (self.folder / "old.sql").write_text(old)
        (self.folder / "new.sql").write_text(new)
        self.tenon("generate", "one", "--schema", "old.sql")
        self.tenon("generate", "two", "--schema", "new.sql", "--allow-destructive")
        self.tenon("check", "--schema", "new.sql")
        if len(list((self.folder / "migrations").glob("*.sql"))) < 2:
            return  # one of the schemas is empty
        before = self.reset(old)
        self.tenon("migrate", "up", "1")
        self.must_be(before, "the first way up")
        state.load(self.live, self.case.get("rows"))
        state.load(self.made, self.case.get("rows"))
        rows_of = lambda wanted: state.contents(self.live, wanted)
        old_tables = state.facts(self.live, state.TABLES)
        after = self.reset(new)
        new_tables = state.facts(self.made, state.TABLES)
        survive = state.shared({k: v for k, v in old_tables.items() if "tenon_migrations" not in k}, new_tables)
        rows = rows_of(survive)
        self.tenon("migrate", "up")
        self.must_be(after, "the way up")
        self.must_hold(rows, survive, "the way up")
        back = state.shared(new_tables, old_tables)
        rows = rows_of(back)
        self.reset(old)
        self.tenon("migrate", "down", "--allow-destructive")
        self.must_be(before, "the way down")
        self.must_hold(rows, back, "the way down")
        self.reset(new)
        self.tenon("migrate", "up")
        self.must_be(after, "the second way up")


def run_one(tenon, number, case):
    names = [f"tenon_migrations_{os.getpid()}_{number}_{side}" for side in ("live", "made")]
    try:
        live, made = [state.create(name) for name in names]
        with tempfile.TemporaryDirectory() as folder:
            Case(tenon, case, live, made, pathlib.Path(folder)).run()
        return ""
    except (Wrong, state.Broken, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        for name in names:
            state.drop(name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("paths", nargs="*", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    found = [(f, c) for f, c in cases.read(args.paths or [HERE.parent / "cases" / "postgres"])
             if c.get("expect", "pass") == "pass" and c.get("reverse", True) and "flags" not in c and "respelled" not in c and args.only in cases.slug(f, c)]
    if args.count:
        found = found[::max(1, len(found) // args.count)][:args.count]
    state.create_roles()
    failed = 0
    tenon = str(pathlib.Path(args.tenon).resolve())
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = [(f, c, pool.submit(run_one, tenon, n, c)) for n, (f, c) in enumerate(found)]
        for file, case, run in runs:
            if run.result():
                failed += 1
                print(f"{file}: {case['name']}: {run.result()}\n", flush=True)
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
