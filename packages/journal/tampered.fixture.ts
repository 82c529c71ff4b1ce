/** Ways in which somebody who can write to the disk changes a journal that `fillAndClose` filled, and what it says then. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCheckpoint, generateNoteKey, rootHash, signNote } from '@halligan/tlog';
import { encodeEntry } from './entry.ts';
import { change, group } from './fixture.ts';

/** The key of the journal. */
export const { signer, verifier } = await generateNoteKey('log.example');

const other = encodeEntry(group('other'));
const bytesOf = (...kept: readonly number[]) => kept.map((mark) => encodeEntry(group(mark)));
const note = (size: number, entries: readonly Uint8Array[]) =>
  signNote(formatCheckpoint({ origin: 'log.example', size, root: rootHash(entries) }), signer);

/** What was done, how, and what is said. */
export const TAMPERED: readonly (readonly [
  string,
  (folder: string) => void | Promise<void>,
  RegExp,
])[] = [
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
    /Checkpoint 1 is one of size 2/,
  ],
  [
    'an entry in the middle gone',
    (folder) => change(folder, 'DELETE FROM entries WHERE entry = 2'),
    /Entry 2 is missing/,
  ],
  [
    'the last checkpoint gone',
    (folder) => change(folder, 'UPDATE entries SET checkpoint = NULL WHERE entry = 5'),
    /Entry 5 is there/,
  ],
  [
    'the entry before a checkpoint gone',
    (folder) => change(folder, 'DELETE FROM entries WHERE entry = 4'),
    /Entry 4 is missing/,
  ],
  [
    'all checkpoints gone',
    (folder) => change(folder, 'DELETE FROM checkpoints; UPDATE entries SET checkpoint = NULL'),
    /no checkpoint/,
  ],
  [
    'an entry added',
    (folder) => change(folder, 'INSERT INTO entries VALUES (6, ?, NULL)', other),
    /Entry 6 is there/,
  ],
  [
    'an entry before the first',
    (folder) => change(folder, 'INSERT INTO entries VALUES (-1, ?, NULL)', other),
    /Entry 0 is missing/,
  ],
  [
    'a root changed',
    async (folder) =>
      change(
        folder,
        'UPDATE entries SET checkpoint = ? WHERE entry = 1',
        await note(2, bytesOf(0, 5)),
      ),
    /checkpoint 2,/,
  ],
  [
    'a size changed',
    async (folder) =>
      change(
        folder,
        'UPDATE entries SET checkpoint = ? WHERE entry = 1',
        await note(3, bytesOf(0, 1)),
      ),
    /Checkpoint 2 is one of size 3/,
  ],
  [
    'a checkpoint no longer readable',
    (folder) => change(folder, "UPDATE entries SET checkpoint = 'x' WHERE entry = 1"),
    /Checkpoint 2 cannot be read/,
  ],
  [
    'the signature changed',
    (folder) =>
      change(
        folder,
        'UPDATE entries SET checkpoint = (SELECT substr(c.checkpoint, 1, instr(c.checkpoint, char(10) || char(10))) || substr(d.checkpoint, instr(d.checkpoint, char(10) || char(10)) + 1) FROM entries c, entries d WHERE c.entry = 5 AND d.entry = 4) WHERE entry = 5',
      ),
    /signature of checkpoint 6/,
  ],
  [
    'the first checkpoint changed',
    async (folder) => change(folder, 'UPDATE checkpoints SET note = ?', await note(0, bytesOf(0))),
    /checkpoint 0/i,
  ],
  [
    'a checkpoint in two places',
    async (folder) =>
      change(folder, 'INSERT INTO checkpoints VALUES (6, ?)', await note(6, bytesOf(0))),
    /checkpoint 6/,
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
