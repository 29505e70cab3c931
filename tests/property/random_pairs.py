#!/usr/bin/env python3
"""Random pairs of schemas: the script of `tenon diff` must lead from one to the other, rows must survive, and nothing may be
left to do.

    random_pairs.py TENON [--first SEED] [--count N] [--keep DIR]

For each seed, forward and backward: fill the database, run `tenon diff --format sql --allow-destructive`, feed the script to
`sqlite3 -bail`, and compare with pragmas and stored text (sqlite_state.py).  A script may stop at a guard, with nothing changed,
only where the rows really cannot live in the new schema.
"""
import argparse
import collections
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import random_schema
import sqlite_state


def load(path, script):
    with sqlite3.connect(path) as db:
        db.executescript(script)


def state(path):
    with sqlite3.connect(path) as db:
        return sqlite_state.describe(db), sqlite_state.contents(db), sqlite_state.health(db)


def diff(tenon, source, target):
    run = subprocess.run([tenon, "diff", "--from", f"sqlite:///{source}", "--to", f"sqlite:///{target}", "--format", "sql", "--allow-destructive"],
                         capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout, run.stderr.strip()


def check(tenon, source, target):
    """'' when all is well, 'refused' where rows cannot live in the target, else what went wrong."""
    wanted = state(target)[0]
    schema_before, rows_before, ill_before = state(source)
    status, script, error = diff(tenon, source, target)
    if status == 0:
        return "" if schema_before == wanted else "says in sync, but they differ:\n" + difference(schema_before, wanted)
    if status != 2:
        return f"diff exits {status}: {error}"
    run = subprocess.run(["sqlite3", "-batch", "-bail", source], input=script, capture_output=True, text=True, timeout=60)
    schema_after, rows_after, ill = state(source)
    ill = [x for x in ill if x not in ill_before]
    if run.returncode != 0:
        if (schema_after, rows_after) != (schema_before, rows_before):
            return f"stopped and left changes behind: {run.stderr.strip()}"
        if "CHECK constraint failed" not in run.stderr:
            return f"script fails: {run.stderr.strip()}"
        return "refused" if not sqlite_state.fits(source, target) else f"refused rows that fit: {run.stderr.strip()}"
    if schema_after != wanted:
        return "schema differs:\n" + difference(schema_after, wanted)
    if ill:
        return f"unhealthy: {ill[:3]}"
    lost = sqlite_state.losses(rows_before, rows_after)
    if lost:
        return f"lost: {lost[:3]}"
    status, script, error = diff(tenon, source, target)
    return "" if status == 0 else f"second diff exits {status}: {error or script[:500]}"


def difference(have, want):
    return "\n".join([f"  have {x}" for x in have if x not in want] + [f"  want {x}" for x in want if x not in have])


def run_seed(tenon, seed, folder):
    old, new, fill = random_schema.pair(seed)
    try:
        results = []
        for direction, (a, b) in (("forward", (old, new)), ("backward", (new, old))):
            source, target = str(folder / f"{seed}_{direction}_from.db"), str(folder / f"{seed}_{direction}_to.db")
            load(source, a)
            load(target, b)
            with sqlite3.connect(source, isolation_level=None) as db:
                db.execute("PRAGMA foreign_keys = ON")
                fill(db)
            results.append((direction, check(tenon, source, target)))
        return results
    except sqlite3.Error as error:
        return [("unusable", f"the random schema itself is not valid: {error}")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--keep", type=pathlib.Path, help="keep scripts and databases of failures here")
    parser.add_argument("--verbose", "-v", action="store_true")
    args = parser.parse_args()
    tally = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(args.first, args.first + args.count):
            folder = pathlib.Path(scratch) / str(seed)
            folder.mkdir()
            for direction, result in run_seed(args.tenon, seed, folder):
                outcome = {"": "passed", "refused": "refused"}.get(result, "unusable" if direction == "unusable" else "failed")
                tally[outcome] += 1
                if outcome == "failed" or (args.verbose and outcome == "unusable"):
                    print(f"seed {seed} {direction}: {result}", file=sys.stderr)
                    if args.keep:
                        args.keep.mkdir(parents=True, exist_ok=True)
                        old, new, _ = random_schema.pair(seed)
                        (args.keep / f"{seed}_old.sql").write_text(old)
                        (args.keep / f"{seed}_new.sql").write_text(new)
            shutil.rmtree(folder)
    print(f"{tally['passed']} passed, {tally['failed']} failed, {tally['refused']} refused rightly, {tally['unusable']} unusable")
    return 1 if tally["failed"] or tally["unusable"] > args.count // 4 else 0


if __name__ == "__main__":
    sys.exit(main())
