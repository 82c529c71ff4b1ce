/** A disk that fails under a running server: who reads is answered, who writes is told why, nothing is half recorded. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { cannotRecord } from './faults/power/recorded-disk.ts';

const missing = cannotRecord();

const traces = z.object({ size: z.int(), notes: z.int(), blobs: z.int() });
const refusal = z.object({ status: z.int(), code: z.string(), hint: z.string() });
const seen = z.object({
  well: z.int(),
  refused: z.array(refusal).length(2),
  released: z.object({ exit: z.int(), said: z.string() }),
  health: z.object({ status: z.int(), ok: z.boolean(), writable: z.boolean() }),
  appended: z.array(z.string()),
  kept: z.int(),
  read: z.int(),
  before: traces,
  after: traces,
  log: z.array(z.string()),
});

const SCRIPT = `
mkfs.ext4 -q -F "$1/image"
mount -t tmpfs tmpfs /mnt
mount -o loop "$1/image" "$1/disk"
export TMPDIR="$1/disk"
exec "$2" "$3"
`;

test('a file system that gave up: 503 with what to do, /healthz says it, who reads is answered', {
  skip: missing === undefined ? false : `missing ${missing}`,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-failed-'));
  const image = join(folder, 'image');
  writeFileSync(image, '');
  truncateSync(image, 300 << 20);
  mkdirSync(join(folder, 'disk'));
  const fixture = join(import.meta.dirname, 'failed-disk.fixture.ts');
  const parameters = ['-m', 'sh', '-ec', SCRIPT, 'sh', folder, process.execPath, fixture];
  const done = spawnSync('unshare', parameters, { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.stderr);
  const found = seen.parse(JSON.parse(done.stdout.trim().split('\n').at(-1) ?? ''));
  assert.equal(found.well, 201);
  for (const { status, code, hint } of found.refused) {
    assert.deepEqual([status, code], [503, 'server.disk-failed']);
    assert.match(hint, /read-only.*kit/);
  }
  assert.equal(found.released.exit, 1);
  assert.match(found.released.said, /\[server\.disk-failed\]/);
  assert.deepEqual(found.health, { status: 200, ok: false, writable: false });
  assert.equal(found.read, 200);
  assert.deepEqual(found.after, found.before);
  assert.deepEqual([found.appended, found.kept], [['journal.commit-failed', 'journal.storage'], 1]);
  assert.ok(found.log.some((line) => line.includes('the data folder cannot be written')));
});
