import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { program } from './run.fixture.ts';

test('npm run drill -- --server-gone ends with 0: the drill is closed and its evidence verifies', async () => {
  const home = mkdtempSync(join(tmpdir(), 'halligan-gone-drill-'));
  try {
    const argv = ['--exit', '--server-gone', '--recipients', 'x25519'];
    const { code, out, err } = await program('practice.ts', argv, { HALLIGAN_HOME: home });
    assert.equal(code, 0, out + err);
    assert.match(out, /merge: the record takes in what was done without it/);
    assert.match(out, /^ *ASSERTED \(by ana, ben, dana\).*without the server/m);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
