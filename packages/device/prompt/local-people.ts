import { readFile } from 'node:fs/promises';

/** The machine's own records of people, as text. */
export interface LocalRecords {
  /** `/etc/passwd` */
  readonly passwd: string;
  /** `/etc/shadow` */
  readonly shadow: string;
}

/** Below it are root and the accounts of services (login.defs(5), UID_MIN). */
const FIRST_PERSON = 1000;
/** In place of a password: there is none that fits (shadow(5)). */
const LOCKED = /^[!*]/;

/**
 * Whether somebody is this machine's own: root, a service, or whoever has a password here. PAM asks `pam_unix` about them,
 * and nobody else: what root mistypes is no business of a provider.
 */
export function isLocal(name: string, { passwd, shadow }: LocalRecords): boolean {
  const account = recordOf(passwd, name);
  if (account === undefined) return false;
  const [, field = '', uid = ''] = account;
  if (!/^\d+$/.test(uid) || Number(uid) < FIRST_PERSON) return true;
  const password = field === 'x' ? (recordOf(shadow, name)?.[1] ?? '!') : field;
  return !LOCKED.test(password);
}

function recordOf(text: string, name: string): readonly string[] | undefined {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
}

/** Of this machine. Rejects where one cannot be read: then nobody is known to be somebody else's. */
export async function machineRecords(): Promise<LocalRecords> {
  const [passwd, shadow] = await Promise.all([
    readFile('/etc/passwd', 'utf8'),
    readFile('/etc/shadow', 'utf8'),
  ]);
  return { passwd, shadow };
}
