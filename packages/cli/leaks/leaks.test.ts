/** The search for secrets: whatever is planted, in any spelling and at any place, is found, and nothing else is. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { identityOfBytes } from '@halligan/seal';
import fc from 'fast-check';
import { Search } from './leaks.fixture.ts';
import { spellings } from './spellings.fixture.ts';

const PASSWORD = 'Zb7%w/"Kd=m#tQ5xR.yu?N8p';
const SEED = randomBytes(16);
const SECRETS = [
  { name: 'password', forms: [PASSWORD] },
  { name: 'seed', forms: [SEED] },
];

test('each spelling of a text and of bytes is found where it stands, and no other secret is', () => {
  const search = new Search(SECRETS);
  for (const { name, forms } of SECRETS)
    for (const form of forms)
      for (const { name: spelling, bytes } of spellings(form)) {
        const hay = Buffer.concat([randomBytes(1000), bytes, randomBytes(1000)]);
        const found = search.in('hay', hay);
        assert.deepEqual(
          found.map(({ secret, place }) => [secret, place]),
          [[name, 'hay']],
          `${name} as ${spelling}`,
        );
      }
});

test('what others encode is what is looked for, whatever stands before and after it', () => {
  const search = new Search(SECRETS);
  const encodings: Readonly<Record<string, (bytes: Buffer) => string>> = {
    hex: (bytes) => bytes.toString('hex'),
    base64: (bytes) => bytes.toString('base64'),
    base64url: (bytes) => bytes.toString('base64url'),
    json: (bytes) => JSON.stringify(bytes),
    numbers: (bytes) => bytes.join(', ').replaceAll(' ', ''),
  };
  const around = fc.uint8Array({ maxLength: 20 });
  for (const [name, encode] of Object.entries(encodings))
    fc.assert(
      fc.property(around, around, fc.constantFrom(SEED, Buffer.from(PASSWORD)), (a, b, secret) => {
        const text = encode(Buffer.concat([a, secret, b]));
        assert.equal(search.in(name, Buffer.from(text)).length, 1);
        assert.equal(search.in(name, Buffer.from(text, 'utf16le')).length, 1);
      }),
    );
});

test('a seed is found as the age identity that it is, in capitals or not', () => {
  const search = new Search(SECRETS);
  for (const kind of ['x25519', 'hybrid'] as const)
    for (const whole of [
      Buffer.concat([SEED, randomBytes(16)]),
      Buffer.concat([randomBytes(16), SEED]),
    ]) {
      const identity = identityOfBytes(kind, whole);
      for (const text of [identity, identity.toLowerCase()])
        assert.equal(search.in(kind, Buffer.from(text))[0]?.secret, 'seed');
    }
});

test('one that lies across the chunks of a file is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-leaks-'));
  try {
    const path = join(folder, 'large');
    const search = new Search(SECRETS);
    const hay = Buffer.alloc((8 << 20) + 4096);
    writeFileSync(path, hay);
    assert.deepEqual(search.inFile(path), []);
    for (const before of [1, 12, 23]) {
      writeFileSync(
        path,
        Buffer.from(hay).fill(PASSWORD, (8 << 20) - before, (8 << 20) - before + 24),
      );
      assert.deepEqual(search.inFile(path), [
        { secret: 'password', spelling: 'text', place: path },
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a secret that is too short to be told from chance is refused', () => {
  assert.throws(() => new Search([{ name: 'short', forms: ['hunter2'] }]), /too short/);
});
