import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { fillAndClose, inFolder, marks } from './fixture.ts';
import { readJournal } from './ledger.ts';
import { openJournal, type SqliteJournal } from './sqlite.ts';
import { signer, TAMPERED, verifier } from './tampered.fixture.ts';

/** Two threads, and three ranges of a journal of six entries. */
const sharing = { threads: 2, from: 0, width: 2 };
const open = (folder: string): Promise<SqliteJournal> =>
  openJournal({ folder, signer, ballast: 0 });

describe('a journal that was tampered with does not open', () => {
  for (const [what, tamper, message] of TAMPERED) {
    test(what, () =>
      inFolder(async (folder) => {
        await fillAndClose(await open(folder));
        await tamper(folder);
        for (const opening of [
          () => open(folder),
          () => readJournal(folder, verifier),
          () => openJournal({ folder, signer, ballast: 0, sharing }),
          () => readJournal(folder, verifier, undefined, sharing),
        ]) {
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
