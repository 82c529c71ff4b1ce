/** How fast this disk and this processor make a journal. `npm run bench -- --only journal` runs it. */
import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { canonicalBytes } from '@halligan/format';
import { generateNoteKey } from '@halligan/tlog';
import { inFolder } from './fixture.ts';
import type { EventGroup } from './journal.ts';
import { usualSharing } from './range-threads.ts';
import { openJournal } from './sqlite.ts';

/** What was done, and how often in how much time. */
export interface Done {
  readonly what: string;
  readonly count: number;
  readonly milliseconds: number;
}

/** A page of SQLite's, which is the least that a commit writes. */
const PAGE = 4096;

/**
 * Appends to a new journal in one folder, and synchronises raw pages to the same disk between.
 * @param scale 1 for a few thousand commits; less for less
 */
export async function measureJournal(scale: number): Promise<readonly Done[]> {
  const { signer } = await generateNoteKey('bench.example');
  const all: Done[] = [];
  const measure = async (what: string, count: number, work: () => void | Promise<void>) => {
    const started = performance.now();
    await work();
    all.push({ what, count, milliseconds: performance.now() - started });
  };
  await inFolder(async (folder) => {
    const syncs = Math.ceil(3000 * scale);
    await measure('fdatasync after 4 KB', syncs, () => syncPages(folder, syncs, fdatasyncSync));
    await measure('fsync after 4 KB', syncs, () => syncPages(folder, syncs, fsyncSync));
    const data = join(folder, 'data');
    const journal = await openJournal({ folder: data, signer });
    let size = 0;
    const append = (count: number) => {
      const expect = size;
      size += count;
      return journal.append(
        Array.from({ length: count }, (_, at) => event(expect + at)),
        expect,
      );
    };
    const bare = bareRows(folder);
    const turns = { count: Math.ceil(3000 * scale), uncounted: Math.ceil(4000 * scale) };
    all.push(...(await byTurns(turns, bare.insert, () => append(1))));
    bare.close();
    for (const [batch, rounds] of [
      [10, Math.ceil(2000 * scale)],
      [100, Math.ceil(500 * scale)],
    ] as const) {
      await measure(`entries, ${batch} a commit`, batch * rounds, async () => {
        for (let round = 0; round < rounds; round += 1) await append(batch);
      });
    }
    const each = Math.ceil(300 * scale);
    await measure('entries, 64 writers of one at a time', 64 * each, async () => {
      const write = async () => {
        for (let round = 0; round < each; round += 1) await append(1);
      };
      await Promise.all(Array.from({ length: 64 }, write));
    });
    await measure('entries read', size, async () => {
      for await (const _ of journal.read(0));
    });
    await journal.close();
    const alone = { ...usualSharing(), threads: 1 };
    for (const [what, sharing] of [
      ['entries verified at the start, by one thread', alone],
      ['entries verified at the start', usualSharing()],
    ] as const)
      await measure(what, size, async () => {
        await (await openJournal({ folder: data, signer, sharing })).close();
      });
  });
  return all;
}

/**
 * Appends single entries at a steady rate, whether or not the one before is durable, as people do.
 * @param perSecond entries that are due a second
 * @returns milliseconds of each, from when it was due until it was durable
 */
export async function measureAppends(perSecond: number, count: number): Promise<readonly number[]> {
  const { signer } = await generateNoteKey('bench.example');
  const waits: Promise<number>[] = [];
  let all: readonly number[] = [];
  await inFolder(async (folder) => {
    const journal = await openJournal({ folder: join(folder, 'data'), signer });
    const started = performance.now();
    for (let size = 0; size < count; size += 1) {
      const due = started + (1000 * size) / perSecond;
      while (performance.now() < due) await setImmediate();
      waits.push(journal.append([event(size)], size).then(() => performance.now() - due));
    }
    all = await Promise.all(waits);
    await journal.close();
  });
  return all;
}

/** Commits before the other one has its turn. */
const TURN = 50;

/**
 * Single commits of both, by turns: on a machine that others use too, their ratio stays what it is. The first are not
 * counted: they compile, and a server runs for weeks.
 */
async function byTurns(
  { count, uncounted }: { readonly count: number; readonly uncounted: number },
  insert: () => void,
  append: () => Promise<unknown>,
): Promise<readonly Done[]> {
  const took = { rows: 0, entries: 0 };
  const turns = Math.ceil(count / TURN);
  for (let turn = -Math.ceil(uncounted / TURN); turn < turns; turn += 1) {
    const started = performance.now();
    for (let at = 0; at < TURN; at += 1) insert();
    const between = performance.now();
    for (let at = 0; at < TURN; at += 1) await append();
    if (turn < 0) continue;
    took.rows += between - started;
    took.entries += performance.now() - between;
  }
  const each = turns * TURN;
  return [
    { what: 'SQLite rows, 1 a commit', count: each, milliseconds: took.rows },
    { what: 'entries, 1 a commit', count: each, milliseconds: took.entries },
  ];
}

/**
 * The strongest log without hashes and signatures that is always at hand: SQLite, as durable as the journal, its log as
 * long from the beginning.
 */
function bareRows(folder: string): { readonly insert: () => void; readonly close: () => void } {
  const database = new DatabaseSync(join(folder, 'bare.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE bare (at INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
  database.exec('CREATE TABLE room (zeros BLOB NOT NULL)');
  database.exec(`INSERT INTO room VALUES (zeroblob(${8 << 20})); DELETE FROM room`);
  const insert = database.prepare('INSERT INTO bare (bytes) VALUES (?)');
  const { input, events } = event(0);
  const bytes = canonicalBytes({ input, events });
  return { insert: () => void insert.run(bytes), close: () => database.close() };
}

function event(mark: number): EventGroup {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    input: { kind: 'bench', at, mark },
    events: [{ type: 'marked', at, text: 'x'.repeat(100) }],
  };
}

function syncPages(folder: string, count: number, sync: (file: number) => void): void {
  const file = openSync(join(folder, 'raw'), 'w');
  const page = new Uint8Array(PAGE);
  for (let at = 0; at < count; at += 1) {
    writeSync(file, page, 0, page.length, (at % 1000) * page.length);
    sync(file);
  }
  closeSync(file);
}
