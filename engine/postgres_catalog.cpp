// The catalog queries for tables and types.  Texts are deparsed by the server only where there is an expression; the cheap
// form pg_get_expr(…, 0) serves for defaults, which hold no column, and printed_expression() for others.
//
// Whose schema a thing is in, and whether it is an extension's, the reader knows: a join for it in each query costs the
// server more than the few rows in vain.  The same goes for names of what is rare: they are asked for row by row.
#include "engine/postgres_catalog.h"

#include <algorithm>
#include <array>

#include "engine/postgres_expressions.h"
#include "engine/postgres_objects.h"
#include "schemas/joined.h"

namespace tenon::postgres {
namespace {

/// Since this version a NOT NULL is a constraint with a name.
constexpr int kNamedNotNulls = 180000;

/// Schemas a person made.
const std::string kOurs = R"( n.nspname !~ '^(pg_|tenon_aside_)' AND n.nspname <> 'information_schema' )";

const std::string kSchemas =
    "SELECT n.oid, n.nspname, CASE WHEN n.oid >= 16384 THEN @OWNER n.nspowner@ END,\n"
    "       CASE WHEN n.nspacl IS NOT NULL AND n.nspacl::text NOT IN (@PUBLIC@) THEN @NOTE 'schema_acl'@ END "
    "FROM pg_namespace n WHERE" +
    kOurs + "ORDER BY 2";

const std::string kExtensions =
    "SELECT e.oid, e.extname, n.nspname, e.extversion, (SELECT a.comment FROM pg_available_extensions() a WHERE a.name = "
    "e.extname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid >= 16384 ORDER BY e.oid";

/// Arrays are told with their elements, types of rows with their relations: here it is only noted whether they have privileges.
const std::string kTypes = R"(
SELECT t.oid, t.typnamespace, t.typname, t.typtype, t.typelem,
       CASE WHEN t.typtype IN ('d', 'e', 'r') AND @NOTE 'type_' || t.typtype::text@ THEN @OWNER t.typowner@ END,
       CASE WHEN t.typacl IS NOT NULL THEN @NOTE 'type_acl'@ END,
       CASE WHEN t.typtype = 'b' THEN concat_ws(', ', t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typlen,
            t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typdelim, t.typdefault, format_type(nullif(t.typelem, 0), NULL)) END
  FROM pg_type t
 WHERE t.oid >= 16384 AND (t.typtype <> 'c' OR t.typacl IS NOT NULL) AND (t.typcategory <> 'A' OR t.typinput <> 'array_in'::regproc) ORDER BY t.oid)";

const std::string kDomains = R"(
SELECT t.oid, format_type(t.typbasetype, t.typtypmod), t.typnotnull,
       CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) END,
       CASE WHEN t.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype) THEN @COLLATION t.typcollation@ END
  FROM pg_type t WHERE t.oid >= 16384 AND t.typtype = 'd')";

const std::string kRanges = R"(
SELECT r.rngtypid, format_type(r.rngsubtype, NULL),
       (SELECT format('%I.%I', n.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END,
       CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> (SELECT s.typcollation FROM pg_type s WHERE s.oid = r.rngsubtype) THEN @COLLATION r.rngcollation@ END,
       @MULTIRANGE@
  FROM pg_range r WHERE r.rngtypid >= 16384)";

const std::string kEnums =
    "SELECT enumtypid, enumlabel FROM pg_enum WHERE enumtypid >= 16384 ORDER BY enumtypid, enumsortorder";

/// Of TOAST tables only those of which something is said: it is said of their table.
const std::string kRelations = R"(
SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, array_to_string(c.reloptions, E'\n'), c.reltoastrelid,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       CASE WHEN c.relam NOT IN (0, 2) THEN @NAME pg_am, c.relam@ END,
       CASE WHEN c.reltablespace <> 0 THEN @NAME pg_tablespace, c.reltablespace@ END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END, c.reltype, @OWNER c.relowner@,
       CASE WHEN c.relacl IS NOT NULL THEN @NOTE 'relation_acl'@ END, c.relnatts
  FROM pg_class c
 WHERE (c.relkind IN ('r', 'p', 'v', 'm', 'c', 'f') OR c.relkind = 't' AND c.reloptions IS NOT NULL)
   AND c.oid >= 16384 AND NOT starts_with(c.relname, 'tenon_') ORDER BY c.oid)";

