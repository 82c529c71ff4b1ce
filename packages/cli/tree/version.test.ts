import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROGRAM_VERSION } from '@halligan/server';
import { EXIT } from '../exit-codes.ts';
import { recorded } from './recorded.fixture.ts';

test('--version and version say the same, for people and for scripts', async () => {
  for (const asked of ['--version', 'version']) {
    const said = await recorded([asked], {});
    assert.equal(said.code, EXIT.ok, said.said);
    assert.match(said.out.join('\n'), /^halligan \d+\.\d+\.\d+\n {2}rules 1 to \d+; Node\.js \d+/);
    const { code, out } = await recorded([asked, '--json'], {});
    assert.equal(code, EXIT.ok);
    const { version } = JSON.parse(out.join(''));
    assert.equal(version, PROGRAM_VERSION, 'the server marks its data with the same version');
  }
});
