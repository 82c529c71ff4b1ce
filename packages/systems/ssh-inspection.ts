import type { Access, Inspection } from './driver.ts';
import type { SshConfig } from './ssh-config.ts';

/** Entries of a list that are kept, sorted: a hostile host could send thousands. */
const MOST = 32;
/** Characters of an entry. */
const LONGEST = 120;

/** What the helper's lines say. They are the host's word: nothing in them is run or shown unescaped. */
export function inspectionOf(
  account: string,
  output: string,
  { credential }: SshConfig,
): Inspection {
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
    // A key signs in although there is no password; sshd asks PAM, which looks at the password's lock only for passwords.
    locked: credential === 'key' ? false : status === undefined ? 'unknown' : status === 'L',
    // passwd -S gives the day only; the first of all days means that it must be changed.
    mustChangePassword:
      changed === undefined ? 'unknown' : changed === '1970-01-01' || changed === '01/01/1970',
    groups,
    passwordChangedAt: 'unknown',
    access,
  };
}
