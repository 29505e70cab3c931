"""Random PostgreSQL schemas, and random changes to them.  The same seed gives the same schema.

A schema is plain data (dicts and lists), so that a change can be made to a copy; prune() then takes out whatever mentions what is
gone, and render() writes the rest as SQL.
"""
import copy
import random

KINDS = {
    "int": ["integer", "bigint", "smallint"],
    "num": ["numeric", "numeric(10,2)", "real", "double precision"],
    "text": ["text", "varchar(40)", "varchar(200)", "varchar", "char(12)"],
    "time": ["date", "timestamp", "timestamptz", "timestamptz(3)"],
    "bool": ["boolean"],
    "uuid": ["uuid"],
    "json": ["json", "jsonb"],
    "bytes": ["bytea"],
    "net": ["inet"],
    "range": ["int4range", "tsrange"],
    "array": ["integer[]", "text[]", "varchar(20)[]"],
}
KIND_OF = {typ: kind for kind, types in KINDS.items() for typ in types}
DEFAULTS = {
    "int": ["0", "1", "-1", "42", "(1 + 2)"], "num": ["0", "1.5", "-2"],
    "text": ["''", "'x'", "'it''s'", "upper('a')", "CURRENT_USER", "'CHECK ('"],
    "time": ["now()", "CURRENT_TIMESTAMP", "'2024-01-01'", "clock_timestamp()"], "bool": ["true", "false", "(1 > 2)"],
    "uuid": ["gen_random_uuid()", "'7d2b3cde-6e0a-4b0c-9a4b-3a1f0f8f2b11'"], "json": ["'{}'", "'{\"k\": [1, \"it''s\"]}'"],
    "bytes": ["'\\x00ff'"], "net": ["'127.0.0.1'"], "range": ["'empty'"], "array": ["'{}'"],
}
CHECKS = {
    "int": ["{c} > -1000", "{c} BETWEEN -500 AND 30000", "{c} IN (1, 2, 3) OR {c} > 3 OR {c} <= 0", "{c} > 2"],
    "num": ["{c} >= -1000", "NOT ({c} < -5000)"],
    "text": ["length({c}) < 500", "{c} <> 'nope'", "{c} ~ '^[^;]*$'", "{c} NOT IN ('p', 'q')", "{c} LIKE '%'"],
}
NAMES = ["users", "post", "tag", "order", "group", "Item", "line item", "o'brien", 'quo"te', "select", "naïve", "t1", "t2", "audit_log"]
COLUMNS = ["name", "email", "title", "body", "amount", "qty", "kind", "created_at", "flag", "index", "Value", "two words", "da-sh", "c1", "c2", "c3"]
ENUM_VALUES = ["new", "open", "it's", "Done", "gone", "z z"]
ACTIONS = ["", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", " ON DELETE CASCADE ON UPDATE RESTRICT"]
DEFERRABLE = ["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"]
ROLES = ["tenon_reader", "tenon_writer", "PUBLIC"]
COMMENTS = ["plain", "it's; two -- words", "new\nline", "back\\slash"]


def q(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def path(thing):
    return f"{q(thing['schema'])}.{q(thing['name'])}"


def kind(schema, column):
    """What sort of values the column holds: a key of KINDS, or 'enum'."""
    typ = column["type"]
    if typ.startswith("enum:"):
        return "enum"
    if typ.startswith("domain:"):
        return next((KIND_OF[d["type"]] for d in schema["domains"] if "domain:" + d["name"] == typ), "text")
    return KIND_OF[typ]


def enum_of(schema, column):
    return next((e for e in schema["enums"] if "enum:" + e["name"] == column["type"]), None)


def sortable(schema, table):
    """The columns that keys and btree indexes may name."""
    return [c for c in table["columns"] if c["type"] != "json"]


def plain(table):
    return [c for c in table["columns"] if not c["generated"]]


def by_kind(schema, table, *kinds):
    return [c for c in table["columns"] if kind(schema, c) in kinds]


# -- making -------------------------------------------------------------------------------------------------------------------


def any_type(rng, schema):
    named = ["enum:" + e["name"] for e in schema["enums"]] + ["domain:" + d["name"] for d in schema["domains"]]
    if named and rng.random() < 0.25:
        return rng.choice(named)
    return rng.choice(KINDS[rng.choice(["int", "int", "text", "text"] + list(KINDS))])


def default_for(rng, schema, column):
    enum = enum_of(schema, column)
    if enum:
        return literal(rng.choice(enum["values"]))
    if schema["sequences"] and kind(schema, column) == "int" and column["type"] == "bigint" and rng.random() < 0.3:
        return "sequence:" + rng.choice(schema["sequences"])["name"]
    return rng.choice(DEFAULTS[kind(schema, column)])


def new_column(rng, schema, name):
    column = {"name": name, "type": any_type(rng, schema), "notnull": rng.random() < 0.3, "default": None, "collate": "", "generated": None,
              "identity": None, "serial": False, "comment": None, "statistics": None}
    if rng.random() < 0.3 or (column["notnull"] and rng.random() < 0.6):
        column["default"] = default_for(rng, schema, column)
    if column["type"] in KINDS["text"] and rng.random() < 0.15:
        column["collate"] = rng.choice(["C", "POSIX", "de-x-icu"])
    if rng.random() < 0.1:
        column["comment"] = rng.choice(COMMENTS)
    if rng.random() < 0.05:
        column["statistics"] = rng.randint(1, 500)
    return column


def new_identity(rng):
    return {"when": rng.choice(["ALWAYS", "BY DEFAULT"]), "options": rng.choice(["", "", "", " (START WITH 10 INCREMENT BY 5)", " (MAXVALUE 30000 CYCLE CACHE 3)"])}


def new_table(rng, schema, name):
    table = {"schema": rng.choice(schema["schemas"]), "name": name, "columns": [], "key": None, "uniques": [], "checks": [], "foreign": [], "excludes": [],
             "indexes": [], "triggers": [], "policies": [], "grants": [], "statistics": [], "comment": None, "unlogged": False,
             "fillfactor": None, "security": rng.random() < 0.15, "partition": None}
    for column in rng.sample(COLUMNS, rng.randint(2, 6)):
        table["columns"].append(new_column(rng, schema, column))
    if rng.random() < 0.15:
        add_partitions(rng, schema, table)
    if rng.random() < 0.7 and not table["partition"]:
        key = {**new_column(rng, schema, "id"), "type": rng.choice(KINDS["int"]), "default": None, "collate": "", "notnull": True}
        how = rng.random()
        key["serial"], key["identity"] = how < 0.3, new_identity(rng) if 0.3 <= how < 0.6 else None
        table["columns"].insert(0, key)
        table["key"] = {"columns": ["id"], "name": rng.choice(["", "", f"key of {name}"])}
    elif rng.random() < 0.4:
        names = [c["name"] for c in rng.sample(sortable(schema, table), min(len(sortable(schema, table)), 2))]
        table["key"] = {"columns": with_partition(table, names), "name": ""} if names else None
    if not table["partition"]:
        table["unlogged"], table["fillfactor"] = rng.random() < 0.08, rng.choice([None, None, None, 70, 90])
    for change in (add_generated, add_unique, add_check, add_check, add_index, add_index, add_exclude, add_trigger, add_policy, add_grant, add_statistics):
        if rng.random() < 0.3:
            change(rng, schema, table)
    if rng.random() < 0.5:
        add_foreign(rng, schema, table)
    return table


def with_partition(table, names):
    """A key of a partitioned table holds the column it is partitioned by."""
    on = table["partition"] and table["partition"]["on"]
    return names if not on or on in names else names + [on]


def add_partitions(rng, schema, table):
    choices = [c for c in plain(table) if c["type"] in ("integer", "bigint", "text")]
    if choices:
        column = rng.choice(choices)
        parts = rng.sample(range(4), rng.randint(0, 3))
        table["partition"] = {"on": column["name"], "by": "LIST" if column["type"] == "text" else "RANGE", "parts": sorted(parts), "default": rng.random() < 0.6}


def referable(schema, table):
    keys = [u["columns"] for u in table["uniques"] if not u["deferrable"]] + ([table["key"]["columns"]] if table["key"] else [])
    types = {c["name"]: c["type"] for c in table["columns"]}
    return [(k, [types[c] for c in k]) for k in keys]


def add_foreign(rng, schema, table):
    for other in rng.sample(schema["tables"] + [table], len(schema["tables"]) + 1):
        for target, types in referable(schema, other):
            mine = []
            for typ in types:
                fit = [c["name"] for c in plain(table) if c["type"] == typ and c["name"] not in mine]
                mine += [rng.choice(fit)] if fit else []
            if len(mine) == len(types) and other["unlogged"] <= table["unlogged"] and (other is not table or mine != target):
                table["foreign"].append({"columns": mine, "to": [other["schema"], other["name"]], "target": target, "tail": rng.choice(ACTIONS) + rng.choice(DEFERRABLE),
                                         "name": rng.choice(["", f"fk_{rng.randint(1, 9999)}"]), "valid": bool(table["partition"]) or rng.random() < 0.93})
                return


def add_generated(rng, schema, table):
    free = [c for c in ("gen_a", "gen_b") if c not in [x["name"] for x in table["columns"]]]
    if not free or not plain(table):
        return
    source = rng.choice(plain(table))
    typ, expression = {"text": ("text", rng.choice(["lower({c})", "{c} || '!'", "public.slug({c})"])), "int": ("bigint", rng.choice(["{c} * 2", "{c} + 1"])),
                       "num": ("numeric", "({c} * 2)::numeric")}.get(kind(schema, source), ("boolean", rng.choice(["{c} IS NULL", "{c} IS NOT NULL"])))
    table["columns"].append({**new_column(rng, schema, free[0]), "type": typ, "notnull": False, "default": None, "collate": "", "generated": {"on": source["name"], "expr": expression}})


def add_unique(rng, schema, table):
    able = sortable(schema, table)
    if able:
        names = with_partition(table, [c["name"] for c in rng.sample(able, min(len(able), rng.randint(1, 2)))])
        if table["key"] and rng.random() < 0.15:  # the columns of the primary key once more
            names = list(table["key"]["columns"])
        if names not in [u["columns"] for u in table["uniques"]]:
            table["uniques"].append({"columns": names, "name": rng.choice(["", f"uq_{rng.randint(1, 9999)}"]), "nulls": rng.choice(["", "", " NULLS NOT DISTINCT"]),
                                     "deferrable": rng.random() < 0.15})


def add_check(rng, schema, table):
    column = rng.choice(table["columns"])
    forms = CHECKS.get(kind(schema, column), ["{c} IS NOT NULL OR 1 < 2"]) + ["({c} IS NULL) OR ({c} IS NOT NULL)"]
    table["checks"].append({"on": column["name"], "kind": kind(schema, column), "expr": rng.choice(forms), "name": rng.choice(["", f"ck_{rng.randint(1, 9999)}"]),
                            "tail": rng.choice(["", "", "", "" if table["partition"] else " NO INHERIT"])})


def add_exclude(rng, schema, table):
    ranges = by_kind(schema, table, "range")
    if ranges and not table["partition"]:
        table["excludes"].append({"on": rng.choice(ranges)["name"], "name": f"ex_{rng.randint(1, 9999)}", "tail": rng.choice(["", " DEFERRABLE"])})


def add_index(rng, schema, table):
    name = f"ix {table['name'][:20]} {rng.randint(1, 9999)}"
    index = {"name": name, "method": "btree", "parts": [], "unique": False, "include": [], "where": None, "tail": "", "comment": rng.choice([None, None, None, "it's"])}
    how = rng.random()
    special = {"gin": [c for c in table["columns"] if c["type"] == "jsonb" or kind(schema, c) == "array"], "gist": by_kind(schema, table, "range"),
               "brin": by_kind(schema, table, "int", "num", "time"), "hash": by_kind(schema, table, "int", "text", "uuid", "enum")}
    method = rng.choice(list(special))
    if how < 0.3 and special[method]:
        column = rng.choice(special[method])
        index.update(method=method, parts=[{"on": column["name"], "kind": kind(schema, column), "form": "{c}"}])
    elif sortable(schema, table):
        able = sortable(schema, table)
        for column in rng.sample(able, min(len(able), rng.randint(1, 3))):
            forms = ["{c}", "{c}", "{c} DESC", "{c} NULLS FIRST"]
            if kind(schema, column) == "text":
                forms += ["lower({c})", '{c} COLLATE "C"', "public.slug({c}) DESC"] + (["{c} text_pattern_ops"] if column["type"] == "text" else [])
            index["parts"].append({"on": column["name"], "kind": kind(schema, column), "form": rng.choice(forms)})
        index["unique"] = rng.random() < 0.12 and not table["partition"]
        if rng.random() < 0.2:
            index["include"] = [rng.choice(able)["name"]]
        index["tail"] = rng.choice(["", "", "", " WITH (fillfactor = 60)"])
    else:
        return
    if rng.random() < 0.25:
        index["where"] = {"on": rng.choice(table["columns"])["name"], "form": rng.choice(["{c} IS NOT NULL", "{c} IS NULL"])}
    table["indexes"].append(index)


def add_trigger(rng, schema, table):
    if plain(table):
        forms = ["BEFORE UPDATE OF {c} ON {t} FOR EACH ROW", "AFTER INSERT OR DELETE ON {t} FOR EACH ROW", "AFTER UPDATE ON {t} FOR EACH STATEMENT"]
        forms += [] if kind(schema, table["columns"][0]) == "json" else ["AFTER UPDATE ON {t} FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*)"]
        safe = [f for f in forms if "WHEN" not in f or all(c["type"] != "json" for c in table["columns"])]
        table["triggers"].append({"name": f"tr {rng.randint(1, 9999)}", "on": rng.choice(plain(table))["name"], "form": rng.choice(safe),
                                  "function": rng.choice(schema["functions"])["name"], "disabled": rng.random() < 0.15})


def add_policy(rng, schema, table):
    table["policies"].append({"name": f"pol {rng.randint(1, 9999)}", "on": rng.choice(table["columns"])["name"],
                              "form": rng.choice([" USING ({c} IS NOT NULL)", " FOR SELECT TO tenon_reader USING ({c} IS NULL)", " AS RESTRICTIVE FOR INSERT WITH CHECK ({c} IS NOT NULL)"])})


def add_grant(rng, schema, table):
    columns = [rng.choice(table["columns"])["name"]] if rng.random() < 0.4 else []
    table["grants"].append({"what": rng.choice(["SELECT", "UPDATE", "INSERT"]), "columns": columns, "to": rng.choice(ROLES)})


def add_statistics(rng, schema, table):
    able = sortable(schema, table)
    if len(able) > 1:
        table["statistics"].append({"name": f"st {rng.randint(1, 9999)}", "columns": [c["name"] for c in rng.sample(able, 2)],
                                    "kinds": rng.choice(["", " (ndistinct)", " (dependencies, mcv)"])})


def add_view(rng, schema):
    """A view or materialized view of a table or of another view."""
    source = rng.choice(schema["tables"] + schema["views"])
    names = [c["name"] for c in source["columns"]] if isinstance(source["columns"][0], dict) else source["columns"]
    name = f"v{rng.randint(1, 999)}"
    if name not in [v["name"] for v in schema["views"]]:
        schema["views"].append({"schema": rng.choice(schema["schemas"]), "name": name, "of": [source["schema"], source["name"]], "columns": rng.sample(names, rng.randint(1, len(names))),
                                "where": rng.random() < 0.3, "stored": rng.random() < 0.3, "index": rng.random() < 0.5,
                                "grants": [rng.choice(ROLES)] if rng.random() < 0.4 else [], "comment": rng.choice([None, None] + COMMENTS)})


def add_routine(rng, schema):
    """A function that reads a table: by its text, by the SQL standard's body, or by its row type."""
    table = rng.choice(schema["tables"])
    schema["routines"].append({"name": f"read_{rng.randint(1, 999)}", "of": [table["schema"], table["name"]], "on": rng.choice(table["columns"])["name"],
                               "form": rng.choice(["() RETURNS bigint LANGUAGE sql AS $$ SELECT count({c}) FROM {t} $$",
                                                   "() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(x.{c}) FROM {t} x; END",
                                                   "(r {t}) RETURNS boolean LANGUAGE sql AS $$ SELECT r.{c} IS NULL $$", "() RETURNS SETOF {t} LANGUAGE sql AS $$ SELECT * FROM {t} $$"])})


def new_schema(rng):
    schema = {"schemas": ["public"] + rng.sample(["app", "My Schema"], rng.randint(0, 2)), "enums": [], "domains": [], "sequences": [], "tables": [], "views": [],
              "functions": [{"name": "touch", "body": "BEGIN RETURN NEW; END"}, {"name": "note", "body": "BEGIN RETURN coalesce(NEW, OLD); END"}],
              "slug": "SELECT lower($1)", "routines": []}
    for name in ("mood", "Order kind"):
        if rng.random() < 0.5:
            schema["enums"].append({"schema": rng.choice(schema["schemas"]), "name": name, "values": rng.sample(ENUM_VALUES, rng.randint(1, 4))})
    for name in ("email", "pos"):
        if rng.random() < 0.4:
            typ = "text" if name == "email" else "integer"
            schema["domains"].append({"schema": rng.choice(schema["schemas"]), "name": name, "type": typ, "default": rng.choice([None, DEFAULTS[KIND_OF[typ]][1]]),
                                      "check": rng.choice([None, "VALUE IS NOT NULL OR true", "VALUE::text <> 'no'"]), "notnull": False})
    for name in ("numbers", "More numbers"):
        if rng.random() < 0.4:
            schema["sequences"].append({"schema": rng.choice(schema["schemas"]), "name": name, "options": rng.choice(["", " INCREMENT 5", " CACHE 7 CYCLE MAXVALUE 10000"])})
    for name in rng.sample(NAMES, rng.randint(1, 4)):
        schema["tables"].append(new_table(rng, schema, name))
    for _ in range(rng.randint(0, 3)):
        add_view(rng, schema)
    if rng.random() < 0.4:
        add_routine(rng, schema)
    return schema


# -- changing -----------------------------------------------------------------------------------------------------------------


def prune(schema):
    """Takes out whatever mentions something that is gone, until nothing does."""
    types = {"enum:" + e["name"] for e in schema["enums"]} | {"domain:" + d["name"] for d in schema["domains"]}
    sequences = {"sequence:" + s["name"] for s in schema["sequences"]}
    for table in schema["tables"]:
        for column in table["columns"]:
            if ":" in column["type"] and column["type"] not in types:
                column.update(type="text", default=None)
            enum = enum_of(schema, column)
            if enum and column["default"] not in [literal(v) for v in enum["values"]]:
                column["default"] = None
            if (column["default"] or "").startswith("sequence:") and (column["default"] not in sequences or column["type"] != "bigint"):
                column["default"] = None
            if column["type"] not in KINDS["text"]:
                column["collate"] = ""
            if kind(schema, column) != "int":
                column["identity"], column["serial"] = None, False
        kinds = {c["name"]: kind(schema, c) for c in table["columns"]}
        sources = {c["name"] for c in plain(table)}
        table["columns"] = [c for c in table["columns"] if not c["generated"] or (c["generated"]["on"] in sources and fits_kind(c["generated"]["expr"], kinds[c["generated"]["on"]]))]
        has, able = {c["name"] for c in table["columns"]}, {c["name"] for c in sortable(schema, table)}
        if table["partition"] and table["partition"]["on"] not in has:
            table["partition"] = None
        on = table["partition"]["on"] if table["partition"] else None
        if table["key"] and not (set(table["key"]["columns"]) <= able and (not on or on in table["key"]["columns"])):
            table["key"] = None
        table["uniques"] = [u for u in table["uniques"] if set(u["columns"]) <= able and (not on or on in u["columns"])]
        table["checks"] = [c for c in table["checks"] if c["on"] in has and kinds[c["on"]] == c["kind"]]
        table["excludes"] = [e for e in table["excludes"] if kinds.get(e["on"]) == "range"]
        table["indexes"] = [i for i in table["indexes"] if all(p["on"] in has and kinds[p["on"]] == p["kind"] for p in i["parts"]) and set(i["include"]) <= able and
                            (not i["where"] or i["where"]["on"] in has) and (i["method"] != "btree" or all(p["on"] in able for p in i["parts"]))]
        for index in table["indexes"]:
            for part in index["parts"]:
                if "pattern_ops" in part["form"] and next(c for c in table["columns"] if c["name"] == part["on"])["type"] != "text":
                    part["form"] = "{c}"
        table["triggers"] = [t for t in table["triggers"] if t["on"] in has]
        table["policies"] = [p for p in table["policies"] if p["on"] in has]
        table["grants"] = [g for g in table["grants"] if set(g["columns"]) <= has]
        table["statistics"] = [s for s in table["statistics"] if set(s["columns"]) <= able]
    found = {(t["schema"], t["name"]): t for t in schema["tables"]}
    for table in schema["tables"]:
        mine = {c["name"]: c["type"] for c in plain(table)}
        table["foreign"] = [f for f in table["foreign"] if set(f["columns"]) <= mine.keys() and tuple(f["to"]) in found and
                            (f["target"], [mine[c] for c in f["columns"]]) in referable(schema, found[tuple(f["to"])]) and
                            found[tuple(f["to"])]["unlogged"] <= table["unlogged"]]
    shown = {name: [c["name"] for c in t["columns"]] for name, t in found.items()}
    views = []
    for view in schema["views"]:
        view["columns"] = [c for c in view["columns"] if c in shown.get(tuple(view["of"]), [])]
        if view["columns"]:
            shown[view["schema"], view["name"]] = view["columns"]
            views.append(view)
    schema["views"] = views
    schema["routines"] = [r for r in schema["routines"] if tuple(r["of"]) in found and r["on"] in [c["name"] for c in found[tuple(r["of"])]["columns"]]]


def fits_kind(expression, kind_of_source):
    needed = "num" if "numeric" in expression else "text" if any(w in expression for w in ("lower", "||", "slug")) else "int" if any(w in expression for w in ("*", "+")) else None
    return needed in (None, kind_of_source)


def change(rng, schema):
    """A copy of the schema with a few random changes."""
    schema = copy.deepcopy(schema)
    for _ in range(rng.randint(1, 4)):
        table = rng.choice(schema["tables"])
        column = rng.choice(table["columns"])
        free = [c for c in COLUMNS if c not in [x["name"] for x in table["columns"]]]
        in_key = table["key"] and column["name"] in table["key"]["columns"]
        on = table["partition"] and table["partition"]["on"] == column["name"]
        simple = not column["generated"] and not on

        def retype():
            if simple and not in_key:
                same = KINDS.get(kind(schema, column))
                column["type"] = rng.choice(same) if same and rng.random() < 0.6 else any_type(rng, schema)
                column["default"] = None
            elif simple and column["name"] == "id":  # the key grows together with what refers to it
                typ = rng.choice(KINDS["int"])
                for other in schema["tables"]:
                    for foreign in other["foreign"]:
                        if foreign["to"] == [table["schema"], table["name"]] and foreign["target"] == ["id"] and len(foreign["columns"]) == 1:
                            for c in other["columns"]:
                                if c["name"] == foreign["columns"][0] and c is not column:
                                    c["type"] = typ
                column["type"] = typ

        def flip_null():
            if simple and not in_key:
                column["notnull"] = not column["notnull"]

        def redefault():
            if simple and not column["identity"] and not column["serial"]:
                column["default"] = rng.choice([None, default_for(rng, schema, column)])

        def recollate():
            if column["type"] in KINDS["text"] and not column["generated"]:
                column["collate"] = rng.choice(["", "C", "de-x-icu"])

        def renumber():
            if kind(schema, column) == "int" and simple and not table["partition"] and not column["type"].startswith("domain:"):
                column.update(default=None, notnull=True, identity=rng.choice([None, new_identity(rng), new_identity(rng)]))
                column["serial"] = not column["identity"] and rng.random() < 0.5

        def annotate():
            thing = rng.choice([column, table])
            thing["comment"] = rng.choice([None] + COMMENTS)
            column["statistics"] = rng.choice([None, 77])

        def add_column():
            if free:
                added = new_column(rng, schema, rng.choice(free))
                if added["notnull"] and added["default"] is None and rng.random() < 0.8:
                    added["notnull"] = False
                table["columns"].insert(rng.randint(0, len(table["columns"])), added)

        def drop_column():
            if len(plain(table)) > 2 and not on and not (in_key and rng.random() < 0.7):
                table["columns"].remove(column)

        def drop_some():
            filled = [k for k in ("uniques", "checks", "foreign", "excludes", "indexes", "triggers", "policies", "grants", "statistics") if table[k]]
            if filled:
                chosen = table[rng.choice(filled)]
                chosen.remove(rng.choice(chosen))

        def regenerate():
            if column["generated"]:
                if rng.random() < 0.3:
                    column["generated"] = None
                else:
                    column["generated"]["expr"] = {"lower({c})": "{c} || '?'", "{c} * 2": "{c} * 3", "{c} IS NULL": "{c} IS NOT NULL"}.get(column["generated"]["expr"], column["generated"]["expr"])

        def rework():
            if table["checks"]:
                check = rng.choice(table["checks"])
                check["expr"] = rng.choice(CHECKS.get(check["kind"], [check["expr"]]))
            if table["indexes"]:
                index = rng.choice(table["indexes"])
                index["tail"] = rng.choice(["", " WITH (fillfactor = 80)"]) if index["method"] == "btree" else ""
                index["where"] = rng.choice([None, {"on": column["name"], "form": "{c} IS NOT NULL"}])
            for foreign in table["foreign"]:
                foreign["tail"], foreign["valid"] = rng.choice(ACTIONS) + rng.choice(DEFERRABLE), True

        def restore():
            if not table["partition"]:
                table["unlogged"], table["fillfactor"] = rng.random() < 0.3, rng.choice([None, 50])
            table["security"] = not table["security"]

        def repartition():
            if table["partition"]:
                parts = set(table["partition"]["parts"]) ^ {rng.randrange(5)}
                table["partition"]["parts"], table["partition"]["default"] = sorted(parts), rng.random() < 0.5

        def re_enum():
            if schema["enums"]:
                values = rng.choice(schema["enums"])["values"]
                how = rng.random()
                missing = [v for v in ENUM_VALUES if v not in values]
                if how < 0.6 and missing:
                    values.insert(rng.randint(0, len(values)), rng.choice(missing))
                elif how < 0.8 and len(values) > 1:
                    values.remove(rng.choice(values))
                else:
                    rng.shuffle(values)

        def re_domain():
            if schema["domains"]:
                domain = rng.choice(schema["domains"])
                domain["check"] = rng.choice([None, "VALUE::text <> 'no'", "length(VALUE::text) < 99"])
                domain["default"] = rng.choice([None, DEFAULTS[KIND_OF[domain["type"]]][0]])
                domain["notnull"] = rng.random() < 0.15

        def re_sequence():
            if schema["sequences"]:
                rng.choice(schema["sequences"])["options"] = rng.choice(["", " INCREMENT 2 CACHE 3", " MINVALUE 0 MAXVALUE 90000 START 1", " AS integer"])

        def drop_type():
            kinds = rng.choice(["enums", "domains", "sequences"])
            if schema[kinds]:
                schema[kinds].remove(rng.choice(schema[kinds]))

        def refunction():
            rng.choice(schema["functions"])["body"] = rng.choice(["BEGIN /* ; */ RETURN NEW; END", "BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"])
            schema["slug"] = rng.choice([schema["slug"], "SELECT upper($1)", "SELECT replace(lower($1), ' ', '-')"])

        def shuffle():
            rng.shuffle(table["columns"])

        def drop_table():
            if len(schema["tables"]) > 1:
                schema["tables"].remove(table)

        def add_table():
            name = rng.choice(NAMES)
            if name not in [t["name"] for t in schema["tables"]]:
                schema["tables"].append(new_table(rng, schema, name))

        def review():
            if schema["views"] and rng.random() < 0.6:
                view = rng.choice(schema["views"])
                how = rng.random()
                if how < 0.4:
                    view.update(where=not view["where"], comment=rng.choice([None] + COMMENTS))
                elif how < 0.6:
                    view["columns"] = rng.sample(view["columns"], len(view["columns"]))
                elif how < 0.75:
                    view["stored"] = not view["stored"]
                else:
                    schema["views"].remove(view)
            else:
                add_view(rng, schema)

        rng.choice([retype] * 4 + [flip_null, flip_null, redefault, redefault, recollate, renumber, annotate] + [add_column] * 3 +
                   [drop_column, drop_column, drop_some, drop_some, regenerate, rework, restore, repartition, re_enum, re_enum, re_domain, re_sequence, drop_type,
                    refunction, shuffle, drop_table, add_table, review, review, lambda: add_routine(rng, schema)] +
                   [lambda f=f: f(rng, schema, table) for f in (add_generated, add_unique, add_check, add_index, add_index, add_exclude, add_trigger, add_policy, add_grant,
                                                               add_statistics, add_foreign)])()
        prune(schema)
    return schema


# -- writing ------------------------------------------------------------------------------------------------------------------


def type_text(schema, typ):
    for sort in ("enum", "domain"):
        if typ.startswith(sort + ":"):
            return path(next(x for x in schema[sort + "s"] if x["name"] == typ.partition(":")[2]))
    return typ


def column_text(schema, table, column):
    typ = type_text(schema, column["type"])
    if column["serial"]:
        typ = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}[column["type"]]
    text = f"{q(column['name'])} {typ}"
    if column["collate"]:
        text += f" COLLATE {q(column['collate'])}"
    if column["default"] and not column["serial"] and not column["identity"]:
        default = column["default"]
        if default.startswith("sequence:"):
            sequence = next(s for s in schema["sequences"] if s["name"] == default.partition(":")[2])
            default = f"nextval({literal(path(sequence))})"
        text += f" DEFAULT {default}"
    if column["identity"]:
        text += f" GENERATED {column['identity']['when']} AS IDENTITY{column['identity']['options']}"
    if column["generated"]:
        text += f" GENERATED ALWAYS AS ({column['generated']['expr'].format(c=q(column['generated']['on']))}) STORED"
    return text + (" NOT NULL" if column["notnull"] and not column["identity"] else "")


def named(thing):
    return f"CONSTRAINT {q(thing['name'])} " if thing["name"] else ""


def names(columns):
    return ", ".join(q(c) for c in columns)


def table_lines(schema, table):
    lines = [column_text(schema, table, c) for c in table["columns"]]
    if table["key"]:
        lines.append(f"{named(table['key'])}PRIMARY KEY ({names(table['key']['columns'])})")
    for check in table["checks"]:
        lines.append(f"{named(check)}CHECK ({check['expr'].format(c=q(check['on']))}){check['tail']}")
    for exclude in table["excludes"]:
        lines.append(f"{named(exclude)}EXCLUDE USING gist ({q(exclude['on'])} WITH &&){exclude['tail']}")
    return lines


def render_table(schema, table):
    out, where = [], path(table)
    partition = table["partition"]
    tail = f" PARTITION BY {partition['by']} ({q(partition['on'])})" if partition else f" WITH (fillfactor = {table['fillfactor']})" if table["fillfactor"] else ""
    out.append(f"CREATE {'UNLOGGED ' if table['unlogged'] else ''}TABLE {where} (\n  " + ",\n  ".join(table_lines(schema, table)) + f"\n){tail};")
    for unique in table["uniques"]:  # CREATE TABLE would make one of two keys over the same columns
        out.append(f"ALTER TABLE {where} ADD {named(unique)}UNIQUE{unique['nulls']} ({names(unique['columns'])})" + (" DEFERRABLE;" if unique["deferrable"] else ";"))
    for part in partition["parts"] if partition else []:
        bounds = f"FOR VALUES IN ('part {part}', 'v{part}')" if partition["by"] == "LIST" else f"FOR VALUES FROM ({part * 3}) TO ({part * 3 + 3})"
        out.append(f"CREATE TABLE {q(table['schema'])}.{q(table['name'] + f'_{part}')} PARTITION OF {where} {bounds};")
    if partition and partition["default"]:
        out.append(f"CREATE TABLE {q(table['schema'])}.{q(table['name'] + '_rest')} PARTITION OF {where} DEFAULT;")
    for index in table["indexes"]:
        parts = ", ".join(p["form"].format(c=q(p["on"])) for p in index["parts"])
        include = f" INCLUDE ({names(index['include'])})" if index["include"] else ""
        condition = " WHERE " + index["where"]["form"].format(c=q(index["where"]["on"])) if index["where"] else ""
        out.append(f"CREATE {'UNIQUE ' if index['unique'] else ''}INDEX {q(index['name'])} ON {where} USING {index['method']} ({parts}){include}{index['tail']}{condition};")
        if index["comment"]:
            out.append(f"COMMENT ON INDEX {q(table['schema'])}.{q(index['name'])} IS {literal(index['comment'])};")
    for statistics in table["statistics"]:
        out.append(f"CREATE STATISTICS {q(table['schema'])}.{q(statistics['name'])}{statistics['kinds']} ON {names(statistics['columns'])} FROM {where};")
    for column in table["columns"]:
        if column["statistics"]:
            out.append(f"ALTER TABLE {where} ALTER {q(column['name'])} SET STATISTICS {column['statistics']};")
        if column["comment"]:
            out.append(f"COMMENT ON COLUMN {where}.{q(column['name'])} IS {literal(column['comment'])};")
    if table["comment"]:
        out.append(f"COMMENT ON TABLE {where} IS {literal(table['comment'])};")
    if table["security"]:
        out.append(f"ALTER TABLE {where} ENABLE ROW LEVEL SECURITY;")
    for policy in table["policies"]:
        out.append(f"CREATE POLICY {q(policy['name'])} ON {where}{policy['form'].format(c=q(policy['on']))};")
    for grant in table["grants"]:
        columns = f" ({names(grant['columns'])})" if grant["columns"] else ""
        out.append(f"GRANT {grant['what']}{columns} ON {where} TO {grant['to']};")
    for trigger in table["triggers"]:
        out.append(f"CREATE TRIGGER {q(trigger['name'])} {trigger['form'].format(c=q(trigger['on']), t=where)} EXECUTE FUNCTION public.{trigger['function']}();")
        if trigger["disabled"]:
            out.append(f"ALTER TABLE {where} DISABLE TRIGGER {q(trigger['name'])};")
    return out


def render(schema):
    """The schema as a script."""
    out = [f"CREATE SCHEMA {q(s)};" for s in schema["schemas"] if s != "public"]
    out += [f"CREATE TYPE {path(e)} AS ENUM ({', '.join(map(literal, e['values']))});" for e in schema["enums"]]
    for domain in schema["domains"]:
        default = f" DEFAULT {domain['default']}" if domain["default"] else ""
        check = f" CONSTRAINT ok CHECK ({domain['check']})" if domain["check"] else ""
        out.append(f"CREATE DOMAIN {path(domain)} AS {domain['type']}{default}{' NOT NULL' if domain['notnull'] else ''}{check};")
    out += [f"CREATE SEQUENCE {path(s)}{s['options']};" for s in schema["sequences"]]
    out.append(f"CREATE FUNCTION public.slug(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ {schema['slug']} $$;")
    out += [f"CREATE FUNCTION public.{f['name']}() RETURNS trigger LANGUAGE plpgsql AS $$ {f['body']} $$;" for f in schema["functions"]]
    for table in schema["tables"]:
        out += render_table(schema, table)
    for table in schema["tables"]:
        for foreign in table["foreign"]:
            out.append(f"ALTER TABLE {path(table)} ADD {named(foreign)}FOREIGN KEY ({names(foreign['columns'])}) REFERENCES {q(foreign['to'][0])}.{q(foreign['to'][1])} "
                       f"({names(foreign['target'])}){foreign['tail']}{'' if foreign['valid'] else ' NOT VALID'};")
    for view in schema["views"]:
        where = f" WHERE {q(view['columns'][0])} IS NOT NULL" if view["where"] else ""
        sort = "MATERIALIZED VIEW" if view["stored"] else "VIEW"
        out.append(f"CREATE {sort} {path(view)} AS SELECT {names(view['columns'])} FROM {q(view['of'][0])}.{q(view['of'][1])}{where};")
        if view["stored"] and view["index"]:
            out.append(f"CREATE INDEX {q(view['name'] + ' ix')} ON {path(view)} (({q(view['columns'][0])} IS NULL));")
        if view["comment"]:
            out.append(f"COMMENT ON {sort} {path(view)} IS {literal(view['comment'])};")
        out += [f"GRANT SELECT ON {path(view)} TO {role};" for role in view["grants"]]
    for routine in schema["routines"]:
        table = f"{q(routine['of'][0])}.{q(routine['of'][1])}"
        out.append(f"CREATE FUNCTION public.{routine['name']}{routine['form'].format(t=table, c=q(routine['on']))};")
    return "\n".join(out) + "\n"


def value(rng, schema, column, i):
    """A literal for the column."""
    sort = kind(schema, column)
    if rng.random() < 0.12:
        return "NULL"
    if sort == "enum":
        return literal(rng.choice(enum_of(schema, column)["values"]))
    return {"int": str(i), "num": rng.choice([str(i), f"{i}.25"]), "text": literal(rng.choice([f"v{i}", f"part {i}", str(i), "x'y", "é"])), "time": f"'2024-01-{i % 28 + 1:02d}'",
            "bool": rng.choice(["true", "false"]), "uuid": f"'00000000-0000-0000-0000-{i:012d}'", "json": f"'{{\"k\": {i}}}'", "bytes": f"'\\x{i:02x}'",
            "net": f"'10.0.0.{i}'", "range": f"'[{i},{i + 1})'" if column["type"] == "int4range" else f"'[2024-01-{i:02d},2024-01-{i + 1:02d})'",
            "array": f"'{{{i}}}'"}[sort]


def rows(rng, schema, count=6):
    """INSERTs, one for each row, of which those may fail that break a constraint; parents may come after children, so all of them twice."""
    out = []
    for _ in range(2):
        for table in schema["tables"]:
            columns = [c for c in plain(table) if not c["serial"] and not c["identity"] and not (c["default"] or "").startswith("sequence:")]
            for i in range(1, count + 1):
                values = ", ".join(value(rng, schema, c, i) for c in columns)
                out.append(f"INSERT INTO {path(table)} ({names(c['name'] for c in columns)}) VALUES ({values});" if columns else f"INSERT INTO {path(table)} DEFAULT VALUES;")
    return "\n".join(out + [f"REFRESH MATERIALIZED VIEW {path(v)};" for v in schema["views"] if v["stored"]])


def pair(seed):
    """(old script, new script, rows for the old, rows for the new)"""
    rng = random.Random(seed)
    old = new_schema(rng)
    prune(old)
    new = change(rng, old)
    return render(old), render(new), rows(rng, old), rows(rng, new)
