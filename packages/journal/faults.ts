/**
 * `npm run faults -- --kills 200`: kills a writing server without warning, again and again, and proves each time
 * that the journal verifies, holds everything that was acknowledged, unchanged, and has only grown since it was
 * last seen.
 *
 * A killed process loses what it holds, not what the kernel holds: this says nothing about a power cut, for which
 * the journal relies on SQLite's `synchronous=FULL` and on disks that do not lie about fsync.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalliganError, hex } from '@halligan/format';
import { generateNoteKey, leafHash, verifyConsistency } from '@halligan/tlog';
import type { Checkpoint, JournalReader } from './journal.ts';
import { readJournal } from './ledger.ts';
import { openJournal } from './sqlite.ts';

/** After so many kills a new journal is begun, so that its beginning is under fire too. */
const KILLS_PER_JOURNAL = 25;

export interface FaultsReport {
  readonly kills: number;
  /** Entries that the writers were told are durable. */
  readonly acknowledged: number;
  /** What was found wrong, in words, each with the folder, which is kept. Empty where all is well. */
  readonly lost: readonly string[];
}

interface Key {
  readonly signer: string;
  readonly verifier: string;
}

/** What must be in a journal from now on. */
interface Known {
  /** Leaf hashes in hexadecimal, by index. */
  readonly leaves: Map<number, string>;
  checkpoint: Checkpoint | undefined;
}

/** Kills writers `kills` times, on as many journals at once as there are processors. @param progress hears of each kill */
export async function faults(
  kills: number,
  progress: (line: string) => void,
): Promise<FaultsReport> {
  const key = await generateNoteKey('faults.example');
  const lost: string[] = [];
  let [begun, done, acknowledged] = [0, 0, 0];
  const nextJournal = async (): Promise<void> => {
    const rounds = Math.min(KILLS_PER_JOURNAL, kills - begun);
    if (rounds <= 0) return;
    begun += rounds;
    await torment(key, rounds, (acks, faults) => {
      acknowledged += acks;
      lost.push(...faults);
      done += 1;
      progress(`kill ${done}/${kills}: ${acknowledged} acknowledged, ${lost.length} lost`);
    });
    await nextJournal();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, nextJournal));
  return { kills, acknowledged, lost };
}

/** Has one journal written to and killed, again and again. Its folder stays where something is wrong with it. */
async function torment(
  key: Key,
  rounds: number,
  report: (acknowledged: number, faults: readonly string[]) => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-faults-'));
  const known: Known = { leaves: new Map(), checkpoint: undefined };
  let sound = true;
  for (let round = 0; round < rounds; round += 1) {
    const acks = await writeAndKill(folder, key.signer);
    for (const [index, leaf] of acks) known.leaves.set(index, leaf);
    const faults = await inspect(folder, key, round, known);
    sound &&= faults.length === 0;
    report(
      acks.length,
      faults.map((what) => `${folder}: ${what}`),
    );
  }
  if (sound) await rm(folder, { recursive: true });
}

/** Starts a writer, kills it at a random moment, and returns what it was told is durable. */
async function writeAndKill(
  folder: string,
  signer: string,
): Promise<readonly (readonly [number, string])[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'faults-writer.ts'), join(folder, 'data')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdin.end(signer);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const closed = once(child, 'close');
  // Mostly during the write load; one time in five wherever it happens to be, opening and creating included.
  const anywhere = randomInt(5) === 0;
  if (!anywhere) await Promise.race([once(child.stdout, 'data'), closed]);
  const timer = setTimeout(() => child.kill('SIGKILL'), randomInt(anywhere ? 150 : 30));
  const [status] = await closed;
  clearTimeout(timer);
  if (status !== null) throw new Error(`The writer stopped by itself with status ${status}.`);
  // The kill may have cut the last line in two.
  const lines = output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => {
    const [index = '', leaf = ''] = line.split(' ');
    return [Number(index), leaf] as const;
  });
}

/**
 * What is wrong with the journal. Every other time it is only read, so that the next writer finds what several
 * kills left, and recovers from that.
 */
async function inspect(
  folder: string,
  key: Key,
  round: number,
  known: Known,
): Promise<readonly string[]> {
  let journal: JournalReader;
  try {
    const data = join(folder, 'data');
    journal =
      round % 2 === 0
        ? await openJournal({ folder: data, signer: key.signer, ballast: 1 << 20 })
        : await readJournal(data, key.verifier);
  } catch (error) {
    const code = error instanceof HalliganError ? error.code : 'unknown';
    if (code === 'journal.missing' && known.leaves.size === 0) return [];
    return [`it does not open: ${code} ${error}`];
  }
  try {
    return [...(await compare(journal, known)), ...compareGrowth(journal, known)];
  } finally {
    await journal.close();
  }
}

/** Compares the entries with what is known, and learns those that nobody was told of: they must stay, too. */
async function compare(journal: JournalReader, known: Known): Promise<readonly string[]> {
  const faults: string[] = [];
  const { size } = journal.checkpoint();
  for await (const { index, bytes } of journal.read(0)) {
    const leaf = hex(leafHash(bytes));
    if ((known.leaves.get(index) ?? leaf) !== leaf) faults.push(`entry ${index} has changed`);
    known.leaves.set(index, leaf);
  }
  for (const index of known.leaves.keys()) if (index >= size) faults.push(`entry ${index} is lost`);
  return faults;
}

function compareGrowth(journal: JournalReader, known: Known): readonly string[] {
  const [before, now] = [known.checkpoint, journal.checkpoint()];
  known.checkpoint = now;
  if (before === undefined) return [];
  try {
    const [size1, size2] = [before.size, now.size];
    const proof = journal.consistencyProof(size1, size2);
    verifyConsistency({ size1, size2, proof, root1: before.root, root2: now.root });
    return [];
  } catch (error) {
    return [`checkpoint ${now.size} does not continue checkpoint ${before.size}: ${error}`];
  }
}
