import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BlobStore } from '@halligan/journal';
import { encryptTo } from '@halligan/seal';
import { textAttachment } from '@halligan/statement';
import { Attachments } from './attachments.ts';

const SUBJECT = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

async function inFolder(
  run: (made: {
    readonly folder: string;
    readonly blobs: BlobStore;
    readonly attachments: Attachments;
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-attachments-'));
  try {
    const blobs = await BlobStore.open(join(folder, 'blobs'));
    await run({ folder, blobs, attachments: new Attachments(folder, blobs) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('erasing a subject takes its key and its blobs, and nothing of another', () =>
  inFolder(async ({ folder, blobs, attachments }) => {
    const text = textAttachment('Nobody can sign in.');
    const blob = await attachments.put(SUBJECT, text);
    const kept = await attachments.put(OTHER, text);
    assert.deepEqual(await attachments.get(SUBJECT, blob), text);
    await attachments.erase(SUBJECT, [blob]);
    await assert.rejects(attachments.get(SUBJECT, blob), { code: 'server.erased' });
    assert.equal(await blobs.has(blob), false);
    assert.deepEqual(await attachments.get(OTHER, kept), text);
    assert.deepEqual(
      (await readdir(folder)).sort(),
      [`${SUBJECT}.erased`, 'blobs', `${OTHER}.key`].sort(),
    );
  }));

test('texts that come at once for a new subject are encrypted to one key', () =>
  inFolder(async ({ attachments }) => {
    const texts = Array.from({ length: 8 }, (_, at) => textAttachment(`Line ${at}.`));
    const blobs = await Promise.all(texts.map((text) => attachments.put(SUBJECT, text)));
    for (const [at, blob] of blobs.entries())
      assert.deepEqual(await attachments.get(SUBJECT, blob), texts[at]);
  }));

test('a large file is read while it is sent: what is damaged at its end is noticed only there', () =>
  inFolder(async ({ blobs, attachments }) => {
    const recipient = await attachments.recipient(SUBJECT);
    const plain = new Uint8Array(1 << 20).fill(7);
    const ciphertext = await encryptTo([recipient], plain);
    const blob = await blobs.put(ciphertext);
    const read: Uint8Array[] = [];
    for await (const chunk of await attachments.stream(SUBJECT, blob)) read.push(chunk);
    assert.ok(Buffer.concat(read).equals(plain));
    assert.ok(read.every(({ length }) => length <= 65_536));
    const cut = await blobs.put(ciphertext.subarray(0, -1));
    let came = 0;
    const all = async () => {
      for await (const chunk of await attachments.stream(SUBJECT, cut)) came += chunk.length;
    };
    await assert.rejects(all(), { code: 'seal.damaged' });
    assert.ok(came > 0 && came < plain.length);
    await assert.rejects(attachments.stream(OTHER, blob), { code: 'server.erased' });
    await attachments.recipient(OTHER);
    await assert.rejects(attachments.stream(OTHER, blob), { code: 'seal.wrong-key' });
    await assert.rejects(attachments.stream(OTHER, 'ef'.repeat(32)), {
      code: 'journal.blob-missing',
    });
  }));

test('an erased subject gets no second key', () =>
  inFolder(async ({ attachments }) => {
    const text = textAttachment('One more word.');
    await attachments.erase(SUBJECT, []);
    await assert.rejects(attachments.put(SUBJECT, text), { code: 'server.erased' });
  }));

test('an erasure that was cut short anywhere is finished by the next', () =>
  inFolder(async ({ folder, blobs, attachments }) => {
    const blob = await attachments.put(SUBJECT, textAttachment('Nobody can sign in.'));
    // Killed after the mark: the key is still there, and no new text comes in.
    await writeFile(join(folder, `${SUBJECT}.erased`), 'erased\n');
    await assert.rejects(attachments.put(SUBJECT, textAttachment('more')), {
      code: 'server.erased',
    });
    // Killed after the key: the blobs are still there.
    await rm(join(folder, `${SUBJECT}.key`));
    await attachments.erase(SUBJECT, [blob]);
    await attachments.erase(SUBJECT, [blob]);
    assert.equal(await blobs.has(blob), false);
  }));
