// The texts of functions, views, triggers, policies and the like, composed by the server.
//
// Each SELECT gives the columns that object_query() promises.  @OURS@ stands for the condition on the schema `n`.
#include "engine/postgres_objects.h"

#include "engine/postgres_catalog.h"

#include <string_view>
#include <vector>

namespace tenon::postgres {
namespace {

/// Not what an extension brings, nor what comes with something else by itself: a range type's constructors and casts.
std::string made_by_itself(const std::string& catalog, const std::string& oid) {
    const bool implied = catalog == "pg_catalog.pg_proc" || catalog == "pg_catalog.pg_cast";
    return "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '" + catalog + "'::regclass AND e.objid = " + oid +
           " AND e.deptype " + (implied ? "IN ('e', 'i'))" : "= 'e')");
}

/// "TABLE s.t", "VIEW s.v", …: the id of relation `c` in schema `n`.
constexpr std::string_view kRelationId =
    "CASE c.relkind WHEN 'v' THEN 'VIEW ' WHEN 'm' THEN 'MATERIALIZED VIEW ' WHEN 'f' THEN 'FOREIGN TABLE ' WHEN 'S' THEN "
    "'SEQUENCE ' ELSE 'TABLE ' END || format('%I.%I', n.nspname, c.relname)";

const char* const kFunctions = R"(
SELECT 'pg_proc'::regclass::oid, p.oid, CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END
         || format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)),
       pg_get_functiondef(p.oid),
       concat_ws(E'\n', p.pronargdefaults, p.prokind, coalesce(pg_get_function_result(p.oid), ''), pg_get_function_identity_arguments(p.oid)),
       '', ''
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.prokind <> 'a' AND @OURS@ AND @MEMBER pg_proc p@)";

const char* const kAggregates = R"(
SELECT 'pg_proc'::regclass::oid, p.oid, format('AGGREGATE %I.%I(%s)', n.nspname, p.proname, coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*')),
       format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname, coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'))
       || concat_ws(', ', 'SFUNC = ' || a.aggtransfn::text, 'STYPE = ' || format_type(a.aggtranstype, NULL),
            CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
            CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::text END,
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END::"char" THEN 'FINALFUNC_MODIFY = '
              || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
            CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::text END,
            CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn::text END,
            CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn::text END,
            'INITCOND = ' || quote_literal(a.agginitval),
            CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::text END,
            CASE WHEN a.aggminvtransfn <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn::text END,
            CASE WHEN a.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
            CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
            CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::text END,
            CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = OPERATOR(' || (SELECT format('%I.%s', x.nspname, o.oprname) FROM pg_operator o JOIN pg_namespace x ON x.oid = o.oprnamespace WHERE o.oid = a.aggsortop) || ')' END,
            CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
            CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END) || ')',
       oidvectortypes(p.proargtypes), '', ''
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_aggregate a ON a.aggfnoid = p.oid
 WHERE @OURS@ AND @MEMBER pg_proc p@)";

const char* const kViews = R"(
SELECT 'pg_class'::regclass::oid, c.oid, @RELATION@,
       format('CREATE %s %I.%I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, n.nspname, c.relname)
       || CASE WHEN c.relkind = 'm' AND am.amname <> 'heap' THEN ' USING ' || quote_ident(am.amname) ELSE '' END
       || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
       || coalesce(' TABLESPACE ' || quote_ident(ts.spcname), '')
       || E' AS\n' || rtrim(pg_get_viewdef(c.oid), ';') || CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN E'\nWITH NO DATA' ELSE '' END,
       (SELECT string_agg(format('%I %s %s', a.attname, format_type(a.atttypid, a.atttypmod), nullif(a.attcollation, 0)::regcollation), E'\n' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '', ''
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace
 WHERE c.relkind IN ('v', 'm') AND @OURS@ AND @MEMBER pg_class c@)";

/// By itself, for it may call what is made of the view.
const char* const kViewDefaults = R"(
SELECT 'pg_attrdef'::regclass::oid, d.oid, format('DEFAULT OF VIEW %I.%I.%I', n.nspname, c.relname, a.attname),
       format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid)),
       '', @RELATION@, format('ALTER VIEW %I.%I ALTER COLUMN %I DROP DEFAULT', n.nspname, c.relname, a.attname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attrdef d ON d.adrelid = c.oid
  JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
 WHERE c.relkind = 'v' AND @OURS@ AND @MEMBER pg_class c@)";

