import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64, hex, utf8 } from '@halligan/format';
import { ed25519Cosigned, mlDsaCosigned } from './cosignature.ts';
import {
  cosignedBy,
  cosignersOf,
  formatCheckpoint,
  formatNote,
  generateNoteKey,
  leafHash,
  logKeysOf,
  noteSigner,
  parseNote,
  signNote,
  verifyLogNote,
  verifyNote,
} from './index.ts';

const ORIGIN = 'log.example/contoso';
const text = formatCheckpoint({ origin: ORIGIN, size: 7, root: leafHash(utf8('x')) });
const log = await generateNoteKey(ORIGIN);
const logPq = await generateNoteKey(ORIGIN, 'ml-dsa-44');
const hybrid = `${log.verifier}\n${logPq.verifier}`;
const ada = await generateNoteKey('ada.example', 'cosignature');
const adaPq = await generateNoteKey('ada.example', 'ml-dsa-44');
const bob = await generateNoteKey('bob.example', 'cosignature');

test('the messages are those of the specification', () => {
  const body = utf8(
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  );
  assert.equal(
    new TextDecoder().decode(ed25519Cosigned(body, 1_679_315_147)),
    'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  );
  // label ‖ length, cosigner ‖ time ‖ length, origin ‖ start ‖ end ‖ hash
  assert.equal(
    hex(mlDsaCosigned('w', new TextDecoder().decode(body), 1_679_315_147)),
    [
      '737562747265652f76310a00',
      '0177',
      '000000006418 50cb'.replace(' ', ''),
      `1b${hex(utf8('example.com/behind-the-sofa'))}`,
      '0000000000000000',
      '00000000013e2ec3'.replace('013e2ec3', (20_852_163).toString(16).padStart(8, '0')),
      hex(fromBase64('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=')),
    ].join(''),
  );
});

test('cosignatures say when, and hold over this checkpoint alone', async () => {
  for (const key of [ada, adaPq]) {
    const signer = await noteSigner(key.signer, () => 1_700_000_000);
    const note = await signNote(text, signer);
    const { signatures } = await verifyNote(note, [key.verifier]);
    assert.deepEqual(
      signatures.map(({ time }) => time),
      [1_700_000_000],
    );
    const other = note.replace('\n7\n', '\n8\n');
    await assert.rejects(verifyNote(other, [key.verifier]), { code: 'tlog.note-unverified' });
    const { signatures: lines } = parseNote(note);
    for (const at of [0, 7, 8, 70]) {
      const altered = lines.map((line) => ({
        ...line,
        signature: line.signature.map((byte, place) => (place === at ? byte ^ 1 : byte)),
      }));
      await assert.rejects(verifyNote(formatNote({ text, signatures: altered }), [key.verifier]), {
        code: 'tlog.note-unverified',
      });
    }
    const short = lines.map((line) => ({ ...line, signature: line.signature.slice(0, 5) }));
    await assert.rejects(verifyNote(formatNote({ text, signatures: short }), [key.verifier]), {
      code: 'tlog.note-unverified',
    });
  }
});

test('an ML-DSA-44 key signs checkpoints and nothing else', async () => {
  await assert.rejects(signNote('Not a checkpoint.\n', adaPq.signer), {
    code: 'tlog.checkpoint-syntax',
  });
  const note = await signNote(text, adaPq.signer);
  const { signatures } = parseNote(note);
  await assert.rejects(verifyNote(formatNote({ text: 'x\n', signatures }), [adaPq.verifier]), {
    code: 'tlog.note-unverified',
  });
});

test('a log of two keys is believed only where both signed', async () => {
  const both = await signNote(text, [log.signer, logPq.signer]);
  assert.equal((await verifyLogNote(both, hybrid)).text, text);
  assert.equal((await verifyLogNote(both, log.verifier)).text, text);
  for (const key of [log, logPq])
    await assert.rejects(verifyLogNote(await signNote(text, key.signer), hybrid), {
      code: 'tlog.note-unverified',
    });
});

test('what is not one log’s keys is refused', () => {
  assert.deepEqual(logKeysOf(hybrid).keys, [log.verifier, logPq.verifier]);
  for (const keys of [
    '',
    logPq.verifier,
    `${logPq.verifier}\n${log.verifier}`,
    `${log.verifier}\n`,
    `${log.verifier}\n${log.verifier}`,
    `${log.verifier}\n${adaPq.verifier}`,
    `${hybrid}\n${logPq.verifier}`,
    ada.verifier,
  ])
    assert.throws(() => logKeysOf(keys), { code: 'tlog.key-syntax' });
});

test('a cosigner counts once, with every key that is named', async () => {
  const keys = [ada.verifier, adaPq.verifier, bob.verifier];
  const signed = (...signers: readonly string[]) => signNote(text, [log.signer, ...signers]);
  const names = async (note: string) => (await cosignedBy(note, keys)).map(({ name }) => name);
  assert.deepEqual(await names(await signed()), []);
  assert.deepEqual(await names(await signed(ada.signer)), []);
  assert.deepEqual(await names(await signed(bob.signer)), ['bob.example']);
  assert.deepEqual(await names(await signed(bob.signer, adaPq.signer, ada.signer)), [
    'ada.example',
    'bob.example',
  ]);
});

test('a cosignature over something else refutes the note', async () => {
  const elsewhere = parseNote(await signNote(text.replace('\n7\n', '\n8\n'), bob.signer));
  const { signatures } = parseNote(await signNote(text, log.signer));
  const mixed = formatNote({ text, signatures: [...signatures, ...elsewhere.signatures] });
  await assert.rejects(cosignedBy(mixed, [bob.verifier]), { code: 'tlog.note-unverified' });
});

test('one key under two names is no two cosigners', async () => {
  const twin = await generateNoteKey('a.example', 'cosignature', () => new Uint8Array(32).fill(3));
  const other = await generateNoteKey('b.example', 'cosignature', () => new Uint8Array(32).fill(3));
  assert.throws(() => cosignersOf([twin.verifier, other.verifier]), { code: 'tlog.cosigners' });
  assert.throws(() => cosignersOf([twin.verifier, twin.verifier]), { code: 'tlog.cosigners' });
  assert.throws(() => cosignersOf([log.verifier]), { code: 'tlog.cosigners' });
});
