import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { appendFile, replaceFile } from './durable-file.ts';

/** The practice system's two files. Passwords are in neither: one holds scrypt hashes, the other holds no secret at all. */
const names = { accounts: 'accounts.json', audit: 'audit.jsonl', lock: 'lock.db' } as const;

const base64 = z.base64().max(128);
const Account = z
  .strictObject({
    name: z.string().min(1).max(1024),
    groups: z.array(z.string().max(256)).max(64).readonly(),
    locked: z.boolean(),
    /** scrypt (RFC 7914) of the password: 16 bytes of salt, 32 bytes out. */
    salt: base64,
    hash: base64,
    passwordChangedAt: z.iso.datetime(),
  })
  .readonly();
const Accounts = z
  .strictObject({
    v: z.literal('halligan/practice-system/v1'),
    accounts: z.array(Account).max(1000).readonly(),
  })
  .readonly();

export type PracticeAccount = z.infer<typeof Account>;

/** One line of the audit log: what the practice system saw happen, for the review to compare with the record. */
const AuditLine = z
  .strictObject({
    at: z.iso.datetime(),
    account: z.string().max(1024),
    event: z.enum(['sign-in', 'sign-out', 'password-change']),
    outcome: z.enum(['accepted', 'rejected']),
  })
  .readonly();

export type PracticeAuditLine = z.infer<typeof AuditLine>;

export const lockOf = (folder: string) => join(folder, names.lock);

/** @throws `systems.practice-missing`, `systems.practice-damaged` */
export async function readAccounts(folder: string): Promise<readonly PracticeAccount[]> {
  const parsed = Accounts.safeParse(parse(await read(join(folder, names.accounts))));
  if (parsed.success) return parsed.data.accounts;
  throw new HalliganError(
    'systems.practice-damaged',
    "The practice system's accounts are damaged or of another version.",
    'Nothing real is lost: delete the folder and make the practice system again.',
  );
}

export async function writeAccounts(
  folder: string,
  accounts: readonly PracticeAccount[],
): Promise<void> {
  const whole: z.infer<typeof Accounts> = { v: 'halligan/practice-system/v1', accounts };
  await replaceFile(join(folder, names.accounts), utf8(`${JSON.stringify(whole, null, 2)}\n`));
}

export async function appendAudit(
  folder: string,
  ...lines: readonly PracticeAuditLine[]
): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await appendFile(join(folder, names.audit), utf8(text));
}

/** The audit log, oldest first. A line that a power cut left unfinished is passed over. @throws `systems.practice-missing` */
export async function readPracticeAudit(folder: string): Promise<readonly PracticeAuditLine[]> {
  const lines = (await read(join(folder, names.audit))).split('\n');
  return lines.flatMap((line) => {
    const parsed = AuditLine.safeParse(parse(line));
    return parsed.success ? [parsed.data] : [];
  });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new HalliganError(
      'systems.practice-missing',
      'There is no practice system in this folder, or it cannot be read.',
      'Make one with createPracticeSystem, or correct the folder in the inventory.',
      { cause },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
