import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, HalliganError, utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { code, keyOf } from './cast.fixture.ts';
import {
  formatPrivateKey,
  generateSigningKey,
  parsePrivateKey,
  parsePublicKey,
  signingKeyOf,
  signSsh,
} from './index.ts';
import { formatPublicKey, isPublicKeyLine } from './public-key.ts';
import { sshString } from './ssh-wire.ts';

test('the first key of RFC 8032 section 7.1', async () => {
  const seed = Uint8Array.fromHex(
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  );
  const { publicKey } = await signingKeyOf(seed);
  assert.equal(
    parsePublicKey(publicKey).bytes.toHex(),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test('keys are random, and survive a private key file', async () => {
  const key = await generateSigningKey();
  assert.notEqual(key.publicKey, (await generateSigningKey()).publicKey);
  const file = formatPrivateKey(key, 'ana@contoso');
  assert.deepEqual(await parsePrivateKey(file), key);
  assert.deepEqual(await parsePrivateKey(utf8(utf8Text(file).replaceAll('\n', '\r\n'))), key);
});

test('a public key line has one spelling; comments and line ends are dropped', async () => {
  const { publicKey } = await keyOf('ana');
  assert.ok(isPublicKeyLine(publicKey));
  for (const same of [`${publicKey}\n`, `${publicKey} ana@contoso\r\n`, ` ${publicKey}\ta b c`]) {
    assert.equal(parsePublicKey(same).publicKey, publicKey);
    assert.ok(!isPublicKeyLine(same));
  }
});

test('other lines are refused with their code', async () => {
  const { publicKey } = await keyOf('ana');
  const encoded = publicKey.slice(12);
  const blob = concat(sshString('ssh-ed25519'), sshString(new Uint8Array(32).fill(9)));
  const cases: readonly (readonly [string, string])[] = [
    ['', 'statement.key'],
    ['ssh-ed25519', 'statement.key'],
    [`${publicKey}\n${publicKey}`, 'statement.key'],
    [`ssh-ed25519 ${encoded.slice(0, -1)}`, 'statement.key'],
    [`ssh-ed25519 ${concat(blob, Uint8Array.of(0)).toBase64()}`, 'statement.key'],
    [`ssh-ed25519 ${'A'.repeat(4000)}`, 'statement.key'],
    [`ssh-rsa ${encoded}`, 'statement.key-type'],
    [`sk-ssh-ed25519@openssh.com ${encoded}`, 'statement.key'],
    [`ssh-ed25519 ${sshString('ssh-dss').toBase64()}`, 'statement.key-type'],
  ];
  for (const [line, expected] of cases) {
    assert.throws(() => parsePublicKey(line), code(expected), line);
    assert.ok(!isPublicKeyLine(line));
  }
});

test('weak points are refused: under them one signature fits every message', async () => {
  const p = 2n ** 255n - 19n;
  const d = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
  const encoded = (y: bigint, sign = 0) => {
    const bytes = Uint8Array.fromHex(y.toString(16).padStart(64, '0')).reverse();
    bytes[31] = (bytes[31] ?? 0) | (sign << 7);
    return bytes;
  };
  // A point of order 8 doubles to one with y = 0, which holds where d·y⁴ + 2y² = 1.
  const eighths = [
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ].map((text) => BigInt(`0x${Uint8Array.fromHex(text).reverse().toHex()}`));
  for (const y of eighths) assert.equal((d * y ** 4n + 2n * y ** 2n - 1n) % p, 0n);
  for (const y of [0n, 1n, p - 1n, ...eighths, p, p + 1n, 2n ** 255n - 1n]) {
    for (const sign of [0, 1]) {
      const line = formatPublicKey(encoded(y, sign));
      assert.throws(() => parsePublicKey(line), code('statement.key'), line);
    }
  }
  assert.ok(isPublicKeyLine(formatPublicKey(encoded(p - 2n))));
});

test('a key whose halves do not fit never signs', async () => {
  const { publicKey } = await keyOf('ana');
  const { seed } = await keyOf('bob');
  await assert.rejects(signSsh(utf8('m'), 'n', { publicKey, seed }), code('statement.key'));
  const short = { publicKey, seed: seed.slice(1) };
  await assert.rejects(signSsh(utf8('m'), 'n', short), code('statement.key'));
  assert.throws(() => formatPrivateKey(short), code('statement.key'));
  await assert.rejects(signingKeyOf(seed.slice(1)), code('statement.key'));
  const forged = formatPrivateKey({ publicKey, seed });
  await assert.rejects(parsePrivateKey(forged), code('statement.key'));
});

/** Made with `ssh-keygen -t ed25519 -N pw`. */
const encrypted = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAQRoJgZr
t1NXZqiC9iUdPHAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIOBYGUhfUrn11ggJ
MTnB7YWG1eRUr7Of4B8nFIN/39BrAAAAkMhOW02ZKsADSeuKSH7TNJhvlEds9xpWonEH/C
7MHL9ljTf78igzd7Z+6Pvc5pX6p7jzkPlcB7te1L18luLC4uzyVHnrs4mcZkws6jBj1f6L
0iur5dxqhCTDQcIuGF9Un1b38XfyblyHQiQbOE/pJxFcArOAwRC/EoFFrH1IC62Wh2/MPo
ACoLo2B4mX3J1qlg==
-----END OPENSSH PRIVATE KEY-----
`;

test('a private key under a passphrase is refused with the way on', async () => {
  await assert.rejects(parsePrivateKey(utf8(encrypted)), (error) => {
    code('statement.key-encrypted')(error);
    return error instanceof HalliganError && error.hint.includes('ssh-keygen -p');
  });
});

test('a mutated private key file is refused, or is the same key', async () => {
  const key = await keyOf('ana');
  const lines = utf8Text(formatPrivateKey(key, 'ana')).split('\n');
  const raw = Uint8Array.fromBase64(lines.slice(1, -2).join(''));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(raw.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(3),
      async (at, flip, cut) => {
        const bytes = raw.slice(0, raw.length - cut);
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ flip;
        const file = utf8(`${lines[0]}\n${bytes.toBase64()}\n${lines.at(-2)}\n`);
        try {
          // The comment is the only part that nothing protects; it is dropped.
          assert.deepEqual(await parsePrivateKey(file), key);
        } catch (error) {
          assert.ok(error instanceof HalliganError, String(error));
        }
      },
    ),
    { numRuns: 1000 },
  );
  for (const file of [utf8(''), utf8('x'.repeat(20_000)), Uint8Array.of(0xff, 0xfe)]) {
    await assert.rejects(parsePrivateKey(file), code('statement.key'));
  }
});

test('errors never carry the key', async () => {
  const { seed } = await keyOf('bob');
  const file = formatPrivateKey({ publicKey: (await keyOf('ana')).publicKey, seed });
  await assert.rejects(parsePrivateKey(file), (error) => {
    const text =
      error instanceof HalliganError ? `${error.message}${error.hint}${error.stack}` : '';
    return text !== '' && !text.includes(seed.toHex()) && !text.includes(seed.toBase64());
  });
});
