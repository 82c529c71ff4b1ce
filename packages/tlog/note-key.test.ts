import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64, concat, HalliganError, hex, sha256, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  generateNoteKey,
  noteSigner,
  parseVerifierKey,
  signNote,
  verifierOf,
  verifyNote,
} from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

const signer = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const verifier = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

/** A key text of any type and length whose id is right for it. */
function keyOf(name: string, material: Uint8Array): string {
  const id = hex(sha256(concat(utf8(`${name}\n`), material)).subarray(0, 4));
  return `${name}+${id}+${base64(material)}`;
}

test("reads the keys of Go's documentation", async () => {
  const { publicKey, ...rest } = parseVerifierKey(verifier);
  assert.deepEqual(rest, {
    type: 'ed25519',
    name: 'PeterNeumann',
    keyId: 'c74f20a3',
    key: verifier,
  });
  assert.equal(publicKey.length, 32);
  assert.equal(await verifierOf(signer), verifier);
  const { name, keyId, verifier: own } = await noteSigner(signer);
  assert.deepEqual(
    { name, keyId, own },
    { name: 'PeterNeumann', keyId: 'c74f20a3', own: verifier },
  );
});

test('a key that lost any of its characters is refused', async () => {
  for (let at = 0; at < verifier.length; at += 1) {
    const text = verifier.slice(0, at) + verifier.slice(at + 1);
    assert.throws(() => parseVerifierKey(text), code('tlog.key-syntax'), text);
  }
  for (let at = 0; at < signer.length; at += 1) {
    const text = signer.slice(0, at) + signer.slice(at + 1);
    await assert.rejects(noteSigner(text), code('tlog.key-syntax'), text);
  }
});

test('keys of another kind, form or length are refused', async () => {
  const key = concat(Uint8Array.of(1), new Uint8Array(32).fill(7));
  assert.equal(parseVerifierKey(keyOf('log', key)).name, 'log');
  for (const [what, text] of [
    ['an unknown type', keyOf('log', concat(Uint8Array.of(5), key.subarray(1)))],
    ['an Ed25519 key as ML-DSA', keyOf('log', concat(Uint8Array.of(6), key.subarray(1)))],
    ['a short key', keyOf('log', key.subarray(0, 32))],
    ['a long key', keyOf('log', concat(key, Uint8Array.of(0)))],
    ['only a type', keyOf('log', Uint8Array.of(1))],
    ['no name', keyOf('', key)],
    ['a name with a space', keyOf('a log', key)],
    ['a name with an ideographic space', keyOf('a\u3000log', key)],
    ['a name with a newline', keyOf('a\nlog', key)],
    ['a name with a control character', keyOf('a\u0007log', key)],
    ['a name with a lone surrogate', keyOf('\ud800', key)],
    ['an endless name', keyOf('a'.repeat(3000), key)],
    ['an id in upper case', verifier.replace('c74f20a3', 'C74F20A3')],
    ['another id', verifier.replace('c74f20a3', 'c74f20a4')],
    ['another name', verifier.replace('Peter', 'Petra')],
    ['a newline after it', `${verifier}\n`],
    ['a signer key', signer],
    ['nothing', ''],
  ] as const) {
    assert.throws(() => parseVerifierKey(text), code('tlog.key-syntax'), what);
    await assert.rejects(verifyNote('x\n\n— a AAAAAAA=\n', [text]), code('tlog.key-syntax'), what);
  }
  await assert.rejects(noteSigner(verifier), code('tlog.key-syntax'));
  await assert.rejects(signNote('x\n', verifier), code('tlog.key-syntax'));
});

test('no refusal repeats a secret key', async () => {
  const secret = 'AYEKFALVFGyNhPJEMzD1QIDr';
  for (const text of [signer.slice(0, -1), `${signer}=`, signer.replace('c74f', 'c75f'), signer]) {
    try {
      await (text === signer ? parseVerifierKey(text) : noteSigner(text));
      assert.fail('it was accepted');
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      assert.equal(error.cause, undefined);
      assert.ok(!`${error.message} ${error.hint} ${error.stack}`.includes(secret));
    }
  }
});

test('a generated key signs what its verifier key verifies', async () => {
  const made = await generateNoteKey('log.example/a');
  const again = await generateNoteKey('log.example/a');
  assert.notEqual(made.signer, again.signer);
  assert.equal(await verifierOf(made.signer), made.verifier);
  const note = await signNote('hello\n', made.signer);
  assert.equal((await verifyNote(note, [made.verifier])).text, 'hello\n');
  await assert.rejects(verifyNote(note, [again.verifier]), code('tlog.note-unverified'));
  for (const name of ['', 'a b', 'a+b', 'a\nb']) {
    await assert.rejects(generateNoteKey(name), code('tlog.key-syntax'), name);
  }
});

test('given randomness makes the key: seed and public key of RFC 8032, section 7.1, test 1', async () => {
  const seed = Uint8Array.fromHex(
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  );
  const made = await generateNoteKey('rfc8032', 'ed25519', (size) => seed.slice(0, size));
  assert.equal(
    hex(parseVerifierKey(made.verifier).publicKey),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test('random and mutated keys parse to themselves or are refused as keys', () => {
  const mutated = fc
    .tuple(fc.nat({ max: verifier.length }), fc.nat({ max: 3 }), fc.string({ maxLength: 3 }))
    .map(([at, gone, put]) => verifier.slice(0, at) + put + verifier.slice(at + gone));
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: 'binary' })), (text) => {
      try {
        const { name, publicKey } = parseVerifierKey(text);
        assert.equal(keyOf(name, concat(Uint8Array.of(1), publicKey)), text);
      } catch (error) {
        if (!code('tlog.key-syntax')(error)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});
