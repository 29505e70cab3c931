"""What a SQLite file holds, told by SQLite's pragmas and its stored text, without Tenon.

describe() lists the schema as lines in which the order of columns, constraints and statements does not matter; contents()
lists the rows.  Two databases are equal when the lists are equal.
"""
import sqlite3


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def tokens(sql):
    """Significant tokens of an SQL text: names folded and unquoted, literals as they are."""
    out, i, n = [], 0, len(sql)
    while i < n:
        c = sql[i]
        if c.isspace():
            i += 1
        elif sql.startswith("--", i):
            end = sql.find("\n", i)
            i = n if end < 0 else end + 1
        elif sql.startswith("/*", i):
            end = sql.find("*/", i + 2)
            i = n if end < 0 else end + 2
        elif c in "'\"`[":
            close = "]" if c == "[" else c
            j = i + 1
            while j < n:
                if sql[j] == close:
                    if c != "[" and sql[j + 1:j + 2] == close:
                        j += 2
                        continue
                    break
                j += 1
            inside = sql[i + 1:j]
            out.append(sql[i:j + 1] if c == "'" else inside.replace(close * 2, close).lower())
            i = j + 1
        elif c.isalnum() or c in "_$" or ord(c) > 127:
            j = i
            while j < n and (sql[j].isalnum() or sql[j] in "_$." or ord(sql[j]) > 127):
                if sql[j] == "." and not sql[i].isdigit():
                    break
                j += 1
            out.append(sql[i:j].lower())
            i = j
        else:
            out.append(c)
            i += 1
    return out


def unwrap(toks):
    """Without parentheses that only wrap the whole."""
    while len(toks) > 1 and toks[0] == "(" and toks[-1] == ")":
        depth = 0
        for k, t in enumerate(toks):
            depth += (t == "(") - (t == ")")
            if depth == 0:
                break
        if k != len(toks) - 1:
            break
        toks = toks[1:-1]
    return toks


def group(toks, i):
    """Tokens of the parenthesis that opens at i, and the index after it."""
    depth = 0
    for j in range(i, len(toks)):
        depth += (toks[j] == "(") - (toks[j] == ")")
        if depth == 0:
            return toks[i:j + 1], j + 1
    return toks[i:], len(toks)


def items(toks):
    """The comma-separated items of the first parenthesis of a CREATE TABLE, and what follows it."""
    start = toks.index("(")
    inside, end = group(toks, start)
    parts, depth = [[]], 0
    for t in inside[1:-1]:
        depth += (t == "(") - (t == ")")
        if t == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(t)
    return parts, toks[end:]


def table_text(name, sql):
    """Facts that only the text tells: checks, collations, generated expressions, conflict clauses, deferral."""
    lines = []
    for item in items(tokens(sql))[0]:
        is_column = item[0] not in ("constraint", "primary", "unique", "check", "foreign")
        where = f"{name}.{item[0]}" if is_column else name
        label, i = "", 0
        while i < len(item):
            word = item[i]
            if word == "constraint":
                label, i = item[i + 1], i + 2
                continue
            if word in ("primary", "not", "null", "unique", "references", "default", "collate", "generated", "as", "foreign"):
                label = ""  # it was the name of this one
            if word == "check":
                inside, i = group(item, i + 1)
                lines.append(f"check {name} {label}: {' '.join(unwrap(inside))}")
                label = ""
                continue
            if is_column and word == "as" and item[i + 1] == "(":
                inside, i = group(item, i + 1)
                lines.append(f"generated {where}: {' '.join(unwrap(inside))}")
                continue
            if is_column and word == "collate" and item[i + 1] != "binary":
                lines.append(f"collate {where}: {item[i + 1]}")
            if word == "autoincrement":
                lines.append(f"autoincrement {name}")
            if word == "conflict":
                lines.append(f"conflict {where}: {item[i + 1]}")
            if word == "deferred":
                lines.append(f"deferred {where}")
            i = group(item, i)[1] if word == "(" else i + 1
    return lines


def describe(db):
    out = []
    stored = {(kind, name): sql for kind, name, sql in db.execute("SELECT type, name, sql FROM sqlite_schema")}
    for _, table, kind, _, without_rowid, strict in db.execute("PRAGMA main.table_list").fetchall():
        name, q = table.lower(), quote(table)
        if name.startswith(("sqlite_", "tenon_")) or kind in ("view", "shadow"):
            continue
        if kind == "virtual":
            out.append("virtual " + " ".join(tokens(stored["table", table])))
            continue
        out.append(f"table {name} without_rowid={without_rowid} strict={strict}")
        for _, column, typ, notnull, default, pk, hidden in db.execute(f"PRAGMA table_xinfo({q})"):
            default = None if default is None else " ".join(unwrap(tokens(default)))
            out.append(f"column {name}.{column.lower()} {' '.join(tokens(typ))} notnull={notnull} default={default} pk={pk} hidden={hidden}")
        out += table_text(name, stored["table", table])
        keys = {}
        for number, seq, parent, child, target, update, delete, match in db.execute(f"PRAGMA foreign_key_list({q})"):
            keys.setdefault((number, parent.lower(), update, delete, match), []).append((seq, child.lower(), target and target.lower()))
        for (_, parent, update, delete, match), columns in keys.items():
            columns.sort()
            target = [c[2] for c in columns]
            if None in target:
                target = [r[1] for r in sorted((r[5], r[1].lower()) for r in db.execute(f"PRAGMA table_info({quote(parent)})") if r[5])]
            out.append(f"foreign key {name}{[c[1] for c in columns]} -> {parent}{target} update={update} delete={delete} match={match}")
        for _, index, unique, origin, partial in db.execute(f"PRAGMA index_list({q})").fetchall():
            parts = [f"{(r[2] or '<expression>').lower()}{' desc' if r[3] else ''} {r[4].lower()}"
                     for r in db.execute(f"PRAGMA index_xinfo({quote(index)})") if r[5]]
            if origin == "c":
                columns, tail = items(tokens(stored["index", index]))
                for k, part in enumerate(parts):
                    if part.startswith("<expression>"):
                        expression = columns[k][:-1] if columns[k][-1] in ("asc", "desc") else columns[k]
                        parts[k] = " ".join(unwrap(expression)) + part[len("<expression>"):]
                where = " ".join(unwrap(tail[1:])) if partial else ""
                out.append(f"index {index.lower()} on {name} unique={unique} {parts} where={where}")
            else:
                out.append(f"{'primary key' if origin == 'pk' else 'unique'} {name} {parts}")
    out += [f"{kind} {' '.join(tokens(sql))}" for (kind, _), sql in stored.items() if kind in ("view", "trigger")]
    return sorted(out)


