import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64, HalliganError, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  formatNote,
  generateNoteKey,
  noteSigner,
  parseCheckpoint,
  parseNote,
  signNote,
  verifyNote,
} from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

/** The key and the note of Go's package golang.org/x/mod/sumdb/note, from its documentation. */
const go = {
  signer: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

/** A checkpoint of Go's checksum database and the key that is built into the go command. */
const sumdb = {
  verifier: 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
  note: `go.sum database tree
69959272
L6xGIG9BJ5WLe0paJgb2RVNCdNi6wVyMUVOfn9Oo/8s=

— sum.golang.org Az3grvPr9qFNGfBH993UqYhBVEqwL36wMKDSKjE/3PtBZWUkfXu1W9Ou9SCCy+ElsdGVH6ak2rZo9lsDhZhlD8TK6AE=
`,
};

const alice = await generateNoteKey('log.example/alice', 'ed25519', () =>
  new Uint8Array(32).fill(1),
);
const bob = await generateNoteKey('log.example/bob', 'ed25519', () => new Uint8Array(32).fill(2));

const signatureOf = (note: string) => note.slice(note.lastIndexOf('\n\n') + 2);

test('signs the example of Go byte for byte, and verifies it', async () => {
  const note = `${go.text}\n${go.signature}`;
  assert.equal(await signNote(go.text, go.signer), note);
  assert.equal(await signNote(go.text, await noteSigner(go.signer)), note);
  assert.deepEqual(await verifyNote(note, [go.verifier]), {
    text: go.text,
    signatures: [{ name: 'PeterNeumann', keyId: 'c74f20a3', key: go.verifier }],
  });
});

test("verifies a checkpoint of Go's checksum database", async () => {
  const { text, signatures } = await verifyNote(sumdb.note, [bob.verifier, sumdb.verifier]);
  assert.deepEqual(
    signatures.map((signature) => signature.name),
    ['sum.golang.org'],
  );
  const { origin, size, root, extensions } = parseCheckpoint(text);
  assert.deepEqual(
    { origin, size, root: base64(root), extensions },
    {
      origin: 'go.sum database tree',
      size: 69959272,
      root: 'L6xGIG9BJ5WLe0paJgb2RVNCdNi6wVyMUVOfn9Oo/8s=',
      extensions: [],
    },
  );
  await assert.rejects(
    verifyNote(sumdb.note.replace('69959272', '69959273'), [sumdb.verifier]),
    code('tlog.note-unverified'),
  );
});

test('each given key that signed is named once, unknown ones are passed over', async () => {
  const note = await signNote('Two signed.\n', [alice.signer, bob.signer]);
  const names = async (keys: readonly string[]) =>
    (await verifyNote(note, keys)).signatures.map((signature) => signature.name);
  assert.deepEqual(await names([bob.verifier]), ['log.example/bob']);
  assert.deepEqual(await names([bob.verifier, alice.verifier]), [
    'log.example/alice',
    'log.example/bob',
  ]);
  assert.deepEqual(await names([bob.verifier, bob.verifier]), ['log.example/bob']);
  const repeated = note + signatureOf(note);
  assert.equal((await verifyNote(repeated, [bob.verifier])).signatures.length, 1);
});

test('without a trusted signature a note is not believed', async () => {
  const note = await signNote('Only alice signed.\n', alice.signer);
  await assert.rejects(verifyNote(note, [bob.verifier]), code('tlog.note-unverified'));
  await assert.rejects(verifyNote(note, []), code('tlog.note-unverified'));
});

test('a wrong signature by a trusted key refutes the note, whoever else signed', async () => {
  const note = await signNote('What they signed.\n', bob.signer);
  const other = await signNote('Something else.\n', alice.signer);
  const mixed = note + signatureOf(other);
  await assert.rejects(
    verifyNote(mixed, [alice.verifier, bob.verifier]),
    code('tlog.note-unverified'),
  );
  assert.equal((await verifyNote(mixed, [bob.verifier])).signatures.length, 1);
  const first = await signNote('Something else.\n', bob.signer);
  await assert.rejects(
    verifyNote(note + signatureOf(first), [bob.verifier]),
    code('tlog.note-unverified'),
    'a right one before it',
  );
});

test('every bit of text and signature counts', async () => {
  const { text, signatures } = parseNote(await signNote('ab\n', alice.signer));
  const [signature] = signatures;
  assert.ok(signature);
  for (let bit = 0; bit < 512; bit += 1) {
    const bytes = signature.signature.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const note = formatNote({ text, signatures: [{ ...signature, signature: bytes }] });
    await assert.rejects(
      verifyNote(note, [alice.verifier]),
      code('tlog.note-unverified'),
      `${bit}`,
    );
  }
  for (const changed of ['Ab\n', 'ab\n\n', '\nab\n', 'ab \n', 'a\nb\n']) {
    const note = formatNote({ text: changed, signatures });
    await assert.rejects(verifyNote(note, [alice.verifier]), code('tlog.note-unverified'), changed);
  }
  for (const length of [1, 63, 65, 128]) {
    const bytes = new Uint8Array(length);
    bytes.set(signature.signature.subarray(0, length));
    const note = formatNote({ text, signatures: [{ ...signature, signature: bytes }] });
    await assert.rejects(verifyNote(note, [alice.verifier]), code('tlog.note-unverified'));
  }
});

test('a known name with another key id, or a known id under another name, is unknown', async () => {
  const note = await signNote('Who is it?\n', alice.signer);
  const { text, signatures } = parseNote(note);
  for (const change of [{ name: 'log.example/mallory' }, { keyId: '00000000' }]) {
    const other = formatNote({ text, signatures: signatures.map((s) => ({ ...s, ...change })) });
    await assert.rejects(verifyNote(other, [alice.verifier]), code('tlog.note-unverified'));
    const added = note + signatureOf(other);
    assert.equal((await verifyNote(added, [alice.verifier])).signatures.length, 1);
  }
});

test('the text may hold empty lines: the last one ends it', async () => {
  for (const text of ['\n', '\n\n\n', 'one\n\ntwo\n', 'one\n\n', 'è subito sera. 🌙\n', go.text]) {
    const note = await signNote(text, alice.signer);
    assert.equal((await verifyNote(note, [alice.verifier])).text, text);
  }
  // A text that looks like a note is still only a text.
  const inner = `${go.text}\n${go.signature}`;
  const outer = await signNote(inner, alice.signer);
  assert.equal((await verifyNote(outer, [alice.verifier])).text, inner);
  await assert.rejects(verifyNote(outer, [go.verifier]), code('tlog.note-unverified'));
});

const malformed: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['only a text', go.text],
  ['no signature', `${go.text}\n`],
  ['signature cut short of its newline', `${go.text}\n${go.signature.slice(0, -1)}`],
  ['no empty line', `${go.text}${go.signature}`],
  ['an empty line after the signatures', `${go.text}\n${go.signature}\n`],
  ['a line that is no signature', `${go.text}\n${go.signature}Unexpected line.\n`],
  ['a hyphen for the dash', `${go.text}\n${go.signature.replace('—', '-')}`],
  ['two spaces', `${go.text}\n${go.signature.replace('— ', '—  ')}`],
  ['a space at the end', `${go.text}\n${go.signature.replace('=\n', '= \n')}`],
  ['a name with a space', `${go.text}\n${go.signature.replace('PeterN', 'Peter N')}`],
  ['a name with a no-break space', `${go.text}\n${go.signature.replace('PeterN', 'Peter\u00a0N')}`],
  ['a name with a plus', `${go.text}\n${go.signature.replace('PeterN', 'Peter+N')}`],
  ['no name', `${go.text}\n${go.signature.replace('PeterNeumann', '')}`],
  ['base64 without padding', `${go.text}\n${go.signature.replace('=', '')}`],
  ['base64 with unused bits', `${go.text}\n${go.signature.replace('JnAM=', 'JnAN=')}`],
  ['base64 for URLs', `${go.text}\n${go.signature.replaceAll('/', '_')}`],
  ['a key id without a signature', `${go.text}\n— PeterNeumann x08gow==\n`],
  ['a control character in the text', `\u0001${go.text}\n${go.signature}`],
  ['a tab in the text', `a\tb\n\n${go.signature}`],
  ['a carriage return', `${go.text}\n${go.signature}`.replaceAll('\n', '\r\n')],
  ['a lone surrogate', `\ud800${go.text}\n${go.signature}`],
  ['101 signatures', `${go.text}\n${go.signature.repeat(101)}`],
  ['more than a megabyte', `${'a'.repeat(1_000_000)}\n\n${go.signature}`],
  ['more than a megabyte of UTF-8', `${'é'.repeat(499_990)}\n\n${go.signature}`],
];

