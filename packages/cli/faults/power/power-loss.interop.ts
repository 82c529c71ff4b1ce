/** That the search for what a power cut loses finds what careless writers lose, and nothing of ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { cannotRecord } from './recorded-disk.ts';

const missing = cannotRecord();
const skip = missing === undefined ? false : `missing ${missing}`;

function cutPower(...parameters: readonly string[]) {
  const script = join(import.meta.dirname, '../../../../scripts/power-loss.ts');
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-m', process.execPath, script, ...parameters],
    { encoding: 'utf8' },
  );
  return { status, out: stdout, wrong: stderr };
}

test('writers that sync lose nothing', { skip }, () => {
  const { status, out, wrong } = cutPower('16', 'interop', 'ext4', 'stores');
  assert.equal(status, 0, wrong.slice(0, 2000));
  assert.match(out, /^16 power cuts of stores on ext4: \d{2,} acknowledged, 0 wrong/m);
});

const CARELESS = [
  [
    'commits-unsynced',
    'a database with synchronous=OFF',
    /does not open|entries from \d+ on are lost/,
  ],
  [
    'commits-synced-sometimes',
    'a database with synchronous=NORMAL',
    /entries from \d+ on are lost/,
  ],
  ['names-unsynced', 'names whose folder is not synced', /blob-missing|ENOENT|was acknowledged/],
] as const;

for (const [defect, what, found] of CARELESS)
  test(`${what}: what is lost is found`, { skip }, () => {
    const { status, wrong } = cutPower('24', 'interop', 'ext4', 'stores', defect);
    assert.equal(status, 1, 'nothing was found');
    assert.match(wrong, found);
  });
