// The catalog queries for tables and types.  Texts are deparsed by the server only where there is an expression; the cheap
// form pg_get_expr(…, 0) serves for defaults, which hold no column.
#include "engine/postgres_catalog.h"

#include "engine/postgres_objects.h"

namespace tenon::postgres {
namespace {

/// Schemas a person made.
const std::string kOurs = R"( n.nspname !~ '^(pg_|tenon_aside_)' AND n.nspname <> 'information_schema' )";

/// Not a member of an extension.
std::string no_member(const std::string& catalog, const std::string& oid) {
    return " NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_catalog." + catalog +
           "'::regclass AND e.objid = " + oid + " AND e.deptype = 'e') ";
}

const std::string kCatalogs = "SELECT oid, relname FROM pg_class WHERE relnamespace = 11 AND relkind = 'r';";

const std::string kSchemas = "SELECT n.oid, n.nspname FROM pg_namespace n WHERE" + kOurs + "ORDER BY 2;";

const std::string kExtensions =
    "SELECT e.oid, e.extname, n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.oid >= 16384 ORDER BY e.oid;";

/// Arrays are told with their elements, types of rows with their relations.
const std::string kTypes = R"(
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typelem, t.typrelid,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       t.typnotnull,
       CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) END,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN (SELECT format('%I.%I', cn.nspname, co.collname)
         FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = t.typcollation) END,
       format_type(r.rngsubtype, NULL),
       CASE WHEN NOT o.opcdefault THEN (SELECT format('%I.%I', x.nspname, o.opcname) FROM pg_namespace x WHERE x.oid = o.opcnamespace) END,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END,
       CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> s.typcollation THEN (SELECT format('%I.%I', cn.nspname, co.collname)
         FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = r.rngcollation) END,
       @MULTIRANGE@,
       t.typarray
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
  LEFT JOIN pg_range r ON r.rngtypid = t.oid
  LEFT JOIN pg_type s ON s.oid = r.rngsubtype
  LEFT JOIN pg_opclass o ON o.oid = r.rngsubopc
  LEFT JOIN pg_class c ON c.oid = t.typrelid
 WHERE t.oid >= 16384 AND (c.relkind IS NULL OR c.relkind = 'c') AND (t.typcategory <> 'A' OR t.typinput <> 'array_in'::regproc)
   AND @OURS@ AND @MEMBER@ ORDER BY t.oid;)";

const std::string kEnums =
    "SELECT enumtypid, enumlabel FROM pg_enum WHERE enumtypid >= 16384 ORDER BY enumtypid, enumsortorder;";

const std::string kRelations = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, array_to_string(c.reloptions, E'\n'),
       array_to_string(tc.reloptions, E'\n'), c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       CASE WHEN c.relam <> 2 THEN am.amname END, ts.spcname,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END, rt.oid, rt.typarray
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class tc ON tc.oid = c.reltoastrelid AND tc.reloptions IS NOT NULL
  LEFT JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
  LEFT JOIN pg_type rt ON rt.oid = c.reltype
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c', 'f') AND @OURS@ AND c.relname !~ '^tenon_' AND @MEMBER@ ORDER BY c.oid;)";

/// Of indexes only those columns of which something is said.
const std::string kColumns = R"(
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
       CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format('%I.%I', cn.nspname, co.collname)
         FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END,
       CASE WHEN d.adbin IS NULL THEN NULL WHEN a.attgenerated = '' AND c.relkind <> 'v' THEN pg_get_expr(d.adbin, 0)
            ELSE pg_get_expr(d.adbin, d.adrelid) END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, @COMPRESSION@, a.attstattarget, a.attislocal,
       array_to_string(a.attoptions, E'\n'), d.oid, a.attcollation
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE (c.relkind IN ('r', 'p', 'c', 'v', 'm', 'f') OR c.relkind IN ('i', 'I') AND (a.attoptions IS NOT NULL OR a.attstattarget >= 0)) AND a.attnum > 0 AND NOT a.attisdropped AND @OURS@ ORDER BY 1, 2;)";

