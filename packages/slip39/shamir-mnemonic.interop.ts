/**
 * Both directions against `shamir-mnemonic`, the reference implementation of SLIP-0039 by its authors: words made
 * here are combined there, words made there are combined here. Needs python3 with venv, and pip's package index.
 * Run: `node --test packages/slip39/shamir-mnemonic.interop.ts`
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HalliganError, hex } from '@halligan/format';
import fc from 'fast-check';
import { combine, parseShare, type Split, split } from './index.ts';

/** Reads `[[method, arguments], …]` and writes their results; bytes are hexadecimal in both. */
const PROGRAM = `
import json, sys
import shamir_mnemonic as theirs
def split(secret, group_threshold, groups, passphrase, extendable, exponent):
    return theirs.generate_mnemonics(group_threshold, [tuple(g) for g in groups], bytes.fromhex(secret),
                                     passphrase.encode(), extendable, exponent)
def combine(mnemonics, passphrase):
    try:
        return theirs.combine_mnemonics(mnemonics, passphrase.encode()).hex()
    except theirs.MnemonicError:
        return "refused"
print(json.dumps([{"split": split, "combine": combine}[m](*a) for m, a in json.load(sys.stdin)]))
`;
const VERSION = '0.3.0';

const cases = fc
  .array(
    fc.constantFrom(
      ...([
        [1, 1],
        [2, 2],
        [2, 3],
        [3, 5],
        [5, 7],
        [16, 16],
      ] as const),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((shape) =>
    fc.record({
      secret: fc
        .integer({ min: 8, max: 16 })
        .chain((half) => fc.uint8Array({ minLength: half * 2, maxLength: half * 2 })),
      groups: fc.constant(shape.map(([threshold, count]) => ({ threshold, count }))),
      groupThreshold: fc.integer({ min: 1, max: shape.length }),
      passphrase: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme-ascii', maxLength: 40 })),
      extendable: fc.boolean(),
      iterationExponent: fc.integer({ min: 0, max: 3 }),
    }),
  );
const samples = fc.sample(cases, 40);

/** The last members of the last groups, exactly as many as needed, and the same set without its first share. */
function chosen({ groups, groupThreshold }: Split, words: readonly (readonly string[])[]) {
  const enough = groups
    .map((group, at) => (words[at] ?? []).slice(-group.threshold))
    .slice(-groupThreshold)
    .flat();
  return { enough, short: enough.slice(1) };
}

const folder = mkdtempSync(join(tmpdir(), 'halligan-slip39-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Installs the reference implementation; returns why that is not possible here, or nothing. */
function install(): string | undefined {
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.error !== undefined) return 'python3 is not installed';
  if (made.status !== 0) return 'python3 has no venv module';
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const installed = spawnSync(join(folder, 'bin/python'), [...pip, `shamir-mnemonic==${VERSION}`], {
    encoding: 'utf8',
  });
  return installed.status === 0 ? undefined : `pip cannot install shamir-mnemonic ${VERSION}`;
}

function theirs(calls: readonly (readonly [method: string, parameters: readonly unknown[]])[]) {
  const done = spawnSync(join(folder, 'bin/python'), ['-c', PROGRAM], {
    input: JSON.stringify(calls),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

const skip = install() ?? false;

test(`what is split here is combined by shamir-mnemonic ${VERSION}`, { skip }, () => {
  const sets = samples.map((sample) => ({ sample, ...chosen(sample, split(sample)) }));
  const results: readonly unknown[] = theirs([
    ...sets.map(({ sample, enough }) => ['combine', [enough, sample.passphrase]] as const),
    ...sets.map(({ sample, short }) => ['combine', [short, sample.passphrase]] as const),
  ]);
  assert.deepEqual(results, [
    ...sets.map(({ sample }) => hex(sample.secret)),
    ...sets.map(() => 'refused'),
  ]);
});

test(`what shamir-mnemonic ${VERSION} splits is combined here`, { skip }, () => {
  const words: readonly (readonly (readonly string[])[])[] = theirs(
    samples.map((sample) => [
      'split',
      [
        hex(sample.secret),
        sample.groupThreshold,
        sample.groups.map(({ threshold, count }) => [threshold, count]),
        sample.passphrase,
        sample.extendable,
        sample.iterationExponent,
      ],
    ]),
  );
  assert.equal(words.length, samples.length);
  for (const [at, sample] of samples.entries()) {
    const { enough, short } = chosen(sample, words[at] ?? []);
    assert.equal(hex(combine(enough, sample.passphrase)), hex(sample.secret));
    assert.throws(() => combine(short, sample.passphrase), HalliganError);
    const share = parseShare(enough[0] ?? '');
    assert.equal(share.extendable, sample.extendable);
    assert.equal(share.iterationExponent, sample.iterationExponent);
    assert.equal(share.groupCount, sample.groups.length);
  }
});
