import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { generateNoteKey } from '@halligan/tlog';
import { journalContract } from './contract.ts';
import { encodeEntry } from './entry.ts';
import { all, change, fillAndClose, group, groups, inFolder, marks } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { openJournal, type SqliteJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');
const open = (folder: string): Promise<SqliteJournal> =>
  openJournal({ folder, signer, ballast: 0 });

journalContract('node:sqlite', open, verifier);

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
      await fillAndClose(await open(folder));
      const { signer: other } = await generateNoteKey('log.example');
      await assert.rejects(openJournal({ folder, signer: other }), { code: 'journal.origin' });
      await (await open(folder)).close();
    }));

  test('tells a wrong key from a damaged journal', () =>
    inFolder(async (folder) => {
      await fillAndClose(await open(folder));
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
      await fillAndClose(await open(folder));
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
      await fillAndClose(await open(folder));
      change(folder, 'PRAGMA user_version = 3');
      await assert.rejects(open(folder), {
        code: 'journal.version',
        message: /version 3; this program knows versions 1 to 2/,
      });
      change(folder, 'PRAGMA user_version = 2; PRAGMA application_id = 7');
      await assert.rejects(open(folder), { code: 'journal.version' });
      await assert.rejects(readJournal(folder, verifier), { code: 'journal.version' });
    }));

  test('can be asked for a checkpoint that is known from elsewhere', () =>
    inFolder(async (folder) => {
      await fillAndClose(await open(folder));
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

describe('commits that fail', () => {
  const refuse =
    "CREATE TRIGGER refuse BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END";

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
      change(folder, 'INSERT INTO entries VALUES (1, ?, NULL)', intruder);
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
