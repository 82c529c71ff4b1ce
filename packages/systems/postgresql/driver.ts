import { HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { rotatorMissing } from '../missing-secret.ts';
import { copyPassword } from '../password.ts';
import { unknownRole } from './answer.ts';
import type { PostgresqlConfig } from './config.ts';
import { inspectRole, roleOf } from './inspect.ts';
import { samePassword, scramVerifier } from './scram-verifier.ts';
import { type Ask, inSession, REFUSED } from './session.ts';
import { roleShortcomings } from './shortcomings.ts';

/** Bytes of UTF-8 of a name. The server cuts longer ones off, and what is left may be somebody else. */
const NAME_BYTES = 63;

/**
 * The driver of PostgreSQL roles. It computes the SCRAM-SHA-256 verifier here: the password itself never reaches a
 * statement, and so no log of the server.
 * @param secret `standing`: the rotator's password; `self`: the accounts' first passwords, a line `name:password` each;
 * a person's device, which only proves, has none
 */
export function openPostgresqlDriver(
  config: PostgresqlConfig,
  secret: Uint8Array | undefined,
): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);
  const standing = config.rotation === 'standing';

  const asRotator = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (credential === undefined || !standing) throw rotatorMissing();
    const done = await inSession(config, config.rotator, credential, work);
    if (done === REFUSED) throw rotatorRejected();
    return done;
  };

  return {
    async inspect(account) {
      if (!isRoleName(checkAccountName(account))) return { exists: false };
      return asRotator((ask) => inspectRole(ask, account));
    },

    async shortcomings(account) {
      if (!isRoleName(checkAccountName(account))) return [];
      return asRotator((ask) => roleShortcomings(ask, config, account));
    },

    async setPassword(account, password, old) {
      checkAccountName(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        if (!isRoleName(account)) throw unknownRole();
        const verifier = await scramVerifier(samePassword(fresh), config.iterations);
        if (standing) await asRotator((ask) => setByRight(ask, config, account, verifier));
        else
          await changeOwn(config, account, verifier, before ?? firstPassword(credential, account));
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      checkAccountName(account);
      const candidate = copyPassword(password);
      try {
        samePassword(candidate);
        if (!isRoleName(account)) return 'rejected';
        const proof = await inSession(config, account, candidate, async () => 'accepted' as const);
        if (proof === 'accepted') return proof;
      } finally {
        candidate.fill(0);
      }
      if (standing && credential !== undefined) await requireUnexpired(asRotator, account);
      return 'rejected';
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

function isRoleName(account: string): boolean {
  return utf8(account).length <= NAME_BYTES;
}

async function setByRight(
  ask: Ask,
  { privilege, validUntil }: PostgresqlConfig,
  account: string,
  verifier: string,
): Promise<void> {
  const forever = validUntil === 'infinity';
  if (privilege === 'function') {
    await ask('SELECT halligan.set_verifier($1::text, $2::text, $3::boolean)::text', [
      account,
      verifier,
      forever,
    ]);
    return;
  }
  if ((await roleOf(ask, account)) === undefined) throw unknownRole();
  await ask(`${await passwordOf(account, verifier)}${forever ? " VALID UNTIL 'infinity'" : ''}`);
}

/** A role may always change its own password, and nothing else of itself. */
async function changeOwn(
  config: PostgresqlConfig,
  account: string,
  verifier: string,
  old: Uint8Array,
): Promise<void> {
  const done = await inSession(config, account, old, async (ask) =>
    ask(await passwordOf(account, verifier)),
  );
  if (done !== REFUSED) return;
  throw new HalliganError(
    'systems.old-rejected',
    'The server does not accept the password that the account should have, so it cannot change itself.',
    'Look at the role as a superuser: a rotation may have been made without the record.',
  );
}

/** ALTER ROLE takes no parameters: the name is quoted, the verifier is base64 of our own. */
async function passwordOf(account: string, verifier: string): Promise<string> {
  const { escapeIdentifier, escapeLiteral } = (await import('pg')).default;
  return `ALTER ROLE ${escapeIdentifier(account)} PASSWORD ${escapeLiteral(verifier)}`;
}

/** The server refuses an expired password in the words of a wrong one; only the catalogue tells. */
async function requireUnexpired(
  asRotator: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>,
  account: string,
): Promise<void> {
  // A refusal stays one where the rotator cannot look.
  const role = await asRotator((ask) => roleOf(ask, account)).catch(() => undefined);
  if (role?.expired !== true) return;
  throw new HalliganError(
    'systems.password-expired',
    `The role's password expired (VALID UNTIL ${role.validUntil}): the server refuses it, right or wrong.`,
    "ALTER ROLE name VALID UNTIL 'infinity'; or validUntil: infinity in the settings, and rotate.",
  );
}

function rotatorRejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    "The server does not accept the rotator's own password.",
    "Set it anew, and renew the driver's credential; its own VALID UNTIL may have passed.",
  );
}