def tables(db):
    return [r[1] for r in db.execute("PRAGMA main.table_list") if r[2] == "table" and not r[1].startswith(("sqlite_", "tenon_"))]


def contents(db):
    """{table: (rows, {column: (declared type, generated, sorted values)})}"""
    found = {}
    for table in tables(db):
        q, columns = quote(table), {}
        strict = db.execute("SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)).fetchone()[0]
        for _, name, typ, _, _, _, hidden in db.execute(f"PRAGMA table_xinfo({q})").fetchall():
            values = sorted(r[0] for r in db.execute(f"SELECT quote({quote(name)}) FROM {q}"))
            kept = " as it is" if strict and typ.upper() == "ANY" else ""  # elsewhere the word means NUMERIC
            columns[name.lower()] = (" ".join(tokens(typ)) + kept, hidden != 0, values)
        found[table.lower()] = (db.execute(f"SELECT count(*) FROM {q}").fetchone()[0], columns)
    return found


def losses(before, after):
    """What rows and values went missing or changed, among tables and columns that both have with the same declared type."""
    out = []
    for table in sorted(before.keys() & after.keys()):
        (rows, columns), (rows2, columns2) = before[table], after[table]
        if rows2 < rows:
            out.append(f"{table}: {rows} -> {rows2} rows")
            continue
        for name in sorted(columns.keys() & columns2.keys()):
            (typ, generated, values), (typ2, generated2, values2) = columns[name], columns2[name]
            filled, filled2 = (sum(v != "NULL" for v in x) for x in (values, values2))
            if generated or generated2:
                continue
            if filled2 < filled or (typ == typ2 and filled == filled2 and values != values2):
                out.append(f"{table}.{name}: {values[:3]} -> {values2[:3]}")
    return out


def health(db):
    """What SQLite itself finds wrong."""
    # SQLite 3.40 looks for NULLs in the wrong columns of WITHOUT ROWID tables, and finds some that are none.
    odd = tuple(f"NULL value in {r[1]}." for r in db.execute("PRAGMA main.table_list") if r[4])
    bad = [r[0] for r in db.execute("PRAGMA integrity_check(1000)") if r[0] != "ok" and not (odd and r[0].startswith(odd))]
    try:
        bad += [f"foreign key violation in {r[0]}" for r in db.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error:
        pass  # a foreign key to what is no key: as the schema has it
    return bad


NUMERIC = ("INT", "REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL")


def fits(source, target):
    """Could the rows of source (a path) live in the schema of target (a path), each value as it is?"""
    with sqlite3.connect(":memory:") as db:
        db.execute("ATTACH ? AS o", (source,))
        with sqlite3.connect(target) as copy:
            copy.backup(db)
        for (trigger,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER main.{quote(trigger)}")
        olds = {r[1].lower() for r in db.execute("PRAGMA o.table_list") if r[0] == "o" and r[2] == "table"}
        try:
            for table in tables(db):
                if table.lower() not in olds:
                    continue
                q = quote(table)
                db.execute(f"DELETE FROM main.{q}")
                was = {r[1].lower() for r in db.execute(f"PRAGMA o.table_xinfo({q})") if r[6] == 0}
                now = [(r[1], r[2].upper()) for r in db.execute(f"PRAGMA main.table_xinfo({q})") if r[6] == 0 and r[1].lower() in was]
                names = ", ".join(quote(c) for c, _ in now)
                if not now:  # rows that keep no value must be able to live by defaults alone
                    for _ in range(db.execute(f"SELECT count(*) FROM o.{q}").fetchone()[0]):
                        db.execute(f"INSERT OR ABORT INTO main.{q} DEFAULT VALUES")
                    continue
                db.execute(f"INSERT OR ABORT INTO main.{q} ({names}) SELECT {names} FROM o.{q}")
                for column, typ in now:
                    c = quote(column)
                    ask = "SELECT coalesce(CAST({} AS TEXT), '') FROM {}.{} ORDER BY 1"
                    if db.execute(ask.format(c, "o", q)).fetchall() != db.execute(ask.format(c, "main", q)).fetchall():
                        return False
                    numeric = any(w in typ for w in NUMERIC) and not any(w in typ for w in ("CHAR", "CLOB", "TEXT"))
                    if numeric and db.execute(f"SELECT count(*) FROM main.{q} WHERE typeof({c}) IN ('text', 'blob')").fetchone()[0]:
                        return False
            return not db.execute("PRAGMA main.foreign_key_check").fetchall()
        except sqlite3.Error:
            return False
