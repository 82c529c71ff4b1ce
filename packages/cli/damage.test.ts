/** A server whose folder is taken, cannot be written, or was damaged; and a holder who hears the wrong words. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startServer } from '@halligan/server';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { filesBelow } from './practice-home.fixture.ts';
import { program } from './run.fixture.ts';

let scene: LiveOpening;
before(async () => {
  scene = await liveOpening();
});
after(() => scene.end());

const size = () => scene.server.parts.leader.checkpoint().size;
const blobs = () => filesBelow(join(scene.root, 'blobs'));

test('a second server on the same folder says that the first one has it', async () => {
  const quiet = () => undefined;
  await assert.rejects(startServer(scene.root, quiet), { code: 'journal.locked' });
  const second = await program('halligan.ts', ['server'], { HALLIGAN_HOME: scene.root });
  assert.equal(second.code, 1);
  assert.match(second.err, /^error: Another Halligan server .*\[journal\.locked\]$/m);
  assert.match(second.err, /^hint: Stop that one first/m);
  assert.equal((await fetch(new URL('/healthz', scene.server.url))).status, 200);
});

test('a folder without an organisation is named, and what to do', async () => {
  const home = join(scene.root, 'nothing');
  const { code, err } = await program('halligan.ts', ['server'], { HALLIGAN_HOME: home });
  assert.equal(code, 1);
  assert.match(err, /\[server\.not-set-up\]\nhint: Run halligan init, or set HALLIGAN_HOME/);
});

const READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
const unshare = spawnSync('unshare', ['-m', 'true']);

test('a folder on a disk that is mounted read-only is named, and what to look at', {
  skip: unshare.status === 0 ? false : 'mounts cannot be made here (needs root and unshare)',
}, () => {
  const server = [process.execPath, join(import.meta.dirname, 'halligan.ts'), 'server'];
  const { status, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', READ_ONLY, 'sh', scene.root, ...server],
    { env: { PATH: process.env.PATH, HALLIGAN_HOME: scene.root }, encoding: 'utf8' },
  );
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^error: The data folder .* cannot be written\. \[server\.home\]$/m);
  assert.match(stderr, /^hint: .*read-only/m);
});

suite('a seal that was damaged on the server’s disk', () => {
  const share = 'shares/standard/keyholders/ben.age';
  const fates: readonly [string, string, (bytes: Uint8Array) => Uint8Array | undefined][] = [
    ['a flipped bit in a share', share, (bytes) => bytes.with(40, (bytes[40] ?? 0) ^ 1)],
    ['a share cut short', share, (bytes) => bytes.subarray(0, -1)],
    ['a share that is gone', share, () => undefined],
    ['a flipped bit in the credential', 'credential.age', (b) => b.with(9, (b[9] ?? 0) ^ 1)],
    ['a flipped bit in its facts', 'seal.json', (b) => b.with(99, (b[99] ?? 0) ^ 1)],
  ];
  for (const [what, file, spoil] of fates) {
    test(`${what} is named by its file, and nothing is released`, async () => {
      const path = join(scene.root, 'seals', scene.account, '1', file);
      const whole = readFileSync(path);
      const before = { size: size(), blobs: blobs() };
      const spoilt = spoil(whole);
      if (spoilt === undefined) rmSync(path);
      else writeFileSync(path, spoilt);
      try {
        const answer = await scene.people.attempt('ben', [
          ...['emergency', 'release', scene.emergency],
          ...['--check-words', scene.checkWords.join(' ')],
        ]);
        assert.equal(answer.exit, 5, answer.said);
        assert.match(answer.said, /\[seal\.[a-z-]+\]/);
        assert.ok(answer.said.includes(file), answer.said);
        assert.deepEqual({ size: size(), blobs: blobs() }, before);
      } finally {
        writeFileSync(path, whole);
      }
    });
  }
});

suite('a holder', () => {
  const release = (words: string) =>
    scene.people.attempt('ben', [
      ...['emergency', 'release', scene.emergency, '--check-words', words],
    ]);

  test('who hears other check words releases nothing: 5', async () => {
    const before = { size: size(), blobs: blobs() };
    const [one = '', two = '', ...rest] = scene.checkWords;
    for (const wrong of [[two, one, ...rest], [one, two], ['academic', two, ...rest], []]) {
      if (wrong.join() === scene.checkWords.join()) continue;
      const answer = await release(wrong.join(' '));
      assert.equal(answer.exit, 5, answer.said);
      assert.match(answer.said, /\[cli\.check-words\]\nhint: Release nothing/);
    }
    assert.deepEqual({ size: size(), blobs: blobs() }, before);
  });

  test('who hears the right ones, in whatever case, releases, whoever else’s share is damaged', async () => {
    const before = size();
    const folder = join(scene.root, 'seals', scene.account, '1', 'shares', 'standard');
    writeFileSync(join(folder, 'keyholders', 'mei.age'), 'no share');
    assert.equal((await release(scene.checkWords.join('  ').toUpperCase())).exit, 0);
    assert.ok(size() > before);
  });
});