const char* const kViewIndexes = R"(
SELECT 'pg_class'::regclass::oid, i.indexrelid, format('INDEX %I.%I', n.nspname, x.relname),
       pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisclustered THEN format(E';\nALTER MATERIALIZED VIEW %I.%I CLUSTER ON %I', n.nspname, c.relname, x.relname) ELSE '' END,
       '', @RELATION@, ''
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid AND c.relkind = 'm'
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE @OURS@ AND @MEMBER pg_class c@)";

const char* const kTriggers = R"(
SELECT 'pg_trigger'::regclass::oid, t.oid, format('TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname),
       pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE format(E';\nALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname,
         CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END,
       '', @RELATION@, ''
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND @OURS@ AND @MEMBER pg_class c@)";

/// A trigger of a partitioned table is cloned to its partitions, where it may be switched by itself.
const char* const kTriggerStates = R"(
SELECT 0, 0, format('STATE OF TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname),
       format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname, @STATE t@, t.tgname), '',
       format('TRIGGER %I ON %I.%I', p.tgname, pn.nspname, pc.relname),
       format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname, @STATE p@, t.tgname)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_trigger p ON p.oid = t.tgparentid JOIN pg_class pc ON pc.oid = p.tgrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
 WHERE NOT t.tgisinternal AND t.tgenabled <> p.tgenabled AND @OURS@)";

/// What is said of the columns of materialized views.
const char* const kViewSettings = R"(
SELECT 0, 0, 'SETTINGS OF ' || @RELATION@, string_agg(format('ALTER MATERIALIZED VIEW %I.%I ALTER COLUMN %I SET %s', n.nspname, c.relname, a.attname, s.setting), E';\n' ORDER BY a.attnum, s.setting),
       '', @RELATION@, string_agg(format('ALTER MATERIALIZED VIEW %I.%I ALTER COLUMN %I %s', n.nspname, c.relname, a.attname, s.undo), E';\n' ORDER BY a.attnum, s.setting)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN LATERAL (SELECT 'STATISTICS ' || a.attstattarget AS setting, 'SET STATISTICS -1' AS undo WHERE a.attstattarget >= 0
                UNION ALL SELECT 'STORAGE ' || @STORAGE a.attstorage@, 'SET STORAGE ' || @STORAGE t.typstorage@ WHERE a.attstorage <> t.typstorage
                UNION ALL SELECT '(' || string_agg(o, ', ') || ')', 'RESET (' || string_agg(split_part(o, '=', 1), ', ') || ')' FROM unnest(a.attoptions) o
                           WHERE o NOT LIKE 'pg\_%' HAVING count(*) > 0@COMPRESSION@) s ON true
 WHERE c.relkind = 'm' AND @OURS@ AND @MEMBER pg_class c@ GROUP BY c.oid, c.relkind, n.nspname, c.relname)";

/// Since PostgreSQL 14.
const char* const kCompression = R"(
                UNION ALL SELECT 'COMPRESSION ' || CASE a.attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END, 'SET COMPRESSION default' WHERE a.attcompression <> '')";

const char* const kRules = R"(
SELECT 'pg_rewrite'::regclass::oid, r.oid, format('RULE %I ON %I.%I', r.rulename, n.nspname, c.relname),
       rtrim(pg_get_ruledef(r.oid), ';') || CASE r.ev_enabled WHEN 'O' THEN '' ELSE format(E';\nALTER TABLE %I.%I %s RULE %I', n.nspname, c.relname,
         CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, r.rulename) END,
       '', @RELATION@, ''
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rulename <> '_RETURN' AND @OURS@ AND @MEMBER pg_class c@)";

const char* const kPolicies = R"(
SELECT 'pg_policy'::regclass::oid, p.oid, format('POLICY %I ON %I.%I', p.polname, n.nspname, c.relname),
       format('CREATE POLICY %I ON %I.%I', p.polname, n.nspname, c.relname) || CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END
       || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE' WHEN 'd' THEN ' FOR DELETE' ELSE '' END
       || CASE WHEN p.polroles = '{0}' THEN '' ELSE ' TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r) END
       || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
       || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', ''),
       '', @RELATION@, ''
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE @OURS@ AND @MEMBER pg_class c@)";