const std::string kConstraints = R"(
SELECT o.oid, o.conname, o.contype, o.conrelid, o.contypid, o.conindid, array_to_string(o.conkey, ' '), o.confrelid,
       array_to_string(o.confkey, ' '), o.condeferrable, o.condeferred, o.convalidated, o.confupdtype, o.confdeltype,
       o.confmatchtype, o.connoinherit, o.conislocal OR o.coninhcount = 0, o.conparentid, @SET_COLUMNS@,
       CASE WHEN o.contype = 'c' THEN pg_get_expr(o.conbin, o.conrelid) WHEN o.contype = 'x' THEN pg_get_constraintdef(o.oid) END
  FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace
 WHERE o.contype IN ('c', 'p', 'u', 'f', 'x') AND @OURS@ ORDER BY o.conrelid, o.oid;)";

const std::string kIndexes = R"(
SELECT i.indexrelid, i.indrelid, c.relname, am.amname, array_to_string(c.reloptions, E'\n'), i.indisunique, i.indisvalid,
       i.indisclustered, i.indisreplident, @NULLS@, i.indnkeyatts, i.indkey::text, i.indoption::text, i.indclass::text,
       i.indcollation::text, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid), ts.spcname
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
 WHERE @OURS@ AND @MEMBER@ ORDER BY i.indexrelid;)";

/// Operator classes that are not the default of their type must be named.
const std::string kOpclasses = R"(
SELECT o.oid, CASE WHEN n.nspname = 'pg_catalog' THEN quote_ident(o.opcname) ELSE format('%I.%I', n.nspname, o.opcname) END,
       o.opcdefault FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace;
)";

const std::string kCollations =
    "SELECT o.oid, format('%I.%I', n.nspname, o.collname) FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace;";

const std::string kSequences = R"(
SELECT c.oid, n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
       s.seqcycle, c.relpersistence, d.refobjid, d.refobjsubid, d.deptype
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 1259
                       AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
 WHERE @OURS@ AND @MEMBER@ ORDER BY c.oid;)";

const std::string kInherits = "SELECT inhrelid, inhparent FROM pg_inherits ORDER BY inhrelid, inhseqno;";

const std::string kRewrites = "SELECT oid, ev_class FROM pg_rewrite WHERE oid >= 16384 AND rulename = '_RETURN';";

/// What stands on what.  Left out is what the server makes by itself: triggers of foreign keys, types of rows and
/// arrays, TOAST tables, sequences of identity columns, indexes of constraints.
const std::string kDependencies = R"(
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
  FROM pg_depend d WHERE d.objid >= 16384 AND (d.refobjid >= 16384) AND d.deptype IN ('n', 'a', 'i', 'e', 'P', 'S')
   AND NOT (d.deptype = 'i' AND (d.classid = 2620 OR (d.classid = 1247 AND d.refclassid IN (1247, 1259))
                                OR (d.classid = 1259 AND d.refclassid IN (1259, 2606))));)";

std::string filled(std::string text, const std::string& mark, const std::string& value) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
        text.replace(at, mark.size(), value);
    return text;
}

}  // namespace

std::string catalog_queries(int version, Assembly assembly) {
    const std::string relation = no_member("pg_class", "c.oid");
    const auto of = [&](const std::string& query, const std::string& member) {
        return filled(filled(query, "@OURS@", kOurs), "@MEMBER@", member);
    };
    std::string out;
    out += kCatalogs + kSchemas + kExtensions;
    out += filled(of(kTypes, no_member("pg_type", "t.oid")), "@MULTIRANGE@",
                  version >= 140000 ? "(SELECT m.typname FROM pg_type m WHERE m.oid = r.rngmultitypid)" : "NULL");
    out += kEnums + of(kRelations, relation);
    out += filled(of(kColumns, relation), "@COMPRESSION@", version >= 140000 ? "a.attcompression" : "''");
    out += filled(of(kConstraints, relation), "@SET_COLUMNS@",
                  version >= 150000 ? "array_to_string(o.confdelsetcols, ' ')" : "NULL");
    out += filled(of(kIndexes, relation), "@NULLS@", version >= 150000 ? "i.indnullsnotdistinct" : "false");
    out += kOpclasses + kCollations + of(kSequences, relation) + kInherits;
    out += of(object_query(version, assembly), "") + of(comment_query(), "") + of(grant_query(assembly), "") + owner_query() +
           kRewrites + kDependencies;
    return out;
}

}  // namespace tenon::postgres
