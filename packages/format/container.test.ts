import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalBytes,
  HalliganError,
  hex,
  type Json,
  openContainer,
  packContainer,
  parseCanonical,
  readContainer,
  sha256,
  utf8,
  utf8Text,
  writeContainer,
} from './index.ts';

const code = (expected: string, says?: RegExp) => (error: unknown) =>
  error instanceof HalliganError &&
  error.code === expected &&
  error.hint !== '' &&
  (says === undefined || says.test(error.message));

const part = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/);
const name = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
  .filter((path) => path !== 'manifest.json');
const files = fc
  .dictionary(name, fc.uint8Array({ maxLength: 200 }), { noNullPrototype: true, maxKeys: 6 })
  .filter(
    (them) =>
      !Object.keys(them).some((path) =>
        path.split('/').some((_, at, all) => at > 0 && all.slice(0, at).join('/') in them),
      ),
  )
  .map((them) => new Map(Object.entries(them)));

const small = new Map([
  ['policy.json', utf8('{}')],
  ['seals/root/1/seal.json', utf8('sealed')],
]);

test('files survive a container, whatever their order was', () => {
  fc.assert(
    fc.property(files, (them) => {
      const bytes = packContainer('kit', them);
      const opened = openContainer('kit', bytes);
      assert.deepEqual(opened.files, new Map([...them].sort(([a], [b]) => (a < b ? -1 : 1))));
      assert.deepEqual(packContainer('kit', new Map([...them].reverse())), bytes);
      assert.equal(opened.digest, hex(sha256(readContainer(bytes).get('manifest.json') ?? bytes)));
    }),
  );
});

test('a record of files packs like a map of them', () => {
  assert.deepEqual(writeContainer(Object.fromEntries(small)), writeContainer(small));
});

test('every changed byte of a container is refused, to every value of one bit and to zero', () => {
  const bytes = packContainer('seal', small);
  for (let at = 0; at < bytes.length; at += 1) {
    for (const change of [0x01, 0x20, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at] = (bytes[at] ?? 0) ^ change;
      assert.throws(() => openContainer('seal', changed), HalliganError, `byte ${at}`);
    }
  }
});

test('every truncation, and anything before, between or after, is refused', () => {
  const bytes = packContainer('seal', small);
  for (let size = 0; size < bytes.length; size += 1) {
    assert.throws(() => openContainer('seal', bytes.subarray(0, size)), code('format.container'));
  }
  for (const extra of [[0], [0x50, 0x4b, 3, 4], [...bytes]]) {
    assert.throws(
      () => openContainer('seal', new Uint8Array([...bytes, ...extra])),
      code('format.container'),
    );
    assert.throws(() => openContainer('seal', new Uint8Array([...extra, ...bytes])), HalliganError);
  }
});

test('random bytes are refused with a code, never with a crash', () => {
  const whole = packContainer('seal', small);
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }))
      .map(
        ([at, junk]) => new Uint8Array([...whole.subarray(0, at), ...junk, ...whole.subarray(at)]),
      ),
  );
  fc.assert(
    fc.property(noise, (bytes) => {
      assert.throws(() => openContainer('seal', bytes), HalliganError);
    }),
  );
});

test('names that climb, hide, collide or shout are neither written nor read', () => {
  for (const bad of [
    '',
    '/a',
    'a/',
    '../a',
    'a/../b',
    'a..b',
    '.a',
    'a//b',
    'A',
    'a\\b',
    'é',
    'a b',
    'a'.repeat(512),
  ]) {
    assert.throws(
      () => writeContainer(new Map([[bad, utf8('')]])),
      code('format.container-name'),
      bad,
    );
  }
  assert.throws(
    () =>
      writeContainer(
        new Map([
          ['a', utf8('')],
          ['a/b', utf8('')],
        ]),
      ),
    code('format.container-name'),
  );
  assert.throws(
    () => packContainer('kit', new Map([['manifest.json', utf8('')]])),
    code('format.container-name'),
  );

  const good = writeContainer(new Map([['aa/bb', utf8('x')]]));
  const spelled = hex(good).replaceAll(hex(utf8('aa/bb')), hex(utf8('../bb')));
  assert.throws(() => readContainer(Uint8Array.fromHex(spelled)), code('format.container-name'));
});

