#!/usr/bin/env python3
"""Random histories on SQLite: every way up and down must lead to the schema of its step, whatever ways were gone before.

    random_histories.py TENON [--first SEED] [--count N] [--verbose]

For each seed a few schemas, each a random change of the one before (columns renamed among them), become migrations.  On a database
with rows: all the way up, all the way down, up again; then some are undone, their files deleted, another one is generated in their
place, and the way is gone down and up once more.  After each move pragmas and stored text must be those of a database made by the
schema's own script, rows must survive, and SQLite must find nothing wrong.  A migration may be refused only where the rows really
cannot live in its schema; then the rows go, and it must run.
"""
import argparse
import collections
import contextlib
import copy
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

import random_pairs
import random_schema
import sqlite_state


class Wrong(Exception):
    pass


def rename_column(rng, schema):
    """Renames a column in place; the argument of --rename, or nothing."""
    table = rng.choice(schema["tables"])
    free = [c for c in random_schema.COLUMNS if c.isidentifier() and c.lower() not in [x["name"].lower() for x in table["columns"]]]
    column = rng.choice(table["columns"])
    if not free or "." in table["name"] or "=" in table["name"]:
        return None
    old, new = column["name"], rng.choice(free)

    def swap(names):
        return [new if n == old else n for n in names]

    column["name"] = new
    for other in table["columns"]:
        if other["generated"] and other["generated"]["on"] == old:
            other["generated"]["on"] = new
    for keyed in [table["key"]] * bool(table["key"]) + table["uniques"] + table["foreign"]:
        keyed["columns"] = swap(keyed["columns"])
    for thing in table["checks"] + table["triggers"] + [p for i in table["indexes"] for p in i["parts"] + [i["where"]] * bool(i["where"])]:
        thing["on"] = new if thing["on"] == old else thing["on"]
    for foreign in [f for t in schema["tables"] for f in t["foreign"] if f["table"] == table["name"]]:
        foreign["target"] = swap(foreign["target"])
    for view in [v for v in schema["views"] if v["table"] == table["name"]]:
        view["columns"] = swap(view["columns"])
    return f"{table['name']}.{old}={new}"


