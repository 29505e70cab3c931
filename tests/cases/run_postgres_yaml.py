#!/usr/bin/env python3
"""PostgreSQL schemas through YAML: what `tenon inspect` writes makes an equal database out of an empty one.

    run_postgres_yaml.py TENON [FILE_OR_FOLDER...] [--only TEXT] [--random N] [--first SEED] [--jobs N] [--keep DIR]

The lines of privileges have their order too, but for those of columns, of which a role has only one place in the YAML.
Schemas are both sides of each case of the case files (default: tests/cases/postgres), the .sql files of a folder that is named, and
with --random those of random_postgres_schema.  For each: load it, inspect it, apply the YAML to an empty database; both must have the
same dump; `tenon diff` of the YAML against either must exit 0; `tenon fmt` must leave the YAML as it is.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import run_postgres_cases as cases

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "property"))
import postgres_state as state  # noqa: E402
import random_postgres_schema  # noqa: E402

TIMEOUT = 300


def tenon(args, *words):
    return subprocess.run([args.tenon, *map(str, words)], capture_output=True, text=True, timeout=TIMEOUT)


def privileges(url):
    """Lines of a dump, in their order."""
    lines = [line for line in state.dump_text(url).splitlines() if re.match("(ALTER DEFAULT PRIVILEGES .*)?GRANT ", line)]
    return [line for line in lines if not re.match(r"GRANT [^ ]*\(", line)]


def round_trip(args, script, title, source, target):
    """'' or what is wrong.  source and target are URLs of empty databases."""
    state.load(source, script)
    seen = tenon(args, "inspect", "--url", source)
    if seen.returncode:
        return f"inspect exits {seen.returncode}: {seen.stderr.strip()}"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "schema.yaml"
        file.write_text(seen.stdout)
        if args.keep:
            (args.keep / f"{title}.yaml").write_text(seen.stdout)
        run = tenon(args, "apply", "--schema", file, "--url", target, "--yes")
        if run.returncode:
            return f"apply exits {run.returncode}: {run.stderr.strip()[:3000]}\n{seen.stdout}"
        wanted, have = state.dump(source), state.dump(target)
        if have != wanted and not state.alike(source, target):
            return f"schema differs:\n{state.difference(have, wanted)}\n{seen.stdout}"
        if privileges(target) != privileges(source):
            return f"privileges in another order: {privileges(target)}, not {privileges(source)}\n{seen.stdout}"
        for url in (target, source):
            run = tenon(args, "diff", "--schema", file, "--url", url)
            if run.returncode:
                return f"diff with {'the copy' if url == target else 'the origin'} exits {run.returncode}: {run.stdout}{run.stderr.strip()[:3000]}\n{seen.stdout}"
        run = tenon(args, "fmt", "--check", file)
        if run.returncode:
            tenon(args, "fmt", file)
            return f"fmt changes it: {run.stderr}\n{seen.stdout}\n--- to\n{file.read_text()}"
    return ""


def run_one(args, number, title, script):
    names = [f"tenon_yaml_{os.getpid()}_{number}_{side}" for side in ("from", "to")]
    try:
        return round_trip(args, script, title, *[state.create(name) for name in names])
    except (state.Broken, subprocess.TimeoutExpired, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        for name in names:
            state.drop(name)


def scripts(args):
    """[(title, script)]"""
    folders = [pathlib.Path(p) for p in args.paths]
    out = []
    if folders or not args.random:
        for file, case in cases.read([p for p in folders if not p.is_dir() or list(p.rglob("*.yaml"))] or ([] if folders else [cases.HERE / "postgres"])):
            for side, script in zip(("from", "to"), cases.sides(case)):
                out.append((f"{cases.slug(file, case)}-{side}", script))
        for folder in folders:
            if folder.is_dir():
                out += [(file.stem, file.read_text()) for file in sorted(folder.rglob("*.sql"))]
    for seed in range(args.first, args.first + args.random):
        old, new, _, _ = random_postgres_schema.pair(seed)
        out += [(f"random-{seed}-old", old), (f"random-{seed}-new", new)]
    return [(title, script) for title, script in out if args.only in title]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--only", default="")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    state.create_roles()
    failed = 0
    found = scripts(args)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = [(title, pool.submit(run_one, args, n, title, script)) for n, (title, script) in enumerate(found)]
        for title, run in runs:
            if run.result():
                failed += 1
                print(f"{title}: {run.result()}\n", flush=True)
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