const char* const kStatistics = R"(
SELECT 'pg_statistic_ext'::regclass::oid, s.oid, format('STATISTICS %I.%I', n.nspname, s.stxname),
       @STATISTICS@ || CASE WHEN coalesce(s.stxstattarget, -1) >= 0 THEN format(E';\nALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget) ELSE '' END,
       '', (SELECT format('TABLE %I.%I', x.nspname, c.relname) FROM pg_class c JOIN pg_namespace x ON x.oid = c.relnamespace WHERE c.oid = s.stxrelid), ''
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE @OURS@ AND @MEMBER pg_statistic_ext s@)";

/// The server lists the columns in the order of the table; here they come by name, so that two tables that differ in nothing
/// else have the same statistics.
const char* const kStatisticsText = R"(format('CREATE STATISTICS %I.%I%s ON %s FROM %s', n.nspname, s.stxname,
         CASE WHEN s.stxkind @> '{d,f,m}' OR s.stxkind = '{e}' THEN '' ELSE ' (' || concat_ws(', ', CASE WHEN 'd' = ANY (s.stxkind) THEN 'ndistinct' END,
           CASE WHEN 'f' = ANY (s.stxkind) THEN 'dependencies' END, CASE WHEN 'm' = ANY (s.stxkind) THEN 'mcv' END) || ')' END,
         concat_ws(', ', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)),
                   @EXPRESSIONS@),
         (SELECT format('%I.%I', x.nspname, c.relname) FROM pg_class c JOIN pg_namespace x ON x.oid = c.relnamespace WHERE c.oid = s.stxrelid)))";

const char* const kEventTriggers = R"(
SELECT 'pg_event_trigger'::regclass::oid, t.oid, format('EVENT TRIGGER %I', t.evtname),
       format('CREATE EVENT TRIGGER %I ON %s', t.evtname, t.evtevent)
       || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(x), ', ') FROM unnest(t.evttags) x) || ')', '')
       || ' EXECUTE FUNCTION ' || t.evtfoid::regproc::text || '()'
       || CASE t.evtenabled WHEN 'O' THEN '' ELSE format(E';\nALTER EVENT TRIGGER %I %s', t.evtname,
          CASE t.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END) END,
       '', '', ''
  FROM pg_event_trigger t WHERE @HERE t.evtname@ AND @MEMBER pg_event_trigger t@)";

const char* const kPublications = R"(
SELECT 'pg_publication'::regclass::oid, p.oid, format('PUBLICATION %I', p.pubname),
       format('CREATE PUBLICATION %I', p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END
       || format(' WITH (publish = %L', concat_ws(', ', CASE WHEN pubinsert THEN 'insert' END, CASE WHEN pubupdate THEN 'update' END,
                 CASE WHEN pubdelete THEN 'delete' END, CASE WHEN pubtruncate THEN 'truncate' END))
       || CASE WHEN pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END || ')',
       '', '', ''
  FROM pg_publication p WHERE p.oid >= 16384 AND @HERE p.pubname@ AND @MEMBER pg_publication p@)";

const char* const kPublishedTables = R"(
SELECT 'pg_publication_rel'::regclass::oid, r.oid, format('PUBLICATION %I TABLE %I.%I', p.pubname, n.nspname, c.relname),
       format('ALTER PUBLICATION %I ADD TABLE ONLY %I.%I', p.pubname, n.nspname, c.relname) || @PUBLISHED@,
       '', '', format('ALTER PUBLICATION %I DROP TABLE ONLY %I.%I', p.pubname, n.nspname, c.relname)
  FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE @HERE p.pubname@ AND @OURS@)";

const char* const kPublishedDetails = R"(
coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '')
|| coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''))";

const char* const kPublishedSchemas = R"(
SELECT 'pg_publication_namespace'::regclass::oid, r.oid, format('PUBLICATION %I SCHEMA %I', p.pubname, n.nspname),
       format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', p.pubname, n.nspname), '', '',
       format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I', p.pubname, n.nspname)
  FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid JOIN pg_namespace n ON n.oid = r.pnnspid
 WHERE @HERE p.pubname@)";

const char* const kCollations = R"(
SELECT 'pg_collation'::regclass::oid, o.oid, format('COLLATION %I.%I', n.nspname, o.collname),
       format('CREATE COLLATION %I.%I (PROVIDER = %s, DETERMINISTIC = %s, ', n.nspname, o.collname,
              CASE o.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, CASE WHEN o.collisdeterministic THEN 'true' ELSE 'false' END) || @LOCALE@ || ')',
       '', '', ''
  FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace WHERE @OURS@ AND @MEMBER pg_collation o@)";

