import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventGroup, openJournal, readJournal } from '@halligan/journal';
import { logKeysOf } from '@halligan/tlog';
import { z } from 'zod';

/** Where there is one, a file system in memory: 100,000 commits are made there without waiting for a disk. */
const MEMORY = '/dev/shm';
/** How the ids of repeated emergencies begin: packs are named by the first twelve digits. */
const PREFIX = '0'.repeat(12);

const settingsSchema = z.looseObject({ cosigners: z.unknown() });
const eventSchema = z.looseObject({
  type: z.string(),
  data: z.looseObject({
    emergency: z.unknown().optional(),
    /** Of a completed review. */
    findings: z
      .looseObject({ actions: z.array(z.looseObject({ what: z.string(), owner: z.string() })) })
      .optional(),
  }),
});

/**
 * Data folders like a practice run's, whose journals have grown to these many entries, one commit each: its one
 * emergency again and again, whole, under other ids. The statements in them are of the first one, and no start verifies
 * them: it verifies hashes, tree and checkpoints, and folds the events.
 * @param sizes ascending, each larger than the practice run's journal
 * @param to names the folder for a size
 */
export async function growJournals(
  practice: string,
  sizes: readonly number[],
  to: (size: number) => string,
): Promise<void> {
  const signer = (await readFile(join(practice, 'keys', 'log.key'), 'utf8')).trim();
  const recorded = await recordOf(practice);
  const folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'halligan-grown-'));
  try {
    let written = 0;
    for (const size of sizes) {
      const journal = await openJournal({ folder: join(folder, 'journal'), signer });
      for (const group of growth(recorded, written, size)) {
        await journal.append([group], written);
        written += 1;
      }
      await journal.close();
      await furnish(practice, to(size), join(folder, 'journal'), recorded.id);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A practice run's record. */
export interface Recorded {
  readonly all: readonly EventGroup[];
  readonly id: string;
  /** From the declaration to the close. */
  readonly emergency: readonly string[];
  /** An entry that may be repeated without other consequences. */
  readonly note: EventGroup;
  /** What the packs of repeated emergencies are called: they all have this name. */
  readonly pack: string;
}

/** @param practice the data folder of a practice run */
export async function recordOf(practice: string): Promise<Recorded> {
  const trusted = (await readFile(join(practice, 'log.pub'), 'utf8')).trim();
  const journal = await readJournal(join(practice, 'journal'), logKeysOf(trusted).classical);
  const all = (await Array.fromAsync(journal.read(0))).map(({ group }) => group);
  await journal.close();
  const from = all.findIndex((group) => typesOf(group).includes('EmergencyDeclared'));
  const note = all.find((group) => typesOf(group).includes('NoteAdded'));
  const id = eventSchema.safeParse(all[from]?.events[0]).data?.data.emergency;
  if (typeof id !== 'string' || note === undefined)
    throw new Error('the practice run left no emergency');
  const [pack] = await readdir(join(practice, 'evidence'));
  return {
    all,
    id,
    note,
    emergency: actionsDone(all.slice(from)),
    pack: repeated(pack ?? '', id),
  };
}

/** With what the review decided on attested done, at the close: it would be owed for every one of the emergencies. */
function actionsDone(groups: readonly EventGroup[]): readonly string[] {
  const events = groups.flatMap((group) => group.events.map((event) => eventSchema.parse(event)));
  const actions = events.flatMap(({ data }) => data.findings?.actions ?? []);
  return groups.map((group) => {
    const close = group.events
      .map((event) => eventSchema.parse(event))
      .find(({ type }) => type === 'EmergencyClosed');
    if (close === undefined) return JSON.stringify(group);
    const done = actions.map(({ what, owner }) => ({
      ...{ ...close, type: 'ActionCompleted' },
      data: { emergency: close.data.emergency, by: owner, action: what },
    }));
    return JSON.stringify({ ...group, events: [...group.events, ...done] });
  });
}

function typesOf({ events }: EventGroup): readonly string[] {
  return events.map((event) => eventSchema.parse(event).type);
}

/** What a journal of one size needs to have another: notes until only whole emergencies are left, and those. */
export function* growth(
  { all, id, emergency, note }: Recorded,
  from: number,
  to: number,
): Generator<EventGroup> {
  if (from === 0) yield* all;
  const begun = Math.max(from, all.length);
  const notes = (to - begun) % emergency.length;
  for (let at = 0; at < notes; at += 1) yield note;
  for (let at = begun + notes; at < to; at += emergency.length) {
    const other = PREFIX + at.toString(16).padStart(id.length - PREFIX.length, '0');
    for (const text of emergency) yield JSON.parse(text.replaceAll(id, other));
  }
}

/** The practice run's folder with another journal, and without its cosigner, which no longer listens. */
async function furnish(practice: string, home: string, journal: string, id: string): Promise<void> {
  // Without an outbox of before: of what happened up to its first start, a server tells nobody.
  const left = new Set(['journal', 'practice', 'outbox'].map((name) => join(practice, name)));
  await cp(practice, home, { recursive: true, filter: (path) => !left.has(path) });
  await cp(journal, join(home, 'journal'), { recursive: true });
  // The repeated emergencies' packs were made long ago: they all have this name.
  const packs = join(home, 'evidence');
  for (const name of await readdir(packs))
    await cp(join(packs, name), join(packs, repeated(name, id)));
  const file = join(home, 'server.json');
  const { cosigners: _, ...settings } = settingsSchema.parse(
    JSON.parse(await readFile(file, 'utf8')),
  );
  await writeFile(file, JSON.stringify(settings));
}

function repeated(pack: string, id: string): string {
  return pack.replace(id.slice(0, PREFIX.length), PREFIX);
}
