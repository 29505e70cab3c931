#!/usr/bin/env python3
"""Runs the case files of PostgreSQL: pairs of schemas with rows, and what the script between them must be and do.

    run_postgres_cases.py TENON [FILE_OR_FOLDER...] [--only TEXT] [--through-yaml] [--jobs N]
    run_postgres_cases.py --load-only [FILE_OR_FOLDER...]     without Tenon: does every case load, and is it one?
    run_postgres_cases.py --export DIR [FILE_OR_FOLDER...]    writes DIR/<file>-<name>/{old.sql,new.sql}

The server is the one of TENON_TEST_POSTGRES (a URL of a superuser).  A file is a YAML list of cases:
    name      what is right, in a sentence
    both      SQL that starts `from` and `to` (optional)
    from, to  SQL scripts (psql runs them statement by statement)
    rows      SQL that fills the database made by `from` (optional)
    expect    pass (the default); same: they differ in spelling alone, `diff` must exit 0; refused: `diff` exits 3, or its script
              stops with nothing changed
    says      a fragment of the message with which it is refused (optional)
    reverse   false: do not go back from `to` to `from` (default: true unless refused)
    contains, lacks    fragments the script must or must not hold (optional)
    check     {query: what `psql -At` prints for it on the migrated database} (optional)
    flags     more arguments for `diff` (default: [--allow-destructive])
    broken    why Tenon does not do it yet: the case must still fail, so that it is noticed when it is mended
    respelled true: values come to be written otherwise, or rows move to other partitions; `check` tells that they are what they were
    hidden    true: pg_dump does not show the difference; `diff` must, and `check` tells that it went away
Always checked (postgres_state.check): by pg_dump the migrated database equals `to`, rows of tables of both survive, sequences stay
where they are, and a second diff exits 0; then the same from there to `from`.
With --through-yaml the way is `tenon inspect` of `to`, then `tenon apply` to `from`.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "property"))
import postgres_state as state  # noqa: E402

KEYS = {"name", "both", "from", "to", "rows", "expect", "says", "reverse", "contains", "lacks", "check", "flags", "hidden", "broken", "respelled"}


def read(paths):
    """[(file name, case)]; a key that nobody reads, or a name used twice, is a mistake."""
    files = sorted(f for p in paths for f in ([p] if p.is_file() else p.rglob("*.yaml")))
    cases = [(file.stem, case) for file in files for case in yaml.safe_load(file.read_text()) or []]
    seen = set()
    for file, case in cases:
        title = slug(file, case)
        unknown = case.keys() - KEYS
        if unknown or title in seen or not {"name", "from", "to"} <= case.keys():
            sys.exit(f"{file}: {case.get('name')}: unknown keys {sorted(unknown)}, or a missing key, or a name used twice")
        seen.add(title)
    return cases


def slug(file, case):
    return f"{file}-" + re.sub(r"[^a-z0-9]+", "_", case["name"].lower()).strip("_")


def sides(case):
    both = case.get("both") or ""
    return [(both + "\n" + (case[side] or "")).strip() + "\n" for side in ("from", "to")]


def words(value):
    return [value] if isinstance(value, str) else value or []


def look(case):
    """Objects to a script without the fragments it must hold, or with those it may not hold."""

    def objection(script):
        missing = [f for f in words(case.get("contains")) if f not in script]
        unwanted = [f for f in words(case.get("lacks")) if f in script]
        return " ".join([f"not in the script: {f!r}" for f in missing] + [f"in the script: {f!r}" for f in unwanted])

    return objection


def through_yaml(tenon, source, target):
    wanted, survive = state.dump(target), state.shared(state.facts(source, state.TABLES), state.facts(target, state.TABLES))
    rows = state.contents(source, survive)
    seen = subprocess.run([tenon, "inspect", "--url", target], capture_output=True, text=True, timeout=120)
    if seen.returncode:
        return f"inspect exits {seen.returncode}: {seen.stderr.strip()}"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "schema.yaml"
        file.write_text(seen.stdout)
        run = subprocess.run([tenon, "apply", "--schema", str(file), "--url", source, "--yes", "--allow-destructive"], capture_output=True, text=True, timeout=120)
    if run.returncode:
        return f"apply exits {run.returncode}: {run.stderr.strip()}\n{seen.stdout}"
    have = state.dump(source)
    if have != wanted and not state.alike(source, target):
        return f"schema differs:\n{state.difference(have, wanted)}\n{seen.stdout}"
    lost = state.losses(rows, state.contents(source, survive))
    return f"lost: {lost[:3]}" if lost else ""


def run_case(args, case, source, target):
    """'' or what is wrong.  source and target are URLs of empty databases."""
    old, new = sides(case)
    expect = case.get("expect", "pass")
    state.load(source, old, case.get("rows"))
    state.load(target, new)
    if args.load_only:
        alike = state.alike(source, target)
        return "" if alike == (expect == "same" or case.get("hidden", False)) else f"from and to are {'' if alike else 'not '}alike"
    if args.through_yaml:
        return "" if expect != "pass" or "flags" in case else through_yaml(args.tenon, source, target)
    flags = case.get("flags", ["--allow-destructive"])
    if expect == "same":
        status, script, error = state.diff(args.tenon, source, target, flags)
        return "" if status == 0 and not script else f"diff exits {status}, not 0:\n{script}{error}"
    if case.get("hidden"):
        status, script, error = state.diff(args.tenon, source, target, flags)
        if status != 2:
            return f"diff exits {status}, not 2: {error}"
    try:
        wrong = state.check(args.tenon, source, target, flags, look(case), texts="respelled" not in case)
    except state.Refused as refusal:
        if expect == "refused" and case.get("says", "") in str(refusal):
            return ""
        return f"refused: {refusal}"
    if expect == "refused" and not wrong:
        return "not refused"
    for query, text in (case.get("check") or {}).items():
        found = state.ask(source, query) if not wrong else text
        if found != text:
            wrong = f"{query}: {found!r}, not {text!r}"
    if wrong or not case.get("reverse", expect != "refused"):
        return wrong
    state.create(state.name_of(target))
    state.load(target, old)
    try:
        wrong = state.check(args.tenon, source, target, flags, texts="respelled" not in case)
    except state.Refused as refusal:
        wrong = f"refused: {refusal}"
    return f"on the way back: {wrong}" if wrong else ""


def run_one(args, number, file, case):
    names = [f"tenon_case_{os.getpid()}_{number}_{side}" for side in ("from", "to")]
    try:
        wrong = run_case(args, case, *[state.create(name) for name in names])
        if "broken" in case and not args.load_only and not args.through_yaml:
            return "" if wrong else "it works now: take `broken` away"
        return wrong
    except (state.Broken, subprocess.TimeoutExpired, OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        state.drop(*names)


def export(folder, cases):
    for file, case in cases:
        place = folder / slug(file, case)
        place.mkdir(parents=True, exist_ok=True)
        for name, script in zip(("old.sql", "new.sql"), sides(case)):
            (place / name).write_text(script)
    print(f"{len(cases)} cases in {folder}; they name the roles {', '.join(state.ROLES)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("arguments", nargs="*", help="TENON (unless --load-only or --export), files, folders")
    parser.add_argument("--only", default="")
    parser.add_argument("--load-only", action="store_true")
    parser.add_argument("--through-yaml", action="store_true")
    parser.add_argument("--export", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--at-least", type=float, default=100, metavar="PERCENT", help="how many must pass (all failures are printed)")
    args = parser.parse_args()
    if not args.load_only and not args.export:
        if not args.arguments:
            parser.error("TENON is missing")
        args.tenon = args.arguments.pop(0)
    cases = [(f, c) for f, c in read([pathlib.Path(p) for p in args.arguments] or [HERE / "postgres"]) if args.only in slug(f, c) or args.only in c["name"]]
    if args.export:
        return export(args.export, cases)
    state.create_roles()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = [(f, c, pool.submit(run_one, args, n, f, c)) for n, (f, c) in enumerate(cases)]
        for file, case, run in runs:
            if run.result():
                failed += 1
                print(f"{file}: {case['name']}: {run.result()}\n", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 0 if cases and (len(cases) - failed) * 100 >= args.at_least * len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
