"""Random SQLite schemas, and random changes to them.  The same seed gives the same schema.

A schema is plain data (dicts and lists), so that a change can be made to a copy; render() writes it as SQL with random
spelling (quotes, comments, case, clause order), because people's files are like that.
"""
import copy
import random

TYPES = ["INTEGER", "INT", "BIGINT", "TEXT", "VARCHAR(40)", "varchar(255)", "CHAR(2)", "REAL", "DOUBLE PRECISION", "NUMERIC",
         "DECIMAL(10,2)", "BOOLEAN", "DATE", "DATETIME", "BLOB", "UNSIGNED BIG INT", ""]
STRICT_TYPES = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"]
NAMES = ["user", "post", "tag", "order", "group", "Item", "line item", "o'brien", 'quo"te', "select", "naïve", "t1", "t2", "audit_log"]
COLUMNS = ["name", "email", "title", "body", "amount", "qty", "kind", "created_at", "flag", "index", "Value", "two words", "da-sh", "c1", "c2", "c3"]
CONFLICTS = ["", "", "", "", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE", " ON CONFLICT FAIL"]
ACTIONS = ["", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", " ON DELETE CASCADE ON UPDATE CASCADE"]
DEFERRABLE = ["", "", "", " DEFERRABLE INITIALLY DEFERRED"]


def is_text(typ):
    return any(w in typ.upper() for w in ("CHAR", "TEXT", "CLOB"))


def default_for(rng, typ):
    if rng.random() < 0.15:
        return rng.choice(["CURRENT_TIMESTAMP", "(datetime('now'))", "(1 + 1)", "(lower('X'))"]) if not typ or is_text(typ) or "DATE" in typ else "(1 + 1)"
    if typ == "BLOB":
        return "x'00ff'"
    if typ in ("ANY", ""):
        return rng.choice(["0", "'any'", "NULL"])
    return rng.choice(["''", "'x'", "'it''s'", "'CHECK (y'"]) if is_text(typ) or "DATE" in typ else rng.choice(["0", "1", "-1", "42", "NULL"])


def new_column(rng, name, strict=False):
    typ = rng.choice(STRICT_TYPES if strict else TYPES)
    column = {"name": name, "type": typ, "notnull": False, "conflict": "", "default": None, "collate": "", "generated": None, "check": None}
    if rng.random() < 0.3:
        column["notnull"], column["conflict"] = True, rng.choice(CONFLICTS)
    if rng.random() < 0.3 or (column["notnull"] and rng.random() < 0.5):
        column["default"] = default_for(rng, typ)
    if is_text(typ) and rng.random() < 0.2:
        column["collate"] = rng.choice(["NOCASE", "RTRIM"])
    if rng.random() < 0.12:
        column["check"] = rng.choice(["length({c}) < 1000", "{c} IS NULL OR {c} <> 'CHECK ('", "({c} <> 'a') AND ({c} <> 'b')", "{c} NOT IN ('p', 'q')"])
    return column


def plain(table):
    return [c for c in table["columns"] if not c["generated"]]


def new_table(rng, name, others):
    table = {"name": name, "columns": [], "key": None, "uniques": [], "checks": [], "foreign": [], "indexes": [], "triggers": [],
             "strict": rng.random() < 0.12, "without_rowid": False}
    for column in rng.sample(COLUMNS, rng.randint(2, 6)):
        table["columns"].append(new_column(rng, column, table["strict"]))
    key = rng.random()
    if key < 0.55:
        table["columns"].insert(0, {**new_column(rng, "id"), "type": "INTEGER", "notnull": False, "conflict": "", "default": None, "collate": "", "check": None})
        table["key"] = {"columns": ["id"], "auto": rng.random() < 0.3, "inline": True}
    elif key < 0.85:
        names = [c["name"] for c in rng.sample(table["columns"], rng.randint(1, min(2, len(table["columns"]))))]
        table["key"] = {"columns": names, "auto": False, "inline": False}
        table["without_rowid"] = rng.random() < 0.4
    for change in (add_generated, add_unique, add_check, add_index, add_index, add_trigger):
        if rng.random() < 0.3:
            change(rng, table)
    if rng.random() < 0.5:
        add_foreign(rng, table, others)
    return table


def referable(table):
    """Column lists of a table that a foreign key may name."""
    found = [u["columns"] for u in table["uniques"]]
    found += [[p["on"] for p in i["parts"]] for i in table["indexes"] if i["unique"] and not i["where"] and all(p["form"] == "{c}" for p in i["parts"])]
    return found + ([table["key"]["columns"]] if table["key"] else [])


def add_foreign(rng, table, others):
    choices = [(o["name"], cols) for o in others + [table] for cols in referable(o)]
    if not choices:
        return
    target, columns = rng.choice(choices)
    if len(plain(table)) < len(columns):
        return
    mine = [c["name"] for c in rng.sample(plain(table), len(columns))]
    implicit = rng.random() < 0.2 and any(o["name"] == target and o["key"] and o["key"]["columns"] == columns for o in others + [table])
    table["foreign"].append({"columns": mine, "table": target, "target": [] if implicit else columns, "tail": rng.choice(ACTIONS) + rng.choice(DEFERRABLE),
                             "name": rng.choice(["", "", f"fk_{rng.randint(1, 99)}"])})


def add_generated(rng, table):
    free = [c for c in ("gen_a", "gen_b") if c not in [x["name"] for x in table["columns"]]]
    if free and plain(table):
        source = rng.choice(plain(table))["name"]
        column = new_column(rng, free[0])
        column.update(type="TEXT", notnull=False, conflict="", default=None, collate="", check=None,
                      generated={"on": source, "expr": rng.choice(["lower({c})", "{c} || '!'", "length({c})"]), "stored": rng.random() < 0.5})
        table["columns"].append(column)


def add_unique(rng, table):
    columns = [c["name"] for c in rng.sample(plain(table), min(len(plain(table)), rng.randint(1, 2)))]
    if columns and columns not in [u["columns"] for u in table["uniques"]] and (not table["key"] or columns != table["key"]["columns"]):
        table["uniques"].append({"columns": columns, "name": rng.choice(["", f"uq_{rng.randint(1, 99)}"]), "conflict": rng.choice(CONFLICTS)})


def add_check(rng, table):
    column = rng.choice(table["columns"])["name"]
    table["checks"].append({"on": column, "expr": rng.choice(["{c} IS NULL OR length({c}) < 500", "{c} <> 'nope'", "{c} IS NOT 'a--b'"]),
                            "name": rng.choice(["", f"ck_{rng.randint(1, 99)}"])})


def add_index(rng, table):
    name = f"ix_{table['name']}_{rng.randint(1, 999)}"
    if any(i["name"] == name for i in table["indexes"]):
        return
    parts = [{"on": c["name"], "form": rng.choice(["{c}", "{c}", "{c} DESC", "lower({c})", "{c} COLLATE NOCASE"])}
             for c in rng.sample(table["columns"], min(len(table["columns"]), rng.randint(1, 2)))]
    where = {"on": rng.choice(table["columns"])["name"], "form": "{c} IS NOT NULL"} if rng.random() < 0.25 else None
    table["indexes"].append({"name": name, "parts": parts, "unique": rng.random() < 0.15, "where": where})


def add_trigger(rng, table):
    name = f"tr_{table['name']}_{rng.randint(1, 999)}"
    if any(t["name"] == name for t in table["triggers"]) or not plain(table):
        return
    table["triggers"].append({"name": name, "on": rng.choice(plain(table))["name"],
                              "form": rng.choice(["AFTER UPDATE OF {c} ON {t} BEGIN SELECT new.{c}; END",
                                                  "BEFORE DELETE ON {t} WHEN old.{c} IS NULL BEGIN SELECT CASE WHEN 1 THEN old.{c} ELSE 2 END; END",
                                                  "AFTER INSERT ON {t} BEGIN SELECT count({c}) FROM {t}; END"])})


def new_schema(rng):
    schema = {"tables": [], "views": []}
    for name in rng.sample(NAMES, rng.randint(1, 4)):
        schema["tables"].append(new_table(rng, name, list(schema["tables"])))
    if rng.random() < 0.5:
        add_view(rng, schema)
    return schema


def add_view(rng, schema):
    table = rng.choice(schema["tables"])
    columns = [c["name"] for c in rng.sample(table["columns"], rng.randint(1, len(table["columns"])))]
    name = f"v{rng.randint(1, 99)}"
    if name not in [v["name"] for v in schema["views"]]:
        schema["views"].append({"name": name, "table": table["name"], "columns": columns, "where": rng.random() < 0.3})


def prune(schema):
    """Takes out whatever mentions a table or column that is gone, until nothing does."""
    tables = {t["name"]: {c["name"] for c in t["columns"]} for t in schema["tables"]}
    for table in schema["tables"]:
        has = tables[table["name"]]
        table["columns"] = [c for c in table["columns"] if not c["generated"] or c["generated"]["on"] in has]
        has = tables[table["name"]] = {c["name"] for c in table["columns"]}
        if table["key"] and not set(table["key"]["columns"]) <= has:
            table["key"] = None
        if not table["key"]:
            table["without_rowid"] = False
        table["uniques"] = [u for u in table["uniques"] if set(u["columns"]) <= has]
        table["checks"] = [c for c in table["checks"] if c["on"] in has]
        table["indexes"] = [i for i in table["indexes"] if all(p["on"] in has for p in i["parts"]) and (not i["where"] or i["where"]["on"] in has)]
        table["triggers"] = [t for t in table["triggers"] if t["on"] in has]
    by_name = {t["name"]: t for t in schema["tables"]}
    for table in schema["tables"]:
        table["foreign"] = [f for f in table["foreign"] if set(f["columns"]) <= tables[table["name"]] and f["table"] in by_name and
                            ((f["target"] in referable(by_name[f["table"]])) if f["target"] else
                             by_name[f["table"]]["key"] and len(by_name[f["table"]]["key"]["columns"]) == len(f["columns"]))]
    for view in schema["views"]:
        view["columns"] = [c for c in view["columns"] if c in tables.get(view["table"], ())]
    schema["views"] = [v for v in schema["views"] if v["columns"]]


def change(rng, schema):
    """A copy of the schema with a few random changes."""
    schema = copy.deepcopy(schema)
    for _ in range(rng.randint(1, 3)):
        table = rng.choice(schema["tables"])
        others = [t for t in schema["tables"] if t is not table]
        column = rng.choice(table["columns"])
        free = [c for c in COLUMNS if c.lower() not in [x["name"].lower() for x in table["columns"]]]
        in_key = table["key"] and column["name"] in table["key"]["columns"]
        simple = not column["generated"] and not in_key

        def retype():
            if simple:
                column["type"] = rng.choice(STRICT_TYPES if table["strict"] else TYPES)
                column["default"] = None

        def flip_null():
            if simple:
                column["notnull"] = not column["notnull"]
                column["conflict"] = rng.choice(CONFLICTS) if column["notnull"] else ""
                if column["default"] == "NULL":
                    column["default"] = None

        def redefault():
            if simple:
                column["default"] = rng.choice([None, default_for(rng, column["type"])])

        def recollate():
            if not column["generated"]:
                column["collate"] = rng.choice(["", "NOCASE", "RTRIM"])

        def add_column():
            if free:
                added = new_column(rng, rng.choice(free), table["strict"])
                if added["notnull"] and added["default"] in (None, "NULL") and rng.random() < 0.8:
                    added["notnull"], added["conflict"] = False, ""
                table["columns"].insert(rng.randint(0, len(table["columns"])), added)

        def drop_column():
            if len(plain(table)) > 1 and not (in_key and rng.random() < 0.7) and (column["generated"] or len(plain(table)) > 2):
                table["columns"].remove(column)

        def drop_some():
            kind = rng.choice(["uniques", "checks", "foreign", "indexes", "triggers"])
            if table[kind]:
                table[kind].remove(rng.choice(table[kind]))

        def rekey():
            if table["key"] and table["key"]["inline"]:
                table["key"]["auto"] = not table["key"]["auto"]
            elif table["key"]:
                table["key"] = {**table["key"], "columns": [c["name"] for c in rng.sample(plain(table), 1)]}

        def regenerate():
            if column["generated"]:
                column["generated"][rng.choice(["stored", "stored", "expr"])] = rng.choice([True, False])
                if isinstance(column["generated"]["expr"], bool):
                    column["generated"]["expr"] = "upper({c})"

        def give_up():
            used = {c for u in table["uniques"] + table["foreign"] for c in u["columns"]} | {p["on"] for i in table["indexes"] if i["unique"] for p in i["parts"]}
            sources = [c for c in plain(table) if c is not column]
            if simple and sources and column["name"] not in used and not any(f["table"] == table["name"] for t in schema["tables"] for f in t["foreign"]):
                column.update(notnull=False, conflict="", default=None, collate="", check=None,
                              generated={"on": rng.choice(sources)["name"], "expr": "lower({c})", "stored": rng.random() < 0.5})
                if table["strict"]:
                    column["type"] = "TEXT"

        def replace_all():
            if len(free) > 1:
                table["columns"] = [{**new_column(rng, c, table["strict"]), "notnull": False, "conflict": ""} for c in rng.sample(free, 2)]
                table["key"] = None
                if rng.random() < 0.4:
                    table["columns"].append({**new_column(rng, "key"), "type": "INTEGER", "notnull": False, "conflict": "", "default": None, "collate": "", "check": None})
                    table["key"], table["without_rowid"] = {"columns": ["key"], "auto": rng.random() < 0.3, "inline": True}, False

        def restrict():
            table["strict"] = not table["strict"]
            if table["strict"]:
                for c in table["columns"]:
                    if c["type"] not in STRICT_TYPES:
                        c["type"] = "TEXT" if is_text(c["type"]) else "ANY"

        def rowid():
            if table["key"] and not table["key"]["auto"]:
                table["without_rowid"] = not table["without_rowid"]

        def shuffle():
            rng.shuffle(table["columns"])

        def drop_table():
            if others:
                schema["tables"].remove(table)

        def add_table():
            name = rng.choice(NAMES)
            if name.lower() not in [t["name"].lower() for t in schema["tables"]]:
                schema["tables"].append(new_table(rng, name, list(schema["tables"])))

        def review():
            if schema["views"] and rng.random() < 0.5:
                schema["views"].remove(rng.choice(schema["views"]))
            else:
                add_view(rng, schema)

        rng.choice([retype, retype, flip_null, flip_null, redefault, redefault, recollate, add_column, add_column, add_column, drop_column, drop_column,
                    drop_some, drop_some, rekey, regenerate, give_up, replace_all, restrict, rowid, shuffle, drop_table, add_table, review,
                    lambda: add_generated(rng, table), lambda: add_unique(rng, table), lambda: add_check(rng, table),
                    lambda: add_index(rng, table), lambda: add_trigger(rng, table), lambda: add_foreign(rng, table, others)])()
        prune(schema)
    return schema


def render(rng, schema):
    """The schema as a script."""

    def q(name):
        bare = name.isidentifier() and name.isascii() and name.lower() not in ("order", "group", "index", "select")
        forms = (["{}"] * 3 if bare else []) + ['"{}"'] + (["`{}`", "[{}]"] if '"' not in name and rng.random() < 0.3 else [])
        form = rng.choice(forms)
        return form.format(name.replace('"', '""') if form == '"{}"' else name)

    def kw(text):
        return rng.choice([text, text, text.lower()])

    def note():
        return rng.choice([""] * 12 + [" /* CHECK (x) */", " -- it's a note, (really)\n"])

    def references(foreign):
        target = "(" + ", ".join(q(c) for c in foreign["target"]) + ")" if foreign["target"] else ""
        return (f"CONSTRAINT {foreign['name']} " if foreign["name"] else "") + f"REFERENCES {q(foreign['table'])} {target}{foreign['tail']}"

    out = []
    for table in schema["tables"]:
        lines = []
        # What stands inside a column: the place says nothing, but SQLite numbers a table's own indexes by it.
        inside = {id(k) for k in table["uniques"] + table["foreign"] + ([table["key"]] if table["key"] and not table["key"]["inline"] else [])
                  if len(k["columns"]) == 1 and not k.get("conflict") and "DEFERRED" not in k.get("tail", "") and rng.random() < 0.5}
        for column in table["columns"]:
            text = q(column["name"]) + (" " + column["type"] if column["type"] else "")
            clauses = []
            if column["notnull"]:
                clauses.append(kw("NOT NULL") + column["conflict"])
            if column["default"] is not None:
                clauses.append(kw("DEFAULT") + " " + column["default"])
            if column["collate"]:
                clauses.append(kw("COLLATE") + " " + column["collate"])
            if column["check"]:
                clauses.append(kw("CHECK") + " (" + column["check"].format(c=q(column["name"])) + ")")
            if column["generated"]:
                generated = column["generated"]
                clauses.append(rng.choice(["GENERATED ALWAYS AS", "AS"]) + " (" + generated["expr"].format(c=q(generated["on"])) + ")" +
                               (" STORED" if generated["stored"] else rng.choice(["", " VIRTUAL"])))
            for unique in table["uniques"]:
                if id(unique) in inside and unique["columns"] == [column["name"]]:
                    clauses.append((f"CONSTRAINT {unique['name']} " if unique["name"] else "") + kw("UNIQUE"))
            for foreign in table["foreign"]:
                if id(foreign) in inside and foreign["columns"] == [column["name"]]:
                    clauses.append(references(foreign))
            if id(table["key"]) in inside and column["name"] in table["key"]["columns"]:
                clauses.append(kw("PRIMARY KEY"))
            rng.shuffle(clauses)
            if table["key"] and table["key"]["inline"] and column["name"] in table["key"]["columns"]:
                clauses.insert(0, "PRIMARY KEY" + (" AUTOINCREMENT" if table["key"]["auto"] else ""))
            lines.append(" ".join([text] + clauses))
        constraints = []
        if table["key"] and not table["key"]["inline"] and id(table["key"]) not in inside:
            constraints.append("PRIMARY KEY (" + ", ".join(q(c) for c in table["key"]["columns"]) + ")")
        for unique in table["uniques"]:
            if id(unique) not in inside:
                constraints.append((f"CONSTRAINT {unique['name']} " if unique["name"] else "") + "UNIQUE (" + ", ".join(q(c) for c in unique["columns"]) + ")" + unique["conflict"])
        for check in table["checks"]:
            constraints.append((f"CONSTRAINT {check['name']} " if check["name"] else "") + "CHECK (" + check["expr"].format(c=q(check["on"])) + ")")
        for foreign in table["foreign"]:
            if id(foreign) not in inside:
                name = f"CONSTRAINT {foreign['name']} " if foreign["name"] else ""
                constraints.append(name + "FOREIGN KEY (" + ", ".join(q(c) for c in foreign["columns"]) + ") " + references(foreign).removeprefix(name))
        rng.shuffle(constraints)
        lines += constraints
        options = [o for o, on in (("STRICT", table["strict"]), ("WITHOUT ROWID", table["without_rowid"])) if on]
        body = ",\n".join(f"  {line}{note()}" for line in lines)
        out.append(f"{kw('CREATE TABLE')} {q(table['name'])} (\n{body}\n) {', '.join(options)};")
    for table in schema["tables"]:
        for index in table["indexes"]:
            parts = ", ".join(p["form"].format(c=q(p["on"])) for p in index["parts"])
            where = kw(" WHERE ") + index["where"]["form"].format(c=q(index["where"]["on"])) if index["where"] else ""
            out.append(f"CREATE {'UNIQUE ' if index['unique'] else ''}INDEX {q(index['name'])} ON {q(table['name'])} ({parts}){where};")
    for view in schema["views"]:
        where = f" WHERE {q(view['columns'][0])} IS NOT NULL" if view["where"] else ""
        out.append(f"CREATE VIEW {q(view['name'])} AS SELECT {', '.join(q(c) for c in view['columns'])} FROM {q(view['table'])}{where};")
    for table in schema["tables"]:
        for trigger in table["triggers"]:
            out.append(f"CREATE TRIGGER {q(trigger['name'])} " + trigger["form"].format(c=q(trigger["on"]), t=q(table["name"])) + ";")
    return "\n".join(out) + "\n"


def value(rng, typ, i):
    if rng.random() < 0.12:
        return None
    if is_text(typ):
        return rng.choice([f"v{i}", str(i), f"{i}.50", "007", "x'y", "é"])
    if "DATE" in typ:
        return f"2024-01-{i % 28 + 1:02d}"
    if typ == "BLOB":
        return bytes([i % 256, 0])
    if typ in ("REAL", "DOUBLE PRECISION", "NUMERIC", "DECIMAL(10,2)"):
        return rng.choice([i, i + 0.5])
    return i


def fill(rng, schema, db, rows=8):
    """Puts rows into the tables of a database that has the schema."""
    for _ in range(2):  # parents may come after children
        for table in schema["tables"]:
            columns = plain(table)
            names = ", ".join('"' + c["name"].replace('"', '""') + '"' for c in columns)
            for i in range(1, rows + 1):
                try:
                    db.execute(f"INSERT INTO \"{table['name'].replace(chr(34), chr(34) * 2)}\" ({names}) VALUES ({', '.join('?' * len(columns))})",
                               [i if c["name"] == "id" else value(rng, c["type"], i) for c in columns])
                except Exception:  # a constraint says no: fewer rows then
                    continue


def pair(seed):
    """(old script, new script, function that fills a connection with rows)"""
    rng = random.Random(seed)
    old = new_schema(rng)
    new = change(rng, old)
    scripts = render(rng, old), render(rng, new)
    return *scripts, lambda db: fill(rng, old, db)