/// Types as format_type() names them, by their numbers (catalog/pg_type.dat in PostgreSQL's sources): most columns have one of
/// these, and the server takes its time to name it.
struct PlainType {
    std::uint32_t oid;
    std::string_view name;
};
constexpr std::array kPlainTypes{
    PlainType{16, "boolean"},
    PlainType{17, "bytea"},
    PlainType{20, "bigint"},
    PlainType{21, "smallint"},
    PlainType{23, "integer"},
    PlainType{25, "text"},
    PlainType{114, "json"},
    PlainType{700, "real"},
    PlainType{701, "double precision"},
    PlainType{869, "inet"},
    PlainType{1007, "integer[]"},
    PlainType{1009, "text[]"},
    PlainType{1043, "character varying"},
    PlainType{1082, "date"},
    PlainType{1083, "time without time zone"},
    PlainType{1114, "timestamp without time zone"},
    PlainType{1184, "timestamp with time zone"},
    PlainType{1186, "interval"},
    PlainType{1700, "numeric"},
    PlainType{2950, "uuid"},
    PlainType{3614, "tsvector"},
    PlainType{3802, "jsonb"},
};

/// Of indexes only those columns of which something is said.  What is as usual is NULL, for each cell that is written costs;
/// what is usual for a type is looked up only for types that are not plain, whose collations and storage are known.
const std::string kColumns = R"(
SELECT a.attrelid, a.attnum, a.attname,
       CASE WHEN a.atttypmod <> -1 OR a.atttypid NOT IN (@PLAIN@) THEN format_type(a.atttypid, a.atttypmod) END,
       CASE WHEN a.attnotnull THEN true END, nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
       CASE WHEN a.attcollation <> 0 AND (a.attcollation <> 100 OR a.atttypid NOT IN (@PLAIN@))
             AND a.attcollation <> (SELECT t.typcollation FROM pg_type t WHERE t.oid = a.atttypid) THEN @COLLATION a.attcollation@ END,
       CASE WHEN d.adbin IS NULL THEN NULL WHEN a.attgenerated = '' AND c.relkind <> 'v' THEN pg_get_expr(d.adbin, 0)
            WHEN c.relkind = 'v' THEN pg_get_expr(d.adbin, d.adrelid) ELSE @EXPRESSION d.adbin, a.attrelid, c.relnatts@ END,
       CASE WHEN a.attlen = -1 AND (a.attstorage <> CASE a.atttypid WHEN 1700 THEN 'm' WHEN 869 THEN 'm' ELSE 'x' END OR a.atttypid NOT IN (@PLAIN@))
            THEN nullif(a.attstorage, (SELECT t.typstorage FROM pg_type t WHERE t.oid = a.atttypid)) END, nullif(@COMPRESSION@, ''), nullif(a.attstattarget, -1),
       CASE WHEN NOT a.attislocal THEN true END, CASE WHEN a.attoptions IS NOT NULL THEN array_to_string(a.attoptions, E'\n') END,
       d.oid, CASE WHEN a.attcollation NOT IN (0, 100) THEN a.attcollation END, a.atttypid,
       CASE WHEN a.attacl IS NOT NULL THEN @NOTE 'column_acl'@ END
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE (c.relkind IN ('r', 'p', 'c', 'v', 'm', 'f') OR c.relkind IN ('i', 'I') AND (a.attoptions IS NOT NULL OR a.attstattarget >= 0))
   AND c.oid >= 16384 AND a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped)";

const std::string kConstraints = R"(
SELECT o.oid, o.conname, o.contype, o.conrelid, o.contypid, o.conindid, array_to_string(o.conkey, ' '), o.confrelid,
       array_to_string(o.confkey, ' '), o.condeferrable, o.condeferred, o.convalidated, o.confupdtype, o.confdeltype,
       o.confmatchtype, o.connoinherit, o.conislocal OR o.coninhcount = 0, o.conparentid, @SET_COLUMNS@,
       CASE WHEN o.contype = 'c' THEN @EXPRESSION o.conbin, o.conrelid@ WHEN o.contype = 'x' THEN pg_get_constraintdef(o.oid) END
  FROM pg_constraint o WHERE (o.contype IN ('c', 'p', 'u', 'f', 'x')@NOT_NULL@) AND o.oid >= 16384)";

const std::string kNotNulls =
    "SELECT conrelid, conkey[1], conname, oid FROM pg_constraint WHERE contype = 'n' AND conrelid >= 16384";

