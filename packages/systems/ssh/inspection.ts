import type { Access, Inspection } from '../driver.ts';
import { keepsKey, type SshConfig } from './config.ts';

/** Entries of a list that are kept, sorted: a hostile host could send thousands. */
const MOST = 32;
/** Characters of an entry. */
const LONGEST = 120;

/** What the helper's lines say. They are the host's word: nothing in them is run or shown unescaped. */
export function inspectionOf(account: string, output: string, config: SshConfig): Inspection {
  const facts = output.split('\n').map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return {
      name,
      value: rest
        .join(' ')
        .replaceAll(/[^\x20-\x7e]/g, '?')
        .slice(0, LONGEST),
    };
  });
  const all = (name: string) =>
    facts
      .filter((fact) => fact.name === name)
      .map(({ value }) => value)
      .sort()
      .slice(0, MOST);
  const one = (name: string) => all(name)[0];
  const listed = (name: string, read: string) =>
    facts.some((fact) => fact.name === read) ? all(name) : 'unknown';
  const [, status, changed] = one('status')?.split(' ') ?? [];
  const groups = one('groups')?.split(' ').sort() ?? 'unknown';
  // The key that is sealed changes with each version; what stands before it must not.
  const managed = all('managed').map((options) => `halligan-managed ${options}`.trimEnd());
  const others = listed('key', 'keys-read');
  const keys = others === 'unknown' ? others : [...managed, ...others].sort();
  const access: Access = {
    methods: [
      ...(status === 'P' ? ['password'] : []),
      ...(keys !== 'unknown' && keys.length > 0 ? ['publickey'] : []),
      ...all('method'),
    ],
    keys,
    sessions: listed('session', 'sessions-read'),
    grants: listed('grant', 'grants-read'),
  };
  return {
    exists: true,
    name: account,
    ...lockOf(facts, status, config),
    // passwd -S gives the day only; the first of all days means that it must be changed.
    mustChangePassword:
      changed === undefined ? 'unknown' : changed === '1970-01-01' || changed === '01/01/1970',
    groups,
    passwordChangedAt: 'unknown',
    access,
  };
}

type Fact = { readonly name: string; readonly value: string };

/**
 * A key signs in although there is no password: sshd asks PAM, which looks at the password's lock, and counts failures,
 * only for passwords. Expiry bars both.
 */
function lockOf(facts: readonly Fact[], password: string | undefined, config: SshConfig) {
  if (facts.some(({ name }) => name === 'expired'))
    return { locked: true, lockedBy: 'expiry' } as const;
  if (keepsKey(config)) return { locked: false } as const;
  if (password === 'L') return { locked: true, lockedBy: 'somebody' } as const;
  const [failed = 0, most = 0] =
    facts
      .find(({ name }) => name === 'failures')
      ?.value.split(' ')
      .map(Number) ?? [];
  if (most > 0 && failed >= most) return { locked: true, lockedBy: 'failures' } as const;
  return { locked: password === undefined ? 'unknown' : false } as const;
}
