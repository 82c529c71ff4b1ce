/** Ranges of a journal, put together: the same tree and the same yes as of who reads all of it in order. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { HalliganError, hex } from '@halligan/format';
import { formatCheckpoint, MemoryTree, signNote } from '@halligan/tlog';
import fc from 'fast-check';
import { encodeEntry } from './entry.ts';
import { fillAndClose, group, inFolder } from './fixture.ts';
import { hashStoredRange, JoinedRanges } from './hashed-range.ts';
import { JournalFile } from './journal-file.ts';
import { replay } from './replay.ts';
import { openJournal } from './sqlite.ts';
import { signer, TAMPERED, verifier } from './tampered.fixture.ts';

const ONE = { threads: 1, from: 0, width: 1 };

/** What a verification comes to: the root, or the code of its refusal. */
async function outcome(verified: () => Promise<MemoryTree> | MemoryTree): Promise<string> {
  try {
    const tree = await verified();
    return `${tree.size} ${hex(tree.root())}`;
  } catch (error) {
    assert.ok(error instanceof HalliganError, String(error));
    return 'refused';
  }
}

/** The ranges of a journal's first `size` entries, hashed one after the other. */
function joined(file: JournalFile, size: number, width: number): MemoryTree {
  const ranges = new JoinedRanges();
  for (let from = 0; from < size; from += width)
    ranges.join(hashStoredRange(file, from, Math.min(from + width, size)));
  return ranges.tree;
}

async function requireSame(folder: string): Promise<string> {
  const file = JournalFile.openToRead(folder);
  try {
    const inOrder = await outcome(
      async () => (await replay(file, verifier, { sharing: ONE })).tree,
    );
    for (const width of [1, 2, 4, 16]) {
      const inRanges = await outcome(async () => {
        const known = joined(file, file.latestCheckpoint().size, width);
        return (await replay(file, verifier, { known })).tree;
      });
      assert.equal(inRanges, inOrder, `in ranges of ${width}`);
    }
    return inOrder;
  } finally {
    file.close();
  }
}

/** What the ranges alone do not show: it is after them, or the signature, or no journal. */
const ELSEWHERE =
  /^(the last checkpoint|all checkpoints|an entry added|the signature|a table|the file)/;

for (const [what, tamper] of TAMPERED.filter(([name]) => !ELSEWHERE.test(name)))
  test(`refused in the ranges already: ${what}`, () =>
    inFolder(async (folder) => {
      await fillAndClose(await openJournal({ folder, signer, ballast: 0 }));
      await tamper(folder);
      const file = JournalFile.openToRead(folder);
      for (const width of [1, 2, 4, 8])
        assert.throws(() => joined(file, 6, width), HalliganError, `in ranges of ${width}`);
      file.close();
    }));

const SIZE = 12;
const bytes = Array.from({ length: SIZE }, (_, mark) => encodeEntry(group(mark)));
const roots = Array.from({ length: SIZE + 1 }, (_, size) => {
  const tree = new MemoryTree();
  for (const entry of bytes.slice(0, size)) tree.appendEntry(entry);
  return tree.root();
});
const notes = await Promise.all(
  roots.map((root, size) =>
    signNote(formatCheckpoint({ origin: 'log.example', size, root }), signer),
  ),
);

const size = fc.nat({ max: SIZE });
const row = fc.nat({ max: SIZE - 1 });
/** One change, somewhere: most of them a lie. */
const changes = fc.oneof(
  row.map((entry) => ['DELETE FROM entries WHERE entry = ?', entry] as const),
  fc
    .tuple(row, row)
    .map(
      ([to, from]) =>
        ['UPDATE entries SET bytes = ? WHERE entry = ?', bytes[to] ?? '', from] as const,
    ),
  fc
    .tuple(size, row)
    .map(
      ([said, entry]) =>
        ['UPDATE entries SET checkpoint = ? WHERE entry = ?', notes[said] ?? '', entry] as const,
    ),
  row.map((entry) => ['UPDATE entries SET checkpoint = NULL WHERE entry = ?', entry] as const),
  fc
    .tuple(fc.integer({ min: -2, max: SIZE + 2 }), size)
    .map(
      ([at, said]) =>
        ['INSERT OR REPLACE INTO checkpoints VALUES (?, ?)', at, notes[said] ?? ''] as const,
    ),
  size.map(
    (at) => ['INSERT OR REPLACE INTO checkpoints VALUES (?, ?)', at, notes[at] ?? ''] as const,
  ),
  size.map((at) => ['DELETE FROM checkpoints WHERE size = ?', at] as const),
  fc
    .constantFrom(-1, SIZE, SIZE + 3)
    .map((entry) => ['INSERT INTO entries VALUES (?, ?, NULL)', entry, bytes[0] ?? ''] as const),
);

test('whatever was changed, ranges and order agree', () =>
  inFolder(async (folder) => {
    await fillAndClose(await openJournal({ folder, signer, ballast: 0 }));
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        // Where version 2 took over, which of the entries have a checkpoint beside them, and what was done.
        size,
        fc.uniqueArray(row, { maxLength: SIZE }),
        fc.array(changes, { maxLength: 2 }),
        async (upgraded, checkpoints, done) => {
          using database = new DatabaseSync(join(folder, 'journal.db'));
          database.exec('BEGIN; DELETE FROM entries; DELETE FROM checkpoints');
          const tabled = database.prepare('INSERT INTO checkpoints VALUES (?, ?)');
          const insert = database.prepare('INSERT INTO entries VALUES (?, ?, ?)');
          tabled.run(0, notes[0] ?? '');
          for (const [entry, one] of bytes.entries()) {
            const note =
              checkpoints.includes(entry) || entry === SIZE - 1 ? notes[entry + 1] : null;
            const isOld = entry < upgraded;
            insert.run(entry, one, isOld ? null : (note ?? null));
            if (isOld && note) tabled.run(entry + 1, note);
          }
          for (const [sql, ...values] of done)
            try {
              database.prepare(sql).run(...values);
            } catch {
              // A row that was there already.
            }
          database.exec('COMMIT');
          database.close();
          const said = await requireSame(folder);
          if (said !== 'refused') accepted += 1;
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(accepted > 20 && accepted < 300, `${accepted} of 300`);
  }));
