import { HalliganError } from '@halligan/format';
import { AndFilter, Control, type Entry, EqualityFilter, PresenceFilter } from 'ldapts';
import { belowBase, type Dn, formatDn, parseDn } from '../ldap/dn.ts';
import { type Ask, granted } from '../ldap/session.ts';
import { explainAdResult } from './answer.ts';
import type { ActiveDirectoryConfig } from './config.ts';

const NO_SUCH_OBJECT = 32;

/** What a sAMAccountName cannot hold (MS-ADTS section 3.1.1.6); `\` and `@` would make it a name of another domain. */
const NAME = /^(?! )[^"/\\[\]:;|=,+*?<>@]{1,20}(?<! )$/;
const UPN = /^(?! )[^"/\\[\]:;|=,+*?<>@]{1,64}@[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Attributes of bytes. */
const BINARY = [
  'objectSid',
  'tokenGroups',
  'tokenGroupsNoGCAcceptable',
  'logonHours',
  'nTSecurityDescriptor',
  'sIDHistory',
  'userCertificate',
];

/** The name that signs the account in, without looking it up; `undefined` where no account can be called so. */
export function signInNameOf({ accounts }: ActiveDirectoryConfig, account: string) {
  switch (accounts.by) {
    case 'name':
      return NAME.test(account) ? `${accounts.domain}\\${account}` : undefined;
    case 'upn':
      return UPN.test(account) ? account : undefined;
    case 'dn':
      return formatDn(belowBase(parseDn(account), parseDn(accounts.base)));
  }
}

/**
 * The DN of the account, which lies below the base. Filters are values, never text (RFC 4515).
 * @throws `systems.account-ambiguous`, `systems.account-elsewhere`
 */
export async function findAccount(
  ask: Ask,
  config: ActiveDirectoryConfig,
  account: string,
): Promise<string | undefined> {
  const name = signInNameOf(config, account);
  if (name === undefined) return undefined;
  const { by, base } = config.accounts;
  const user = new EqualityFilter({ attribute: 'objectClass', value: 'user' });
  const called = {
    name: () => new EqualityFilter({ attribute: 'sAMAccountName', value: account }),
    upn: () => new EqualityFilter({ attribute: 'userPrincipalName', value: account }),
    dn: () => new PresenceFilter({ attribute: 'sAMAccountName' }),
  }[by]();
  const filter = new AndFilter({ filters: [user, called] });
  const answer = await ask((client) =>
    by === 'dn'
      ? client.search(name, { scope: 'base', filter, attributes: ['1.1'], sizeLimit: 1 })
      : client.search(base, { scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 2 }),
  );
  if (answer.is === 'refused' && answer.error.code === NO_SUCH_OBJECT) return undefined;
  const [entry, second] = granted(answer, explainAdResult).searchEntries;
  if (second !== undefined)
    throw new HalliganError(
      'systems.account-ambiguous',
      'More than one entry of the directory has this name.',
      'Name the account by its DN, or narrow the base in the inventory.',
    );
  return entry?.dn;
}

/** As `findAccount`. @throws `systems.account-unknown` */
export async function findAccountOrFail(
  ask: Ask,
  config: ActiveDirectoryConfig,
  account: string,
): Promise<string> {
  const dn = await findAccount(ask, config, account);
  if (dn !== undefined) return dn;
  throw accountUnknown();
}

export function accountUnknown(): HalliganError {
  return new HalliganError(
    'systems.account-unknown',
    'The directory has no such account below the base, or does not show it to the rotator.',
    'Compare the name and the base in the inventory with the directory.',
  );
}

/** One entry, or `undefined` where the directory shows none. Constructed attributes are told of one entry at a time only. */
export async function readEntry(
  ask: Ask,
  dn: string,
  attributes: readonly string[],
): Promise<Entry | undefined> {
  const wanted = [...attributes];
  const controls = wanted.includes('nTSecurityDescriptor') ? [new OwnerAndDacl()] : [];
  const answer = await ask((client) =>
    client.search(
      dn,
      { scope: 'base', attributes: wanted, explicitBufferAttributes: BINARY, sizeLimit: 1 },
      controls,
    ),
  );
  if (answer.is === 'refused' && answer.error.code === NO_SUCH_OBJECT) return undefined;
  return granted(answer, explainAdResult).searchEntries[0];
}

/** The domain that the base lies in: its last components, all of them `dc`. @throws `systems.dn` where there are none */
export function domainOf({ accounts }: ActiveDirectoryConfig): string {
  const base = parseDn(accounts.base);
  const isDc = (rdn: Dn[number]) => rdn.length === 1 && rdn[0]?.type.toLowerCase() === 'dc';
  const from = base.findLastIndex((rdn) => !isDc(rdn)) + 1;
  if (from < base.length) return formatDn(base.slice(from));
  throw new HalliganError(
    'systems.dn',
    'The base of the accounts does not lie in a domain.',
    'Let it end like the domain: OU=Emergency,DC=example,DC=org.',
  );
}

/**
 * LDAP_SERVER_SD_FLAGS (MS-ADTS section 3.1.1.3.4.1.11): owner and DACL. Without it a domain controller also wants to
 * tell the audit rules, which only administrators may read, and so tells nothing.
 */
class OwnerAndDacl extends Control {
  constructor() {
    super('1.2.840.113556.1.4.801', { critical: true });
  }

  protected override writeControl(writer: Parameters<Control['writeControl']>[0]): void {
    writer.startSequence(0x04);
    writer.startSequence();
    writer.writeInt(5);
    writer.endSequence();
    writer.endSequence();
  }
}
