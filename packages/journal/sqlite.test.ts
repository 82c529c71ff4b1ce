import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { formatCheckpoint, generateNoteKey, rootHash, signNote } from '@halligan/tlog';
import fc from 'fast-check';
import { journalContract } from './contract.ts';
import { encodeEntry } from './entry.ts';
import { all, group, groups, inFolder, marks } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { openJournal, type SqliteJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');
const open = (folder: string): Promise<SqliteJournal> =>
  openJournal({ folder, signer, ballast: 0 });

journalContract('node:sqlite', open, verifier);

/** Changes a database behind the journal's back. */
function change(
  folder: string,
  sql: string,
  ...values: readonly (string | number | Uint8Array)[]
): void {
  using database = new DatabaseSync(join(folder, 'journal.db'));
  if (values.length === 0) database.exec(sql);
  else database.prepare(sql).run(...values);
}

/** A closed journal: entries 0 and 1, then 2 to 4 in one commit, then 5. */
async function written(folder: string): Promise<void> {
  const journal = await open(folder);
  await journal.append(groups(0), 0);
  await journal.append(groups(1), 1);
  await journal.append(groups(2, 3, 4), 2);
  await journal.append(groups(5), 5);
  await journal.close();
}

describe('opening', () => {
  test('makes files that only their owner can read', () =>
    inFolder(async (parent) => {
      const folder = join(parent, 'a/b');
      const journal = await openJournal({ folder, signer, ballast: 1 << 20 });
      await journal.append(groups('a'), 0);
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      const files = await readdir(folder);
      assert.deepEqual(files.sort(), [
        'ballast',
        'journal.db',
        'journal.db-shm',
        'journal.db-wal',
        'lock.db',
      ]);
      for (const file of files)
        assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
      await journal.close();
    }));

  test('refuses a second server, also from another process, and says where', () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      const program = `
        import { openJournal } from '${import.meta.resolve('./sqlite.ts')}';
        await openJournal({ folder: ${JSON.stringify(folder)}, signer: ${JSON.stringify(signer)} })
          .catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
      });
      assert.deepEqual(JSON.parse(stdout), {
        code: 'journal.locked',
        message: `Another Halligan server is running on the data folder ${folder}.`,
        hint: 'Stop that one first (look for a second service, container or terminal), or give this one a folder of its own.',
      });
      await journal.append(groups('a'), 0);
      await journal.close();
    }));

  test('lets go of the lock where it fails', () =>
    inFolder(async (folder) => {
      await written(folder);
      const { signer: other } = await generateNoteKey('log.example');
      await assert.rejects(openJournal({ folder, signer: other }), { code: 'journal.origin' });
      await (await open(folder)).close();
    }));

  test('tells a wrong key from a damaged journal', () =>
    inFolder(async (folder) => {
      await written(folder);
      for (const name of ['log.example', 'other.example']) {
        const other = await generateNoteKey(name);
        await assert.rejects(openJournal({ folder, signer: other.signer }), {
          code: 'journal.origin',
        });
        await assert.rejects(readJournal(folder, other.verifier), { code: 'journal.origin' });
      }
      await assert.rejects(openJournal({ folder, signer: verifier }), { code: 'tlog.key-syntax' });
    }));

  test('begins no journal where there should be one', () =>
    inFolder(async (folder) => {
      await assert.rejects(openJournal({ folder, signer, create: false }), {
        code: 'journal.missing',
      });
      await assert.rejects(readJournal(folder, verifier), { code: 'journal.missing' });
      await assert.rejects(readJournal(join(folder, 'nowhere'), verifier), {
        code: 'journal.missing',
      });
      await written(folder);
      await (await openJournal({ folder, signer, create: false, ballast: 0 })).close();
    }));

  test('begins again where a crash interrupted the beginning', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'journal.db.new'), 'half a journal');
      await writeFile(join(folder, 'journal.db.new-wal'), 'half a log');
      const journal = await open(folder);
      await journal.append(groups('a'), 0);
      await journal.close();
      assert.deepEqual((await readdir(folder)).sort(), ['journal.db', 'lock.db']);
    }));

  test('refuses other versions and other databases', () =>
    inFolder(async (folder) => {
      await written(folder);
      change(folder, 'PRAGMA user_version = 2');
      await assert.rejects(open(folder), {
        code: 'journal.version',
        message: /version 2; this program knows version 1/,
      });
      change(folder, 'PRAGMA user_version = 1; PRAGMA application_id = 7');
      await assert.rejects(open(folder), { code: 'journal.version' });
      await assert.rejects(readJournal(folder, verifier), { code: 'journal.version' });
    }));

  test('can be asked for a checkpoint that is known from elsewhere', () =>
    inFolder(async (folder) => {
      await written(folder);
      await mkdir(join(folder, 'backup'));
      await copyFile(join(folder, 'journal.db'), join(folder, 'backup/journal.db'));
      const journal = await open(folder);
      const anchor = await journal.append(groups(6), 6);
      await journal.close();
      const backup = join(folder, 'backup');
      await (await openJournal({ folder, signer, anchor, ballast: 0 })).close();
      await (await open(backup)).close();
      await assert.rejects(openJournal({ folder: backup, signer, anchor }), {
        code: 'journal.rolled-back',
      });
      await assert.rejects(readJournal(backup, verifier, anchor), { code: 'journal.rolled-back' });
      const forked = await open(backup);
      await forked.append(groups('another 6'), 6);
      await forked.close();
      await assert.rejects(openJournal({ folder: backup, signer, anchor }), {
        code: 'journal.rolled-back',
      });
    }));
});

describe('a journal that was tampered with does not open', () => {
  const other = encodeEntry(group('other'));
  const { signer: otherSigner } = { signer };
  const bytesOf = (...kept: readonly number[]) => kept.map((mark) => encodeEntry(group(mark)));
  const note = (size: number, entries: readonly Uint8Array[]) =>
    signNote(
      formatCheckpoint({ origin: 'log.example', size, root: rootHash(entries) }),
      otherSigner,
    );

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
        await written(folder);
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
      await written(folder);
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

describe('commits that fail', () => {
  const refuse =
    "CREATE TRIGGER refuse BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'no'); END";

  test('leave the journal as it was, and what comes later succeeds', () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      const before = await journal.append(groups('a'), 0);
      change(folder, refuse);
      const failed = [journal.append(groups('b', 'c'), 1), journal.append(groups('d'), 3)];
      for (const appended of failed)
        await assert.rejects(appended, { code: 'journal.commit-failed' });
      assert.deepEqual(journal.checkpoint(), before);
      assert.deepEqual(await marks(journal.read(0)), ['a']);
      change(folder, 'DROP TRIGGER refuse');
      await journal.append(groups('e'), 1);
      await journal.close();
      const again = await open(folder);
      assert.deepEqual(await marks(again.read(0)), ['a', 'e']);
      await again.close();
    }));

  test('a second writer that got past the lock is fenced off, and so are we', () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      await journal.append(groups('a'), 0);
      const intruder = encodeEntry(group('intruder'));
      change(folder, 'INSERT INTO entries VALUES (1, ?)', intruder);
      await assert.rejects(journal.append(groups('b'), 1), {
        code: 'journal.commit-failed',
        message: /Somebody else has written/,
      });
      change(folder, 'DELETE FROM entries WHERE entry = 1');
      await assert.rejects(journal.append(groups('b'), 1), { code: 'journal.commit-failed' });
      assert.deepEqual(await marks(journal.read(0)), ['a']);
      await journal.close();
    }));
});

describe('reading', () => {
  test('goes on beside the writer, on the state that it found', () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      await journal.append(groups('a'), 0);
      const reader = await readJournal(folder, verifier);
      await journal.append(groups('b'), 1);
      assert.deepEqual(await marks(reader.read(0)), ['a']);
      assert.equal(reader.origin, 'log.example');
      await reader.close();
      await assert.rejects(all(reader.read(0)), { code: 'journal.closed' });
      const later = await readJournal(folder, verifier);
      assert.deepEqual(later.checkpoint(), journal.checkpoint());
      await later.close();
      await journal.close();
    }));

  test('notices an entry that changes under a running server', () =>
    inFolder(async (folder) => {
      const journal = await open(folder);
      await journal.append(groups('a', 'b'), 0);
      change(folder, 'UPDATE entries SET bytes = ? WHERE entry = 1', encodeEntry(group('other')));
      await assert.rejects(all(journal.read(0)), { code: 'journal.corrupt', message: /Entry 1 / });
      change(folder, 'DELETE FROM entries');
      await assert.rejects(all(journal.read(0)), { code: 'journal.corrupt', message: /Entry 0 / });
      await journal.close();
    }));
});

test('the reserve is there from the beginning and stays while the journal grows', () =>
  inFolder(async (folder) => {
    const free = () => {
      using database = new DatabaseSync(join(folder, 'journal.db'), { readOnly: true });
      return Number(database.prepare('PRAGMA freelist_count').get()?.freelist_count);
    };
    const journal = await openJournal({ folder, signer, ballast: 1 << 20 });
    assert.ok(journal.reserveHeld);
    assert.ok(free() >= 2048);
    const large = { input: 'x'.repeat(60_000), events: [] };
    for (let size = 0; size < 300; size += 20) {
      await journal.append(
        Array.from({ length: 20 }, () => large),
        size,
      );
      assert.ok(free() >= 512, `${free()} free pages at ${size}`);
    }
    assert.ok(journal.reserveHeld);
    await journal.close();
  }));
