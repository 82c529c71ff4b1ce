import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { leaksIn, leaksInFiles, type Secret } from './leaks/leaks.fixture.ts';
import { identitySecret, secretsOf } from './leaks/secrets.fixture.ts';
import { filesBelow, identityOf } from './practice-home.fixture.ts';
import { type Ended, program } from './run.fixture.ts';

const PEOPLE = ['ana', 'ben', 'mei', 'dana', 'raj'];

suite('npm start in an empty folder', () => {
  const home = mkdtempSync(join(tmpdir(), 'halligan-practice-'));
  const environment = { HALLIGAN_HOME: home };
  let first: Ended;
  let second: Ended;
  before(async () => {
    first = await program('practice.ts', ['--exit'], environment);
    second = await program('practice.ts', ['--exit'], environment);
  });
  after(() => rmSync(home, { recursive: true }));

  const packs = () => filesBelow(join(home, 'evidence')).filter((path) => path.endsWith('.zip'));

  test('ends with 0 when everything held, and so it does in the same folder again', () => {
    assert.equal(first.code, 0, first.out + first.err);
    assert.equal(second.code, 0, second.out + second.err);
    assert.match(first.out, /closes it: the account is armed again/);
    assert.doesNotMatch(second.out, /found the organisation/);
  });

  test('leaves a key for each person, where the guides look for it', () => {
    for (const person of PEOPLE)
      assert.match(identityOf(home, person), /^AGE-SECRET-KEY-PQ-1[0-9A-Z]{58,}$/);
    assert.match(readFileSync(join(home, 'practice', 'PRACTICE.txt'), 'utf8'), /^PRACTICE/);
  });

  test('leaves every version of every seal as files that age opens', () => {
    const parts = ['seal.json', 'credential.age', 'shares/offline/executives/dana.age'];
    for (const seal of ['breakglass-admin-1/1', 'breakglass-admin-1/2', 'breakglass-admin-2/1'])
      for (const part of parts) assert.ok(existsSync(join(home, 'seals', seal, part)), seal);
  });

  test('leaves a pack for each drill, which halligan verify passes without configuration', async () => {
    assert.equal(packs().length, 2);
    for (const pack of packs()) {
      const verified = await program('halligan.ts', ['verify', pack]);
      assert.equal(verified.code, 0, verified.out + verified.err);
      assert.match(verified.out, /^PASS \(signed by raj\) +raj closed it$/m);
      assert.match(
        verified.out.replaceAll(/\n {2,}/g, ' '),
        /raj laid the system’s audit log beside the record: [1-9]\d* of [5-9] entries matched, differences: \d, unexplained: 0/,
      );
      assert.match(verified.out, /^PASS \(cryptographic\) +the imported log, compared again here/m);
      assert.match(verified.out, /Nothing failed\.\n$/);
    }
  });

  test('strictly, it holds with anchors, for a cosigner saw the log; without them: 5', async () => {
    const [pack = ''] = packs();
    const trust = ['--trust', join(home, 'log.pub')];
    const words = /genesis words +(.+)$/m.exec(first.out)?.[1] ?? '';
    const anchored = ['verify', pack, ...trust, '--roster', words];
    const plain = await program('halligan.ts', anchored);
    assert.equal(plain.code, 0, plain.out);
    assert.match(plain.out, /^PASS \(cosigned by 1, need 1\) +nobody rewrote the \d+ entries/m);
    assert.equal((await program('halligan.ts', [...anchored, '--strict'])).code, 0);
    assert.equal((await program('halligan.ts', ['verify', pack, '--strict'])).code, 5);
  });

  test('a pack that was altered, cut short, or is none fails: 5', async () => {
    const bytes = readFileSync(packs()[0] ?? '');
    const flipped = (at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);
    const altered = join(home, 'altered.zip');
    const fates = [
      flipped(0),
      flipped(bytes.length >> 1),
      flipped(bytes.length - 1),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
    ];
    for (const fate of fates) {
      writeFileSync(altered, fate);
      const { code, out, err } = await program('halligan.ts', ['verify', altered]);
      assert.equal(code, 5, out + err);
    }
    rmSync(altered);
  });

  suite('leaves no secret outside the keys', () => {
    let secrets: readonly Secret[];
    before(async () => {
      secrets = [
        ...(await secretsOf(home, PEOPLE)),
        identitySecret(
          'identity of the rotator',
          readFileSync(join(home, 'keys', 'rotator', 'identity.key'), 'utf8').trim(),
        ),
        // Whoever's: one-time identities are in this list too.
        { name: 'an age identity', forms: ['AGE-SECRET-KEY-'] },
      ];
    });
    /** Not where keys lie on purpose, nor compiled code, which says what a key begins with. */
    const excepted = ['keys', 'practice/holders', 'practice/compiled'];
    const searched = () =>
      filesBelow(home).filter((path) => !excepted.some((one) => path.startsWith(join(home, one))));

    test('not in a file', () => {
      assert.ok(secrets.filter(({ name }) => name.startsWith('password')).length >= 4);
      assert.ok(searched().some((path) => basename(path) === 'journal.db'));
      assert.deepEqual(leaksInFiles(searched(), secrets), []);
    });

    test('not in what the server and the narrator said', () => {
      const said = Buffer.from(first.out + first.err + second.out + second.err);
      assert.deepEqual(leaksIn('output', said, secrets), []);
    });
  });
});
