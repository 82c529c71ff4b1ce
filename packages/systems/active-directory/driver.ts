import { HalliganError, utf8Text } from '@halligan/format';
import { Attribute, Change } from 'ldapts';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Proof } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { first } from '../ldap/entry.ts';
import { type LdapAddress, ldapAddress } from '../ldap/line.ts';
import { type Ask, granted, inSession } from '../ldap/session.ts';
import { refuseDebugging, signInRotator } from '../ldap/sign-in.ts';
import { copyPassword } from '../password.ts';
import {
  accountUnknown,
  domainOf,
  findAccount,
  findAccountOrFail,
  readEntry,
  signInNameOf,
} from './account.ts';
import { explainAdBind, explainAdResult } from './answer.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { inspectAccount } from './inspect.ts';
import { shortcomingsOf } from './shortcomings.ts';

/**
 * The driver of Active Directory, Windows' or Samba's, over LDAPS. As with OpenLDAP, `ldapts` makes a string of a
 * password for every bind; everywhere else it is bytes that are overwritten.
 * @param secret `standing`: the rotator's password; `self`: a line `name:password` each for the rotator, which only
 * looks, and for the accounts' first passwords; without it the driver can only prove
 * @throws `systems.dn`, `systems.config`, `systems.password-unusable`
 */
export function openActiveDirectoryDriver(
  config: ActiveDirectoryConfig,
  secret: Uint8Array | undefined,
): Driver {
  const address = ldapAddress(config.url, false, config.ca);
  const domain = domainOf(config);
  let credential = secret === undefined ? undefined : copySecret(config, secret);
  refuseDebugging();

  const asRotator = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    inSession(address, config.timeout, async (ask) => {
      const own =
        credential === undefined || config.rotation === 'standing'
          ? credential
          : firstPassword(credential, config.rotator);
      await signInRotator(ask, config.rotator, own, explainAdResult);
      return work(ask);
    });

  return {
    async inspect(account) {
      signInNameOf(config, checkAccountName(account));
      return asRotator(async (ask) => {
        const dn = await findAccount(ask, config, account);
        return dn === undefined ? { exists: false } : inspectAccount(ask, dn, domain);
      });
    },

    async setPassword(account, password, old) {
      const name = signInNameOf(config, checkAccountName(account));
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        if (config.rotation === 'standing')
          await asRotator(async (ask) => {
            await reset(ask, await findAccountOrFail(ask, config, account), fresh);
          });
        else {
          if (name === undefined) throw accountUnknown();
          const present = before ?? firstPassword(credential, account);
          await inSession(address, config.timeout, async (ask) => {
            await signInToChange(ask, name, present);
            const dn = await findAccountOrFail(ask, config, account);
            await changeOwn(ask, dn, present, fresh);
          });
        }
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      const name = signInNameOf(config, checkAccountName(account));
      const candidate = copyPassword(password);
      try {
        if (name === undefined) return 'rejected';
        return await signInAndOut(address, config.timeout, name, candidate);
      } finally {
        candidate.fill(0);
      }
    },

    async shortcomings(account) {
      signInNameOf(config, checkAccountName(account));
      return asRotator(async (ask) =>
        shortcomingsOf(ask, config, domain, await findAccountOrFail(ask, config, account)),
      );
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
}

function copySecret({ rotation }: ActiveDirectoryConfig, secret: Uint8Array): Uint8Array {
  return rotation === 'standing' ? copyPassword(secret) : Uint8Array.from(secret);
}

/**
 * Resets by the rotator's right, without the old password (MS-ADTS section 3.1.1.3.1.5.1), and unlocks.
 *
 * A domain controller goes on taking the last password but one for a while (OldPasswordAllowedPeriod, 60 minutes). So
 * the same one is set twice: the last but one is then itself. Both that and the unlocking are for the better only; where
 * they are refused, the proofs tell.
 */
async function reset(ask: Ask, dn: string, fresh: Uint8Array): Promise<void> {
  const answer = await replacePassword(ask, dn, fresh);
  if (answer.is === 'refused') throw await explainReset(ask, dn, explainAdResult(answer.error));
  await replacePassword(ask, dn, fresh);
  const unlocked = new Attribute({ type: 'lockoutTime', values: ['0'] });
  await ask((client) =>
    client.modify(dn, new Change({ operation: 'replace', modification: unlocked })),
  );
}

async function replacePassword(ask: Ask, dn: string, fresh: Uint8Array) {
  const value = unicodePassword(fresh);
  try {
    return await ask((client) =>
      client.modify(dn, new Change({ operation: 'replace', modification: passwordOf(value) })),
    );
  } finally {
    value.fill(0);
  }
}

/** A right that was delegated on the OU does not reach members of protected groups: say so rather than "denied". */
async function explainReset(ask: Ask, dn: string, refused: HalliganError): Promise<HalliganError> {
  if (refused.code !== 'systems.insufficient-access') return refused;
  const entry = await readEntry(ask, dn, ['adminCount']);
  if (entry === undefined || first(entry, 'adminCount') !== '1') return refused;
  return new HalliganError(
    'systems.insufficient-access',
    'The account is, or was, in a protected group: AdminSDHolder took the rotator’s delegated right off it (adminCount is 1).',
    'Use "rotation": "self" for it, or take it out of the group, clear adminCount and enable inheritance; see docs/systems/active-directory.md.',
  );
}

async function signInToChange(ask: Ask, name: string, present: Uint8Array): Promise<void> {
  const answer = await ask((client, policy) => client.bind(name, utf8Text(present), policy));
  if (answer.is === 'done') return;
  throw (
    explainAdBind(answer.error) ??
    new HalliganError(
      'systems.old-rejected',
      'The domain controller does not accept the password that the account should have, so it cannot change itself.',
      'Look at the account in the directory; set it by hand if need be.',
    )
  );
}

/** The old value deleted and the new one added, in one request: a change, not a reset, under every rule of the policy. */
async function changeOwn(
  ask: Ask,
  dn: string,
  present: Uint8Array,
  fresh: Uint8Array,
): Promise<void> {
  const values = [unicodePassword(present), unicodePassword(fresh)] as const;
  try {
    const answer = await ask((client) =>
      client.modify(dn, [
        new Change({ operation: 'delete', modification: passwordOf(values[0]) }),
        new Change({ operation: 'add', modification: passwordOf(values[1]) }),
      ]),
    );
    granted(answer, explainAdResult);
  } finally {
    for (const value of values) value.fill(0);
  }
}

const passwordOf = (value: Buffer) => new Attribute({ type: 'unicodePwd', values: [value] });

/** `unicodePwd`: UTF-16LE of the password between quotation marks (MS-ADTS section 3.1.1.3.1.5). */
function unicodePassword(password: Uint8Array): Buffer {
  return Buffer.from(`"${utf8Text(password)}"`, 'utf16le');
}

async function signInAndOut(
  address: LdapAddress,
  timeout: number,
  name: string,
  password: Uint8Array,
): Promise<Proof> {
  return inSession(address, timeout, async (ask) => {
    const answer = await ask((client, policy) => client.bind(name, utf8Text(password), policy));
    if (answer.is === 'done') return 'accepted';
    const beside = explainAdBind(answer.error);
    if (beside !== undefined) throw beside;
    return 'rejected';
  });
}
