/** A disk that fills up in the middle of an emergency: what is refused leaves nothing, and with space it goes on. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';

const mayMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

const traces = z.object({ size: z.int(), notes: z.int(), blobs: z.int() });
const seen = z.object({
  taken: z.int(),
  refused: z.object({ status: z.int(), code: z.string(), hint: z.string() }),
  before: traces,
  after: traces,
  alive: z.int(),
  again: z.object({ status: z.int() }),
  tooFull: z.object({ status: z.int(), code: z.string(), left: z.int() }),
  fits: z.object({ status: z.int(), left: z.int() }),
  releases: z.int(),
});

test('a full disk: 507 with what to do, nothing half done; with space again, the emergency goes on', {
  skip: mayMount ? false : 'mounting needs Linux and root',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-full-'));
  const fixture = join(import.meta.dirname, 'full-disk.fixture.ts');
  const script =
    'mount -t tmpfs tmpfs /mnt; mount -t tmpfs -o size=160m tmpfs "$1"; export TMPDIR="$1"; exec "$2" "$3"';
  const parameters = ['-m', 'sh', '-ec', script, 'sh', folder, process.execPath, fixture];
  const done = spawnSync('unshare', parameters, { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.stderr);
  const { taken, refused, before, after, alive, again, tooFull, fits, releases } = seen.parse(
    JSON.parse(done.stdout.trim().split('\n').at(-1) ?? ''),
  );
  // The ballast made room for what was under way.
  assert.ok(taken > 0);
  assert.equal(refused.status, 507);
  assert.match(refused.code, /^(server\.disk-full|journal\.full|journal\.blob-full)$/);
  assert.match(refused.hint, /[Ss]pace/);
  assert.deepEqual(after, before);
  assert.deepEqual([alive, again.status], [200, 201]);
  assert.deepEqual(tooFull, { status: 507, code: 'server.disk-full', left: 0 });
  assert.deepEqual(fits, { status: 201, left: 1 });
  assert.ok(releases > 0);
});
