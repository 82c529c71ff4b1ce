import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventGroup, openJournal, readJournal } from '@halligan/journal';
import { logKeysOf } from '@halligan/tlog';
import { z } from 'zod';

/** Where there is one, a file system in memory: 100,000 commits are made there without waiting for a disk. */
const MEMORY = '/dev/shm';

const settingsSchema = z.looseObject({ cosigners: z.unknown() });
const eventSchema = z.looseObject({ data: z.looseObject({ emergency: z.unknown().optional() }) });

/**
 * Data folders like a practice run's, whose journals have grown to these many entries, one commit each: its one
 * emergency again and again, under other ids. The statements in them are of the first one, and no start verifies them:
 * it verifies hashes, tree and checkpoints, and folds the events.
 * @param sizes ascending
 * @param to names the folder for a size
 */
export async function growJournals(
  practice: string,
  sizes: readonly number[],
  to: (size: number) => string,
): Promise<void> {
  const signer = (await readFile(join(practice, 'keys', 'log.key'), 'utf8')).trim();
  const { all, repeated, id } = await recordOf(practice);
  const folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'halligan-grown-'));
  try {
    let written = 0;
    for (const size of sizes) {
      const journal = await openJournal({ folder: join(folder, 'journal'), signer });
      for (; written < size; written += 1)
        await journal.append([groupAt(written, all, repeated, id)], written);
      await journal.close();
      await furnish(practice, to(size), join(folder, 'journal'));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Recorded {
  readonly all: readonly EventGroup[];
  /** Those of the emergency. */
  readonly repeated: readonly string[];
  readonly id: string;
}

async function recordOf(practice: string): Promise<Recorded> {
  const trusted = (await readFile(join(practice, 'log.pub'), 'utf8')).trim();
  const journal = await readJournal(join(practice, 'journal'), logKeysOf(trusted).classical);
  const all = (await Array.fromAsync(journal.read(0))).map(({ group }) => group);
  await journal.close();
  const id = all.flatMap(({ events }) => events.map(emergencyOf)).find((one) => one !== undefined);
  if (id === undefined) throw new Error('the practice run left no emergency');
  const repeated = all.map((group) => JSON.stringify(group)).filter((text) => text.includes(id));
  return { all, repeated, id };
}

function emergencyOf(event: unknown): string | undefined {
  const { emergency } = eventSchema.parse(event).data;
  return typeof emergency === 'string' ? emergency : undefined;
}

function groupAt(
  index: number,
  all: readonly EventGroup[],
  repeated: readonly string[],
  id: string,
): EventGroup {
  const own = all[index];
  if (own !== undefined) return own;
  const turn = Math.floor((index - all.length) / repeated.length) + 1;
  const text = repeated[(index - all.length) % repeated.length] ?? '';
  return JSON.parse(text.replaceAll(id, turn.toString(16).padStart(64, '0')));
}

/** The practice run's folder with another journal, and without its cosigner, which no longer listens. */
async function furnish(practice: string, home: string, journal: string): Promise<void> {
  const left = new Set(['journal', 'practice'].map((name) => join(practice, name)));
  await cp(practice, home, { recursive: true, filter: (path) => !left.has(path) });
  await cp(journal, join(home, 'journal'), { recursive: true });
  const file = join(home, 'server.json');
  const { cosigners: _, ...settings } = settingsSchema.parse(
    JSON.parse(await readFile(file, 'utf8')),
  );
  await writeFile(file, JSON.stringify(settings));
}