const char* const kOperators = R"(
SELECT 'pg_operator'::regclass::oid, o.oid, format('OPERATOR %I.%s (%s, %s)', n.nspname, o.oprname, coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'), format_type(o.oprright, NULL)),
       format('CREATE OPERATOR %I.%s (FUNCTION = %s', n.nspname, o.oprname, o.oprcode::text)
       || CASE WHEN o.oprleft <> 0 THEN ', LEFTARG = ' || format_type(o.oprleft, NULL) ELSE '' END || ', RIGHTARG = ' || format_type(o.oprright, NULL)
       || coalesce(', COMMUTATOR = OPERATOR(' || (SELECT format('%I.%s', x.nspname, p.oprname) FROM pg_operator p JOIN pg_namespace x ON x.oid = p.oprnamespace WHERE p.oid = o.oprcom) || ')', '')
       || coalesce(', NEGATOR = OPERATOR(' || (SELECT format('%I.%s', x.nspname, p.oprname) FROM pg_operator p JOIN pg_namespace x ON x.oid = p.oprnamespace WHERE p.oid = o.oprnegate) || ')', '')
       || CASE WHEN o.oprrest <> 0 THEN ', RESTRICT = ' || o.oprrest::text ELSE '' END || CASE WHEN o.oprjoin <> 0 THEN ', JOIN = ' || o.oprjoin::text ELSE '' END
       || CASE WHEN o.oprcanhash THEN ', HASHES' ELSE '' END || CASE WHEN o.oprcanmerge THEN ', MERGES' ELSE '' END || ')',
       '', '', ''
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oprcode <> 0 AND @OURS@ AND @MEMBER pg_operator o@)";

const char* const kOperatorFamilies = R"(
SELECT 'pg_opfamily'::regclass::oid, f.oid, format('OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname),
       format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname), '', '', ''
  FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
 WHERE @OURS@ AND @MEMBER pg_opfamily f@)";

/// What belongs to a family and to none of its classes.
const char* const kFamilyMembers = R"(
SELECT 0, 0, format('MEMBERS OF OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname),
       format('ALTER OPERATOR FAMILY %I.%I USING %I ADD %s', n.nspname, f.opfname, am.amname, m.added), '',
       format('OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname),
       format('ALTER OPERATOR FAMILY %I.%I USING %I DROP %s', n.nspname, f.opfname, am.amname, m.dropped)
  FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
  JOIN LATERAL (SELECT string_agg(m.added, ', ' ORDER BY m.added) AS added, string_agg(m.dropped, ', ' ORDER BY m.added) AS dropped FROM (
         SELECT format('FUNCTION %s (%s, %s)', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL)) AS dropped,
                format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL), a.amproc::regprocedure) AS added
           FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid
         UNION ALL
         SELECT format('OPERATOR %s (%s, %s)', a.amopstrategy, format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL)),
                format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator) || CASE WHEN a.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (SELECT format('%I.%I', x.nspname, s.opfname) FROM pg_opfamily s JOIN pg_namespace x ON x.oid = s.opfnamespace WHERE s.oid = a.amopsortfamily) ELSE '' END
           FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid) m
       ) m ON m.added IS NOT NULL
 WHERE @OURS@ AND @MEMBER pg_opfamily f@)";

const char* const kOperatorClasses = R"(
SELECT 'pg_opclass'::regclass::oid, o.oid, format('OPERATOR CLASS %I.%I USING %I', n.nspname, o.opcname, am.amname),
       format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %s AS ', n.nspname, o.opcname, CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END,
              format_type(o.opcintype, NULL), am.amname, (SELECT format('%I.%I', x.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace x ON x.oid = f.opfnamespace WHERE f.oid = o.opcfamily))
       || coalesce(nullif(concat_ws(', ', CASE WHEN o.opckeytype <> 0 THEN 'STORAGE ' || format_type(o.opckeytype, NULL) END,
            (SELECT string_agg(format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator::text) || CASE WHEN a.amopsortfamily <> 0 THEN ' FOR ORDER BY ' || (SELECT format('%I.%I', x.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace x ON x.oid = f.opfnamespace WHERE f.oid = a.amopsortfamily) ELSE '' END, ', ' ORDER BY a.amopstrategy)
               FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid),
            (SELECT string_agg(format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL), a.amproc::regprocedure::text), ', ' ORDER BY a.amprocnum)
               FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid)), ''), 'STORAGE ' || format_type(o.opcintype, NULL)),
       '', '', ''
  FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
 WHERE @OURS@ AND @MEMBER pg_opclass o@)";

