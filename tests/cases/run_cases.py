#!/usr/bin/env python3
"""Runs the case files: pairs of schemas with rows, and what the plan between them must be and do.

    run_cases.py TENON FILE_OR_FOLDER... [--only TEXT] [--classic]

A file is a YAML list of cases:
    name      what is right, in a sentence
    from, to  SQL scripts
    rows      SQL that fills the database made by `from`
    plan      fragments of the script, in order (optional)
    never     fragments that the script may not hold (optional)
    after     {query: [[row], …]} on the migrated database (optional)
    stops     a fragment of the guard's message: the script must stop there, with nothing changed (optional)
    in_sync   true: `diff` must exit 0
    exit      the exit status of `diff` where it prints no script, with `says`, a fragment of its message (optional)
    flags     more arguments for `diff` (default: --allow-destructive)
    back      false: do not go back from `to` to `from` (default: true)
    classic   false: not with --classic
Always checked: the migrated database equals `to` (sqlite_state.py), no row or value is lost, SQLite finds nothing wrong, and a
second diff exits 0; then the same from `to` to `from`.
With --classic tables are changed as `rebuild: classic` asks; what the script must and must not hold is not asked then.
"""
import argparse
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "property"))
import random_pairs  # noqa: E402
import sqlite_state  # noqa: E402


def make(path, *scripts):
    for script in scripts:
        run = subprocess.run(["sqlite3", "-batch", "-bail", path], input=script or "", capture_output=True, text=True)
        if run.returncode:
            raise ValueError(f"the case itself does not load: {run.stderr.strip()}")


def script_of(tenon, source, target, flags):
    run = subprocess.run([tenon, "diff", "--from", f"sqlite:///{source}", "--to", f"sqlite:///{target}", "--format", "sql", *flags],
                         capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout, run.stderr


def run_case(tenon, case, folder):
    """Yields what is wrong."""
    source, target = str(folder / "from.db"), str(folder / "to.db")
    make(source, case["from"], case.get("rows"))
    make(target, case["to"])
    status, script, error = script_of(tenon, source, target, case.get("flags", ["--allow-destructive"]))
    if case.get("in_sync"):
        if status != 0:
            yield f"diff exits {status}, not 0:\n{script}{error}"
        return
    if "exit" in case:
        if status != case["exit"] or case.get("says", "") not in error or script:
            yield f"diff exits {status}: {script}{error}"
        return
    place = 0
    for fragment in case.get("plan", []):
        found = script.find(fragment, place)
        if found < 0:
            yield f"not in the plan (or out of order): {fragment}\n{script}{error}"
            return
        place = found + len(fragment)
    for fragment in case.get("never", []):
        if fragment in script:
            yield f"in the plan: {fragment}\n{script}"
    if "stops" in case:
        before = random_pairs.state(source)
        run = subprocess.run(["sqlite3", "-batch", "-bail", source], input=script, capture_output=True, text=True)
        if run.returncode == 0 or case["stops"] not in run.stderr:
            yield f"does not stop at {case['stops']!r}: {run.returncode} {run.stderr}\n{script}{error}"
        if random_pairs.state(source) != before:
            yield "stopped, but something changed"
        return
    wrong = random_pairs.check(tenon, source, target)
    if wrong:
        yield f"{wrong}\n{script}"
        return
    with sqlite3.connect(source) as db:
        for query, rows in case.get("after", {}).items():
            found = [list(r) for r in db.execute(query)]
            if found != rows:
                yield f"{query}: {found}, not {rows}\n{script}"
    if case.get("back", True):
        make(str(folder / "old.db"), case["from"])
        wrong = random_pairs.check(tenon, source, str(folder / "old.db"))
        if wrong:
            yield f"on the way back: {wrong}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tenon")
    parser.add_argument("paths", type=pathlib.Path, nargs="+")
    parser.add_argument("--only", default="")
    parser.add_argument("--classic", action="store_true")
    args = parser.parse_args()
    if args.classic:
        configuration = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        print("rebuild: classic", file=configuration, flush=True)
        os.environ["TENON_CONFIG"] = configuration.name
    files = sorted(f for p in args.paths for f in ([p] if p.is_file() else p.rglob("*.yaml")))
    passed = failed = 0
    for file in files:
        for case in yaml.safe_load(file.read_text()):
            if args.only not in case["name"]:
                continue
            if args.classic and not case.get("classic", True):
                continue
            if args.classic:
                case = {key: value for key, value in case.items() if key not in ("plan", "never")}
            with tempfile.TemporaryDirectory() as folder:
                try:
                    wrong = list(run_case(args.tenon, case, pathlib.Path(folder)))
                except (ValueError, sqlite3.Error, subprocess.TimeoutExpired) as error:
                    wrong = [str(error)]
            passed, failed = passed + (not wrong), failed + bool(wrong)
            for text in wrong:
                print(f"{file.name}: {case['name']}: {text}\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
