#!/usr/bin/env python3
"""Holds the tree to its layers: a folder includes only from folders above it, and each third-party header has one home.

    layering.py SOURCE_DIR
"""
import pathlib
import re
import sys

LAYERS = ["schemas", "differ", "emitters", "engine", "tools"]
# header prefix -> the one folder that may include it, never from a header of that folder
HOMES = {"yaml.h": "schemas", "dtl/": "differ", "sqlite3.h": "engine", "libpq-fe.h": "engine"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def problems(root):
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            lines = path.read_text().splitlines()
            where = path.relative_to(root)
            if not lines or not lines[0].startswith("//"):
                yield f"{where}: the first line does not say what the file is for"
            if len(lines) > 500:
                yield f"{where}: {len(lines)} lines, more than 500"
            for number, line in enumerate(lines, 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                header = found[1]
                folder = header.split("/")[0]
                if folder in LAYERS and LAYERS.index(folder) > LAYERS.index(layer):
                    yield f"{where}:{number}: {layer} may not include {header}"
                for prefix, home in HOMES.items():
                    if header.startswith(prefix) and (layer != home or path.suffix == ".h"):
                        yield f"{where}:{number}: {header} belongs in a .cpp of {home}"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    for problem in found:
        print(problem)
    print(f"{len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
