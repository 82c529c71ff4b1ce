/** A disk that answers EIO: `strace` puts the error in the place of the system call. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateNoteKey } from '@halligan/tlog';
import { inFolder, marks } from './fixture.ts';
import { openJournal } from './sqlite.ts';

const { signer } = await generateNoteKey('log.example');

const tried = spawnSync('strace', [
  '-f',
  '-qq',
  '-e',
  'trace=fsync',
  '-e',
  'inject=fsync:error=EIO',
  'true',
]);
const skip = tried.status === 0 ? false : 'missing strace, or the leave to trace';

/** Appends entry after entry, and goes on after a failure; prints the marks of what was acknowledged, and every refusal. */
const WRITER = `
  import { readFileSync } from 'node:fs';
  import { BlobStore, openJournal } from '${import.meta.resolve('./index.ts')}';
  import { groups, marks } from '${import.meta.resolve('./fixture.ts')}';
  const { folder } = process.env;
  const signer = readFileSync(0, 'utf8');
  const journal = await openJournal({ folder, signer, ballast: 0 });
  const blobs = await BlobStore.open(folder + '/blobs');
  const told = [], refused = [];
  for (let mark = 0; mark < 60; mark += 1) {
    const { size } = journal.checkpoint();
    await journal.append(groups(mark), size).then(
      () => told.push(mark),
      ({ code, cause }) => refused.push([code, cause.code, journal.checkpoint().size === size]),
    );
  }
  const stored = await blobs.put(new Uint8Array(9)).catch(({ code }) => code);
  const shown = await marks(journal.read(0));
  console.log(JSON.stringify({ told, refused, shown, stored }));
  await journal.close();`;

/** @param when which calls fail, as `strace` counts them */
function write(folder: string, when: string) {
  const { status, stdout, stderr } = spawnSync(
    'strace',
    [
      ...['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'],
      ...['-e', `inject=fsync,fdatasync:error=EIO:when=${when}`],
      ...[process.execPath, '--input-type=module', '-e', WRITER],
    ],
    { encoding: 'utf8', env: { ...process.env, folder }, input: signer },
  );
  assert.equal(status, 0, stderr.slice(0, 2000));
  return JSON.parse(stdout);
}

async function kept(folder: string): Promise<readonly unknown[]> {
  const journal = await openJournal({ folder, signer, ballast: 0 });
  const found = await marks(journal.read(0));
  await journal.close();
  return found;
}

const REFUSED = ['journal.commit-failed', 'journal.storage', true];

test(
  'a sync that fails once: that entry is refused, not shown, not kept; what comes after is',
  { skip },
  () =>
    inFolder(async (parent) => {
      const folder = join(parent, 'data');
      const { told, refused, shown, stored } = write(folder, '30');
      assert.deepEqual(refused, [REFUSED]);
      assert.equal(told.length, 59);
      assert.deepEqual(shown, told);
      assert.match(stored, /^[0-9a-f]{64}$/);
      assert.deepEqual(await kept(folder), told);
    }),
);

test(
  'a disk that never syncs again: nothing more is acknowledged, what was is read and kept',
  { skip },
  () =>
    inFolder(async (parent) => {
      const folder = join(parent, 'data');
      const { told, refused, shown, stored } = write(folder, '30+');
      assert.ok(told.length > 0 && refused.length > 1);
      assert.deepEqual(refused, Array(60 - told.length).fill(REFUSED));
      assert.deepEqual(shown, told);
      assert.equal(stored, 'EIO');
      // What was refused last may have reached the disk all the same, and comes back signed; nothing else does.
      const after = await kept(folder);
      assert.deepEqual(after.slice(0, told.length), told);
      assert.ok(after.length <= told.length + 1);
    }),
);
