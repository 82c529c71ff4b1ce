import { createHash } from 'node:crypto';
import { accessList } from '../access-list.ts';
import type { Inspection, Shortcoming } from '../driver.ts';
import type { MysqlConfig } from './config.ts';
import { type Ask, literal } from './session.ts';

/** What the procedure `halligan.look` tells of an account: kinds of things, each with its values. */
export type Seen = (kind: string) => readonly string[];

export async function look(ask: Ask, config: MysqlConfig, account: string): Promise<Seen> {
  const rows = await ask(`CALL halligan.look(${literal(account)}, ${literal(config.accountHost)})`);
  return (kind) =>
    rows.flatMap(([one, value]) => (one === kind && value !== undefined ? [value] : []));
}

/** Rights that are named one by one; of all the others a change shows. */
const NOTABLE =
  /^\*\.\* (ALL|SUPER|CREATE USER|FILE|PROCESS|SHUTDOWN|RELOAD|SET USER|SET_USER_ID|SYSTEM_USER|SYSTEM_VARIABLES_ADMIN|ROLE_ADMIN|CONNECTION ADMIN|CONNECTION_ADMIN|BINLOG ADMIN|BINLOG_ADMIN|REPLICATION SLAVE)( |$)/;

export function inspectionOf(
  seen: Seen,
  account: string,
  { accountHost }: MysqlConfig,
): Inspection {
  if (seen('account').length === 0) return { exists: false };
  const changed = numberOf(seen('changed')[0]);
  return {
    exists: true,
    name: `${account}@${accountHost}`,
    locked: isYes(seen('locked')[0]),
    mustChangePassword: expired(seen),
    groups: accessList(seen('role')),
    passwordChangedAt:
      changed === undefined || changed === 0
        ? 'unknown'
        : Temporal.Instant.fromEpochMilliseconds(changed * 1000).toString(),
    access: {
      methods: accessList([...methodsOf(seen), ...seen('retained').map(() => 'retained password')]),
      keys: 'unknown',
      sessions: accessList(seen('session')),
      grants: accessList([...rightsOf(seen('right')), ...seen('leaves')]),
    },
  };
}

/** MariaDB lets an account sign in by any of several; the last to be named is the one that was set. */
function methodsOf(seen: Seen): readonly string[] {
  return [...seen('plugin'), ...seen('plugins')].flatMap(
    (value) => value.match(/[A-Za-z0-9_]+/g) ?? [],
  );
}

/** The notable ones, whether any may be passed on, and a digest of all, in which a change of any other shows. */
function rightsOf(rights: readonly string[]): readonly string[] {
  if (rights.length === 0) return [];
  const all = rights.toSorted();
  const digest = createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 12);
  return [
    ...all.filter((right) => NOTABLE.test(right)).map((right) => right.replace(GRANT_OPTION, '')),
    ...(all.some((right) => GRANT_OPTION.test(right)) ? ['WITH GRANT OPTION'] : []),
    `${all.length} rights, digest ${digest}`,
  ];
}

const GRANT_OPTION = / WITH GRANT OPTION$/;

/** By hand (the time of the password is 0), or by age. */
function expired(seen: Seen): boolean {
  const changed = numberOf(seen('changed')[0]);
  if (changed === 0 || isYes(seen('expired')[0])) return true;
  const days = lifetime(seen);
  if (changed === undefined || days === undefined || days === 0) return false;
  return changed * 1000 + days * 86_400_000 <= Temporal.Now.instant().epochMilliseconds;
}

/** Days; 0: for ever. */
function lifetime(seen: Seen): number | undefined {
  const own = numberOf(seen('lifetime')[0]);
  return own === undefined || own < 0 ? numberOf(seen('default-lifetime')[0]) : own;
}

export function accountShortcomings(seen: Seen, config: MysqlConfig): readonly Shortcoming[] {
  if (seen('account').length === 0) return [];
  const found: Shortcoming[] = [];
  const lacks = (when: boolean, level: Shortcoming['level'], what: string, fix: string) => {
    if (when) found.push({ level, found: what, fix });
  };
  const version = seen('server')[0] ?? '';
  lacks(
    /mariadb/i.test(version) !== (config.server === 'mariadb'),
    'fail',
    `The server is not what the settings call it (${config.server}).`,
    'Correct server, and install the procedures that are made for it.',
  );
  lacks(
    seen('member').length === 0,
    'fail',
    'It is not in halligan.breakglass, so the rotator may not set its password.',
    `INSERT INTO halligan.breakglass VALUES ('name', '${config.accountHost}');`,
  );
  const days = lifetime(seen);
  lacks(
    days !== undefined && days !== 0,
    'warn',
    `Its password expires after ${days} days.`,
    'ALTER USER … PASSWORD EXPIRE NEVER;',
  );
  lacks(
    Number(seen('failures')[0] ?? 0) > 0,
    'warn',
    'A stranger who guesses wrongly often enough locks it (max_password_errors, FAILED_LOGIN_ATTEMPTS).',
    'ALTER USER … FAILED_LOGIN_ATTEMPTS 0 (MySQL); SET GLOBAL max_password_errors = 4294967295 (MariaDB).',
  );
  lacks(
    !isYes(seen('tls-required')[0]) && !/ANY|SPECIFIED|X509/i.test(seen('tls').join()),
    'warn',
    'It may sign in without TLS: people’s programs could send its password in the clear.',
    'ALTER USER … REQUIRE SSL; or require_secure_transport = ON.',
  );
  lacks(
    seen('retained').length > 0,
    'fail',
    'A password of before is retained, and still signs in.',
    'Rotate it: that discards it. Or: ALTER USER … DISCARD OLD PASSWORD;',
  );
  const methods = methodsOf(seen);
  lacks(
    methods.some((method) => method !== config.authentication),
    'warn',
    `It signs in by ${methods.join(' or ')}, and after a rotation by ${config.authentication} alone.`,
    'Nothing, where that is wanted: the next rotation does it.',
  );
  return found;
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|y|yes|on)$/i.test(value);
}

function numberOf(value: string | undefined): number | undefined {
  return value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}
