#!/usr/bin/env python3
"""Random mixtures of the pieces in postgres_variants/*.yaml: objects of every kind that stand on each other, each side in other forms.

    random_variants.py TENON [--first SEED] [--count N] [--keep DIR] [--jobs N] [--show-refused]

The server is the one of TENON_TEST_POSTGRES.  Each pair goes forward and back, with rows, under the contract of postgres_state.check.
A pair that does not load is left out; a refusal must name what stands in the way.
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys

import yaml

import postgres_state as state

WORLDS = [yaml.safe_load(file.read_text()) for file in sorted((pathlib.Path(__file__).parent / "postgres_variants").glob("*.yaml"))]


def world_of(seed):
    return WORLDS[seed % len(WORLDS)]


def rows(seed):
    """Scripts that fill the old side, the second as far as it can."""
    world = world_of(seed)
    return world["rows"], "".join(f"DO $do$ BEGIN {sql}; EXCEPTION WHEN OTHERS THEN NULL; END $do$;\n" for sql in world["more"])


def scripts(seed):
    """The scripts of both sides: most pieces stay as they are, for a change is about few things."""
    rng = random.Random(seed)
    moving = rng.choice([0.1, 0.25, 0.5])
    sides = ([], [])
    for piece in world_of(seed)["pieces"]:
        form = rng.choice(piece["forms"])
        sides[0].append(form)
        sides[1].append(rng.choice(piece["forms"]) if rng.random() < moving else form)
    return ["\n".join(filter(None, side)) + "\n" for side in sides]


def run_one(args, seed):
    """('pass' | 'refused' | 'unusable' | 'failed', words)"""
    names = [f"tenon_variant_{os.getpid()}_{seed}_{side}" for side in ("from", "to")]
    old, new = scripts(seed)
    refused = ""
    try:
        for way, (left, right) in (("forward", (old, new)), ("backward", (new, old))):
            source, target = [state.create(name) for name in names]
            try:
                state.load(source, left, *rows(seed))
                state.load(target, right)
            except state.Broken as broken:
                return "unusable", str(broken)
            try:
                wrong = state.check(args.tenon, source, target, texts=False)
            except state.Refused as refusal:
                refused += f"{way}: {refusal}\n"
                continue
            if wrong:
                return "failed", f"{way}: {wrong}"
        return ("refused", refused) if refused else ("pass", "")
    except (state.Broken, subprocess.TimeoutExpired, OSError, ValueError) as error:
        return "failed", f"{type(error).__name__}: {error}"
    finally:
        state.drop(*names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=50, help="how many pairs that load")
    parser.add_argument("--keep", type=pathlib.Path, help="where to leave the scripts of what fails")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show-refused", action="store_true")
    args = parser.parse_args()
    state.create_roles()
    seen = {"pass": 0, "refused": 0, "unusable": 0, "failed": 0}
    seed = args.first
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        while sum(seen.values()) - seen["unusable"] < args.count and seed < args.first + 40 * args.count:
            batch = range(seed, seed + 2 * args.jobs)
            for number, run in [(n, pool.submit(run_one, args, n)) for n in batch]:
                verdict, words = run.result()
                seen[verdict] += 1
                if verdict == "failed" or verdict == "refused" and args.show_refused:
                    print(f"seed {number} {verdict}: {words}\n", flush=True)
                    if args.keep:
                        args.keep.mkdir(parents=True, exist_ok=True)
                        for side, text in zip(("old", "new"), scripts(number)):
                            (args.keep / f"{number}_{side}.sql").write_text(text)
            seed += 2 * args.jobs
    print(", ".join(f"{count} {verdict}" for verdict, count in seen.items()))
    return 1 if seen["failed"] or seen["pass"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
