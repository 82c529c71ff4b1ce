import { type Entry, EqualityFilter } from 'ldapts';
import type { Shortcoming } from '../driver.ts';
import { all, allBytes, first } from '../ldap/entry.ts';
import { type Ask, granted } from '../ldap/session.ts';
import { readEntry } from './account.ts';
import { explainAdResult } from './answer.ts';
import type { ActiveDirectoryConfig } from './config.ts';
import { daysOf, FLAG, hasFlag, instantOf, integerOf } from './facts.ts';
import { groupsInChain, PROTECTED_USERS, ridOf } from './privilege.ts';
import { rightsMissing } from './rights.ts';

/** What is read of an account before it is relied on. */
const attributes = [
  'objectSid',
  'primaryGroupID',
  'tokenGroupsNoGCAcceptable',
  'userAccountControl',
  'accountExpires',
  'msDS-UserPasswordExpiryTimeComputed',
  'msDS-ResultantPSO',
  'servicePrincipalName',
  'logonHours',
  'userWorkstations',
  'adminCount',
  'allowedAttributesEffective',
  'nTSecurityDescriptor',
];

/** What stands in an account's way, or in the rotator's. @param now for end dates */
export async function shortcomingsOf(
  ask: Ask,
  config: ActiveDirectoryConfig,
  domain: string,
  dn: string,
  now: Temporal.Instant = Temporal.Now.instant(),
): Promise<readonly Shortcoming[]> {
  const entry = await readEntry(ask, dn, attributes);
  if (entry === undefined) return [];
  return [
    ...(await wrongDomain(ask, config, domain)),
    ...barred(entry, now),
    ...passwordKept(entry, now),
    ...exposed(entry),
    ...(await protectedUser(ask, domain, entry)),
    ...(await policyOf(ask, config, domain, entry)),
    ...(config.rotation === 'standing' ? await rightsMissing(ask, domain, entry) : []),
  ];
}

const fail = (found: string, fix: string): Shortcoming => ({ level: 'fail', found, fix });
const warn = (found: string, fix: string): Shortcoming => ({ level: 'warn', found, fix });

/** A wrong NetBIOS name would have every password rejected, and every rotation taken for failed. */
async function wrongDomain(
  ask: Ask,
  { accounts }: ActiveDirectoryConfig,
  domain: string,
): Promise<Shortcoming[]> {
  if (accounts.by !== 'name') return [];
  const root = await readEntry(ask, '', ['configurationNamingContext']);
  const configuration = root === undefined ? undefined : first(root, 'configurationNamingContext');
  if (configuration === undefined) return [];
  const filter = new EqualityFilter({ attribute: 'nCName', value: domain });
  const answer = await ask((client) =>
    client.search(`CN=Partitions,${configuration}`, {
      scope: 'one',
      filter,
      attributes: ['nETBIOSName'],
      sizeLimit: 1,
    }),
  );
  const [found] = granted(answer, explainAdResult).searchEntries;
  const name = found === undefined ? undefined : first(found, 'nETBIOSName');
  if (name === undefined || name.toUpperCase() === accounts.domain.toUpperCase()) return [];
  return [
    fail(
      'The NetBIOS name of the domain in the settings is not the one of this domain: every sign-in would be rejected.',
      'Correct accounts.domain; the domain controller tells its own as nETBIOSName: (Get-ADDomain).NetBIOSName.',
    ),
  ];
}

/** Why it could not sign in, now or on a day to come. */
function barred(entry: Entry, now: Temporal.Instant): Shortcoming[] {
  const set = (flag: number) => hasFlag(entry, 'userAccountControl', flag) === true;
  const ends = instantOf(integerOf(entry, 'accountExpires'));
  const found: Shortcoming[] = [];
  if (hasFlag(entry, 'userAccountControl', FLAG.disabled) === 'unknown')
    found.push(
      warn(
        'The directory does not show the rotator the account’s flags (userAccountControl).',
        'Delegate “read all properties” as docs/systems/active-directory.md says.',
      ),
    );
  if (set(FLAG.disabled)) found.push(fail('The account is disabled.', 'Enable-ADAccount NAME.'));
  if (set(FLAG.smartCardRequired))
    found.push(
      fail(
        'A smart card is required: the password alone does not sign in at a console.',
        'Set-ADUser NAME -SmartcardLogonRequired $false; then rotate.',
      ),
    );
  if (ends instanceof Temporal.Instant)
    found.push(
      Temporal.Instant.compare(ends, now) <= 0
        ? fail('The account has expired.', 'Clear-ADAccountExpiration NAME.')
        : warn(`The account ends on ${dayOf(ends)}.`, 'Clear-ADAccountExpiration NAME.'),
    );
  const hours = allBytes(entry, 'logonHours')[0];
  if (hours?.some((byte) => byte !== 0xff))
    found.push(
      fail(
        'There are hours at which it may not sign in (logonHours).',
        'Set-ADUser NAME -Clear logonHours.',
      ),
    );
  if (all(entry, 'userWorkstations').some((name) => name !== ''))
    found.push(
      fail(
        'It may sign in from certain machines only (userWorkstations).',
        'Set-ADUser NAME -Clear userWorkstations.',
      ),
    );
  return found;
}

