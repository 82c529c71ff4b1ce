/**
 * `node verification-run.ts RUNS MEGABYTES THREADS HOME PACK`, in a process of its own because a runtime has one SHA-256:
 * the platform's in Node, noble's as in browsers where noble-hashes.ts is loaded before. Prints what it measured, of as many
 * megabytes of entries, hashed by one thread and, where THREADS is 2 or more, by so many.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  openPack,
  provenGroups,
  replay,
  streamsOf,
  verifyCheckpoint,
  verifyPack,
} from '@halligan/evidence';
import { sha256 } from '@halligan/format';
import { readJournal } from '@halligan/journal';
import { verifyStatement } from '@halligan/statement';
import { logKeysOf, MemoryTree } from '@halligan/tlog';
import { RangeThreads, usualSharing } from '../../packages/journal/range-threads.ts';
import { packEntries, packedEntries } from './packed-entries.ts';

const THREAD = join(import.meta.dirname, 'verification-thread.ts');

/** Turns that are not counted: they compile, and code that hashes a whole journal runs compiled. */
const UNCOUNTED = 5;

const [runs = '', megabytes = '', threadCount = '', home = '', packFile = ''] =
  process.argv.slice(2);
const logKey = (await readFile(join(home, 'log.pub'), 'utf8')).trim();
const packed = packEntries(await entriesOf(home));
const entries = [...packedEntries(packed, 0, packed.ends.length)];
const bytes = packed.bytes;
const { width } = usualSharing();
const threads =
  Number(threadCount) < 2 ? undefined : new RangeThreads(THREAD, packed, Number(threadCount));
const pack = await readFile(packFile);
const opened = openPack(pack);
const { facts, transcript, claimedLog } = opened;
const anchor = await verifyCheckpoint(transcript.checkpoint, claimedLog.logKey, claimedLog.origin);
const groups = provenGroups(transcript, anchor);
const { state } = await replay(groups, streamsOf(facts.emergency, facts.account));
const signed = groups.flatMap(({ input }) => (input.type === 'statements' ? input.signed : []));
const ours = signed.filter(({ statement }) => statement.kind !== 'roster.change');

const measured = {
  entries: entries.length,
  entryBytes: bytes.length,
  packBytes: pack.length,
  statements: ours.length,
  ...(await timed({
    hashEntries: () => sha256(bytes),
    verifyEntries: () => treeOver(entries).root(),
    ...(threads === undefined
      ? {}
      : {
          verifyEntriesInThreads: async () => (await threads.hash(entries.length, width)).root(),
        }),
    hashPack: () => sha256(pack),
    verifyPackHashes: () => provenGroups(openPack(pack).transcript, anchor),
    verifySignatures: async () => {
      for (const one of ours) await verifyStatement(one, state.roster ?? never());
    },
    verifyWholePack: () => verifyPack(pack, { logKey }),
  })),
};
await threads?.end();
console.log(JSON.stringify(measured));

/** Milliseconds of each turn of each work. By turns, so that what disturbs the machine disturbs all. */
async function timed(
  works: Readonly<Record<string, () => unknown>>,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const all = Object.entries(works).map(([name, work]) => {
    const times: number[] = [];
    return { name, work, times };
  });
  for (let turn = -UNCOUNTED; turn < Number(runs); turn += 1)
    for (const { work, times } of all) {
      const started = performance.now();
      await work();
      if (turn >= 0) times.push(performance.now() - started);
    }
  return Object.fromEntries(all.map(({ name, times }) => [name, times]));
}

/** As a journal that is opened builds it. */
function treeOver(leaves: readonly Uint8Array[]): MemoryTree {
  const tree = new MemoryTree();
  for (const leaf of leaves) tree.appendEntry(leaf);
  return tree;
}

async function entriesOf(folder: string): Promise<readonly Uint8Array[]> {
  const journal = await readJournal(join(folder, 'journal'), logKeysOf(logKey).classical);
  const own = (await Array.fromAsync(journal.read(0))).map((entry) => entry.bytes);
  await journal.close();
  const size = own.reduce((sum, one) => sum + one.length, 0);
  return Array.from({ length: Math.ceil((1e6 * Number(megabytes)) / size) }, () => own).flat();
}

function never(): never {
  throw new Error('a record has a roster');
}
