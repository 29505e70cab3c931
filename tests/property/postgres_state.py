"""What a PostgreSQL database holds, told by pg_dump and the catalogs without Tenon, and the contract every script of `tenon diff`
must keep between two databases (check).

dump() lists the statements of `pg_dump --schema-only`, sorted: the order of statements, of table columns and of the lines of one
object's privileges says nothing.  contents() tells the rows.
"""
import json
import os
import re
import subprocess
import sys
import urllib.parse

import psycopg2
import psycopg2.extensions

# Roles belong to the server, not to a database: the tests know these two, and leave them behind.
ROLES = ("tenon_reader", "tenon_writer")
QUIETLY = "-c client_min_messages=error -c search_path= -c timezone=UTC"
QUIET = {**os.environ, "PGOPTIONS": QUIETLY}
LOADING = {**os.environ, "PGOPTIONS": "-c client_min_messages=error"}
ENTRY = re.compile(r"^--\n-- (?:Data for )?Name: .*; Type: (.*); Schema: .*; Owner: .*\n--\n", re.M)
NOISE = re.compile(r"^(SET default_tablespace = '';|SET default_table_access_method = heap;|\\(un)?restrict .*)\n", re.M)
STRINGS = ("text", "character varying", "character(", "character")


class Broken(Exception):
    """Something outside of Tenon failed: the case itself, or the server."""


def server():
    url = os.environ.get("TENON_TEST_POSTGRES")
    if not url:
        sys.exit("TENON_TEST_POSTGRES names no PostgreSQL server: run tools/test")
    return url