/// Not those of TOAST tables, which have a schema of a fixed number.  Collations are named where one is neither none nor the
/// database's own.
const std::string kIndexes = R"(
SELECT i.indexrelid, i.indrelid, c.relname,
       CASE WHEN c.relam <> 403 THEN @NAME pg_am, c.relam@ END,
       array_to_string(c.reloptions, E'\n'), i.indisunique, i.indisvalid,
       i.indisclustered, i.indisreplident, @NULLS@, i.indnkeyatts, i.indkey, i.indoption, i.indclass,
       i.indcollation, @EXPRESSION i.indexprs, i.indrelid@, @EXPRESSION i.indpred, i.indrelid@,
       CASE WHEN c.reltablespace <> 0 THEN @NAME pg_tablespace, c.reltablespace@ END,
       CASE WHEN NOT i.indcollation::oid[] <@ '{0, 100}' THEN array_to_string(ARRAY(SELECT coalesce(@COLLATION u.oid@, '')
            FROM unnest(i.indcollation::oid[]) WITH ORDINALITY u (oid, place) ORDER BY place), E'\n') END
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid >= 16384 AND c.relnamespace <> 99)";

/// Operator classes that are not the default of their type must be named.
const std::string kOpclasses = R"(
SELECT o.oid, CASE WHEN n.nspname = 'pg_catalog' THEN quote_ident(o.opcname) ELSE format('%I.%I', n.nspname, o.opcname) END,
       o.opcdefault FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
)";

const std::string kSequences = R"(
SELECT c.oid, c.relnamespace, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
       s.seqcycle, c.relpersistence, @OWNER c.relowner@, CASE WHEN c.relacl IS NOT NULL THEN @NOTE 'relation_acl'@ END
  FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid ORDER BY c.oid)";

const std::string kInherits = "SELECT inhrelid, inhparent FROM pg_inherits ORDER BY inhrelid, inhseqno";

const std::string kRewrites = "SELECT oid, ev_class FROM pg_rewrite WHERE oid >= 16384 AND rulename = '_RETURN'";

/// What stands on what.  Left out is what the server makes by itself (triggers of foreign keys, types of rows and arrays, TOAST
/// tables), and the columns of constraints and of defaults, which their own rows tell.  On the way it
/// is noted which of the rarer kinds of objects there are.
const std::string kDependencies = R"(
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
  FROM pg_depend d WHERE d.objid >= 16384 AND d.deptype <> 'x'
   AND CASE d.classid
       WHEN 1259 THEN (d.deptype <> 'i' OR d.refclassid <> 1259 OR d.refobjsubid > 0) AND d.refobjid >= 16384
       WHEN 2606 THEN (d.refobjsubid = 0 OR d.refclassid <> 1259) AND d.refobjid >= 16384
       WHEN 2604 THEN (d.refobjsubid = 0 OR d.refclassid <> 1259 OR d.deptype <> 'a') AND d.refobjid >= 16384
       WHEN 1247 THEN (d.deptype <> 'i' OR d.refclassid NOT IN (1247, 1259)) AND d.refobjid >= 16384
       WHEN 2620 THEN d.deptype <> 'i' AND @NOTE d.classid@ AND d.refobjid >= 16384
       ELSE @NOTE d.classid@ AND d.refobjid >= 16384 END
   AND (d.refclassid <> 1247 OR @NOTE 'type_used'@))";

/// Arrays on which something stands.
const std::string kArrays = R"(
SELECT DISTINCT t.oid, t.typelem FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
 WHERE d.refclassid = 1247 AND d.refobjid >= 16384 AND d.deptype <> 'i' AND t.typinput = 'array_in'::regproc)";

}  // namespace

std::string_view plain_type(std::uint32_t oid) {
    const auto found = std::ranges::lower_bound(kPlainTypes, oid, {}, &PlainType::oid);
    return found == kPlainTypes.end() || found->oid != oid ? "" : found->name;
}

CatalogQueries::CatalogQueries(int version) : version_(version) {
    const auto one = [&](Catalog result, std::vector<std::string> noted, const std::string& query) {
        rare_.emplace_back(result, Assembled{.parts = {{.noted = std::move(noted), .query = query}}});
    };
    one(Catalog::extensions, noted({SystemTable::extensions}), kExtensions);
    one(Catalog::domains, {"type_d"}, kDomains);
    one(Catalog::ranges, {"type_r"}, kRanges);
    one(Catalog::enums, {"type_e"}, kEnums);
    one(Catalog::arrays, {"type_used"}, kArrays);
    one(Catalog::rewrites, noted({SystemTable::rewrites}), kRewrites);
    rare_.emplace_back(Catalog::objects, object_query(version));
    rare_.emplace_back(Catalog::grants, grant_query());
    rare_.emplace_back(Catalog::owners, owner_query());
    for (const auto& [result, query] : rare_) {
        for (const Part& part : query.parts) {
            notes_.insert(part.noted.begin(), part.noted.end());
            const bool known = part.exists.empty() || std::ranges::find(existing_, part.exists) != existing_.end();
            if (!known) existing_.push_back(part.exists);
        }
    }
}

