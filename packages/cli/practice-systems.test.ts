import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import { identityOfBytes, parseCredential } from '@halligan/seal';
import { combine } from '@halligan/slip39';
import { openDriver, parseSystemConfig } from '@halligan/systems';
import { program } from './run.fixture.ts';

test('a drill on a real OpenLDAP directory ends with 0, and leaves nothing behind', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'halligan-fresh-'));
  try {
    const { code, out, err } = await program(
      'practice.ts',
      ['--exit', '--fresh', '--system', 'openldap'],
      { TMPDIR: temporary },
    );
    if (err.includes('systems.component-missing')) return t.skip('slapd is not installed');
    assert.equal(code, 0, out + err);
    assert.match(out, /sealed accounts on openldap/);
    assert.match(
      out,
      /PASS \(signed by rotator\) +the rotator saw the system reject the credential that was used/,
    );
    assert.deepEqual(readdirSync(temporary), []);
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

/** Three holders of the offline path, as docs/guides/open-a-seal-by-hand.md has them come. */
const CAME = ['keyholders/ana', 'keyholders/ben', 'executives/dana'];

const age = spawnSync('age', ['--version']);

test('seals of a practice home open with the age program and three holders’ keys, and the newest signs in', {
  skip: age.error === undefined ? false : 'age is not installed',
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'halligan-by-hand-'));
  try {
    const ran = await program('practice.ts', ['--exit', '--recipients', 'x25519'], {
      HALLIGAN_HOME: home,
    });
    assert.equal(ran.code, 0, ran.out + ran.err);
    const system = readFileSync(join(home, 'systems', 'practice-system.json'), 'utf8');
    const driver = await openDriver(parseSystemConfig(JSON.parse(system)), undefined);
    const signsIn = async (version: string) => {
      const { username, password } = openByHand(home, join('breakglass-admin-1', version));
      return driver.prove(username, utf8(password));
    };
    assert.equal(await signsIn('2'), 'accepted');
    assert.equal(await signsIn('1'), 'rejected');
    await driver.close();
  } finally {
    rmSync(home, { recursive: true });
  }
});

function openByHand(home: string, seal: string) {
  const folder = join(home, 'seals', seal);
  const decrypt = (file: string, key: string, input = '') => {
    const done = spawnSync('age', ['-d', '-i', key, file], { cwd: folder, input });
    assert.equal(done.status, 0, done.stderr.toString());
    return done.stdout;
  };
  const words = CAME.map((place) => {
    const holder = place.split('/')[1] ?? '';
    const key = join(home, 'practice', 'holders', `${holder}.key`);
    const share = decrypt(`shares/offline/${place}.age`, key).toString();
    return share.trimEnd().split('\n').at(-1) ?? '';
  });
  const key = identityOfBytes('x25519', combine(words));
  return parseCredential(decrypt('credential.age', '-', `${key}\n`));
}
