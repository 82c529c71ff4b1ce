/** What the tests of this room share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry, EventGroup } from './journal.ts';

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
