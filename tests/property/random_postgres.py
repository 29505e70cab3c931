#!/usr/bin/env python3
"""Random pairs of PostgreSQL schemas: the script of `tenon diff` must lead from one to the other, rows must survive, and nothing may
be left to do.

    random_postgres.py TENON [--first SEED] [--count N] [--keep DIR] [--jobs N]
    random_postgres.py --load-only [--first SEED] [--count N]    without Tenon: do the random schemas load?

For each seed, forward and backward: fill a database on the server of TENON_TEST_POSTGRES, run `tenon diff --format sql
--allow-destructive`, feed the script to psql, and compare with pg_dump and the catalogs (postgres_state.py).  Tenon may refuse, or
its script stop with nothing changed, only where the rows cannot live in the new schema or a type has no cast to the new one.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys

import postgres_state as state
import random_postgres_schema

FOREIGN = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname), format('ALTER TABLE %s ADD CONSTRAINT %I %s;', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"""


def fill(url, rows):
    """Rows that break a constraint are left out."""
    subprocess.run(["psql", "-X", "-q", "-d", url], input=rows, capture_output=True, text=True, timeout=120, env=state.LOADING)


def fits(source, target):
    """Could the rows of source live in the schema of target, each value by its text?  Tried in a transaction that is rolled back."""
    before, after = state.facts(source, state.TABLES), state.facts(target, state.TABLES)
    survive = state.shared(before, after)
    foreign = [line.split("|", 1) for line in state.ask(target, FOREIGN).splitlines()]
    script = ["BEGIN;"] + [drop for drop, _ in foreign]
    for table, (_, firm, loose, strings) in survive.items():
        columns = ", ".join(firm + loose + strings)
        script.append(f"ALTER TABLE {table} DISABLE TRIGGER USER;")
        if columns:
            data = state.psql(source, f"COPY (SELECT {columns} FROM ONLY {table}) TO STDOUT;").stdout
            script.append(f"COPY {table} ({columns}) FROM STDIN;\n{data}\\.\n")
    for part, facts in before.items():
        parent = facts["parent"]
        if part in after or parent not in after or facts["kind"] != "r":
            continue
        columns = ", ".join(name for name, column in facts["columns"].items() if name in after[parent]["columns"] and not column["generated"]
                            and not after[parent]["columns"][name]["generated"])
        data = state.psql(source, f"COPY (SELECT {columns} FROM ONLY {part}) TO STDOUT;").stdout
        script.append(f"ALTER TABLE {parent} DISABLE TRIGGER USER;\nCOPY {parent} ({columns}) FROM STDIN;\n{data}\\.\n")
    return state.psql(target, "\n".join(script + [add for _, add in foreign] + ["ROLLBACK;"])).returncode == 0


def castable(source, target):
    """Has every change of type a cast, in the eyes of target?"""
    before, after = state.facts(source, state.TABLES), state.facts(target, state.TABLES)
    for table, (_, _, loose, _) in state.shared(before, after).items():
        for name in loose:
            types = [side[table]["columns"][name]["type"] for side in (before, after)]
            if types[0] != types[1] and state.psql(target, f"SELECT NULL::{types[0]}::{types[1]};").returncode:
                return False
    return True


def check(tenon, source, target):
    try:
        return state.check(tenon, source, target)
    except state.Refused as refusal:
        return f"refused rows that fit: {refusal}" if fits(source, target) and castable(source, target) else "refused"


def run_seed(args, seed):
    """[(direction, '' or 'refused' or what is wrong)]"""
    old, new, old_rows, new_rows = random_postgres_schema.pair(seed)
    databases = [f"tenon_random_{os.getpid()}_{seed}_{side}" for side in ("from", "to")]
    results = []
    try:
        for direction, (a, b, rows) in (("forward", (old, new, old_rows)), ("backward", (new, old, new_rows))):
            source, target = [state.create(name) for name in databases]
            try:
                state.load(source, a)
                state.load(target, b)
            except state.Broken as error:
                return [("unusable", str(error))]
            fill(source, rows)
            results.append((direction, "" if args.load_only else check(args.tenon, source, target)))
        return results
    except (state.Broken, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as error:
        return results + [("broken", f"{type(error).__name__}: {error}")]
    finally:
        for name in databases:
            state.drop(name)


def keep(folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(("old", "new", "old_rows", "new_rows"), random_postgres_schema.pair(seed)):
        (folder / f"{seed}_{name}.sql").write_text(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon", nargs="?")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", type=pathlib.Path, help="keep the scripts of failures here")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--at-least", type=float, default=100, metavar="PERCENT", help="how many must not fail (all failures are printed)")
    parser.add_argument("--load-only", action="store_true")
    parser.add_argument("--verbose", "-v", action="store_true")
    args = parser.parse_args()
    if not args.tenon and not args.load_only:
        parser.error("TENON is missing")
    state.create_roles()
    tally = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        seeds = range(args.first, args.first + args.count)
        for seed, results in zip(seeds, pool.map(lambda seed: run_seed(args, seed), seeds)):
            for direction, result in results:
                outcome = {"": "passed", "refused": "refused"}.get(result, "unusable" if direction == "unusable" else "failed")
                tally[outcome] += 1
                if outcome == "failed" or (args.verbose and outcome == "unusable"):
                    print(f"seed {seed} {direction}: {result}\n", file=sys.stderr, flush=True)
                    if args.keep:
                        keep(args.keep, seed)
    print(f"{tally['passed']} passed, {tally['failed']} failed, {tally['refused']} refused rightly, {tally['unusable']} unusable")
    right = tally["passed"] + tally["refused"]
    enough = right * 100 >= args.at_least * (right + tally["failed"])
    return 0 if enough and tally["passed"] and tally["unusable"] <= args.count // 4 else 1


if __name__ == "__main__":
    sys.exit(main())
