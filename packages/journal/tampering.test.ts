import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { formatCheckpoint, generateNoteKey, rootHash, signNote } from '@halligan/tlog';
import fc from 'fast-check';
import { encodeEntry } from './entry.ts';
import { change, fillAndClose, group, inFolder, marks } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { openJournal, type SqliteJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');
const open = (folder: string): Promise<SqliteJournal> =>
  openJournal({ folder, signer, ballast: 0 });

describe('a journal that was tampered with does not open', () => {
  const other = encodeEntry(group('other'));
  const bytesOf = (...kept: readonly number[]) => kept.map((mark) => encodeEntry(group(mark)));
  const note = (size: number, entries: readonly Uint8Array[]) =>
    signNote(formatCheckpoint({ origin: 'log.example', size, root: rootHash(entries) }), signer);

  const cases: readonly (readonly [string, (folder: string) => void | Promise<void>, RegExp])[] = [
    [
      'an entry changed',
      (folder) => change(folder, 'UPDATE entries SET bytes = ? WHERE entry = 1', other),
      /Entry 1,/,
    ],
    [
      'an entry of a larger commit changed',
      (folder) => change(folder, 'UPDATE entries SET bytes = ? WHERE entry = 3', other),
      /entries 2 to 4/,
    ],
    [
      'one byte changed',
      (folder) =>
        change(
          folder,
          "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'test', 'tesu') AS BLOB) WHERE entry = 5",
        ),
      /Entry 5,/,
    ],
    [
      'two entries swapped',
      (folder) =>
        change(
          folder,
          'UPDATE entries SET entry = 9 WHERE entry = 0; UPDATE entries SET entry = 0 WHERE entry = 1; UPDATE entries SET entry = 1 WHERE entry = 9',
        ),
      /Entry 0,/,
    ],
    [
      'the last entry gone',
      (folder) => change(folder, 'DELETE FROM entries WHERE entry = 5'),
      /Entry 5 is missing/,
    ],
    [
      'an entry in the middle gone',
      (folder) => change(folder, 'DELETE FROM entries WHERE entry = 2'),
      /Entry 2 is missing/,
    ],
    ['all entries gone', (folder) => change(folder, 'DELETE FROM entries'), /Entry 0 is missing/],
    [
      'the last checkpoint gone',
      (folder) => change(folder, 'DELETE FROM checkpoints WHERE size = 6'),
      /Entry 5 is there/,
    ],
    [
      'all checkpoints gone',
      (folder) => change(folder, 'DELETE FROM checkpoints'),
      /no checkpoint/,
    ],
    [
      'an entry added',
      (folder) => change(folder, 'INSERT INTO entries VALUES (6, ?)', other),
      /Entry 6 is there/,
    ],
    [
      'an entry before the first',
      (folder) => change(folder, 'INSERT INTO entries VALUES (-1, ?)', other),
      /Entry 0 is missing/,
    ],
    [
      'a root changed',
      async (folder) =>
        change(
          folder,
          'UPDATE checkpoints SET note = ? WHERE size = 2',
          await note(2, bytesOf(0, 5)),
        ),
      /checkpoint 2,/,
    ],
    [
      'a size changed',
      async (folder) =>
        change(
          folder,
          'UPDATE checkpoints SET note = ? WHERE size = 2',
          await note(3, bytesOf(0, 1)),
        ),
      /Checkpoint 2 is one of size 3/,
    ],
    [
      'a checkpoint no longer readable',
      (folder) => change(folder, "UPDATE checkpoints SET note = 'x' WHERE size = 2"),
      /Checkpoint 2 cannot be read/,
    ],
    [
      'the signature changed',
      (folder) =>
        change(
          folder,
          'UPDATE checkpoints SET note = (SELECT substr(c.note, 1, instr(c.note, char(10) || char(10))) || substr(d.note, instr(d.note, char(10) || char(10)) + 1) FROM checkpoints c, checkpoints d WHERE c.size = 6 AND d.size = 5) WHERE size = 6',
        ),
      /signature of checkpoint 6/,
    ],
    ['a table gone', (folder) => change(folder, 'DROP TABLE entries'), /could not be read/],
    ['the file emptied', (folder) => writeFile(join(folder, 'journal.db'), ''), /empty/],
    [
      'the file replaced',
      (folder) =>
        writeFile(
          join(folder, 'journal.db'),
          'not a database, but long enough to look at, '.repeat(99),
        ),
      /damaged/,
    ],
  ];
  for (const [what, tamper, message] of cases) {
    test(what, () =>
      inFolder(async (folder) => {
        await fillAndClose(await open(folder));
        await tamper(folder);
        for (const opening of [() => open(folder), () => readJournal(folder, verifier)]) {
          await assert.rejects(opening(), (error) => {
            assert.ok(error instanceof HalliganError);
            assert.match(error.code, /^journal\.(corrupt|storage)$/);
            assert.match(error.message, message);
            assert.notEqual(error.hint, '');
            return true;
          });
        }
      }),
    );
  }

  test('the database gone, its log left', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'journal.db-wal'), 'a log');
      await assert.rejects(open(folder), { code: 'journal.corrupt' });
    }));

  test('any byte of the file flipped: it says so, or nothing is changed by it', () =>
    inFolder(async (folder) => {
      await fillAndClose(await open(folder));
      const path = join(folder, 'journal.db');
      const before = await readFile(path);
      // The pages that are in use come first and last; between them is the reserve.
      const position = fc.oneof(fc.nat(6 * 4096), fc.nat(before.length - 1));
      let noticed = 0;
      await fc.assert(
        fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
          const damaged = Buffer.from(before);
          damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
          await writeFile(path, damaged);
          try {
            const journal = await readJournal(folder, verifier);
            assert.deepEqual(await marks(journal.read(0)), [0, 1, 2, 3, 4, 5]);
            await journal.close();
          } catch (error) {
            assert.ok(error instanceof HalliganError, String(error));
            noticed += 1;
          }
        }),
        { numRuns: 150 },
      );
      assert.ok(noticed > 0);
    }));
});
