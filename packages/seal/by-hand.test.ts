import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { combine } from '@halligan/slip39';
import { CREDENTIAL, contoso } from './example.ts';
import { identityOfBytes, parseCredential, sealCredential, shareFile } from './index.ts';

const age = spawnSync('age', ['--version'], { encoding: 'utf8' });

test('a seal opens with the age program and words that were put together, without this room', {
  skip: age.error === undefined ? false : 'age is not installed',
}, async () => {
  const { request, identity } = await contoso('x25519');
  const seal = await sealCredential(request);
  const folder = mkdtempSync(join(tmpdir(), 'halligan-by-hand-'));
  const decrypt = (key: string, file: string) => {
    const done = spawnSync('age', ['-d', '-i', '-', file], { cwd: folder, input: `${key}\n` });
    assert.equal(done.status, 0, done.stderr.toString());
    return done.stdout;
  };
  try {
    for (const [name, content] of seal.files) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const words = [
      { path: 'offline', group: 'keyholders', holder: 'ana' },
      { path: 'offline', group: 'keyholders', holder: 'cid' },
      { path: 'offline', group: 'executives', holder: 'fay' },
    ].map((place) => {
      const share = decrypt(identity(place.holder), shareFile(place)).toString();
      return share.trimEnd().split('\n').at(-1) ?? '';
    });
    const key = identityOfBytes('x25519', combine(words));
    assert.deepEqual(parseCredential(decrypt(key, 'credential.age')), CREDENTIAL);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
