/** What the tests of this room share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Entry, EventGroup, Journal } from './journal.ts';

/** A group with a mark in it, to be told from others. */
export function group(mark: number | string): EventGroup {
  return { input: { kind: 'test', mark }, events: [{ type: 'marked', mark }] };
}

export function groups(...marks: readonly (number | string)[]): readonly EventGroup[] {
  return marks.map(group);
}

/** Every entry that an iteration yields. */
export async function all(entries: AsyncIterable<Entry>): Promise<readonly Entry[]> {
  return await Array.fromAsync(entries);
}

/** The marks of the entries, in order. */
export async function marks(entries: AsyncIterable<Entry>): Promise<readonly unknown[]> {
  return (await all(entries)).map(({ group: { input } }) =>
    typeof input === 'object' && input !== null && 'mark' in input ? input.mark : undefined,
  );
}

/** Runs a piece of test in a folder of its own, and removes the folder. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-journal-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Changes a database behind the journal's back. */
export function change(
  folder: string,
  sql: string,
  ...values: readonly (string | number | Uint8Array)[]
): void {
  using database = new DatabaseSync(join(folder, 'journal.db'));
  if (values.length === 0) database.exec(sql);
  else database.prepare(sql).run(...values);
}

/** Fills an empty journal, and closes it: entries 0 and 1, then 2 to 4 in one commit, then 5. */
export async function fillAndClose(journal: Journal): Promise<void> {
  await journal.append(groups(0), 0);
  await journal.append(groups(1), 1);
  await journal.append(groups(2, 3, 4), 2);
  await journal.append(groups(5), 5);
  await journal.close();
}
