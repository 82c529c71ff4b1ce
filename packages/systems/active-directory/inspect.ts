import { hex, sha256, utf8 } from '@halligan/format';
import type { Entry } from 'ldapts';
import { accessList } from '../access-list.ts';
import type { Access, Inspection } from '../driver.ts';
import { all, allBytes, first } from '../ldap/entry.ts';
import type { Ask } from '../ldap/session.ts';
import { readEntry } from './account.ts';
import { FLAG, hasFlag, instantOf, integerOf } from './facts.ts';
import { groupLine, groupsInChain, primaryGroup } from './privilege.ts';

/** What an inspection reads of an account. */
const attributes = [
  'objectSid',
  'userAccountControl',
  'msDS-User-Account-Control-Computed',
  'pwdLastSet',
  'memberOf',
  'primaryGroupID',
  'tokenGroupsNoGCAcceptable',
  'sIDHistory',
  'servicePrincipalName',
  'msDS-AllowedToDelegateTo',
  'msDS-AllowedToActOnBehalfOfOtherIdentity',
  'msDS-KeyCredentialLink',
  'altSecurityIdentities',
  'userCertificate',
];

/** Reads what the directory shows the rotator of an account. @param domain the domain's DN, where groups are looked for */
export async function inspectAccount(ask: Ask, dn: string, domain: string): Promise<Inspection> {
  const entry = await readEntry(ask, dn, attributes);
  if (entry === undefined) return { exists: false };
  const disabled = hasFlag(entry, 'userAccountControl', FLAG.disabled);
  const changed = instantOf(integerOf(entry, 'pwdLastSet'));
  return {
    exists: true,
    name: entry.dn,
    locked: either(disabled, hasFlag(entry, COMPUTED, FLAG.lockedOut)),
    mustChangePassword: hasFlag(entry, COMPUTED, FLAG.passwordExpired),
    groups: await directGroups(ask, domain, entry),
    passwordChangedAt: changed instanceof Temporal.Instant ? changed.toString() : 'unknown',
    access: await accessOf(ask, domain, entry),
  };
}

/** What userAccountControl does not tell: lockouts that have run out, and a policy of the account's own. */
const COMPUTED = 'msDS-User-Account-Control-Computed';

function either(a: boolean | 'unknown', b: boolean | 'unknown'): boolean | 'unknown' {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : 'unknown';
}

async function directGroups(ask: Ask, domain: string, entry: Entry) {
  const primary = await primaryGroup(ask, domain, entry);
  const groups = [...all(entry, 'memberOf'), ...(primary?.dn === undefined ? [] : [primary.dn])];
  return groups.length === 0 ? 'unknown' : groups.toSorted();
}

async function accessOf(ask: Ask, domain: string, entry: Entry): Promise<Access> {
  const keys = KEYS.flatMap((attribute) => fingerprints(entry, attribute));
  const control = (flag: number) => hasFlag(entry, 'userAccountControl', flag) === true;
  const known = first(entry, 'userAccountControl') !== undefined;
  const card = control(FLAG.smartCardRequired);
  return {
    methods: known
      ? accessList([card ? 'smart card only' : 'password', ...(keys.length > 0 ? ['key'] : [])])
      : 'unknown',
    keys: known ? accessList(keys) : 'unknown',
    // Tickets and sessions live on other machines; no directory knows them.
    sessions: 'unknown',
    grants: accessList([
      ...(await groupsInChain(ask, domain, entry)).map(groupLine),
      ...all(entry, 'servicePrincipalName').map((name) => `service ${name}`),
      ...all(entry, 'msDS-AllowedToDelegateTo').map((name) => `delegates to ${name}`),
      ...(first(entry, ACTS_FOR) !== undefined || allBytes(entry, ACTS_FOR).length > 0
        ? ['others act on its behalf']
        : []),
      ...(control(FLAG.trustedForDelegation) ? ['delegation to anything'] : []),
      ...(control(FLAG.trustedToDelegate) ? ['delegation without a ticket'] : []),
    ]),
  };
}

const ACTS_FOR = 'msDS-AllowedToActOnBehalfOfOtherIdentity';

/** Attributes that sign in without the password: Windows Hello keys, mapped certificates, the account's own ones. */
const KEYS = ['msDS-KeyCredentialLink', 'altSecurityIdentities', 'userCertificate'] as const;

function fingerprints(entry: Entry, attribute: string): readonly string[] {
  const values = [...all(entry, attribute).map(utf8), ...allBytes(entry, attribute)];
  return values.map((value) => `${attribute} SHA256 ${hex(sha256(value)).slice(0, 32)}`);
}
