import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hex, sha256, utf8 } from '@halligan/format';
import { BlobStore } from '@halligan/journal';
import { decryptWith, generateIdentity, recipientOf } from '@halligan/seal';
import { checkPlainAttachment, makePlainAttachment } from '@halligan/statement';
import { Uploads } from './uploads.ts';

const SUBJECT = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);
const MIB = 1 << 20;
const LIMITS = { file: 2 * MIB, emergency: 3 * MIB };

interface Scene {
  readonly folder: string;
  readonly identity: string;
  readonly uploads: Uploads;
  readonly again: () => Promise<Uploads>;
}

async function inFolder(run: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-uploads-'));
  const identity = generateIdentity('x25519');
  const recipient = await recipientOf(identity);
  const again = () => Uploads.open(folder, LIMITS, async () => recipient);
  try {
    await run({ folder, identity, uploads: await again(), again });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function* chunksOf(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function sent(
  plain: Uint8Array,
  digest: string,
  others: { person?: string; subject?: string } = {},
) {
  return { subject: SUBJECT, person: 'ana', ...others, digest, body: chunksOf(plain) };
}

function file(size: number, fill = 7) {
  return makePlainAttachment(new Uint8Array(size).fill(fill), 'text/csv');
}

test('a file that came in lies encrypted under its emergency, and is found after a restart', () =>
  inFolder(async ({ folder, identity, uploads, again }) => {
    const { digest, plain } = file(MIB);
    await uploads.receive(sent(plain, digest), 0);
    for (const one of [uploads, await again()]) {
      const found = one.find(SUBJECT, digest);
      assert.ok(found);
      assert.equal(found.bytes, MIB);
      const stored = await readFile(one.pathOf(found));
      assert.equal(hex(sha256(stored)), found.blob);
      const opened = await decryptWith(identity, stored, 'It', 4 * MIB);
      assert.equal(checkPlainAttachment(digest, opened).bytes.length, MIB);
    }
    assert.equal(uploads.find(OTHER, digest), undefined);
    assert.equal((await readdir(folder)).length, 1);
  }));

test('a file is written while it arrives: no more than a piece of it is ever held', () =>
  inFolder(async ({ folder, uploads }) => {
    const size = 16 * MIB;
    const large = await Uploads.open(folder, { file: size, emergency: size }, () =>
      recipientOf(generateIdentity('x25519')),
    );
    const { digest, plain } = file(size);
    let given = 0;
    let held = 0;
    const watched = async function* () {
      for await (const chunk of chunksOf(plain, 65_536)) {
        const [unfinished] = (await readdir(folder)).filter((name) => name.startsWith('.'));
        const written = unfinished === undefined ? 0 : (await stat(join(folder, unfinished))).size;
        held = Math.max(held, given - written);
        given += chunk.length;
        yield chunk;
      }
    };
    await large.receive({ ...sent(plain, digest), body: watched() }, 0);
    assert.ok(held < MIB, `${held} bytes`);
    assert.equal(uploads.find(SUBJECT, digest), undefined);
    assert.ok(large.find(SUBJECT, digest));
  }));

test('what is not what its digest names, no plain form, or cut off: refused, and nothing stays', () =>
  inFolder(async ({ folder, uploads }) => {
    const { digest, plain } = file(100_000);
    const refused: readonly [Uint8Array, string][] = [
      [file(100_000).plain, 'server.attachment-digest'],
      [plain.subarray(0, 90_000), 'server.attachment-digest'],
      [utf8('halligan/attachment/v1\n'), 'statement.attachment'],
      [new Uint8Array(), 'statement.attachment'],
      [new Uint8Array(100_000), 'statement.attachment'],
    ];
    for (const [bytes, code] of refused)
      await assert.rejects(uploads.receive(sent(bytes, digest), 0), { code });
    const cut = async function* () {
      yield* chunksOf(plain.subarray(0, 50_000));
      throw new Error('aborted');
    };
    await assert.rejects(uploads.receive({ ...sent(plain, digest), body: cut() }, 0), {
      code: 'server.cut-off',
    });
    assert.deepEqual(await readdir(folder), []);
    await uploads.receive(sent(plain, digest), 0);
    assert.ok(uploads.find(SUBJECT, digest));
  }));

test('a folder that is gone when it is written to: its error goes on, and nothing stays', () =>
  inFolder(async ({ folder, uploads }) => {
    const { digest, plain } = file(100_000);
    const recipient = await recipientOf(generateIdentity('x25519'));
    const gone = await Uploads.open(folder, LIMITS, async () => {
      // The folder is no more when the first chunk is to be written: the same path as any failure of the disk.
      await rm(folder, { recursive: true });
      return recipient;
    });
    await assert.rejects(gone.receive(sent(plain, digest), 0), { code: 'ENOENT' });
    assert.equal(gone.find(SUBJECT, digest), undefined);
    assert.equal(uploads.find(SUBJECT, digest), undefined);
    await BlobStore.open(folder);
  }));

test('a file over the limit is refused as soon as it is: the rest is not read', () =>
  inFolder(async ({ folder, uploads }) => {
    const { digest, plain } = file(2 * MIB + 1);
    let read = 0;
    const endless = async function* () {
      for (;;) {
        for await (const chunk of chunksOf(plain)) {
          read += chunk.length;
          yield chunk;
        }
      }
    };
    await assert.rejects(uploads.receive({ ...sent(plain, digest), body: endless() }, 0), {
      code: 'server.too-large',
    });
    assert.ok(read < LIMITS.file + 4 * 65_536, `${read} bytes were read`);
    await assert.rejects(uploads.receive({ ...sent(plain, digest), announced: 3 * MIB }, 0), {
      code: 'server.too-large',
    });
    assert.deepEqual(await readdir(folder), []);
  }));

test('all of an emergency together: on the record, waiting and under way', () =>
  inFolder(async ({ uploads }) => {
    const [one, two] = [file(MIB, 1), file(MIB, 2)];
    await assert.rejects(uploads.receive(sent(one.plain, one.digest), 2 * MIB + 1000), {
      code: 'server.too-large',
    });
    await uploads.receive(sent(one.plain, one.digest), MIB);
    await assert.rejects(uploads.receive(sent(two.plain, two.digest), MIB + 1000), {
      code: 'server.too-large',
    });
    await uploads.receive(sent(two.plain, two.digest, { subject: OTHER }), MIB);
    const [three, four] = [file(1.5 * MIB, 3), file(1.5 * MIB, 4)];
    const both = await Promise.allSettled(
      [three, four].map(({ plain, digest }) =>
        uploads.receive({ ...sent(plain, digest), announced: plain.length }, 0),
      ),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  }));

test('two of one digest at once are kept once', () =>
  inFolder(async ({ folder, uploads }) => {
    const { digest, plain } = file(MIB);
    await Promise.all([
      uploads.receive(sent(plain, digest), 0),
      uploads.receive(sent(plain, digest, { person: 'ben' }), 0),
    ]);
    assert.equal((await readdir(folder)).length, 1);
    const found = uploads.find(SUBJECT, digest);
    assert.ok(found && (await readdir(folder)).includes(found.name));
  }));

test('one person sends so many at once, and so often', () =>
  inFolder(async ({ uploads }) => {
    const { digest, plain } = file(1000);
    const never = async function* () {
      yield plain.subarray(0, 100);
      await new Promise<void>((resolve) => void ends.push(resolve));
    };
    const ends: (() => void)[] = [];
    const slow = Array.from({ length: 4 }, () =>
      uploads.receive({ ...sent(plain, digest), body: never() }, 0, 1000),
    );
    await assert.rejects(uploads.receive(sent(plain, digest), 0, 1000), { code: 'server.busy' });
    await uploads.receive(sent(plain, digest, { person: 'ben' }), 0, 1000);
    for (const one of slow) one.catch(() => undefined);
    while (ends.length < 4) await new Promise(setImmediate);
    for (const end of ends) end();
    for (const one of slow) await assert.rejects(one, { code: 'server.attachment-digest' });
    const often = async () => {
      for (let at = 0; at < 40; at += 1) await uploads.receive(sent(plain, digest), 0, 1000);
    };
    await assert.rejects(often(), { code: 'server.rate' });
  }));

test('what no statement named within a day is swept; what was cut off is gone at the start', () =>
  inFolder(async ({ folder, uploads, again }) => {
    const [old, young] = [file(1000, 1), file(1000, 2)];
    for (const { plain, digest } of [old, young]) await uploads.receive(sent(plain, digest), 0);
    const found = uploads.find(SUBJECT, old.digest);
    assert.ok(found);
    const now = Date.now();
    await utimes(uploads.pathOf(found), new Date(0), new Date(now - 25 * 3_600_000));
    await writeFile(join(folder, `.stream.${'a'.repeat(16)}.new`), 'half');
    const restarted = await again();
    assert.equal((await readdir(folder)).length, 2);
    assert.deepEqual(await restarted.sweep(now), [found]);
    assert.equal(restarted.find(SUBJECT, old.digest), undefined);
    assert.ok(restarted.find(SUBJECT, young.digest));
    await restarted.erase(SUBJECT);
    assert.deepEqual(await readdir(folder), []);
  }));