const char* const kCasts = R"(
SELECT 'pg_cast'::regclass::oid, t.oid, format('CAST (%s AS %s)', format_type(t.castsource, NULL), format_type(t.casttarget, NULL)),
       format('CREATE CAST (%s AS %s) ', format_type(t.castsource, NULL), format_type(t.casttarget, NULL))
       || CASE t.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || t.castfunc::regprocedure::text WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
       || CASE t.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END,
       '', '', ''
  FROM pg_cast t WHERE t.oid >= 16384 AND @MEMBER pg_cast t@)";

const char* const kTextSearch = R"(
SELECT 'pg_ts_parser'::regclass::oid, t.oid, format('TEXT SEARCH PARSER %I.%I', n.nspname, t.prsname),
       format('CREATE TEXT SEARCH PARSER %I.%I (START = %s, GETTOKEN = %s, END = %s, LEXTYPES = %s', n.nspname, t.prsname, t.prsstart::text, t.prstoken::text, t.prsend::text, t.prslextype::text)
       || CASE WHEN t.prsheadline <> 0 THEN ', HEADLINE = ' || t.prsheadline::text ELSE '' END || ')', '', '', ''
  FROM pg_ts_parser t JOIN pg_namespace n ON n.oid = t.prsnamespace WHERE @OURS@ AND @MEMBER pg_ts_parser t@
UNION ALL
SELECT 'pg_ts_template'::regclass::oid, t.oid, format('TEXT SEARCH TEMPLATE %I.%I', n.nspname, t.tmplname),
       format('CREATE TEXT SEARCH TEMPLATE %I.%I (', n.nspname, t.tmplname) || CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit::text || ', ' ELSE '' END || 'LEXIZE = ' || t.tmpllexize::text || ')', '', '', ''
  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE @OURS@ AND @MEMBER pg_ts_template t@
UNION ALL
SELECT 'pg_ts_dict'::regclass::oid, t.oid, format('TEXT SEARCH DICTIONARY %I.%I', n.nspname, t.dictname),
       format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %s', n.nspname, t.dictname,
              (SELECT format('%I.%I', x.nspname, m.tmplname) FROM pg_ts_template m JOIN pg_namespace x ON x.oid = m.tmplnamespace WHERE m.oid = t.dicttemplate))
       || coalesce(', ' || t.dictinitoption, '') || ')', '', '', ''
  FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace WHERE @OURS@ AND @MEMBER pg_ts_dict t@
UNION ALL
SELECT 'pg_ts_config'::regclass::oid, t.oid, format('TEXT SEARCH CONFIGURATION %I.%I', n.nspname, t.cfgname),
       format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %s)', n.nspname, t.cfgname,
              (SELECT format('%I.%I', x.nspname, m.prsname) FROM pg_ts_parser m JOIN pg_namespace x ON x.oid = m.prsnamespace WHERE m.oid = t.cfgparser))
       || coalesce((SELECT string_agg(format(E';\nALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', n.nspname, t.cfgname, k.alias, dicts), '' ORDER BY k.tokid)
            FROM ts_token_type(t.cfgparser) k
            JOIN (SELECT m.maptokentype, string_agg(format('%I.%I', x.nspname, d.dictname), ', ' ORDER BY m.mapseqno) AS dicts FROM pg_ts_config_map m JOIN pg_ts_dict d ON d.oid = m.mapdict
                    JOIN pg_namespace x ON x.oid = d.dictnamespace WHERE m.mapcfg = t.oid GROUP BY 1) m ON m.maptokentype = k.tokid), ''), '', '', ''
  FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace WHERE @OURS@ AND @MEMBER pg_ts_config t@)";

