import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, hex, sha256 } from '@halligan/format';
import { BlobStore, openJournal, removeUnfinished } from '@halligan/journal';
import { leafHash } from '@halligan/tlog';
import type { DiskPromise } from './promise.ts';

/** Opens what a store victim left on a disk that lost its power, as the next start does, and says what is not there. */
export async function judgeStores(
  folder: string,
  signer: string,
  promises: readonly DiskPromise[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  try {
    faults.push(...(await judgeJournal(join(folder, 'journal'), signer, promises)));
    faults.push(...(await judgeFiles(folder, promises)));
  } catch (error) {
    const code = error instanceof HalliganError ? `${error.code} ` : '';
    faults.push(`it does not open: ${code}${error}`);
  }
  return faults;
}

async function judgeJournal(
  folder: string,
  signer: string,
  promises: readonly DiskPromise[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const wanted = new Map(
    promises.flatMap(({ what }) => ('entry' in what ? [[what.entry, what.leaf] as const] : [])),
  );
  // Opening verifies everything under the signed checkpoint, and a new journal is begun only where none was promised.
  const journal = await openJournal({ folder, signer, ballast: 0, create: wanted.size === 0 });
  try {
    const { size } = journal.checkpoint();
    for await (const { index, bytes } of journal.read(0)) {
      const leaf = wanted.get(index);
      wanted.delete(index);
      if (leaf !== undefined && leaf !== hex(leafHash(bytes)))
        faults.push(`entry ${index} has changed`);
    }
    const lost = [...wanted.keys()];
    if (lost.length > 0) faults.push(`${lost.length} entries from ${lost[0]} on are lost`);
    await journal.append([{ input: 'after', events: [] }], size);
  } finally {
    await journal.close();
  }
  return faults;
}

async function judgeFiles(folder: string, promises: readonly DiskPromise[]) {
  const faults: string[] = [];
  const blobs = await BlobStore.open(join(folder, 'blobs'));
  const seals = join(folder, 'seals');
  if (existsSync(seals)) await removeUnfinished(seals);
  let least = -1;
  for (const { what } of promises) {
    if ('blob' in what) {
      const found = await blobs.get(what.blob).catch(codeOf);
      if (typeof found === 'string') faults.push(`blob ${what.blob}: ${found}`);
    } else if ('folder' in what) {
      const path = join(seals, what.folder, 'shares', 'standard', 'ana.age');
      const found = await readFile(path).catch(codeOf);
      if (typeof found === 'string') faults.push(`${what.folder}: ${found}`);
      else if (hex(sha256(found)) !== what.digest) faults.push(`${what.folder} has changed`);
    } else if ('file' in what) {
      least = Math.max(least, what.number);
    }
  }
  const text = await readFile(join(folder, 'settings'), 'utf8').catch(() => '-1 -1');
  const [first, , last] = text.split(' ');
  if (text !== '-1 -1' && first !== last) faults.push(`settings is torn: ${text.slice(0, 40)}`);
  if (Number(first) < least) faults.push(`settings is ${first}, though ${least} was acknowledged`);
  return faults;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
