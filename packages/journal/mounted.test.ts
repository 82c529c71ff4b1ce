import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { generateNoteKey } from '@halligan/tlog';
import { groups, inFolder } from './fixture.ts';
import { cannotMount, runMounted } from './mount.ts';
import { openJournal } from './sqlite.ts';

const { signer, verifier } = await generateNoteKey('log.example');

/** What every program below begins with. */
const PRELUDE = `
  import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
  import { Ballast, BlobStore, openJournal, readJournal } from './index.ts';
  import { groups, marks } from './fixture.ts';
  import { hashedByThreads } from './range-threads.ts';
  const { folder } = process.env;
  const signer = ${JSON.stringify(signer)};
  const verifier = ${JSON.stringify(verifier)};
  const outcome = (promise) => promise.then(() => 'done', (error) => error.code);
  const fill = () => {
    let bytes = 1 << 20;
    for (let at = 0; bytes >= 4096; at += 1) {
      try { writeFileSync(folder + '/filling' + at, new Uint8Array(bytes)); }
      catch { bytes /= 2; }
    }
  };
  const free = () => { for (let at = 0; at < 500; at += 1) rmSync(folder + '/filling' + at, { force: true }); };
`;

test(
  'a read-only data folder: a clear refusal to write, and it can still be read',
  { skip: cannotMount },
  () =>
    inFolder(async (folder) => {
      const journal = await openJournal({ folder, signer, ballast: 0 });
      await journal.append(groups('a', 'b'), 0);
      await journal.close();
      const found = runMounted(
        folder,
        'mount --bind "$folder" "$folder"; mount -o remount,ro,bind "$folder"',
        `${PRELUDE}
      const journal = await readJournal(folder, verifier);
      console.log(JSON.stringify([
        await outcome(openJournal({ folder, signer })),
        await outcome(openJournal({ folder: folder + '/new', signer })),
        await outcome(BlobStore.open(folder)),
        await marks(journal.read(0)),
        (await hashedByThreads(folder, 2, { threads: 2, from: 0, width: 1 }))?.size,
      ]));`,
      );
      const refused = 'journal.read-only';
      assert.deepEqual(found, [refused, refused, refused, ['a', 'b'], 2]);
      const again = await openJournal({ folder, signer, ballast: 0 });
      assert.equal(again.checkpoint().size, 2);
      await again.close();
    }),
);

test(
  'a journal that a crash left on a read-only disk is not shown without its last commits',
  { skip: cannotMount },
  () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data');
      const copy = join(folder, 'copy');
      await mkdir(copy);
      const journal = await openJournal({ folder: data, signer, ballast: 0 });
      await journal.append(groups('a', 'b'), 0);
      const found = runMounted(
        folder,
        'cp "$folder"/data/journal.db "$folder"/data/journal.db-wal "$folder"/copy; mount --bind "$folder" "$folder"; mount -o remount,ro,bind "$folder"',
        `${PRELUDE}
      const read = async () => (await readJournal(folder + '/copy', verifier)).checkpoint().size;
      console.log(JSON.stringify(await read().catch((error) => error.code)));`,
      );
      assert.equal(found, 'journal.read-only');
      await journal.close();
    }),
);

test(
  'a full disk: the reserve goes on recording, then refuses whole commits, then recovers',
  { skip: cannotMount },
  () =>
    inFolder(async (folder) => {
      const found = runMounted(
        folder,
        'mount -t tmpfs -o size=96m tmpfs "$folder"',
        `${PRELUDE}
      const data = folder + '/data';
      const options = { folder: data, signer, ballast: 8 << 20 };
      let journal = await openJournal(options);
      const held = journal.reserveHeld;
      fill();
      let size = 0;
      const group = { input: 'x'.repeat(1000), events: [] };
      const append = async (count = 1) => { await journal.append(Array(count).fill(group), size); size += count; };
      // What an emergency may take: 2,000 entries of 1 KB.
      while (size < 2000) await append();
      const stillHeld = journal.reserveHeld;
      await journal.close();
      fill();
      journal = await openJournal(options);
      for (let at = 0; at < 2000; at += 1) await append();
      const heldAfterRestart = journal.reserveHeld;
      fill();
      const failed = [];
      while (failed.length === 0 && size < 60_000) {
        await append(50).catch((error) => failed.push(error.code, error.cause.code));
      }
      const sizes = [journal.checkpoint().size === size, (await marks(journal.read(size - 1))).length];
      const again = await outcome(append(50));
      free();
      await append();
      await journal.close();
      journal = await openJournal(options);
      console.log(JSON.stringify({ held, stillHeld, heldAfterRestart, failed, sizes, again, recovered: journal.reserveHeld && journal.checkpoint().size === size }));
      await journal.close();`,
      );
      assert.deepEqual(found, {
        held: true,
        stillHeld: true,
        heldAfterRestart: false,
        failed: ['journal.commit-failed', 'journal.full'],
        sizes: [true, 1],
        again: 'journal.commit-failed',
        recovered: true,
      });
    }),
);

test(
  'a full disk: where the reserve ends, the ballast takes over, unnoticed by who appends',
  { skip: cannotMount },
  () =>
    inFolder(async (folder) => {
      const found = runMounted(
        folder,
        'mount -t tmpfs -o size=64m tmpfs "$folder"',
        `${PRELUDE}
      const journal = await openJournal({ folder: folder + '/data', signer, ballast: 8 << 20 });
      fill();
      let size = 0;
      while (journal.ballast.held && size < 60_000) {
        await journal.append(Array(50).fill({ input: 'x'.repeat(1000), events: [] }), size);
        size += 50;
      }
      console.log(JSON.stringify({ reserve: size > 4000, ballast: journal.ballast.held, kept: journal.checkpoint().size === size }));
      await journal.close();`,
      );
      assert.deepEqual(found, { reserve: true, ballast: false, kept: true });
    }),
);

test('a full disk: blobs take the place of the ballast', { skip: cannotMount }, () =>
  inFolder(async (folder) => {
    const found = runMounted(
      folder,
      'mount -t tmpfs -o size=32m tmpfs "$folder"',
      `${PRELUDE}
      const ballast = new Ballast(folder + '/ballast', 4 << 20);
      const held = ballast.hold();
      const blobs = await BlobStore.open(folder + '/blobs', ballast);
      fill();
      const name = await blobs.put(new Uint8Array(1 << 20));
      const { length } = await blobs.get(name);
      fill();
      const refused = await blobs.put(new Uint8Array(1 << 20).fill(1)).catch((error) => error.code);
      console.log(JSON.stringify({ held, length, after: ballast.held, refused, whole: (await blobs.get(name)).length }));`,
    );
    assert.deepEqual(found, {
      held: true,
      length: 1 << 20,
      after: false,
      refused: 'ENOSPC',
      whole: 1 << 20,
    });
  }),
);

test('a file in the place of the data folder', () =>
  inFolder(async (folder) => {
    const journal = await openJournal({ folder: join(folder, 'data'), signer, ballast: 0 });
    await journal.close();
    const opened = openJournal({ folder: join(folder, 'data/journal.db'), signer });
    await assert.rejects(opened, (error) => {
      assert.ok(error instanceof HalliganError);
      assert.equal(error.code, 'journal.folder');
      assert.match(error.message, /journal\.db/);
      assert.match(error.hint, /folder/);
      return true;
    });
  }));
