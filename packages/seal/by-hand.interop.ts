/**
 * Runs the guide `docs/guides/open-a-seal-by-hand.md`, word for word, with programs that are not ours: the Go
 * `age` program and the SLIP-39 reference implementation. It fetches both, so it is not part of the ordinary
 * suite; a guide that nobody can follow would otherwise be found out in an emergency.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { utf8Text } from '@halligan/format';
import { CREDENTIAL, contoso } from './example.ts';
import {
  packSeal,
  parseCredential,
  type RecipientKind,
  recoveryWords,
  sealCredential,
  writeKeyFile,
} from './index.ts';

const GUIDE = join(import.meta.dirname, '../../docs/guides/open-a-seal-by-hand.md');
const folder = mkdtempSync(join(tmpdir(), 'halligan-interop-'));
const venv = join(folder, 'venv');
const gobin = join(folder, 'gobin');
const path = [join(venv, 'bin'), gobin, process.env.PATH].join(delimiter);

const run = (
  program: string,
  parameters: readonly string[],
  options: { cwd?: string; input?: string } = {},
) => {
  const env = { ...process.env, PATH: path, GOBIN: gobin };
  const done = spawnSync(program, parameters, {
    env,
    encoding: 'utf8',
    timeout: 300_000,
    ...options,
  });
  assert.equal(done.status, 0, `${program} ${parameters.join(' ')}: ${done.error ?? done.stderr}`);
  return done.stdout;
};

/** What is not on this machine, of what the guide and its tests are done with. */
const missing = ['python3', 'go', 'unzip', 'script'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const skip = missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;

before(() => {
  if (skip !== false) return;
  run('python3', ['-m', 'venv', venv]);
  run('pip', ['install', '--quiet', '--disable-pip-version-check', 'shamir-mnemonic']);
  run('go', ['install', 'filippo.io/age/cmd/age@latest']);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function layOut(kind: RecipientKind): Promise<string> {
  const { request, identity } = await contoso(kind);
  const seal = await sealCredential(request);
  const place = join(folder, kind);
  mkdirSync(place);
  writeFileSync(join(place, 'contoso.seal'), packSeal(seal));
  run('unzip', ['-q', 'contoso.seal'], { cwd: place });
  for (const holder of ['ana', 'cid', 'fay']) {
    writeFileSync(join(place, `${holder}.key`), `${identity(holder)}\n`, { mode: 0o600 });
  }
  return place;
}

/** The guide's one shell block. */
function commands(): string {
  const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)];
  assert.equal(blocks.length, 1, 'the guide has one shell block');
  return blocks[0]?.[1] ?? '';
}

for (const kind of ['x25519', 'hybrid'] as const) {
  test(`the guide opens a seal of ${kind} recipients`, { skip }, async () => {
    const place = await layOut(kind);
    const printed = run('sh', ['-c', commands()], { cwd: place });
    assert.deepEqual(parseCredential(Buffer.from(printed)), CREDENTIAL);
  });

  test(`the guide names what is damaged, and opens the ${kind} seal if that share is not needed`, {
    skip,
  }, async () => {
    const place = join(folder, kind);
    const file = join(place, 'shares/offline/keyholders/ben.age');
    writeFileSync(file, readFileSync(file).subarray(1));
    const printed = run('sh', ['-c', `{ ${commands()}\n} 2> said`], { cwd: place });
    assert.deepEqual(parseCredential(Buffer.from(printed)), CREDENTIAL);
    assert.equal(
      readFileSync(join(place, 'said'), 'utf8'),
      'shares/offline/keyholders/ben.age is damaged\n',
    );
  });

  test(`recovery words become the ${kind} key with the guide's program`, { skip }, async () => {
    const place = join(folder, kind);
    const key = readFileSync(join(place, 'ana.key'), 'utf8');
    const words = recoveryWords(key.trim());
    assert.equal(run('python3', ['words-to-key.py'], { cwd: place, input: `${words}\n` }), key);
  });
}

test('the age program accepts our key files as what they are: passphrase-protected, armored', {
  skip,
}, async () => {
  const { identity } = await contoso('hybrid');
  const file = join(folder, 'ana.key.age');
  writeFileSync(
    file,
    await writeKeyFile(identity('ana'), 'five random words or more', { workFactor: 10 }),
  );
  assert.match(utf8Text(readFileSync(file)), /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  // age asks for passphrases on a terminal only; `script` is one.
  const asked = spawnSync('script', ['-qec', `age -d ${file}`, '/dev/null'], {
    env: { ...process.env, PATH: path },
    input: 'five random words or more\n',
    encoding: 'utf8',
  });
  assert.ok(asked.stdout.includes(identity('ana')), asked.stdout + asked.stderr);
});
