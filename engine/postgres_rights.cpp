// Whose an object is and who may do what with it, as the catalogs tell.
#include <array>
#include <vector>

#include "engine/postgres_objects.h"

namespace tenon::postgres {

Assembled owner_query() {
    struct Owned {
        std::vector<std::string> noted;
        const char* exists;
        const char* catalog;
        const char* owner;
    };
    const std::array owned{
        Owned{noted({SystemTable::functions}), "", "pg_proc", "proowner"},
        Owned{noted({SystemTable::collations}), "", "pg_collation", "collowner"},
        Owned{noted({SystemTable::operators}), "", "pg_operator", "oprowner"},
        Owned{noted({SystemTable::operator_classes}), "", "pg_opclass", "opcowner"},
        Owned{noted({SystemTable::operator_families}), "", "pg_opfamily", "opfowner"},
        Owned{noted({SystemTable::statistics}), "", "pg_statistic_ext", "stxowner"},
        Owned{noted({SystemTable::search_configurations}), "", "pg_ts_config", "cfgowner"},
        Owned{noted({SystemTable::search_dictionaries}), "", "pg_ts_dict", "dictowner"},
        Owned{noted({SystemTable::event_triggers}), "", "pg_event_trigger", "evtowner"},
        Owned{{}, kAnyPublication, "pg_publication", "pubowner"},
        Owned{noted({SystemTable::foreign_servers}), "", "pg_foreign_server", "srvowner"},
        Owned{{}, kAnyWrapper, "pg_foreign_data_wrapper", "fdwowner"},
        Owned{{}, kAnyLanguage, "pg_language", "lanowner"},
    };
    std::vector<Part> parts{{.query = " SELECT 0::oid, 0::oid, current_user::text\n"}};
    for (const Owned& each : owned) {
        parts.push_back({each.noted, each.exists,
                         std::string(" SELECT '") + each.catalog + "'::regclass::oid, t.oid, pg_get_userbyid(t." + each.owner +
                             ")::text FROM " + each.catalog + " t WHERE t.oid >= 16384 AND t." + each.owner +
                             " <> (SELECT quote_ident(current_user)::regrole)\n"});
    }
    return {.head = {}, .parts = std::move(parts), .tail = "ORDER BY 1, 2"};
}

/// An owner can pass on what is its own, whether it was granted that or not.
Assembled grant_query() {
    std::vector<Part> parts{
        Part{.noted = {"relation_acl"}, .query = R"(
  SELECT '', 'pg_class'::regclass::oid, c.oid, 0, CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || format('%I.%I', n.nspname, c.relname),
         '', c.relacl, coalesce((SELECT i.initprivs FROM pg_init_privs i WHERE i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = 0), acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)), c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND c.oid >= 16384)"},
        Part{.noted = {"column_acl"}, .query = R"(
  SELECT '', 'pg_class'::regclass::oid, c.oid, a.attnum, 'TABLE ' || format('%I.%I', n.nspname, c.relname), format(' (%I)', a.attname), a.attacl, NULL::aclitem[], c.relowner
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.oid >= 16384)"},
        Part{.noted = noted({SystemTable::functions}),
             .exists = "SELECT FROM pg_proc WHERE proacl IS NOT NULL AND oid >= 16384",
             .query = R"(
  SELECT '', 'pg_proc'::regclass::oid, p.oid, 0, CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || format('%I.%I(%s)', n.nspname, p.proname, CASE p.prokind WHEN 'a' THEN oidvectortypes(p.proargtypes) ELSE pg_get_function_identity_arguments(p.oid) END),
         '', p.proacl, coalesce((SELECT i.initprivs FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid), acldefault('f', p.proowner)), p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proacl IS NOT NULL AND p.oid >= 16384)"},
        Part{.noted = {"type_acl"}, .query = R"(
  SELECT '', 'pg_type'::regclass::oid, t.oid, 0, CASE t.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END || format('%I.%I', n.nspname, t.typname), '', t.typacl, acldefault('T', t.typowner), t.typowner
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typacl IS NOT NULL AND t.oid >= 16384)"},
        Part{.noted = noted({SystemTable::foreign_servers}), .query = R"(
  SELECT '', 'pg_foreign_server'::regclass::oid, s.oid, 0, format('FOREIGN SERVER %I', s.srvname), '', s.srvacl, acldefault('S', s.srvowner), s.srvowner FROM pg_foreign_server s WHERE s.srvacl IS NOT NULL)"},
        Part{.exists = kAnyWrapper, .query = R"(
  SELECT '', 'pg_foreign_data_wrapper'::regclass::oid, w.oid, 0, format('FOREIGN DATA WRAPPER %I', w.fdwname), '', w.fdwacl, acldefault('F', w.fdwowner), w.fdwowner FROM pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL)"},
        Part{.exists = kAnyLanguage, .query = R"(
  SELECT '', 'pg_language'::regclass::oid, l.oid, 0, format('LANGUAGE %I', l.lanname), '', l.lanacl, acldefault('l', l.lanowner), l.lanowner FROM pg_language l WHERE l.lanacl IS NOT NULL AND l.oid >= 16384)"},
        Part{.exists = "SELECT WHERE pg_relation_size('pg_default_acl') > 0", .query = R"(
  SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I ', pg_get_userbyid(d.defaclrole)) || CASE WHEN n.nspname IS NULL THEN '' ELSE format('IN SCHEMA %I ', n.nspname) END,
         'pg_default_acl'::regclass::oid, d.oid, 0, CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END,
         '', d.defaclacl, CASE d.defaclnamespace WHEN 0 THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole) END, d.defaclrole
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace)"},
        Part{.noted = {"schema_acl"}, .query = R"(
  SELECT '', 'pg_namespace'::regclass::oid, n.oid, 0, format('SCHEMA %I', n.nspname), '', n.nspacl,
         coalesce((SELECT i.initprivs FROM pg_init_privs i WHERE i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid), CASE WHEN n.nspname = 'public' THEN acldefault('n', n.nspowner) || format('=U%s/%I', CASE WHEN current_setting('server_version_num')::int < 150000 THEN 'C' ELSE '' END, pg_get_userbyid(n.nspowner))::aclitem
                  ELSE acldefault('n', n.nspowner) END), n.nspowner
    FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND (n.oid >= 16384 OR n.nspname = 'public'))"},
    };
    return {.head = "WITH acls (scope, class, oid, sub, target, part, acl, base, owner) AS (",
            .parts = std::move(parts),
            .tail =
                R"(), differing AS (
  SELECT scope, class, oid, sub, target, part, nullif(e.giver, owner) AS giver, e.grantee, e.privilege, e.grantable AND e.grantee <> owner AS grantable, true AS given, e.place
    FROM acls, aclexplode(acl) WITH ORDINALITY e (giver, grantee, privilege, grantable, place)
   WHERE (e.giver, e.grantee, e.privilege, e.grantable AND e.grantee <> owner) NOT IN (SELECT aclexplode.* FROM aclexplode(base))
  UNION ALL
  SELECT scope, class, oid, sub, target, part, nullif(e.giver, owner), e.grantee, e.privilege, e.grantable, false, e.place
    FROM acls, aclexplode(base) WITH ORDINALITY e (giver, grantee, privilege, grantable, place)
   WHERE (e.giver, e.grantee, e.privilege, e.grantable) NOT IN (SELECT a.grantor, a.grantee, a.privilege_type, a.is_grantable AND a.grantee <> owner FROM aclexplode(acl) a)
), statements AS (
  SELECT scope, class, oid, sub, target, part, given, grantable, giver IS NOT NULL AS passed_on, min(place) AS place,
         CASE WHEN giver IS NULL THEN '%s' ELSE format(E'SET ROLE %I;\n%%s;\nRESET ROLE', pg_get_userbyid(giver)) END AS frame,
         CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role,
         string_agg(privilege || part, ', ' ORDER BY privilege) AS privileges
    FROM differing GROUP BY scope, class, oid, sub, target, part, given, grantable, grantee, giver
), lines AS (
  SELECT *, format(frame, scope || format(CASE WHEN given THEN 'GRANT %s ON %s TO %s' ELSE 'REVOKE %s ON %s FROM %s' END, privileges, target, role)
                  || CASE WHEN given AND grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS make
    FROM statements
), texts AS (
  SELECT class, oid, sub, CASE scope WHEN '' THEN '' ELSE scope || 'ON ' END || target || part AS name,
         string_agg(make, E';\n' ORDER BY given, passed_on, role, grantable, privileges) AS make,
         string_agg(format(frame, scope || format(CASE WHEN given THEN 'REVOKE %s ON %s FROM %s' ELSE 'GRANT %s ON %s TO %s' END, privileges, target, role)),
                    E';\n' ORDER BY given DESC, passed_on DESC, role, grantable, privileges) AS undo,
         string_agg(make, E';\n' ORDER BY given, passed_on, place, grantable, privileges) AS in_order
    FROM lines GROUP BY scope, class, oid, sub, target, part
)
SELECT class, oid, sub, name, make, undo, nullif(in_order, make) FROM texts ORDER BY 4)"};
}

}  // namespace tenon::postgres