test('a second file of the same name is refused', () => {
  const two = writeContainer(
    new Map([
      ['a', utf8('1')],
      ['b', utf8('2')],
    ]),
  );
  const at = two.indexOf('b'.charCodeAt(0));
  const twice = two.map((byte, index) => (index === at ? 'a'.charCodeAt(0) : byte));
  assert.throws(() => readContainer(twice), code('format.container', /order/));
});

test('a content that was exchanged together with its CRC is told apart by its digest, by name', () => {
  const exchanged = readContainer(packContainer('seal', small));
  const forged = writeContainer(new Map([...exchanged, ['policy.json', utf8('[]')]]));
  assert.throws(
    () => openContainer('seal', forged),
    code('format.container-digest', /"policy\.json"/),
  );
  const added = writeContainer(new Map([...exchanged, ['extra', utf8('')]]));
  assert.throws(() => openContainer('seal', added), code('format.container-digest', /"extra"/));
  const missing = new Map(exchanged);
  missing.delete('policy.json');
  assert.throws(
    () => openContainer('seal', writeContainer(missing)),
    code('format.container-digest', /"policy\.json"/),
  );
});

test('another type, another version, an unknown field and no manifest each have their code', () => {
  const read = readContainer(packContainer('seal', small));
  const manifest = parseCanonical(read.get('manifest.json') ?? utf8(''));
  assert.ok(typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest));
  const rewritten = (change: { readonly [name: string]: Json }) =>
    writeContainer(
      new Map([...read, ['manifest.json', canonicalBytes({ ...manifest, ...change })]]),
    );

  assert.throws(
    () => openContainer('kit', packContainer('seal', small)),
    code('format.container-type', /a seal/),
  );
  assert.throws(
    () => openContainer('seal', rewritten({ type: 'other' })),
    code('format.container-type'),
  );
  assert.throws(
    () => openContainer('seal', rewritten({ v: 'halligan/container/v2' })),
    code('format.container-version'),
  );
  assert.throws(
    () => openContainer('seal', rewritten({ more: 1 })),
    code('format.container-digest'),
  );
  assert.throws(
    () => openContainer('seal', rewritten({ files: [] })),
    code('format.container-digest'),
  );
  assert.throws(
    () => openContainer('seal', rewritten({ files: { toString: 1 } })),
    code('format.container-digest'),
  );
  assert.throws(
    () => openContainer('seal', writeContainer(small)),
    code('format.container', /manifest/),
  );
});

test('limits are checked before anything is read', () => {
  const bytes = packContainer('seal', small);
  assert.throws(
    () => readContainer(bytes, { bytes: bytes.length - 1, files: 9 }),
    code('format.too-large'),
  );
  assert.throws(
    () => readContainer(bytes, { bytes: bytes.length, files: 2 }),
    code('format.too-large'),
  );
  assert.equal(readContainer(bytes, { bytes: bytes.length, files: 3 }).size, 3);
});

test('what was read does not change with the bytes it was read from', () => {
  const bytes = packContainer('seal', small);
  const opened = openContainer('seal', bytes);
  bytes.fill(0);
  assert.equal(utf8Text(opened.files.get('policy.json') ?? bytes), '{}');
});

const unzip = spawnSync('unzip', ['-v']).error === undefined;

test('stock unzip accepts a container', { skip: unzip ? false : 'unzip is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-container-'));
  try {
    writeFileSync(join(folder, 'small.zip'), packContainer('kit', small));
    writeFileSync(
      join(folder, 'many.zip'),
      packContainer(
        'kit',
        new Map(Array.from({ length: 300 }, (_, at) => [`f/${at}`, utf8(`${at}`)])),
      ),
    );
    for (const zip of ['small.zip', 'many.zip']) {
      const tested = spawnSync('unzip', ['-t', zip], { cwd: folder, encoding: 'utf8' });
      assert.equal(tested.status, 0, tested.stdout + tested.stderr);
      assert.match(tested.stdout, /No errors detected/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
