/** Files that are too large for a pack travel beside it: found by their hash, believed for nothing else. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { textOf } from '@halligan/document';
import { utf8Text } from '@halligan/format';
import type { PlainAttachment } from '@halligan/statement';

import { type FilesBeside, openPack, verifyPack } from './index.ts';
import { dump, log, withLargeFiles } from './large-files.fixture.ts';
import { type MemoryRecord, PRINTER } from './memory-record.fixture.ts';
import { documentFor } from './reports.fixture.ts';

let record: MemoryRecord;
let emergency: string;
let pack: Uint8Array;

before(async () => {
  ({ record, emergency } = await withLargeFiles());
  pack = await record.pack(emergency);
});

const holding =
  (...files: readonly PlainAttachment[]): FilesBeside =>
  async (digest) =>
    files.find((one) => one.digest === digest)?.plain;

async function saidOf(beside?: FilesBeside) {
  const claims = await verifyPack(pack, {}, PRINTER, beside);
  const verdicts = (words: string) =>
    claims.filter(({ claim }) => claim.includes(words)).map(({ verdict }) => verdict);
  return {
    large: verdicts('large file'),
    compared: verdicts('compared again'),
    failed: claims.flatMap(({ verdict, basis }) => (verdict === 'FAIL' ? [basis] : [])),
  };
}

test('without them the pack verifies, and says of each that it is not at hand', async () => {
  assert.deepEqual(await saidOf(), {
    large: ['NOT PROVEN', 'NOT PROVEN'],
    compared: [],
    failed: [],
  });
  const claims = await verifyPack(pack);
  assert.ok(claims.some(({ claim }) => claim.includes(`${dump.digest}.plain`)));
});

test('one that is at hand is proven by its hash, and a log is compared again', async () => {
  assert.deepEqual(await saidOf(holding(dump)), {
    large: ['PASS', 'NOT PROVEN'],
    compared: [],
    failed: [],
  });
  assert.deepEqual(await saidOf(holding(log, dump)), {
    large: ['PASS', 'PASS'],
    compared: ['PASS'],
    failed: [],
  });
});

test('who hands over another file than was asked for is not believed', async () => {
  const { failed } = await saidOf(async () => dump.plain.with(-1, 1));
  assert.deepEqual(failed, ['statement.attachment']);
});

test('the report names each with its size and hash, and no pack holds one', () => {
  const document = documentFor(record, emergency);
  assert.ok(document !== undefined);
  const text = textOf(document).replace(/\s+/g, ' ');
  for (const { digest, plain } of [dump, log])
    assert.match(text, new RegExp(`${digest}.plain, ${plain.length - 100} bytes`));
  assert.match(
    text,
    new RegExp(`large file, \\d+ bytes, beside the pack: ${dump.digest.slice(0, 16)}`),
  );
  const { files } = openPack(pack);
  assert.ok(!files.has(`attachments/${dump.digest}.json`));
  assert.match(utf8Text(files.get('report.html') ?? new Uint8Array()), /Large files/);
});
