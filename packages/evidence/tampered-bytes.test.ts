import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packContainer, readContainer, utf8, writeContainer } from '@halligan/format';
import { contoso } from './contoso.fixture.ts';
import { declare } from './emergency.fixture.ts';
import { exitCodeOf, openPack, verifyPack } from './index.ts';
import { PRINTER } from './memory-record.fixture.ts';

/** A pack that has everything and is small: the first entries of a log, up to a declaration. */
const record = await contoso();
const pack = await record.pack(await declare(record));

async function fails(bytes: Uint8Array, what: string): Promise<string> {
  const claims = await verifyPack(bytes, {}, PRINTER);
  const last = claims.at(-1);
  assert.equal(exitCodeOf(claims), 5, what);
  assert.ok(last?.verdict === 'FAIL', what);
  assert.notEqual(last.basis, 'evidence.fault', what);
  return last.basis;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}

test('the pack as it is verifies', async () => {
  assert.equal(exitCodeOf(await verifyPack(pack, {}, PRINTER)), 0);
});

test('a changed bit fails, wherever it lies', async () => {
  for (let at = 0; at < pack.length; at += 1)
    await fails(flipped(pack, at), `byte ${at} of ${pack.length}`);
});

test('a pack that is cut or followed by something fails', async () => {
  for (let size = 0; size < pack.length; size += size < 100 ? 1 : 97)
    await fails(pack.slice(0, size), `cut to ${size}`);
  for (const tail of ['\0', 'x', 'PK\u0003\u0004', 'x'.repeat(70_000)])
    await fails(Uint8Array.of(...pack, ...utf8(tail)), `followed by ${tail.length} bytes`);
  await fails(Uint8Array.of(...pack, ...pack), 'twice');
});

test('a changed bit fails in every file, also where manifest and checksums were made anew', async () => {
  const { files } = openPack(pack);
  for (const [name, bytes] of files) {
    const step = Math.max(1, Math.floor(bytes.length / 12));
    for (let at = 0; at < bytes.length; at += step) {
      const altered = new Map([...files, [name, flipped(bytes, at)]]);
      await fails(packContainer('evidence', altered), `byte ${at} of ${name}`);
    }
    await fails(packContainer('evidence', new Map([...files, [name, new Uint8Array()]])), name);
    const others = new Map([...files].filter(([other]) => other !== name));
    await fails(packContainer('evidence', others), `without ${name}`);
  }
  const more = new Map([...files, ['report-final.html', utf8('All is well.')]]);
  await fails(packContainer('evidence', more), 'with a file more');
});

test('what is no pack fails', async () => {
  await fails(new Uint8Array(), 'nothing');
  await fails(utf8('All is well.'), 'text');
  await fails(writeContainer({ 'report.html': utf8('All is well.') }), 'a ZIP file');
  await fails(packContainer('kit', new Map(openPack(pack).files)), 'a kit');
  await fails(packContainer('evidence', new Map()), 'an empty pack');
});

test('what would cost without bound is refused unread', async () => {
  const { files } = openPack(pack);
  const forged = (name: string, text: string) =>
    fails(packContainer('evidence', new Map([...files, [name, utf8(text)]])), name);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.equal(await forged('pack.json', deep), 'format.json');
  assert.equal(await forged('transcript.json', deep), 'format.json');
  const entry = JSON.stringify({ bytes: '', index: 0, proof: [] });
  const flood = `{"checkpoint":"","entries":[${Array(20_001).fill(entry).join()}],"v":"halligan/transcript/v1"}`;
  assert.equal(await forged('transcript.json', flood), 'evidence.transcript');
  const long = JSON.stringify({ bytes: 'A'.repeat(90_004), index: 0, proof: [] });
  assert.equal(
    await forged(
      'transcript.json',
      `{"checkpoint":"","entries":[${long}],"v":"halligan/transcript/v1"}`,
    ),
    'evidence.transcript',
  );
  // A compressed file, whatever it would unpack to: method 8 in the first header.
  const bomb = pack.slice();
  bomb[8] = 8;
  assert.equal(await fails(bomb, 'compressed'), 'format.container');
  // A file that claims four gigabytes.
  const huge = pack.slice();
  huge.fill(0xff, 18, 26);
  assert.equal(await fails(huge, 'four gigabytes'), 'format.container');
  assert.equal(await fails(new Uint8Array((256 << 20) + 1), 'too large'), 'format.too-large');
});

test('what no encoder writes fails without a fault', async () => {
  const { files, transcript } = openPack(pack);
  const forged = async (entries: readonly object[]) =>
    fails(
      packContainer(
        'evidence',
        new Map([
          ...files,
          [
            'transcript.json',
            utf8(JSON.stringify({ checkpoint: transcript.checkpoint, entries, v: transcript.v })),
          ],
        ]),
      ),
      JSON.stringify(entries).slice(0, 60),
    );
  const [first] = transcript.entries;
  assert.equal(await forged([]), 'evidence.genesis');
  for (const bytes of ['', '*', 'AA', 'e30=', 'bnVsbA=='])
    await forged([{ bytes, index: 0, proof: [] }]);
  assert.equal(
    await forged([{ bytes: first?.bytes, index: 2 ** 53 - 1, proof: [] }]),
    'evidence.entry',
  );
  assert.equal(readContainer(pack).size, files.size + 1);
});
