import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, utf8 } from '@halligan/format';
import {
  formatEntryProof,
  formatNote,
  generateNoteKey,
  leafHash,
  MemoryTree,
  parseNote,
  signNote,
} from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { claimsThat, resigned } from './forge.fixture.ts';
import { type Claim, openPack, verifyEntryProof, verifyPack } from './index.ts';
import { logKeys, PRINTER } from './memory-record.fixture.ts';

const ada = await generateNoteKey('ada.example', 'cosignature');
const adaPq = await generateNoteKey('ada.example', 'ml-dsa-44');
const bob = await generateNoteKey('bob.example', 'cosignature');
const record = await contoso({ need: 1, of: [ada.verifier, adaPq.verifier, bob.verifier] });
const emergency = await wholeEmergency(record);
const pack = await record.pack(emergency);
const { checkpoint } = openPack(pack).transcript;
const whole = parseNote(checkpoint);

/** The pack with what these cosigners signed of the log at a size; of all of it by default. */
async function cosignedPack(signers: readonly string[], size = record.size): Promise<Uint8Array> {
  const tree = new MemoryTree(record.entries.map(leafHash));
  const text = whole.text.replace(/\n\d+\n.*\n$/, `\n${size}\n${tree.root(size).toBase64()}\n`);
  const note = await signNote(text, [logKeys.signer, ...signers]);
  return withCosigned(
    note,
    tree.consistencyProof(size).map((hash) => hash.toBase64()),
  );
}

function withCosigned(note: string, proof: string[]): Promise<Uint8Array> {
  const cosigned = { v: 'halligan/cosigned/v1', checkpoint: note, proof };
  return resigned(pack, { 'cosigned.json': canonicalBytes(cosigned) });
}

async function cosigning(bytes: Uint8Array): Promise<string> {
  const claims = await verifyPack(bytes, { logKey: logKeys.verifier }, PRINTER);
  const failed = claims.find(({ verdict }) => verdict === 'FAIL');
  const said = failed ?? claims.find(({ claim }) => claim.startsWith('nobody rewrote'));
  return line(said);
}

function line(claim: Claim | undefined): string {
  return claim === undefined ? '' : `${claim.verdict} (${claim.basis}) ${claim.claim}`;
}

test('as many cosigners as the policy needs make it PASS', async () => {
  assert.equal(
    await cosigning(await cosignedPack([bob.signer])),
    'PASS (cosigned by 1, need 1) nobody rewrote the 34 entries that bob.example cosigned; all that is here is among them',
  );
  assert.match(
    await cosigning(await cosignedPack([ada.signer, adaPq.signer])),
    /^PASS .* ada\.example/,
  );
});

test('fewer, others, half of one, or an earlier size do not', async () => {
  const stranger = await generateNoteKey('bob.example', 'cosignature');
  assert.match(await cosigning(pack), /^NOT PROVEN \(no cosignature here\)/);
  for (const signers of [[], [stranger.signer], [ada.signer], [adaPq.signer]])
    assert.match(
      await cosigning(await cosignedPack(signers)),
      /^NOT PROVEN \(too few cosignatures\)/,
    );
  assert.match(
    await cosigning(await cosignedPack([bob.signer], record.size - 1)),
    /^NOT PROVEN \(not cosigned yet\) .* signed 33 of them so far$/,
  );
});

test('a cosigned checkpoint of another history fails', async () => {
  const text = whole.text.replace(/\n.*\n$/, `\n${leafHash(utf8('another')).toBase64()}\n`);
  const note = await signNote(text, [logKeys.signer, bob.signer]);
  assert.match(await cosigning(await withCosigned(note, [])), /^FAIL \(evidence\.cosigned\)/);
});

test('a cosignature over something else, and what is no cosigned checkpoint, fail', async () => {
  const { signatures } = parseNote(await signNote('another text\n', bob.signer));
  const note = formatNote({ text: whole.text, signatures: [...whole.signatures, ...signatures] });
  assert.match(await cosigning(await withCosigned(note, [])), /^FAIL \(evidence\.cosigned\)/);
  const none = await resigned(pack, { 'cosigned.json': canonicalBytes({ v: 'x' }) });
  assert.match(await cosigning(none), /^FAIL \(evidence\.cosigned\)/);
});

test('a .tlog-proof shows its entry, and who saw the log', async () => {
  const tree = new MemoryTree(record.entries.map(leafHash));
  const note = await signNote(whole.text, [logKeys.signer, bob.signer]);
  const proof = { index: 5, proof: tree.inclusionProof(5), checkpoint: note };
  const text = formatEntryProof({ ...proof, extra: record.entries[5] ?? new Uint8Array() });
  const { claims, entry } = await verifyEntryProof(text, {
    logKey: logKeys.verifier,
    cosigners: [bob.verifier],
  });
  assert.deepEqual(entry, record.entries[5]);
  assert.deepEqual(
    claims.map(({ verdict, basis }) => `${verdict} ${basis}`),
    ['PASS cryptographic', 'PASS cryptographic', 'PASS signed by bob.example'],
  );
  const alone = await verifyEntryProof(text, { logKey: logKeys.verifier });
  assert.equal(claimsThat(alone.claims, 'NOT PROVEN').length, 1);
});

test('a .tlog-proof of another entry, log or form fails, and shows nothing', async () => {
  const tree = new MemoryTree(record.entries.map(leafHash));
  const proof = { index: 5, proof: tree.inclusionProof(5), checkpoint };
  const extra = record.entries[5] ?? new Uint8Array();
  const other = await generateNoteKey('log.example/contoso');
  for (const [logKey, text] of [
    [logKeys.verifier, formatEntryProof({ ...proof, extra: record.entries[4] ?? extra })],
    [logKeys.verifier, formatEntryProof({ ...proof, index: 6, extra })],
    [logKeys.verifier, formatEntryProof({ ...proof, proof: [], extra })],
    [logKeys.verifier, formatEntryProof(proof)],
    [other.verifier, formatEntryProof({ ...proof, extra })],
    [logKeys.verifier, 'c2sp.org/tlog-proof@v1\n'],
  ] as const) {
    const { claims, entry } = await verifyEntryProof(text, { logKey });
    assert.equal(claims.at(-1)?.verdict, 'FAIL', text.slice(0, 80));
    assert.equal(entry, undefined);
  }
});
