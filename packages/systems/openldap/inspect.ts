import { HalliganError } from '@halligan/format';
import { type Entry, EqualityFilter, OrFilter } from 'ldapts';
import { type Inspection, NOTHING_KNOWN } from '../driver.ts';
import { all, first } from '../ldap/entry.ts';
import { type Ask, granted } from '../ldap/session.ts';

const NO_SUCH_OBJECT = 32;

/** Operational attributes of the password policy overlay: slapo-ppolicy(5). */
const attributes = ['pwdChangedTime', 'pwdAccountLockedTime', 'pwdReset', 'memberOf'];

/** Reads what the directory shows the rotator of an entry, never its password. */
export async function inspectEntry(
  ask: Ask,
  dn: string,
  account: string,
  groupBase: string | undefined,
): Promise<Inspection> {
  const answer = await ask((client) =>
    client.search(dn, { scope: 'base', attributes, sizeLimit: 1 }),
  );
  if (answer.is === 'refused' && answer.error.code === NO_SUCH_OBJECT) return { exists: false };
  const entry = granted(answer).searchEntries[0];
  if (entry === undefined) throw notShown();

  // Every password set under the overlay leaves its time. Where that is not shown, the overlay is missing or hidden,
  // and the absence of a lock means nothing.
  const changed = first(entry, 'pwdChangedTime');
  const known = changed !== undefined;
  return {
    exists: true,
    name: entry.dn,
    locked: first(entry, 'pwdAccountLockedTime') !== undefined ? true : known ? false : 'unknown',
    mustChangePassword: known ? first(entry, 'pwdReset') === 'TRUE' : 'unknown',
    groups: await groupsOf(ask, entry, account, groupBase),
    passwordChangedAt: changed === undefined ? 'unknown' : instantOf(changed),
    access: NOTHING_KNOWN,
  };
}

async function groupsOf(
  ask: Ask,
  entry: Entry,
  account: string,
  base: string | undefined,
): Promise<readonly string[] | 'unknown'> {
  const told = all(entry, 'memberOf');
  if (base === undefined) return told.length === 0 ? 'unknown' : told.toSorted();
  const filter = new OrFilter({
    filters: [
      new EqualityFilter({ attribute: 'member', value: entry.dn }),
      new EqualityFilter({ attribute: 'uniqueMember', value: entry.dn }),
      new EqualityFilter({ attribute: 'memberUid', value: account }),
    ],
  });
  const answer = await ask((client) =>
    client.search(base, { scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 1000 }),
  );
  const found = granted(answer).searchEntries.map(({ dn }) => dn);
  return [...new Set([...told, ...found])].toSorted();
}

/** RFC 3339 of a GeneralizedTime (RFC 4517 section 3.3.13) in UTC, the only zone OpenLDAP writes. */
function instantOf(generalized: string): string | 'unknown' {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d{1,9})?Z$/.exec(generalized);
  if (parts === null) return 'unknown';
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`;
}

/** The directory found the entry and does not show it: to say that it does not exist would be wrong. */
function notShown(): HalliganError {
  return new HalliganError(
    'systems.insufficient-access',
    'The directory does not show this entry to the rotator.',
    'Allow it to read entry and objectClass; compare the access rules with docs/systems/openldap.md.',
  );
}