class History:
    def __init__(self, tenon_path, seed, folder):
        self.tenon_path, self.folder, self.rng = tenon_path, folder, random.Random(seed)
        self.live = folder / "live.db"
        self.steps = []  # a database each, made by the script of the step
        self.schema = None  # of the last step
        self.tally = collections.Counter()
        self.told = []

    def tenon(self, *arguments):
        self.told.append(" ".join(arguments))
        return subprocess.run([self.tenon_path, *arguments, "--url", "sqlite:live.db"], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def files(self):
        return sorted((self.folder / "migrations").glob("*.sql"))

    def generate(self, schema, rename=None):
        """A migration to the schema, where that is another."""
        number = len(self.told)
        script, made = random_schema.render(self.rng, schema), self.folder / f"made_{number}.db"
        (self.folder / f"s{number}.sql").write_text(script)
        random_pairs.load(made, script)
        before = len(self.files())
        run = self.tenon("generate", f"s{number}", "--schema", f"s{number}.sql", "--allow-destructive", *(["--rename", rename] if rename else []))
        if run.returncode != 0:
            raise Wrong(f"generate exits {run.returncode}: {run.stderr.strip()}")
        self.schema = schema
        if len(self.files()) > before:
            self.steps.append((made, schema))
        elif self.steps and self.state(made)[0] != self.state(self.steps[-1][0])[0]:
            raise Wrong("says that nothing changed")

    def step(self):
        schema, rename = copy.deepcopy(self.schema), None
        if self.rng.random() < 0.3:
            rename = rename_column(self.rng, schema)
        else:
            schema = random_schema.change(self.rng, schema)
        self.generate(schema, rename)

    @staticmethod
    def state(path):
        with contextlib.closing(sqlite3.connect(path)) as db:
            return sqlite_state.describe(db), sqlite_state.contents(db), sqlite_state.health(db)

    def fill(self, schema):
        with contextlib.closing(sqlite3.connect(self.live, isolation_level=None)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            random_schema.fill(self.rng, schema, db)

    def empty(self):
        with contextlib.closing(sqlite3.connect(self.live, isolation_level=None)) as db:
            for table in sqlite_state.tables(db):
                db.execute(f"DELETE FROM {sqlite_state.quote(table)}")

    def grows(self, made):
        """Does the live database lack a column of the other?  What its rows will hold there, nobody can tell from here."""
        live, other = self.state(self.live)[1], self.state(made)[1]
        return any(table in live and other[table][1].keys() - live[table][1].keys() for table in other)

    def move(self, way, at, to):
        """One migration, from step `at` to step `to` (0: nothing is there)."""
        wanted = self.state(self.steps[to - 1][0])[0] if to else []
        _, rows, ill_before = self.state(self.live)
        arguments = ["migrate", way, "1"] + ["--allow-destructive"] * (way == "down")
        run = self.tenon(*arguments)
        if run.returncode != 0:
            orphans = "rows refer to rows that do not exist" in run.stderr and to and self.grows(self.steps[to - 1][0])
            fits = not orphans and to and sqlite_state.fits(str(self.live), str(self.steps[to - 1][0]))
            if "not stored as it was" in run.stderr or not to or fits:
                raise Wrong(f"{way} from {at} to {to} exits {run.returncode}: {run.stderr.strip()}")
            self.tally["refused"] += 1
            self.empty()
            _, rows, ill_before = self.state(self.live)
            run = self.tenon(*arguments)
            if run.returncode != 0:
                raise Wrong(f"{way} from {at} to {to} without rows exits {run.returncode}: {run.stderr.strip()}")
        have, rows_after, ill = self.state(self.live)
        if have != wanted:
            raise Wrong(f"{way} from {at} to {to}: schema differs:\n{random_pairs.difference(have, wanted)}")
        if new := [x for x in ill if x not in ill_before]:
            raise Wrong(f"{way} from {at} to {to}: unhealthy: {new[:3]}")
        if lost := sqlite_state.losses(rows, rows_after):
            raise Wrong(f"{way} from {at} to {to}: lost: {lost[:3]}")
        self.tally["moves"] += 1

    def go(self, at, to):
        while at != to:
            step = 1 if to > at else -1
            self.move("up" if step > 0 else "down", at, at + step)
            at += step
            if at:
                self.fill(self.steps[at - 1][1])

    def run(self):
        self.generate(random_schema.new_schema(self.rng))
        for _ in range(self.rng.randint(3, 5)):
            self.step()
        top = len(self.steps)
        self.go(0, top)
        self.go(top, 0)
        self.go(0, top)
        left = self.rng.randint(1, top)
        self.go(top, left)
        for path in self.files()[left:]:
            path.unlink()
        del self.steps[left:]
        self.schema = copy.deepcopy(self.steps[-1][1])
        for _ in range(5):
            self.step()
            if len(self.steps) > left:
                break
        top = len(self.steps)
        self.go(left, top)
        self.go(top, 0)
        self.go(0, top)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--verbose", "-v", action="store_true")
    args = parser.parse_args()
    tenon = str(pathlib.Path(args.tenon).resolve())
    tally = collections.Counter()
    for seed in range(args.first, args.first + args.count):
        with tempfile.TemporaryDirectory() as folder:
            history = History(tenon, seed, pathlib.Path(folder))
            try:
                history.run()
                tally["passed"] += 1
            except (Wrong, subprocess.TimeoutExpired) as error:
                tally["failed"] += 1
                print(f"seed {seed}: {error}", file=sys.stderr)
                if args.verbose:
                    print("\n".join(history.told + [f"-- {p.name}\n{p.read_text()}" for p in history.files()]), file=sys.stderr)
            except sqlite3.Error as error:  # the random schema itself is not valid
                tally["unusable"] += 1
                if args.verbose:
                    print(f"seed {seed}: unusable: {error}", file=sys.stderr)
            tally += history.tally
    print(f"{tally['passed']} passed, {tally['failed']} failed, {tally['unusable']} unusable; {tally['moves']} moves, {tally['refused']} refused rightly")
    return 1 if tally["failed"] or tally["unusable"] > args.count // 4 else 0


if __name__ == "__main__":
    sys.exit(main())
