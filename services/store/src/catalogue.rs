//! What the catalogue of PostgreSQL says of the wall between tenants, asked at every start.
//!
//! Row-level security that is switched on but not forced does not bind the owner of the tables; a policy without a check lets
//! rows be written that nobody may read; a key that does not begin with the region tells one tenant what another has, since keys
//! are checked without regard to who asks; and a role that owns, or bypasses, passes all of it. Each of these looks well from
//! outside until the day it is needed, so a server that finds one does not start.

use sqlx::PgConnection;

use crate::walls;

/// Who asks: what would let this role past the policies.
const ROLE: &str = "SELECT r.rolname::TEXT, r.rolsuper, r.rolbypassrls, \
    EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::REGNAMESPACE AND c.relkind IN ('r', 'p') AND c.relname <> '_sqlx_migrations' \
        AND pg_has_role(r.oid, c.relowner, 'MEMBER')), \
    r.rolcreaterole \
    FROM pg_roles r WHERE r.rolname = current_user";

/// Tables of tenants, each with what is missing of its wall.
const TABLES: &str = "SELECT c.relname::TEXT, c.relrowsecurity AND c.relforcerowsecurity, \
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'region_id' AND a.attnotnull), \
    (SELECT COUNT(*) FROM pg_policy p WHERE p.polrelid = c.oid), \
    (SELECT COUNT(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}' \
        AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL \
        AND (pg_get_expr(p.polqual, p.polrelid) LIKE '%csp_sees_region(region_id)%' \
            AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%csp_sees_region(region_id)%' \
            OR pg_get_expr(p.polqual, p.polrelid) LIKE $1 AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE $1)) \
    FROM pg_class c WHERE c.relnamespace = 'public'::REGNAMESPACE AND c.relkind IN ('r', 'p') AND c.relname <> '_sqlx_migrations' ORDER BY c.relname";

/// The policy of a table that is read in bulk, as PostgreSQL writes it: each setting is asked once for a query (migration 16).
const IN_BULK: &str = "((( SELECT csp_sees_every_region()%) OR (region_id = ( SELECT csp_own_region()%))) \
    AND (( SELECT csp_sees_every_partnership()%) OR (partnership_id = ( SELECT csp_own_partnership()%))))";

/// Keys, unique or foreign, that begin with anything but the region. The one exception is the region's own short name, the first
/// part of every resource name: whoever sets up a region is told when it is taken.
const KEYS: &str = "SELECT t.relname || '.' || i.relname FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
    LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] \
    WHERE x.indisunique AND t.relnamespace = 'public'::REGNAMESPACE AND t.relname <> '_sqlx_migrations' AND a.attname IS DISTINCT FROM 'region_id' \
    AND i.relname <> 'regions_slug' \
    UNION ALL SELECT t.relname || '.' || k.conname FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid \
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] \
    WHERE k.contype = 'f' AND t.relnamespace = 'public'::REGNAMESPACE AND (a.attname <> 'region_id' OR b.attname <> 'region_id') ORDER BY 1";

/// Everything that would let one tenant see another, in sentences. Empty when there is nothing.
pub(crate) async fn faults(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let mut faults = Vec::new();
    if !walls::rows_stand() {
        return Ok(faults);
    }
    let (role, superuser, bypasses, owns, makes_roles): (String, bool, bool, bool, bool) =
        sqlx::query_as(ROLE).fetch_one(&mut *conn).await?;
    let hint = "sign in as a role that only serves, such as csp_app, in database.url; the owner belongs in database.migrate_url";
    if superuser {
        faults.push(format!("the role {role} is a superuser, whom row-level security does not bind: {hint}"));
    } else if bypasses {
        faults.push(format!("the role {role} may bypass row-level security: ALTER ROLE {role} NOBYPASSRLS, or {hint}"));
    } else if makes_roles {
        faults.push(format!("the role {role} may make roles, and so give itself any right: {hint}"));
    } else if owns {
        faults.push(format!("the role {role} owns the tables, and could drop their policies: {hint}"));
    }
    let tables: Vec<(String, bool, bool, i64, i64)> = sqlx::query_as(TABLES).bind(IN_BULK).fetch_all(&mut *conn).await?;
    for (table, forced, has_region, policies, sound) in tables {
        if !has_region {
            faults.push(format!("the table {table} has no region_id, or one that may be empty"));
        }
        if !forced {
            faults.push(format!("row-level security of the table {table} is not forced: ALTER TABLE {table} FORCE ROW LEVEL SECURITY"));
        }
        if policies != 1 || sound != 1 {
            faults.push(format!(
                "the table {table} does not have exactly one policy, for everybody and every command, by region, with a check"
            ));
        }
    }
    let keys: Vec<String> = sqlx::query_scalar(KEYS).fetch_all(&mut *conn).await?;
    faults.extend(keys.into_iter().map(|key| format!("the key {key} does not begin with the region")));
    Ok(faults)
}