const char* const kForeign = R"(
SELECT 'pg_foreign_data_wrapper'::regclass::oid, w.oid, format('FOREIGN DATA WRAPPER %I', w.fdwname),
       format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname) || CASE WHEN w.fdwhandler <> 0 THEN ' HANDLER ' || w.fdwhandler::regproc::text ELSE '' END
       || CASE WHEN w.fdwvalidator <> 0 THEN ' VALIDATOR ' || w.fdwvalidator::regproc::text ELSE '' END || @OPTIONS w.fdwoptions@, '', '', ''
  FROM pg_foreign_data_wrapper w WHERE @HERE w.fdwname@ AND @MEMBER pg_foreign_data_wrapper w@
UNION ALL
SELECT 'pg_foreign_server'::regclass::oid, s.oid, format('SERVER %I', s.srvname),
       format('CREATE SERVER %I', s.srvname) || coalesce(' TYPE ' || quote_literal(s.srvtype), '') || coalesce(' VERSION ' || quote_literal(s.srvversion), '')
       || format(' FOREIGN DATA WRAPPER %I', w.fdwname) || @OPTIONS s.srvoptions@, '', '', ''
  FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE @HERE s.srvname@ AND @MEMBER pg_foreign_server s@
UNION ALL
SELECT 'pg_user_mapping'::regclass::oid, u.umid, format('USER MAPPING FOR %s SERVER %I', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname),
       format('CREATE USER MAPPING FOR %s SERVER %I', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname) || @OPTIONS u.umoptions@, '', '', ''
  FROM pg_user_mappings u WHERE @HERE u.srvname@
