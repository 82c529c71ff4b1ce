import { type Entry, EqualityFilter, ExtensibleFilter } from 'ldapts';
import { allBytes } from '../ldap/entry.ts';
import { type Ask, granted } from '../ldap/session.ts';
import { explainAdResult } from './answer.ts';
import { integerOf } from './facts.ts';
import { sidOf } from './security-descriptor.ts';

/** LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS section 3.1.1.3.4.4.3): through groups within groups. */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** Groups that rule the domain, by the last number of their SID: names are translated and can be changed. */
const OF_THE_DOMAIN: ReadonlyMap<string, string> = new Map([
  ['512', 'Domain Admins'],
  ['516', 'Domain Controllers'],
  ['517', 'Cert Publishers'],
  ['518', 'Schema Admins'],
  ['519', 'Enterprise Admins'],
  ['520', 'Group Policy Creator Owners'],
  ['526', 'Key Admins'],
  ['527', 'Enterprise Key Admins'],
]);
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['544', 'Administrators'],
  ['548', 'Account Operators'],
  ['549', 'Server Operators'],
  ['550', 'Print Operators'],
  ['551', 'Backup Operators'],
  ['552', 'Replicator'],
]);
export const PROTECTED_USERS = '525';

/** The name of a group that rules the domain, or takes it over easily; `undefined` for every other one. */
export function privilegedName(sid: string): string | undefined {
  const builtIn = /^S-1-5-32-(\d+)$/.exec(sid)?.[1];
  if (builtIn !== undefined) return BUILT_IN.get(builtIn);
  return OF_THE_DOMAIN.get(ridOf(sid) ?? '');
}

/** The last number of a SID of some domain. */
export function ridOf(sid: string): string | undefined {
  return /^S-1-5-21(?:-\d{1,10}){3}-(\d{1,10})$/.exec(sid)?.[1];
}

export interface Group {
  readonly sid: string;
  /** `undefined` where only the SID is known, as of another domain's group. */
  readonly dn: string | undefined;
}

/** Every group that an account is in, directly or through others, its primary one included; each SID once. */
export async function groupsInChain(
  ask: Ask,
  domain: string,
  account: Entry,
): Promise<readonly Group[]> {
  const primary = await primaryGroup(ask, domain, account);
  const found = [
    ...(await groupsAbove(ask, domain, account.dn)),
    ...(primary?.dn === undefined
      ? []
      : [primary, ...(await groupsAbove(ask, domain, primary.dn))]),
    // The domain controller's own sum, where it tells it, knows of universal groups elsewhere in the forest.
    ...['tokenGroupsNoGCAcceptable', 'sIDHistory']
      .flatMap((attribute) => allBytes(account, attribute))
      .flatMap((bytes) => sidOf(bytes) ?? [])
      .map((sid) => ({ sid, dn: undefined })),
  ];
  const bySid = new Map<string, Group>();
  for (const group of found) if (!bySid.has(group.sid)) bySid.set(group.sid, group);
  return [...bySid.values()];
}

/** The primary group is in no membership attribute: its number stands at the account. */
export async function primaryGroup(
  ask: Ask,
  domain: string,
  account: Entry,
): Promise<Group | undefined> {
  const own = sidOf(allBytes(account, 'objectSid')[0] ?? new Uint8Array());
  const number = integerOf(account, 'primaryGroupID');
  if (own === undefined || number === undefined) return undefined;
  const sid = own.replace(/\d+$/, String(number));
  const filter = new EqualityFilter({ attribute: 'objectSid', value: sid });
  const answer = await ask((client) =>
    client.search(domain, { scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 1 }),
  );
  return { sid, dn: granted(answer, explainAdResult).searchEntries[0]?.dn };
}

async function groupsAbove(ask: Ask, domain: string, dn: string): Promise<readonly Group[]> {
  const filter = new ExtensibleFilter({ matchType: 'member', rule: IN_CHAIN, value: dn });
  const answer = await ask((client) =>
    client.search(domain, {
      scope: 'sub',
      filter,
      attributes: ['objectSid'],
      explicitBufferAttributes: ['objectSid'],
      paged: true,
    }),
  );
  return granted(answer, explainAdResult).searchEntries.flatMap((entry) => {
    const sid = sidOf(allBytes(entry, 'objectSid')[0] ?? new Uint8Array());
    return sid === undefined ? [] : [{ sid, dn: entry.dn }];
  });
}

/** How a group is listed among what an account may. */
export function groupLine({ sid, dn }: Group): string {
  const name =
    privilegedName(sid) ?? (dn === undefined ? undefined : /^[^=]+=([^,\\]+)/.exec(dn)?.[1]);
  return name === undefined ? `group ${sid}` : `group ${sid} ${name}`;
}
