import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from './exit-codes.ts';
import { recorded } from './tree/recorded.fixture.ts';

test('without keys, or with those of several organisations, a person is told what is missing and where it was looked for', async () => {
  const home = mkdtempSync(join(tmpdir(), 'halligan-context-'));
  const asked = async () => {
    const { code, out } = await recorded(['emergency', 'list', '--json'], { HOME: home });
    return { exit: code, ...JSON.parse(out.join('')).error };
  };
  try {
    const none = await asked();
    assert.deepEqual([none.exit, none.code], [EXIT.signIn, 'cli.no-home']);
    assert.ok(none.hint.includes('halligan join'));
    assert.ok(none.hint.includes(join(home, '.config', 'halligan')));
    for (const name of ['contoso', 'fabrikam']) {
      mkdirSync(join(home, '.config', 'halligan', name), { recursive: true });
      writeFileSync(join(home, '.config', 'halligan', name, 'person.json'), '{');
    }
    const several = await asked();
    assert.deepEqual([several.exit, several.code], [EXIT.usage, 'cli.usage']);
    assert.match(several.hint, /--org.*contoso.*fabrikam|--org.*fabrikam.*contoso/);
    rmSync(join(home, '.config', 'halligan', 'fabrikam'), { recursive: true });
    const damaged = await asked();
    assert.deepEqual([damaged.exit, damaged.code], [EXIT.failed, 'cli.home']);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
