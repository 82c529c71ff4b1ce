import type { Entry } from 'ldapts';
import type { Shortcoming } from '../driver.ts';
import { all, allBytes, first } from '../ldap/entry.ts';
import type { Ask } from '../ldap/session.ts';
import { readEntry } from './account.ts';
import { privilegedName } from './privilege.ts';
import {
  type AccessEntry,
  AUTHENTICATED_USERS,
  accessListOf,
  EVERYONE,
  mayDo,
  passesOn,
  RESET_PASSWORD,
  RIGHT,
  sidOf,
} from './security-descriptor.ts';

const SET_UP = 'docs/systems/active-directory.md has the command for the OU';

/**
 * What the rotator lacks over an account, and what it has too much of: worked out from the account's access list and the
 * rotator's own groups, as nothing may be tried.
 * @param account with nTSecurityDescriptor, allowedAttributesEffective and adminCount
 */
export async function rightsMissing(
  ask: Ask,
  domain: string,
  account: Entry,
): Promise<Shortcoming[]> {
  const token = await ownToken(ask);
  const list = listOf(account);
  if (token === undefined || list === undefined)
    return [
      {
        level: 'warn',
        found: 'The directory does not show the rotator who may do what with the account.',
        fix: `Delegate “read all properties” and “read permissions”: ${SET_UP}.`,
      },
    ];
  return [
    ...lacking(token, list, account),
    ...excessive(token, list),
    ...(await reachingFurther(ask, token, domain)),
  ];
}

function lacking(
  token: ReadonlySet<string>,
  list: readonly AccessEntry[],
  account: Entry,
): Shortcoming[] {
  const shielded = first(account, 'adminCount') === '1';
  const found: Shortcoming[] = [];
  if (!mayDo(list, token, RIGHT.control, RESET_PASSWORD))
    found.push({
      level: 'fail',
      found: shielded
        ? 'The rotator may not reset the password: the account is, or was, in a protected group, and AdminSDHolder took the delegated right off it (adminCount is 1).'
        : 'The rotator may not reset the password (the extended right “Reset Password”).',
      fix: shielded
        ? 'Use "rotation": "self" for it; or take it out of the group, clear adminCount and enable inheritance.'
        : `Delegate it: ${SET_UP}.`,
    });
  else if (shielded)
    found.push({
      level: 'warn',
      found:
        'The account is, or was, in a protected group (adminCount is 1): AdminSDHolder will take the rotator’s right off it within the hour.',
      fix: 'Use "rotation": "self" for it; or take it out of the group, clear adminCount and enable inheritance.',
    });
  if (!all(account, 'allowedAttributesEffective').includes('lockoutTime'))
    found.push({
      level: 'warn',
      found: 'The rotator may not unlock the account (write lockoutTime); a reset does not unlock.',
      fix: `Delegate it: ${SET_UP}.`,
    });
  if (!mayDo(list, token, RIGHT.readProperty))
    found.push({
      level: 'warn',
      found:
        'The rotator may not read all properties: what it does not see looks like what is not there.',
      fix: `Delegate it: ${SET_UP}.`,
    });
  return found;
}

function excessive(token: ReadonlySet<string>, list: readonly AccessEntry[]): Shortcoming[] {
  const ruling = [...token].flatMap((sid) => privilegedName(sid) ?? []);
  const found: Shortcoming[] = [];
  if (ruling.length > 0)
    found.push({
      level: 'warn',
      found: `The rotator is in ${ruling.sort().join(', ')}: whoever controls it controls far more than these accounts.`,
      fix: 'Take it out of every such group; the delegated rights on the OU are enough.',
    });
  const any = [RIGHT.writeProperty, RIGHT.writeDacl, RIGHT.writeOwner];
  if (any.some((right) => mayDo(list, token, right)))
    found.push({
      level: 'warn',
      found:
        'The rotator may change more of the account than its password (write, or the permissions).',
      fix: `Take back “full control” or “write”: ${SET_UP}.`,
    });
  return found;
}

/** The same right, passed on from the domain's root, reaches everybody. */
async function reachingFurther(
  ask: Ask,
  token: ReadonlySet<string>,
  domain: string,
): Promise<Shortcoming[]> {
  const root = await readEntry(ask, domain, ['nTSecurityDescriptor']);
  const list = root === undefined ? undefined : listOf(root);
  if (list === undefined || !passesOn(list, token, RIGHT.control, RESET_PASSWORD)) return [];
  return [
    {
      level: 'warn',
      found: 'The rotator may reset passwords in the whole domain, not in one OU.',
      fix: `Take the right off the domain’s root, and delegate it on the OU: ${SET_UP}.`,
    },
  ];
}

/** The SIDs that count for this session, its own and its groups': MS-ADTS section 3.1.1.3.2.21. */
async function ownToken(ask: Ask): Promise<ReadonlySet<string> | undefined> {
  const root = await readEntry(ask, '', ['tokenGroups']);
  const sids = (root === undefined ? [] : allBytes(root, 'tokenGroups')).flatMap(
    (bytes) => sidOf(bytes) ?? [],
  );
  return sids.length === 0 ? undefined : new Set([...sids, EVERYONE, AUTHENTICATED_USERS]);
}

function listOf(entry: Entry): readonly AccessEntry[] | undefined {
  const bytes = allBytes(entry, 'nTSecurityDescriptor')[0];
  return bytes === undefined ? undefined : accessListOf(bytes);
}