for (const [what, note] of malformed) {
  test(`refuses ${what}`, async () => {
    assert.throws(() => parseNote(note), code('tlog.note-syntax'));
    await assert.rejects(verifyNote(note, [go.verifier]), code('tlog.note-syntax'));
  });
}

test('accepts as many signatures as its limit', async () => {
  const note = `${go.text}\n${go.signature.repeat(100)}`;
  assert.equal(parseNote(note).signatures.length, 100);
});

test('signs nothing that nobody could verify', async () => {
  for (const text of ['', 'no newline', 'tab\t\n', 'return\r\n', '\ud800\n', 'a'.repeat(1e6)]) {
    await assert.rejects(signNote(text, alice.signer), code('tlog.note-syntax'));
  }
  await assert.rejects(signNote('by nobody\n', []), code('tlog.note-syntax'));
  const signature = { name: 'a', keyId: '00000000', signature: new Uint8Array(1) };
  for (const wrong of [
    { name: '' },
    { name: 'a b' },
    { name: 'a\nb' },
    { keyId: '0000000' },
    { keyId: '0000000G' },
    { signature: new Uint8Array(0) },
  ]) {
    const signatures = [{ ...signature, ...wrong }];
    assert.throws(() => formatNote({ text: 'text\n', signatures }), code('tlog.note-syntax'));
  }
  const signatures = Array.from({ length: 101 }, () => signature);
  assert.throws(() => formatNote({ text: 'text\n', signatures }), code('tlog.note-syntax'));
});