std::vector<CatalogQuery> CatalogQueries::of_all() const {
    std::string present = "SELECT " + notes_made(notes_);
    for (const std::string& query : existing_) present += ", EXISTS (" + query + ")";
    std::vector<CatalogQuery> out{
        {Catalog::schemas, kSchemas},     {Catalog::sequences, kSequences},     {Catalog::dependencies, kDependencies},
        {Catalog::types, kTypes},         {Catalog::relations, kRelations},     {Catalog::inherits, kInherits},
        {Catalog::opclasses, kOpclasses}, {Catalog::columns, kColumns},         {Catalog::present, present},
        {Catalog::indexes, kIndexes},     {Catalog::constraints, kConstraints}, {Catalog::comments, comment_query()},
    };
    if (version_ >= kNamedNotNulls) out.push_back({Catalog::not_nulls, kNotNulls});
    for (CatalogQuery& query : out) settle(query.sql);
    return out;
}

std::vector<CatalogQuery> CatalogQueries::of_rare(const Rows& present) const {
    Found found;
    for (std::string& note : lines_of(present.at(0, 0))) found.insert(std::move(note));
    for (std::size_t i = 0; i < existing_.size(); ++i) {
        if (present.at(0, static_cast<int>(i) + 1) == "t") found.insert(existing_[i]);
    }
    std::vector<CatalogQuery> out;
    for (const auto& [result, query] : rare_) {
        std::string sql = joined(query, found);
        if (sql.empty()) continue;
        settle(sql);
        out.push_back({result, std::move(sql)});
    }
    return out;
}

void CatalogQueries::settle(std::string& out) const {
    const int version = version_;
    // The names of what is rare, by a function: a query within the query would have to be planned for all that is not.
    replace_calls(out, "COLLATION", [](const std::string& oid) {
        return "(pg_identify_object('pg_collation'::regclass, " + oid + ", 0)).identity";
    });
    replace_calls(out, "NAME", [](const std::string& arguments) {
        const auto comma = arguments.find(", ");
        return "(parse_ident((pg_identify_object('" + arguments.substr(0, comma) + "'::regclass, " +
               arguments.substr(comma + 2) + ", 0)).identity))[1]";
    });
    std::string plain;
    for (const PlainType& type : kPlainTypes) plain += (plain.empty() ? "" : ", ") + std::to_string(type.oid);
    replace_all(out, "@PLAIN@", plain);
    replace_calls(out, "EXPRESSION", [](const std::string& arguments) {
        const auto first = arguments.find(", ");
        const auto second = arguments.find(", ", first + 1);
        const std::string relation = arguments.substr(first + 2, second - first - 2);
        const std::string attributes = second == std::string::npos
                                           ? "(SELECT k.relnatts FROM pg_class k WHERE k.oid = " + relation + ")"
                                           : arguments.substr(second + 2);
        return printed_expression(arguments.substr(0, first), relation, attributes);
    });
    replace_calls(out, "NOTE", note);
    // Whose a thing is, where that is not the role that looks.
    replace_calls(out, "OWNER", [](const std::string& owner) {
        return "CASE WHEN " + owner + " <> (SELECT quote_ident(current_user)::regrole) THEN pg_get_userbyid(" + owner + ") END";
    });
    replace_all(out, "@OURS@", kOurs);
    // As the schema public is born: not so for those who have changed its owner, for whom privileges are asked about in vain.
    replace_all(out, "@PUBLIC@",
                version >= 150000 ? "'{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}'"
                                  : "format('{%1$s=UC/%1$s,=UC/%1$s}', pg_get_userbyid(10))");
    const bool multiranges = version >= 140000;
    replace_all(out, "@MULTIRANGE@", multiranges ? "(SELECT m.typname FROM pg_type m WHERE m.oid = r.rngmultitypid)" : "NULL");
    replace_all(out, "@COMPRESSION@", multiranges ? "a.attcompression" : "NULL::text");
    const bool v15 = version >= 150000;
    replace_all(out, "@SET_COLUMNS@", v15 ? "array_to_string(o.confdelsetcols, ' ')" : "NULL");
    // A NOT NULL that is more than the column's flag.
    replace_all(out, "@NOT_NULL@",
                version >= kNamedNotNulls ? " OR o.contype = 'n' AND (NOT o.convalidated OR o.connoinherit)" : "");
    replace_all(out, "@NULLS@", v15 ? "i.indnullsnotdistinct" : "false");
}

}  // namespace tenon::postgres
