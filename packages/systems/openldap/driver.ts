import { HalliganError, utf8Text } from '@halligan/format';
import { BerWriter, EqualityFilter } from 'ldapts';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Proof } from '../driver.ts';
import { explainRefusedBind, explainResult } from '../ldap/answer.ts';
import { belowBase, type Dn, formatDn, parseDn } from '../ldap/dn.ts';
import { type LdapAddress, ldapAddress } from '../ldap/line.ts';
import { type Ask, granted, inSession } from '../ldap/session.ts';
import { refuseDebugging, signInRotator } from '../ldap/sign-in.ts';
import { copyPassword } from '../password.ts';
import type { OpenldapConfig } from './config.ts';
import { inspectEntry } from './inspect.ts';

/** Password Modify, RFC 3062. */
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';
const INVALID_CREDENTIALS = 49;
const NO_SUCH_OBJECT = 32;

/**
 * The driver of an OpenLDAP directory. `ldapts` takes bind passwords as strings, which JavaScript cannot overwrite:
 * one lives from a bind until the collector takes it; everywhere else a password is bytes that are overwritten.
 * @param secret the rotator's bind password; without it the driver can only prove
 * @throws `systems.plaintext`, `systems.dn`, `systems.password-unusable`
 */
export function openOpenldapDriver(config: OpenldapConfig, secret: Uint8Array | undefined): Driver {
  const address = ldapAddress(config.url, config.startTls ?? false, config.ca);
  const base = parseDn(config.accounts.base);
  const rotator = formatDn(parseDn(config.rotator));
  let credential = secret === undefined ? undefined : copyPassword(secret);
  refuseDebugging();

  /** A session in which the rotator is signed in. */
  const asRotator = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    inSession(address, config.timeout, async (ask) => {
      await signInRotator(ask, rotator, credential);
      return work(ask);
    });

  return {
    async inspect(account) {
      const given = nameOf(config, base, checkAccountName(account));
      return asRotator(async (ask) => {
        const dn = given ?? (await find(ask, config, account));
        if (dn === undefined) return { exists: false };
        return inspectEntry(ask, dn, account, config.groups?.base);
      });
    },

    async setPassword(account, password) {
      const given = nameOf(config, base, checkAccountName(account));
      const fresh = copyPassword(password);
      try {
        await asRotator(async (ask) => {
          const dn = given ?? (await findOrFail(ask, config, account));
          await modifyPassword(ask, dn, fresh);
        });
      } finally {
        fresh.fill(0);
      }
    },

    async prove(account, password) {
      const given = nameOf(config, base, checkAccountName(account));
      const candidate = copyPassword(password);
      try {
        const dn = given ?? (await asRotator((ask) => find(ask, config, account)));
        return dn === undefined
          ? 'rejected'
          : await signInAndOut(address, config.timeout, dn, candidate);
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

/** The account's DN as far as its name alone tells; `undefined` where it must be looked up. */
function nameOf({ accounts }: OpenldapConfig, base: Dn, account: string): string | undefined {
  switch (accounts.by) {
    case 'name':
      return formatDn([[{ type: accounts.attribute, value: account }], ...base]);
    case 'dn':
      return formatDn(belowBase(parseDn(account), base));
    case 'search':
      return undefined;
  }
}

/**
 * Looks an account up. The filter is built as a value, never as text (RFC 4515), so that no character in a name
 * means anything; two entries are an error, since the wrong one could be the adversary's.
 */
async function find(ask: Ask, { accounts }: OpenldapConfig, account: string) {
  const attribute = accounts.by === 'search' ? accounts.attribute : 'uid';
  const filter = new EqualityFilter({ attribute, value: account });
  const answer = await ask((client) =>
    client.search(accounts.base, { scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 2 }),
  );
  if (answer.is === 'refused' && answer.error.code === NO_SUCH_OBJECT) return undefined;
  const [entry, second] = granted(answer).searchEntries;
  if (second !== undefined) {
    throw new HalliganError(
      'systems.account-ambiguous',
      'More than one entry of the directory has this name.',
      'Name the account by its DN, or narrow the base in the inventory.',
    );
  }
  return entry?.dn;
}

async function findOrFail(ask: Ask, config: OpenldapConfig, account: string): Promise<string> {
  const dn = await find(ask, config, account);
  if (dn !== undefined) return dn;
  throw new HalliganError(
    'systems.account-unknown',
    'The directory has no such entry, or does not show it to the rotator.',
    'Compare the name and the base in the inventory with the directory.',
  );
}

/** RFC 3062 section 2: userIdentity [0], newPasswd [2]; the old one is not sent, the rotator acts by its own right. */
async function modifyPassword(ask: Ask, dn: string, fresh: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(dn, 0x80);
  writer.writeBuffer(Buffer.from(fresh.buffer), 0x82);
  writer.endSequence();
  const request = writer.buffer;
  try {
    granted(await ask((client, policy) => client.exop(PASSWORD_MODIFY, request, policy)));
  } finally {
    request.fill(0);
  }
}

async function signInAndOut(
  address: LdapAddress,
  timeout: number,
  dn: string,
  password: Uint8Array,
): Promise<Proof> {
  return inSession(address, timeout, async (ask) => {
    const answer = await ask((client, policy) => client.bind(dn, utf8Text(password), policy));
    if (answer.is === 'done') return 'accepted';
    if (answer.error.code !== INVALID_CREDENTIALS) throw explainResult(answer.error, answer.policy);
    const beside = explainRefusedBind(answer.policy);
    if (beside !== undefined) throw beside;
    return 'rejected';
  });
}
