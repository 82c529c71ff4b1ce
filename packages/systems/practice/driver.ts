import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { base64, fromBase64, HalliganError } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import { type Driver, type Inspection, NOTHING_KNOWN, type Proof } from '../driver.ts';
import { copyPassword } from '../password.ts';
import {
  appendAudit,
  lockOf,
  type PracticeAccount,
  type PracticeAuditLine,
  readAccounts,
  writeAccounts,
} from './files.ts';
import { withLock } from './lock.ts';

/** The clock, passed in so that a drill or a test may have its own. */
export type Clock = () => Temporal.Instant;

const systemClock: Clock = () => Temporal.Now.instant();

export interface NewPracticeAccount {
  readonly name: string;
  readonly password: Uint8Array;
  readonly groups?: readonly string[];
  readonly locked?: boolean;
}

/**
 * Makes a system to practise on: a folder (mode 0700) with accounts and an audit log, served by no process.
 * @throws `systems.practice-exists` rather than overwrite one, `systems.account-name`, `systems.password-unusable`
 */
export async function createPracticeSystem(
  folder: string,
  accounts: readonly NewPracticeAccount[],
  now: Clock = systemClock,
): Promise<void> {
  const passwords = accounts.map(({ password }) => copyPassword(password));
  const names = accounts.map(({ name }) => checkAccountName(name));
  if (new Set(names).size !== names.length) {
    throw new HalliganError(
      'systems.account-name',
      'Two accounts of the practice system have one name.',
      'Give every account its own name.',
    );
  }
  const at = now().toString();
  const made = await Promise.all(
    accounts.map(async ({ name, groups = [], locked = false }, index) => ({
      name,
      groups: groups.toSorted(),
      locked,
      ...(await hashed(passwords[index] ?? new Uint8Array())),
      passwordChangedAt: at,
    })),
  );
  for (const password of passwords) password.fill(0);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await withLock(lockOf(folder), async () => {
    if (existsSync(join(folder, 'accounts.json'))) {
      throw new HalliganError(
        'systems.practice-exists',
        'There already is a practice system in this folder.',
        'Use it, or choose an empty folder.',
      );
    }
    await appendAudit(folder);
    await writeAccounts(folder, made);
  });
}

/**
 * The driver of a practice system. It has no credential: whoever may write the folder is its administrator.
 * Several processes may use one folder at once; changes wait for each other, sign-ins do not.
 */
export function openPracticeDriver(folder: string, now: Clock = systemClock): Driver {
  return {
    inspect: (account) => inspect(folder, checkAccountName(account)),

    async setPassword(account, password) {
      const name = checkAccountName(account);
      const secret = copyPassword(password);
      try {
        await change(folder, name, await hashed(secret), now);
      } finally {
        secret.fill(0);
      }
    },

    async prove(account, password) {
      const name = checkAccountName(account);
      const secret = copyPassword(password);
      try {
        return await signInAndOut(folder, name, secret, now);
      } finally {
        secret.fill(0);
      }
    },

    async close() {},
  };
}

async function inspect(folder: string, name: string): Promise<Inspection> {
  const account = (await readAccounts(folder)).find((one) => one.name === name);
  if (account === undefined) return { exists: false };
  return {
    exists: true,
    name,
    locked: account.locked,
    mustChangePassword: false,
    groups: account.groups,
    passwordChangedAt: account.passwordChangedAt,
    access: NOTHING_KNOWN,
  };
}

async function change(folder: string, name: string, fresh: Hashed, now: Clock): Promise<void> {
  await withLock(lockOf(folder), async () => {
    const accounts = await readAccounts(folder);
    const at = now().toString();
    const line = { at, account: name, event: 'password-change' } as const;
    if (!accounts.some((account) => account.name === name)) {
      await appendAudit(folder, { ...line, outcome: 'rejected' });
      throw new HalliganError(
        'systems.account-unknown',
        'The practice system has no such account.',
        'Compare the name in the inventory with the accounts of the system.',
      );
    }
    await writeAccounts(
      folder,
      accounts.map((account) =>
        account.name === name ? { ...account, ...fresh, passwordChangedAt: at } : account,
      ),
    );
    await appendAudit(folder, { ...line, outcome: 'accepted' });
  });
}

async function signInAndOut(
  folder: string,
  name: string,
  password: Uint8Array,
  now: Clock,
): Promise<Proof> {
  const account = (await readAccounts(folder)).find((one) => one.name === name);
  const proof = account !== undefined && !account.locked && (await matches(account, password));
  const line = (event: PracticeAuditLine['event']): PracticeAuditLine => ({
    at: now().toString(),
    account: name,
    event,
    outcome: proof ? 'accepted' : 'rejected',
  });
  await appendAudit(folder, line('sign-in'), ...(proof ? [line('sign-out')] : []));
  if (account?.locked === true) {
    throw new HalliganError(
      'systems.account-locked',
      'The account is locked: the system refused it whatever the password.',
      'Unlock the account, then prove again.',
    );
  }
  return proof ? 'accepted' : 'rejected';
}

type Hashed = Pick<PracticeAccount, 'salt' | 'hash'>;

async function hashed(password: Uint8Array): Promise<Hashed> {
  const salt = randomBytes(16);
  return { salt: base64(salt), hash: base64(await derive(password, salt)) };
}

async function matches(account: Hashed, password: Uint8Array): Promise<boolean> {
  const expected = fromBase64(account.hash);
  const actual = await derive(password, fromBase64(account.salt));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** scrypt, RFC 7914, with N = 2^14, r = 8, p = 1: its section 2's choice for interactive sign-ins. */
function derive(password: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