def database(name):
    """The URL of a database on the server."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(server())._replace(path="/" + name))


def name_of(url):
    return urllib.parse.urlsplit(url).path[1:]


def psql(url, sql, environment=QUIET, *arguments):
    return subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *arguments, "-d", url], input=sql, capture_output=True, text=True,
                          timeout=120, env=environment)


# Values as the server writes them, whatever their type.
AS_TEXT = psycopg2.extensions.new_type(tuple({oid for caster in psycopg2.extensions.string_types.values() for oid in caster.values}), "AS_TEXT",
                                       lambda value, cursor: value)


def answers(url, *scripts):
    """The rows of each script, of its last statement.  Starting psql for each would take longer than all the rest."""
    try:
        connection = psycopg2.connect(url, options=QUIETLY)
    except psycopg2.Error as error:
        raise Broken(str(error).strip()) from error
    try:
        connection.autocommit = True
        psycopg2.extensions.register_type(AS_TEXT, connection)
        cursor, found = connection.cursor(), []
        for script in scripts:
            cursor.execute(script)
            found.append(cursor.fetchall() if cursor.description else [])
        return found
    except psycopg2.Error as error:
        raise Broken(f"{str(error).strip()}\nin {scripts}") from error
    finally:
        connection.close()


def ask(url, query):
    """What `psql -At` prints for the query."""
    return "\n".join("|".join("" if value is None else value for value in row) for row in answers(url, query)[0])


def create(name):
    # Copying the template's files takes a third of the time of writing it to the log; before PostgreSQL 15 there was no choice.
    copied = "STRATEGY file_copy" if int(ask(server(), "SHOW server_version_num")) >= 150000 else ""
    answers(server(), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE template0 {copied}')
    return database(name)


def drop(*names):
    answers(server(), *[f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in names])


def create_roles():
    for role in ROLES:
        psql(server(), f"CREATE ROLE {role}")  # may be there already, or made this moment by another run
        ask(server(), f"SELECT '{role}'::pg_catalog.regrole")


def load(url, *scripts):
    for script in scripts:
        run = psql(url, script or "", LOADING)
        if run.returncode:
            raise Broken(f"the schema itself does not load: {run.stderr.strip()}")


# -- the schema ---------------------------------------------------------------------------------------------------------------


def skip(text, i):
    """The index after the quoted thing, comment or single character that starts at i."""
    c = text[i]
    if c in "'\"":
        escaped = c == "'" and i > 0 and text[i - 1] == "E" and not text[i - 2:i - 1].isalnum()
        j = i + 1
        while j < len(text) and text[j] != c:
            j += 2 if escaped and text[j] == "\\" else 1
        return j + 1
    if c == "$" and not (i and (text[i - 1].isalnum() or text[i - 1] in "_$")):
        tag = re.match(r"\$\w*\$", text[i:])
        if tag and not tag[0][1].isdigit():
            return text.index(tag[0], i + len(tag[0])) + len(tag[0])
    if text.startswith("--", i):
        return (text.find("\n", i) + 1) or len(text)
    return i + 1


def split(text, mark):
    """The pieces of text between the marks that stand outside of quotes and parentheses."""
    pieces, depth, start, i = [], 0, 0, 0
    while i < len(text):
        depth += (text[i] in "([") - (text[i] in ")]")
        end = skip(text, i)
        if text[i] == mark and depth == 0:
            pieces.append(text[start:i])
            start = end
        i = end
    return [p.strip() for p in pieces + [text[start:]] if p.strip()]


def in_order(statement):
    """The statement with the items sorted whose order follows the columns of a table, or says nothing."""
    if re.match(r"CREATE (UNLOGGED |FOREIGN )?TABLE ", statement):
        start = statement.find("(\n")
        if start < 0:
            return statement
        depth, end = 0, start
        while end < len(statement):
            depth += (statement[end] == "(") - (statement[end] == ")")
            if depth == 0:
                break
            end = skip(statement, end)
        items = sorted(split(statement[start + 1:end], ","))
        return statement[:start] + "(\n    " + ",\n    ".join(items) + "\n" + statement[end:]
    publication = re.match(r"(ALTER PUBLICATION .* ADD TABLE ONLY .*?) \(([^()]*)\)( WHERE .*)?$", statement, re.S)
    if publication and "WHERE" not in publication[1]:
        return f"{publication[1]} ({', '.join(sorted(split(publication[2], ',')))}){publication[3] or ''}"
    statistics = re.match(r"(CREATE STATISTICS .*? ON )(.*)( FROM .*)$", statement, re.S)
    if statistics:
        return statistics[1] + ", ".join(sorted(split(statistics[2], ","))) + statistics[3]
    return statement


def statements(text):
    """The statements of a dump, sorted."""
    parts = ENTRY.split(NOISE.sub("", text))
    found = []
    for kind, body in zip(parts[1::2], parts[2::2]):
        body = body.split("\n--\n-- PostgreSQL database dump complete\n")[0]
        # Bodies in the SQL standard's style hold semicolons.
        found += [body.strip()] if kind in ("FUNCTION", "PROCEDURE") else [in_order(s) for s in split(body, ";")]
    return sorted(found)


def dump_text(url):
    run = subprocess.run(["pg_dump", "--schema-only", "--no-owner", "-d", url], capture_output=True, text=True, timeout=120)
    if run.returncode:
        raise Broken(f"pg_dump: {run.stderr.strip()}")
    return run.stdout


def dump(url):
    return statements(dump_text(url))


def reloaded(url):
    """The dump of a database made from the dump.  PostgreSQL prints some expressions otherwise once it has read them back, such as
    `varchar IN ('x')`, so nobody can tell them apart by their text."""
    name = name_of(url) + "_again"
    try:
        # A dump makes public only where it is not as every new database has it.
        load(create(name), dump_text(url).replace("CREATE SCHEMA public;", ""))
        return dump(database(name))
    finally:
        drop(name)


def alike(one, other):
    """Are two databases alike?"""
    return dump(one) == dump(other) or reloaded(one) == reloaded(other)


def difference(have, want):
    return "\n".join([f"  have {x}" for x in have if x not in want] + [f"  want {x}" for x in want if x not in have])


# -- the rows -----------------------------------------------------------------------------------------------------------------

OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"
NOT_OF_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
# A composite type may change under the same name, so its attributes are part of what a column's type is.
TABLES = f"""
SELECT coalesce(json_object_agg(c.oid::regclass::text, json_build_object('kind', c.relkind,
  'parent', CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid) END, 'columns', (
  SELECT coalesce(json_object_agg(quote_ident(a.attname), json_build_object(
    'type', format_type(a.atttypid, a.atttypmod) || coalesce((SELECT json_agg(format_type(x.atttypid, x.atttypmod) ORDER BY x.attnum)::text
              FROM pg_attribute x JOIN pg_type y ON y.typrelid = x.attrelid WHERE y.oid IN (t.oid, t.typelem) AND y.typrelid <> 0 AND NOT x.attisdropped), ''),
    'generated', a.attgenerated <> '', 'required', a.attnotnull)), '{{}}')
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))), '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {OURS} AND {NOT_OF_EXTENSION}"""
SEQUENCES = """
SELECT coalesce(json_object_agg(format('%I.%I', schemaname, sequencename),
  json_build_object('is', json_build_array(data_type::text, start_value, min_value, max_value, increment_by, cycle), 'at', last_value)), '{}')
FROM pg_sequences"""
FILLED = f"""
SELECT coalesce(json_agg(c.oid::regclass::text), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated AND {OURS}"""


def shared(before, after):
    """What must survive from a database with the tables `before` to one with `after`: {table: (source, columns, loose columns, strings)}.
    Loose columns change their type or lose their NULLs: only the number of values is known.  Strings stay the same text."""
    found = {}
    for table in before.keys() & after.keys():
        # Rows leave a partitioned table together with a partition that is detached; the partitions are looked at themselves.
        if before[table]["kind"] == "p":
            continue
        firm, loose, strings = [], [], []
        for name in sorted(before[table]["columns"].keys() & after[table]["columns"].keys()):
            a, b = before[table]["columns"][name], after[table]["columns"][name]
            if a["generated"] or b["generated"]:
                continue
            if a["type"] == b["type"] and a["required"] >= b["required"]:
                firm.append(name)
            elif a["type"].startswith(STRINGS) and b["type"].startswith(STRINGS) and a["required"] >= b["required"]:
                strings.append(name)
            else:
                loose.append(name)
        found[table] = (table if after[table]["kind"] == "p" else f"ONLY {table}", firm, loose, strings)
    return found