test('what is signed is what was given, whatever becomes of the list meanwhile', async () => {
  const signers = [alice.signer];
  const trusted = [alice.verifier];
  const signing = signNote('Snapshot.\n', signers);
  signers[0] = bob.signer;
  const verifying = verifyNote(await signing, trusted);
  trusted.length = 0;
  assert.equal((await verifying).signatures[0]?.name, 'log.example/alice');
});

const line = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((text) => text.replaceAll(/\p{Cc}/gu, '~'));
const texts = fc.array(line, { maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`);

test('any text survives signing and verifying', async () => {
  const signer = await noteSigner(alice.signer);
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const note = await signNote(text, signer);
      assert.equal((await verifyNote(note, [alice.verifier])).text, text);
      assert.equal(formatNote(parseNote(note)), note);
    }),
  );
});

test('random and mutated notes parse to themselves or are refused as notes', async () => {
  const whole = utf8(await signNote('one\n\ntwo — three\n', [alice.signer, bob.signer]));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const mutated = fc
    .array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: 2 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) => {
      const bytes = [...whole];
      for (const [at, byte, kind] of changes) {
        if (kind === 0) bytes[at % bytes.length] = byte;
        else if (kind === 1) bytes.splice(at % bytes.length, 1);
        else bytes.splice(at % bytes.length, 0, byte);
      }
      return decoder.decode(Uint8Array.from(bytes));
    });
  const made = fc
    .array(fc.constantFrom('\n', '— ', 'name ', 'AAAAAAA=', 'AAAAAA==', 'a', ' ', '\u0000'))
    .map((parts) => parts.join(''));
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(mutated, made, fc.string({ unit: 'binary' })), (note) => {
      try {
        assert.equal(formatNote(parseNote(note)), note);
        parsed += 1;
      } catch (error) {
        if (!code('tlog.note-syntax')(error)) throw error;
      }
    }),
    { numRuns: 4000, examples: [[go.text]] },
  );
  assert.ok(parsed > 100, `only ${parsed} of them were notes`);
});
