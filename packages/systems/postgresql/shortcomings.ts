import type { Shortcoming } from '../driver.ts';
import type { PostgresqlConfig } from './config.ts';
import { type Role, roleOf } from './inspect.ts';
import type { Ask } from './session.ts';

/** What an emergency account and the rotator lack, or have too much of, as far as the catalogue tells. */
export async function roleShortcomings(
  ask: Ask,
  config: PostgresqlConfig,
  account: string,
): Promise<readonly Shortcoming[]> {
  const [role, rotator] = [await roleOf(ask, account), await roleOf(ask, config.rotator)];
  if (role === undefined || rotator === undefined) return [];
  return [
    ...ofAccount(role, config),
    ...(await connecting(ask, account, config.database)),
    ...ofRotator(rotator),
    ...(config.privilege === 'function'
      ? await byFunction(ask, account)
      : await byCreateRole(ask, account, role, rotator)),
    ...(await statistics(ask)),
  ];
}

function ofAccount(role: Role, { validUntil }: PostgresqlConfig): Shortcoming[] {
  const { expired, validUntil: until, connections } = role;
  return [
    ...(until === undefined
      ? []
      : [
          {
            level: expired ? ('fail' as const) : ('warn' as const),
            found: `Its password ${expired ? 'has expired' : 'expires'}: VALID UNTIL ${until}.`,
            fix:
              validUntil === 'infinity'
                ? 'The next rotation takes it away.'
                : "ALTER ROLE name VALID UNTIL 'infinity'; or validUntil: infinity in the settings.",
          },
        ]),
    ...(connections < 0
      ? []
      : [
          {
            level: connections === 0 ? ('fail' as const) : ('warn' as const),
            found: `It may have ${connections} connections at once: others with its name would keep it out.`,
            fix: 'ALTER ROLE name CONNECTION LIMIT -1;',
          },
        ]),
  ];
}

async function connecting(ask: Ask, account: string, database: string): Promise<Shortcoming[]> {
  const may = await holds(
    ask,
    `SELECT has_database_privilege($1::text, current_database(), 'CONNECT')::text`,
    account,
  );
  if (may) return [];
  return [
    {
      level: 'fail',
      found: `It may not connect to the database ${database}.`,
      fix: 'GRANT CONNECT ON DATABASE … TO name;',
    },
  ];
}

function ofRotator({ attributes, validUntil }: Role): Shortcoming[] {
  return [
    ...(attributes.includes('SUPERUSER')
      ? [
          {
            level: 'warn' as const,
            found: 'The rotator is a superuser: far more than it needs.',
            fix: 'ALTER ROLE halligan NOSUPERUSER; and install halligan.set_verifier.',
          },
        ]
      : []),
    ...(validUntil === undefined
      ? []
      : [
          {
            level: 'warn' as const,
            found: `The rotator's own password expires: VALID UNTIL ${validUntil}.`,
            fix: "ALTER ROLE halligan VALID UNTIL 'infinity';",
          },
        ]),
  ];
}

const FUNCTION = 'halligan.set_verifier(text,text,boolean)';

async function byFunction(ask: Ask, account: string): Promise<Shortcoming[]> {
  const [found] = await ask(
    `SELECT p.prosecdef::text, o.rolsuper::text, has_function_privilege(p.oid, 'EXECUTE')::text,
       has_schema_privilege(p.pronamespace, 'USAGE')::text
     FROM pg_proc p JOIN pg_roles o ON o.oid = p.proowner JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'halligan' AND p.proname = 'set_verifier' AND p.pronargs = 3`,
  );
  if (found === undefined || found.some((good) => good !== 'true'))
    return [
      {
        level: 'fail',
        found: `The rotator cannot use ${FUNCTION} with a superuser's rights.`,
        fix: 'Install it in this database: psql -f halligan-account.sql, see docs/systems/postgresql.md.',
      },
    ];
  const member = await holds(
    ask,
    `SELECT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
       JOIN pg_roles u ON u.oid = m.member
       WHERE g.rolname = 'breakglass' AND u.rolname = $1::text)::text`,
    account,
  );
  if (member) return [];
  return [
    {
      level: 'fail',
      found: 'It is not in the group breakglass, so the rotator may not set its password.',
      fix: 'GRANT breakglass TO name;',
    },
  ];
}

/** Until version 15 CREATEROLE reached every role but superusers; since 16 only roles with ADMIN OPTION. */
async function byCreateRole(
  ask: Ask,
  account: string,
  role: Role,
  rotator: Role,
): Promise<Shortcoming[]> {
  if (role.attributes.includes('SUPERUSER'))
    return [
      {
        level: 'fail',
        found: 'It is a superuser, whose password CREATEROLE does not change.',
        fix: 'Install halligan.set_verifier, and set privilege: function.',
      },
    ];
  if (!rotator.attributes.includes('CREATEROLE'))
    return [
      {
        level: 'fail',
        found: 'The rotator lacks CREATEROLE.',
        fix: 'ALTER ROLE halligan CREATEROLE;',
      },
    ];
  const narrow = await holds(
    ask,
    `SELECT (current_setting('server_version_num')::int >= 160000)::text`,
  );
  if (!narrow)
    return [
      {
        level: 'warn',
        found: 'Before version 16 CREATEROLE lets the rotator become nearly anybody.',
        fix: 'Install halligan.set_verifier, and set privilege: function.',
      },
    ];
  const admin = `SELECT pg_has_role($1::text, 'MEMBER WITH ADMIN OPTION')::text`;
  if (await holds(ask, admin, account)) return [];
  return [
    {
      level: 'fail',
      found: 'The rotator lacks ADMIN OPTION on it.',
      fix: 'GRANT name TO halligan WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;',
    },
  ];
}

async function statistics(ask: Ask): Promise<Shortcoming[]> {
  if (await holds(ask, `SELECT pg_has_role('pg_read_all_stats', 'USAGE')::text`)) return [];
  return [
    {
      level: 'warn',
      found: 'The rotator is not shown from where sessions come, nor since when.',
      fix: 'GRANT pg_read_all_stats TO halligan;',
    },
  ];
}

async function holds(ask: Ask, statement: string, account?: string): Promise<boolean> {
  const [row] = await ask(statement, account === undefined ? [] : [account]);
  return row?.[0] === 'true';
}