/** Whether the password lasts, and is one. */
function passwordKept(entry: Entry, now: Temporal.Instant): Shortcoming[] {
  const set = (flag: number) => hasFlag(entry, 'userAccountControl', flag) === true;
  const found: Shortcoming[] = [];
  if (set(FLAG.passwordNotRequired))
    found.push(
      warn(
        'The account needs no password (PASSWD_NOTREQD): somebody may set an empty one.',
        'Set-ADAccountControl NAME -PasswordNotRequired $false.',
      ),
    );
  if (set(FLAG.reversiblePassword))
    found.push(
      warn(
        'Its password is kept readable (reversible encryption).',
        'Set-ADUser NAME -AllowReversiblePasswordEncryption $false; then rotate.',
      ),
    );
  const ends = instantOf(integerOf(entry, 'msDS-UserPasswordExpiryTimeComputed'));
  if (ends instanceof Temporal.Instant)
    found.push(
      warn(
        Temporal.Instant.compare(ends, now) <= 0
          ? 'The password has expired.'
          : `The password expires on ${dayOf(ends)}.`,
        'Set-ADUser NAME -PasswordNeverExpires $true, or rotate well before.',
      ),
    );
  return found;
}

/** What lets others get at the password without guessing it at the door, or at the account without the password. */
function exposed(entry: Entry): Shortcoming[] {
  const set = (flag: number) => hasFlag(entry, 'userAccountControl', flag) === true;
  const found: Shortcoming[] = [];
  if (all(entry, 'servicePrincipalName').length > 0)
    found.push(
      warn(
        'It has service names: anyone in the domain may ask for a ticket and guess at its password (Kerberoasting).',
        'setspn -D SPN NAME.',
      ),
    );
  if (set(FLAG.noPreauthentication))
    found.push(
      warn(
        'Kerberos gives out what to guess its password from, to anybody (no pre-authentication).',
        'Set-ADAccountControl NAME -DoesNotRequirePreAuth $false.',
      ),
    );
  if (set(FLAG.onlyDes))
    found.push(
      warn('Its Kerberos keys are DES only.', 'Set-ADAccountControl NAME -UseDESKeyOnly $false.'),
    );
  if (set(FLAG.trustedForDelegation) || set(FLAG.trustedToDelegate))
    found.push(
      warn(
        'It may act as others that sign in to it (delegation).',
        'Set-ADAccountControl NAME -TrustedForDelegation $false -TrustedToAuthForDelegation $false.',
      ),
    );
  if (hasFlag(entry, 'userAccountControl', FLAG.notDelegated) === false)
    found.push(
      warn(
        'Services that it signs in to may act as it (it is not “sensitive and cannot be delegated”).',
        'Set-ADAccountControl NAME -AccountNotDelegated $true.',
      ),
    );
  return found;
}

async function protectedUser(ask: Ask, domain: string, entry: Entry): Promise<Shortcoming[]> {
  const groups = await groupsInChain(ask, domain, entry);
  if (!groups.some(({ sid }) => ridOf(sid) === PROTECTED_USERS)) return [];
  return [
    warn(
      'It is in Protected Users, and cannot sign in by NTLM: not where no domain controller or name service answers.',
      'Keep one emergency account out of Protected Users.',
    ),
  ];
}

/** The rules about lockout and age: of a policy that the account has to itself, else of the domain. */
async function policyOf(
  ask: Ask,
  { rotation }: ActiveDirectoryConfig,
  domain: string,
  entry: Entry,
): Promise<Shortcoming[]> {
  const own = first(entry, 'msDS-ResultantPSO');
  const [dn, prefix] = own === undefined ? [domain, ''] : [own, 'msDS-'];
  const lockout = `${prefix}${prefix === '' ? 'l' : 'L'}ockoutThreshold`;
  const youngest = prefix === '' ? 'minPwdAge' : 'msDS-MinimumPasswordAge';
  const policy = await readEntry(ask, dn, [lockout, youngest]);
  const threshold = policy === undefined ? undefined : integerOf(policy, lockout);
  const days = policy === undefined ? undefined : daysOf(integerOf(policy, youngest));
  const found: Shortcoming[] = [];
  if (threshold === undefined)
    found.push(
      warn(
        'The directory does not show the rotator the password policy that counts for this account.',
        'Let the rotator read the domain’s root, and the account’s password settings object if it has one.',
      ),
    );
  else if (threshold > 0n)
    found.push(
      warn(
        `Anyone who knows its name locks it with ${threshold} wrong passwords.`,
        'Give it a password policy of its own without lockout; see docs/systems/active-directory.md.',
      ),
    );
  if (rotation === 'self' && days !== undefined && days > 0)
    found.push(
      fail(
        `It may not change its own password for ${spell(days)} after the last change (minimum password age).`,
        'Give it a password policy of its own with a minimum age of 0; see docs/systems/active-directory.md.',
      ),
    );
  if (rotation === 'self')
    found.push(
      warn(
        'After it changed its own password, the old one may go on signing in for up to 60 minutes; no directory tells whether.',
        'Set OldPasswordAllowedPeriod to 0 on every domain controller (Samba: old password allowed period = 0).',
      ),
    );
  return found;
}

function spell(days: number): string {
  return days < 1 ? `${Math.ceil(days * 24)} hours` : `${Math.ceil(days)} days`;
}

function dayOf(instant: Temporal.Instant): string {
  return instant.toString().slice(0, 10);
}