def contents(url, wanted):
    """{table: [[firm values as text, …], {loose column: number of values}]}"""
    parts = []
    for table, (source, firm, loose, strings) in sorted(wanted.items()):
        row = "json_build_array(" + ", ".join([f"{c}::text" for c in firm] + [f"rtrim({c}::text)" for c in strings]) + ")::text"
        filled = "json_build_array(" + ", ".join(f"count({c})" for c in loose) + ")"
        parts.append(f"SELECT json_build_array({json_text(table)}, (SELECT coalesce(json_agg(r ORDER BY r), '[]') FROM (SELECT {row} AS r FROM {source}) x), "
                     f"(SELECT {filled} FROM {source} HAVING true))")
    _, *found = answers(url, "SET row_security = off", *parts)
    return {table: [rows, filled] for [[line]] in found for table, rows, filled in [json.loads(line)]}


def json_text(text):
    return "'" + text.replace("'", "''") + "'::text"


def losses(before, after):
    out = []
    for table, (rows, filled) in before.items():
        rows2, filled2 = after[table]
        if rows != rows2:
            out.append(f"{table}: {[r for r in rows if r not in rows2][:3]} -> {[r for r in rows2 if r not in rows][:3]}, {len(rows)} -> {len(rows2)} rows")
        if any(b < a for a, b in zip(filled, filled2)):
            out.append(f"{table}: values went missing: {filled} -> {filled2}")
    return out


def facts(url, *queries):
    """What the query gives, or a list for several."""
    found = [json.loads(line) for [[line]] in answers(url, *queries)]
    return found[0] if len(queries) == 1 else found


# -- the contract -------------------------------------------------------------------------------------------------------------


def diff(tenon, source, target, flags=("--allow-destructive",)):
    run = subprocess.run([tenon, "diff", "--from", source, "--to", target, "--format", "sql", *flags], capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout, run.stderr.strip()


class Refused(Exception):
    """Tenon, or its script, said no, and nothing changed."""


def check(tenon, source, target, flags=("--allow-destructive",), look=lambda script: None, texts=True):
    """'' when the script of `tenon diff` leads from source to target as it must, else what is wrong.  `look` sees the script
    before it runs and may object.  Without `texts`, values may come to be written otherwise.  Raises Refused."""
    wanted, had = dump(target), dump(source)
    tables, counters, filled = facts(source, TABLES, SEQUENCES, FILLED)
    their_tables, theirs, they_fill = facts(target, TABLES, SEQUENCES, FILLED)
    survive = shared(tables, their_tables)
    rows = contents(source, survive)
    status, script, error = diff(tenon, source, target, flags)
    if status == 3:
        if script or not error:
            return f"refused with a script or without a word: {script}{error}"
        raise Refused(error)
    if status not in (0, 2):
        return f"diff exits {status}: {error}"
    if facts(source, SEQUENCES) != counters or facts(target, SEQUENCES) != theirs:
        return "diff itself moved a sequence"
    if status == 0:
        return "" if not script and (had == wanted or alike(source, target)) else f"says in sync, but: {script}\n" + difference(had, wanted)
    objection = look(script)
    if objection:
        return f"{objection}\n{script}"
    run = subprocess.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", source], input=script, capture_output=True, text=True, timeout=120)
    if run.returncode:
        if (dump(source), contents(source, survive), facts(source, SEQUENCES)) != (had, rows, counters):
            return f"stopped and left changes behind: {run.stderr.strip()}\n{script}"
        raise Refused(f"the script stops: {run.stderr.strip()}\n{script}")
    have = dump(source)
    if have != wanted and not alike(source, target):
        return f"schema differs:\n{difference(have, wanted)}\n{script}"
    lost = losses(rows, contents(source, survive))
    if lost and texts:
        return f"lost: {lost[:3]}\n{script}"
    moved, still_filled = facts(source, SEQUENCES, FILLED)
    for name in counters.keys() & theirs.keys():
        if counters[name]["is"] == theirs[name]["is"] and moved[name]["at"] != counters[name]["at"]:
            return f"sequence {name} went from {counters[name]['at']} to {moved[name]['at']}\n{script}"
    emptied = set(filled) & set(they_fill) - set(still_filled)
    if emptied:
        return f"no longer populated: {emptied}\n{script}"
    status, again, error = diff(tenon, source, target, flags)
    return "" if status == 0 and not again else f"second diff exits {status}: {error or again[:1500]}\nafter {script}"
