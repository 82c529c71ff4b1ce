import { HalliganError } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { rotatorMissing } from '../missing-secret.ts';
import { copyPassword } from '../password.ts';
import { unknownAccount } from './answer.ts';
import { passwordHash } from './authentication.ts';
import type { MysqlConfig } from './config.ts';
import { accountShortcomings, inspectionOf, look } from './look.ts';
import { type Ask, inSession, literal, REFUSED, requireSelf } from './session.ts';

/** Characters of a name. Servers cut longer ones off, and what is left may be somebody else. */
const LONGEST_NAME = { mariadb: 80, mysql: 32 } as const;

/**
 * The driver of MySQL and MariaDB accounts. It computes here what the server keeps of a password: the password itself never
 * reaches a statement, and so neither the general nor the binary log.
 * @param secret `standing`: the rotator's password; `self`: the accounts' first passwords, a line `name:password` each;
 * a person's device, which only proves, has none
 */
export function openMysqlDriver(config: MysqlConfig, secret: Uint8Array | undefined): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);
  const standing = config.rotation === 'standing';

  const asRotator = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (credential === undefined || !standing) throw rotatorMissing();
    const done = await inSession(config, config.rotator, credential, work);
    if (done === REFUSED) throw rotatorRejected();
    return done;
  };
  const isName = (account: string) =>
    [...checkAccountName(account)].length <= LONGEST_NAME[config.server];

  return {
    async inspect(account) {
      if (!isName(account)) return { exists: false };
      return inspectionOf(await asRotator((ask) => look(ask, config, account)), account, config);
    },

    async shortcomings(account) {
      if (!isName(account)) return [];
      return accountShortcomings(await asRotator((ask) => look(ask, config, account)), config);
    },

    async setPassword(account, password, old) {
      const known = isName(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        if (!known) throw unknownAccount();
        const hash = passwordHash(fresh, config.authentication);
        if (standing) await asRotator((ask) => setByRight(ask, config, account, hash));
        else await changeOwn(config, account, hash, before ?? firstPassword(credential, account));
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      const known = isName(account);
      const candidate = copyPassword(password);
      try {
        if (!known) return 'rejected';
        const proof = await inSession(config, account, candidate, (ask) =>
          requireSelf(ask, config, account),
        );
        return proof === REFUSED ? 'rejected' : 'accepted';
      } finally {
        candidate.fill(0);
      }
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

/** On MySQL the procedure also discards a password that was retained: two that sign in would be one that nobody keeps. */
async function setByRight(
  ask: Ask,
  { accountHost, authentication }: MysqlConfig,
  account: string,
  hash: string,
): Promise<void> {
  const values = [account, accountHost, authentication, hash].map(literal).join(', ');
  await ask(`CALL halligan.set_hash(${values})`);
}

/** MariaDB lets an account change its own, by the method that it signs in with. */
async function changeOwn(
  config: MysqlConfig,
  account: string,
  hash: string,
  old: Uint8Array,
): Promise<void> {
  const done = await inSession(config, account, old, async (ask) => {
    await requireSelf(ask, config, account);
    await ask(`SET PASSWORD = '${hash}'`);
  });
  if (done !== REFUSED) return;
  throw new HalliganError(
    'systems.old-rejected',
    'The server does not accept the password that the account should have, so it cannot change itself.',
    'Look at the account as an administrator: a rotation may have been made without the record.',
  );
}

function rotatorRejected(): HalliganError {
  return new HalliganError(
    'systems.rotator-rejected',
    "The server does not accept the rotator's own password.",
    "Set it anew, and renew the driver's credential; look at the host in its name, and at REQUIRE SSL.",
  );
}
