import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const WRONG: readonly (readonly [string, readonly string[], string])[] = [
  ['a system that is none', ['--system', 'nowhere'], 'practice.system'],
  ['recipients that are none', ['--recipients', 'rsa'], 'practice.usage'],
  ['an option that is none', ['--bogus'], 'practice.usage'],
];

for (const [what, argv, code] of WRONG) {
  test(`practice with ${what} says so, and leaves no half-made organisation`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'halligan-usage-'));
    try {
      const home = join(folder, 'home');
      const script = join(import.meta.dirname, 'practice.ts');
      const { status, stderr } = spawnSync(process.execPath, [script, '--exit', ...argv], {
        encoding: 'utf8',
        env: { HALLIGAN_HOME: home },
      });
      assert.equal(status, 1);
      assert.ok(stderr.includes(`[${code}]`), stderr);
      assert.match(stderr, /^hint: .+/m);
      assert.ok(!existsSync(home));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
