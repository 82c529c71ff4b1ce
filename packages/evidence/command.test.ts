import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fromHex } from '@halligan/format';
import { wordsOfBits } from '@halligan/slip39';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { genesisOf, groupOf } from './index.ts';
import { logKeys } from './memory-record.fixture.ts';

/** `halligan verify` as an auditor runs it: another process, an unzipped repository, no configuration. */

const folder = await mkdtemp(join(tmpdir(), 'halligan-verify-'));
after(() => rm(folder, { recursive: true, force: true }));

const record = await contoso();
const pack = await record.pack(await wholeEmergency(record));
const trust = join(folder, 'log.pub');
await writeFile(trust, `${logKeys.verifier}\n`);
const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
const words = wordsOfBits(fromHex(genesisOf(groups) ?? ''), 13).join(' ');

async function verify(
  bytes: Uint8Array,
  ...parameters: readonly string[]
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const path = join(folder, `${crypto.randomUUID()}.zip`);
  await writeFile(path, bytes);
  const program = join(import.meta.dirname, '..', 'cli', 'halligan.ts');
  const env = { PATH: process.env.PATH, HALLIGAN_HOME: join(folder, 'nothing-here') };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, 'verify', path, ...parameters],
      { env, timeout: 60_000 },
      (error, out) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          lines: out.trimEnd().split('\n'),
        }),
    );
  });
}

test('a genuine pack: exit code 0, one line a claim', async () => {
  const { code, lines } = await verify(pack, '--trust', trust, '--roster', words);
  assert.equal(code, 0);
  assert.equal(lines.at(-1), 'Nothing failed.');
  for (const line of lines.slice(0, -1)) assert.match(line, /^(PASS|ASSERTED|NOT PROVEN) \(/);
  const strict = await verify(pack, '--strict');
  assert.equal(strict.code, 5);
});

test('a changed byte, a cut pack, another key, other words: exit code 5 and a line that says FAIL', async () => {
  const other = words.split(' ').reverse().join(' ');
  const altered = [0, 40, 5_000, Math.floor(pack.length / 2), pack.length - 30, pack.length - 1];
  const outcomes = await Promise.all([
    ...altered.map((at) => verify(pack.with(at, (pack[at] ?? 0) ^ 0x10))),
    verify(pack.slice(0, -1)),
    verify(new Uint8Array()),
    verify(pack, '--roster', other),
  ]);
  for (const { code, lines } of outcomes) {
    assert.equal(code, 5);
    assert.match(lines.at(-2) ?? '', /^FAIL \([a-z.-]+\) /);
    assert.equal(lines.at(-1), 'FAILED.');
  }
});

test('words that are not thirteen, and a key that is none, say so instead of FAIL', async () => {
  await writeFile(join(folder, 'none.pub'), 'hello\n');
  for (const parameters of [
    ['--roster', 'one two three'],
    ['--trust', join(folder, 'none.pub')],
  ]) {
    const { code, lines } = await verify(pack, ...parameters);
    assert.notEqual(code, 0);
    assert.deepEqual(lines, ['']);
  }
});
