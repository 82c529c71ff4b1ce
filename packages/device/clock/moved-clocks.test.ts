/** The clocks of a real process, moved: the wall clock by libfaketime, the boot clock in a time namespace. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const script = join(import.meta.dirname, 'running-clock.fixture.ts');
const noFaketime = existsSync('/usr/bin/faketime') ? false : 'faketime is not installed';
const canShift = spawnSync('unshare', ['-T', '--boottime', '1', 'true']).status === 0;
const noNamespace = canShift ? false : 'time namespaces need root and a kernel that has them';
const DAY = 86_400;

/** What the machine's time is to a process that is run so. */
function secondsBy(folder: string, ...wrapper: readonly string[]): number {
  const [program = '', ...args] = [...wrapper, process.execPath, script, folder];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).seconds;
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-clock-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a wall clock turned back by days takes nothing back', { skip: noFaketime }, (context) => {
  const folder = folderOf(context);
  const before = secondsBy(folder);
  const turned = secondsBy(folder, 'faketime', '-f', '-10d');
  assert.ok(turned >= before, `${turned} ${before}`);
  const ahead = secondsBy(folder, 'faketime', '-f', '+10d');
  assert.ok(ahead >= before + 10 * DAY);
  assert.ok(secondsBy(folder) >= ahead);
});

test('time passes by the boot clock, suspended times included, where the wall clock stands', {
  skip: noFaketime || noNamespace,
}, (context) => {
  const folder = folderOf(context);
  const before = secondsBy(folder, 'faketime', '2026-01-01 00:00:00');
  const after = secondsBy(
    folder,
    ...['unshare', '-T', '--boottime', String(DAY), 'faketime', '2026-01-01 00:00:00'],
  );
  assert.ok(after >= before + DAY, `${after} ${before}`);
});