UNION ALL
SELECT 'pg_class'::regclass::oid, c.oid, @RELATION@,
       format('CREATE FOREIGN TABLE %I.%I (', n.nspname, c.relname)
       || coalesce((SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || @OPTIONS a.attfdwoptions@
              || CASE WHEN a.attcollation <> y.typcollation THEN (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END
              || CASE WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED' ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END
              || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum)
            FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
       || coalesce((SELECT string_agg(format(', CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '')
       || format(') SERVER %I', s.srvname) || @OPTIONS f.ftoptions@, '', '', ''
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_foreign_table f ON f.ftrelid = c.oid JOIN pg_foreign_server s ON s.oid = f.ftserver
 WHERE @OURS@ AND NOT c.relispartition AND @MEMBER pg_class c@)";

const char* const kLanguages = R"(
SELECT 'pg_language'::regclass::oid, l.oid, format('LANGUAGE %I', l.lanname),
       'CREATE ' || CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END || format('LANGUAGE %I HANDLER %s', l.lanname, l.lanplcallfoid::regproc)
       || CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc::text ELSE '' END || CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc::text ELSE '' END, '', '', ''
  FROM pg_language l WHERE l.lanispl AND l.oid >= 16384 AND @MEMBER pg_language l@
UNION ALL
SELECT 'pg_am'::regclass::oid, a.oid, format('ACCESS METHOD %I', a.amname), format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', a.amname, CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, a.amhandler), '', '', ''
  FROM pg_am a WHERE a.oid >= 16384 AND @MEMBER pg_am a@
UNION ALL
SELECT 'pg_transform'::regclass::oid, t.oid, format('TRANSFORM FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname),
       format('CREATE TRANSFORM FOR %s LANGUAGE %I (', format_type(t.trftype, NULL), l.lanname)
       || concat_ws(', ', 'FROM SQL WITH FUNCTION ' || nullif(t.trffromsql, 0)::regprocedure, 'TO SQL WITH FUNCTION ' || nullif(t.trftosql, 0)::regprocedure) || ')', '', '', ''
  FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE @MEMBER pg_transform t@
UNION ALL
SELECT 'pg_conversion'::regclass::oid, o.oid, format('CONVERSION %I.%I', n.nspname, o.conname),
       format('CREATE %s CONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN o.condefault THEN 'DEFAULT' ELSE '' END, n.nspname, o.conname, pg_encoding_to_char(o.conforencoding), pg_encoding_to_char(o.contoencoding), o.conproc), '', '', ''
  FROM pg_conversion o JOIN pg_namespace n ON n.oid = o.connamespace WHERE @OURS@ AND @MEMBER pg_conversion o@)";

const char* const kOptions =
    R"(coalesce(' OPTIONS (' || (SELECT string_agg(format('%I %L', option_name, option_value), ', ' ORDER BY option_name) FROM pg_options_to_table($) WHERE option_name <> 'password') || ')', ''))";

/// Puts in what the parts have in common, and what each version calls its own.
void settle(std::string& out, int version) {
    replace_all(out, "@PUBLISHED@", version >= 150000 ? kPublishedDetails : "''");
    replace_all(out, "@STATISTICS@", kStatisticsText);
    replace_all(out, "@EXPRESSIONS@",
                version >= 140000 ? "(SELECT string_agg('(' || e.text || ')', ', ' ORDER BY e.place) "
                                    "FROM unnest(pg_get_statisticsobjdef_expressions(s.oid)) WITH ORDINALITY e (text, place))"
                                  : "NULL");
    replace_all(out, "@LOCALE@",
                version >= 170000 ? "CASE o.collprovider WHEN 'c' THEN format('LC_COLLATE = %L, LC_CTYPE = %L', o.collcollate, "
                                    "o.collctype) ELSE format('LOCALE = %L', o.colllocale) END"
                : version >= 150000 ? "CASE o.collprovider WHEN 'c' THEN format('LC_COLLATE = %L, LC_CTYPE = %L', "
                                      "o.collcollate, o.collctype) ELSE format('LOCALE = %L', o.colliculocale) END"
                                    : "format('LC_COLLATE = %L, LC_CTYPE = %L', o.collcollate, o.collctype)");
    replace_all(out, "@RELATION@", kRelationId);
    replace_calls(out, "STATE", [](const std::string& trigger) {
        return "CASE " + trigger +
               ".tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' "
               "END";
    });
    replace_all(out, "@COMPRESSION@", version >= 140000 ? kCompression : "");
    replace_calls(out, "STORAGE", [](const std::string& letter) {
        return "CASE " + letter + " WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END";
    });
    replace_calls(out, "HERE", [](const std::string& name) { return "NOT starts_with(" + name + ", '" + kAside + "')"; });
    replace_calls(out, "MEMBER", [](const std::string& call) {
        const auto space = call.find(' ');
        return made_by_itself("pg_catalog." + call.substr(0, space), call.substr(space + 1) + ".oid");
    });
    replace_calls(out, "OPTIONS", [](const std::string& column) {
        std::string text = kOptions;
        replace_all(text, "$", column);
        return text;
    });
}

}  // namespace

Assembled object_query(int version) {
    // As the dependencies noted it, but for what may stand on nothing.
    const auto noting = [](SystemTable table, const std::string& text) { return Part{.noted = noted({table}), .query = text}; };
    const auto existing = [](const char* any, const std::string& text) { return Part{.exists = any, .query = text}; };
    Assembled query;
    query.parts = {
        noting(SystemTable::collations, kCollations),
        noting(SystemTable::functions, kFunctions),
        noting(SystemTable::functions, kAggregates),
        noting(SystemTable::operators, kOperators),
        noting(SystemTable::operator_families, kOperatorFamilies),
        noting(SystemTable::operator_families, kFamilyMembers),
        noting(SystemTable::operator_classes, kOperatorClasses),
        existing("SELECT FROM pg_cast WHERE oid >= 16384", kCasts),
        Part{.noted = noted({SystemTable::search_dictionaries, SystemTable::search_parsers, SystemTable::search_configurations,
                             SystemTable::search_templates}),
             .query = kTextSearch},
        existing(kAnyLanguage, kLanguages),
        existing(kAnyWrapper, kForeign),
        noting(SystemTable::rewrites, kViews),
        noting(SystemTable::rewrites, kViewDefaults),
        noting(SystemTable::rewrites, kViewIndexes),
        noting(SystemTable::rewrites, kViewSettings),
        noting(SystemTable::statistics, kStatistics),
        noting(SystemTable::rewrites, kRules),
        noting(SystemTable::triggers, kTriggers),
        noting(SystemTable::triggers, kTriggerStates),
        noting(SystemTable::policies, kPolicies),
        noting(SystemTable::event_triggers, kEventTriggers),
        existing(kAnyPublication, kPublications),
        existing(kAnyPublication, kPublishedTables),
    };
    if (version >= 150000) query.parts.push_back(existing(kAnyPublication, kPublishedSchemas));
    for (Part& part : query.parts) settle(part.query, version);
    return query;
}

std::string comment_query() {
    return "SELECT d.classoid, d.objoid, d.objsubid, d.description FROM pg_description d WHERE d.objoid >= 16384 OR d.objoid = "
           "2200";
}

}  // namespace tenon::postgres
