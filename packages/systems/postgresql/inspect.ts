import { hex, sha256, utf8 } from '@halligan/format';
import { accessList } from '../access-list.ts';
import type { Access, Inspection } from '../driver.ts';
import type { Ask } from './session.ts';

/** Attributes of a role that reach beyond its own objects, as CREATE ROLE names them. */
const ATTRIBUTES = ['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'CREATEDB', 'REPLICATION'] as const;

/** What the catalogue tells of a role. */
export interface Role {
  readonly mayLogIn: boolean;
  /** RFC 3339 in UTC; `undefined` where the password does not expire. */
  readonly validUntil: string | undefined;
  readonly expired: boolean;
  /** −1: no limit. */
  readonly connections: number;
  readonly attributes: readonly string[];
}

/** The role of exactly this name. */
export async function roleOf(ask: Ask, account: string): Promise<Role | undefined> {
  const [row] = await ask(
    `SELECT rolcanlogin::text, rolconnlimit::text,
       CASE WHEN isfinite(rolvaliduntil)
         THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
       (rolvaliduntil IS NOT NULL AND rolvaliduntil <= now())::text,
       rolsuper::text, rolbypassrls::text, rolcreaterole::text, rolcreatedb::text, rolreplication::text
     FROM pg_roles WHERE rolname = $1::text`,
    [account],
  );
  if (row === undefined) return undefined;
  const [login, limit, until, expired, ...attributes] = row;
  return {
    mayLogIn: login === 'true',
    validUntil: until ?? undefined,
    expired: expired === 'true',
    connections: Number(limit),
    attributes: ATTRIBUTES.filter((_, at) => attributes[at] === 'true'),
  };
}

/** Reads what the catalogue shows the rotator of a role, never its verifier. */
export async function inspectRole(ask: Ask, account: string): Promise<Inspection> {
  const role = await roleOf(ask, account);
  if (role === undefined) return { exists: false };
  const one = async (statement: string) =>
    (await ask(statement, [account])).map(([text]) => text ?? '');
  return {
    exists: true,
    name: account,
    locked: !role.mayLogIn,
    // PostgreSQL knows no such thing; an expired password is not let in at all.
    mustChangePassword: false,
    groups: accessList(await one(GROUPS)),
    passwordChangedAt: 'unknown',
    access: {
      methods: methodsOf(role),
      keys: 'unknown',
      sessions: accessList(await one(SESSIONS)),
      grants: accessList([
        ...role.attributes,
        ...(await one(RIGHTS)),
        ...rightsOnObjects(await one(ON_OBJECTS)),
      ]),
    },
  };
}

function methodsOf({ mayLogIn, validUntil }: Role): Access['methods'] {
  if (!mayLogIn) return [];
  return [validUntil === undefined ? 'password' : `password until ${validUntil}`];
}

const GROUPS = `
  SELECT DISTINCT g.rolname::text FROM pg_auth_members m
  JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
  WHERE u.rolname = $1::text`;

/** A session's address and start are shown to members of pg_read_all_stats alone. */
const SESSIONS = `
  SELECT concat_ws(' ', 'pid', pid, 'database ' || datname, 'from ' || host(client_addr),
    'since ' || to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
  FROM pg_stat_activity WHERE usename = $1::text`;

/**
 * Rights beyond groups, and what could be left behind to come back by: who else may become the role, functions that run
 * with its rights, settings that it starts with, what it owns, and predefined roles that it reaches through groups.
 */
const RIGHTS = `
  WITH me AS (SELECT oid, rolname, rolsuper FROM pg_roles WHERE rolname = $1::text)
  SELECT 'may grant ' || g.rolname FROM me JOIN pg_auth_members m ON m.member = me.oid
    JOIN pg_roles g ON g.oid = m.roleid WHERE m.admin_option
  UNION SELECT u.rolname || ' may become it' FROM me JOIN pg_auth_members m ON m.roleid = me.oid
    JOIN pg_roles u ON u.oid = m.member
  UNION SELECT 'security definer ' || p.oid::regprocedure::text FROM me
    JOIN pg_proc p ON p.proowner = me.oid
    WHERE p.prosecdef
  UNION SELECT 'event trigger ' || t.evtname FROM me JOIN pg_event_trigger t ON t.evtowner = me.oid
  UNION SELECT 'setting ' || setting FROM me JOIN pg_db_role_setting s ON s.setrole = me.oid,
    unnest(s.setconfig) AS setting
  UNION SELECT 'owns database ' || d.datname FROM me JOIN pg_database d ON d.datdba = me.oid
  UNION SELECT 'through groups ' || g.rolname FROM me JOIN pg_roles g ON g.rolname LIKE 'pg\\_%'
    WHERE NOT me.rolsuper AND pg_has_role(me.oid, g.oid, 'MEMBER')`;

/**
 * What was granted to the role itself, object by object, in the one database of the settings: a row each, for a table, a
 * column, a schema, a function or the database.
 */
const ON_OBJECTS = `
  WITH me AS (SELECT oid FROM pg_roles WHERE rolname = $1::text),
  granted AS (
    SELECT 'relation ' || c.oid::regclass::text AS what, c.relacl AS acl FROM pg_class c
    UNION ALL SELECT 'column ' || t.attrelid::regclass::text || '.' || t.attname, t.attacl FROM pg_attribute t
    UNION ALL SELECT 'schema ' || n.nspname, n.nspacl FROM pg_namespace n
    UNION ALL SELECT 'function ' || p.oid::regprocedure::text, p.proacl FROM pg_proc p
    UNION ALL SELECT 'database ' || d.datname, d.datacl FROM pg_database d
    UNION ALL SELECT 'defaults of ' || pg_get_userbyid(a.defaclrole), a.defaclacl FROM pg_default_acl a)
  SELECT what || ' ' || a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
  FROM me, granted, aclexplode(granted.acl) a WHERE a.grantee = me.oid`;

/** There may be thousands: their number, and a digest in which a change of any shows. */
function rightsOnObjects(rights: readonly string[]): readonly string[] {
  if (rights.length === 0) return [];
  const digest = hex(sha256(utf8(rights.toSorted().join('\n')))).slice(0, 12);
  return [`${rights.length} rights on objects, digest ${digest}`];
}
