/**
 * What runs in browsers, in one bundle without anything of Node, in a realm that has a browser's globals and nothing
 * else. For the browser platform esbuild refuses every `node:` import.
 */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { before, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { BROWSER_SAFE } from './imports.ts';

let realm: object = {};

before(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: BROWSER_SAFE.map((room) => `export * as ${room} from '@halligan/${room}';`).join(
        '\n',
      ),
      resolveDir: dirname(import.meta.dirname),
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'halligan',
    platform: 'browser',
    logLevel: 'silent',
  });
  // What those packages may use of a browser; no process, no Buffer, no require.
  realm = createContext({
    TextEncoder,
    TextDecoder,
    ReadableStream,
    TransformStream,
    Response,
    URL,
    atob,
    btoa,
    console,
    crypto,
    structuredClone,
  });
  runInContext(outputFiles[0]?.text ?? '', realm);
});

/** Runs an expression in the realm, and gives its result as JSON: objects of another realm are equal to none of ours. */
async function there(expression: string): Promise<unknown> {
  const text = await runInContext(`(async () => JSON.stringify(await (${expression})()))()`, realm);
  return JSON.parse(text);
}

test('the realm has nothing of Node', async () => {
  assert.deepEqual(
    await there(`() => [typeof process, typeof Buffer, typeof require, typeof setImmediate]`),
    ['undefined', 'undefined', 'undefined', 'undefined'],
  );
});

test('format: a hash', async () => {
  assert.equal(
    await there(`() => halligan.format.hex(halligan.format.sha256(halligan.format.utf8('abc')))`),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('slip39: two of three', async () => {
  const rejoined = await there(`() => {
    const { split, combine } = halligan.slip39;
    const secret = new Uint8Array(32).fill(7);
    const [words] = split({ secret, groups: [{ threshold: 2, count: 3 }], groupThreshold: 1, passphrase: '', extendable: true, iterationExponent: 0 });
    return halligan.format.hex(combine(words.slice(1), ''));
  }`);
  assert.equal(rejoined, '07'.repeat(32));
});

test('tlog: a note is signed and verified, and an altered one refused', async () => {
  const [text, altered] = list(
    await there(`async () => {
    const { generateNoteKey, signNote, verifyNote } = halligan.tlog;
    const { signer, verifier } = await generateNoteKey('log.example/browser');
    const note = await signNote('Made in a browser.\\n', signer);
    const code = await verifyNote(note.replace('Made', 'Fade'), [verifier]).then(() => 'accepted', (error) => error.code);
    return [(await verifyNote(note, [verifier])).text, code];
  }`),
  );
  assert.equal(text, 'Made in a browser.\n');
  assert.match(String(altered), /^tlog\./);
});

test('statement and seal: a key signs for its recipient', async () => {
  const verified = await there(`async () => {
    const { generateSigningKey, signRecipient, verifyRecipient } = halligan.statement;
    const signing = await generateSigningKey();
    const recipient = await halligan.seal.recipientOf(halligan.seal.generateIdentity('hybrid'));
    const recipientSignature = await signRecipient('ana', recipient, signing);
    const card = { id: 'ana', person: 'ana', kind: 'person', signing: [signing.publicKey], recipient, recipientSignature, roles: [] };
    await verifyRecipient(card);
    return verifyRecipient({ ...card, person: 'ben' }).then(() => 'accepted', (error) => error.code);
  }`);
  assert.match(String(verified), /^statement\./);
});

test('seal: what was encrypted is decrypted', async () => {
  const text = await there(`async () => {
    const { decryptWith, encryptTo, generateIdentity, recipientOf } = halligan.seal;
    const { utf8, utf8Text } = halligan.format;
    const identity = generateIdentity('x25519');
    const ciphertext = await encryptTo([await recipientOf(identity)], utf8('sealed'));
    return utf8Text(await decryptWith(identity, ciphertext, 'It', 1000));
  }`);
  assert.equal(text, 'sealed');
});

test('procedure: the rules answer', async () => {
  const decision = await there(
    `() => halligan.procedure.decide(halligan.procedure.EMPTY, { type: 'tick' }, '2030-01-01T00:00:00.000Z')`,
  );
  assert.deepEqual(decision, { events: [] });
});

test('evidence: what is no pack does not pass', async () => {
  const answer = await there(
    `() => halligan.evidence.verifyPack(halligan.format.utf8('no pack')).then((claims) => claims.map((claim) => claim.verdict), (error) => [error.code])`,
  );
  assert.match(JSON.stringify(answer), /FAIL|evidence\.|format\./);
});

function list(value: unknown): readonly unknown[] {
  assert.ok(Array.isArray(value));
  return value;
}
