import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const script = join(import.meta.dirname, 'full-disk.fixture.ts');
const mounted = 'mount -t tmpfs -o size=600k tmpfs /mnt && exec "$0" "$@"';
const inNamespace = ['-m', 'sh', '-c', mounted];
const canMount = spawnSync('unshare', [...inNamespace, 'true']).status === 0;
const skip = canMount ? false : 'a small disk of its own needs root';

test('on a disk that is full nobody is let in by what is not on it, and afterwards all is as before', {
  skip,
}, () => {
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    [...inNamespace, process.execPath, script, '/mnt'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const { before, full, kept, after, more } = JSON.parse(stdout);
  assert.deepEqual(before, ['in', 'in']);
  assert.equal(after, 'in');
  assert.ok(full.includes('device.store'), 'the disk was never full');
  const others = full.filter((one: string) => !['in', 'device.store', 'held up'].includes(one));
  assert.deepEqual(others, []);
  assert.equal(kept, 1 + full.filter((one: string) => one === 'in').length);
  assert.equal(more, kept + 1);
});
