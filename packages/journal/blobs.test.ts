import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hex, sha256, utf8 } from '@halligan/format';
import { BlobStore } from './blobs.ts';
import { inFolder } from './fixture.ts';

const bytes = utf8('some ciphertext');
const name = hex(sha256(bytes));

test('keeps bytes under their digest, for their owner only', () =>
  inFolder(async (folder) => {
    const blobs = await BlobStore.open(join(folder, 'blobs'));
    assert.equal(await blobs.has(name), false);
    const given = bytes.slice();
    const stored = blobs.put(given);
    given.fill(0);
    assert.equal(await stored, name);
    assert.equal(await blobs.has(name), true);
    assert.deepEqual(await blobs.get(name), bytes);
    assert.equal((await stat(join(folder, 'blobs'))).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, 'blobs', name))).mode & 0o777, 0o600);
    assert.deepEqual(await (await BlobStore.open(join(folder, 'blobs'))).get(name), bytes);
  }));

test('stores the same bytes once, even when asked many times at once', () =>
  inFolder(async (folder) => {
    const blobs = await BlobStore.open(folder);
    await Promise.all(Array.from({ length: 20 }, () => blobs.put(bytes)));
    await blobs.put(bytes);
    assert.deepEqual(await readdir(folder), [name]);
  }));

test('removes what is asked for, once or twice, and nothing else', () =>
  inFolder(async (folder) => {
    const blobs = await BlobStore.open(folder);
    const other = await blobs.put(utf8('another'));
    await blobs.put(bytes);
    for (let time = 0; time < 2; time += 1) await blobs.remove(name);
    await assert.rejects(blobs.get(name), { code: 'journal.blob-missing' });
    await assert.rejects(blobs.remove('../outside'), { code: 'journal.blob-missing' });
    assert.deepEqual(await readdir(folder), [other]);
  }));

test('never returns bytes that are not what was stored', () =>
  inFolder(async (folder) => {
    const blobs = await BlobStore.open(folder);
    await blobs.put(bytes);
    await writeFile(join(folder, name), utf8('other ciphertext'));
    await assert.rejects(blobs.get(name), { code: 'journal.blob-damaged' });
    await blobs.put(bytes);
    assert.deepEqual(await blobs.get(name), bytes);
  }));

test('knows what it does not have, whatever it is called', () =>
  inFolder(async (folder) => {
    const blobs = await BlobStore.open(join(folder, 'blobs'));
    await writeFile(join(folder, 'outside'), 'x');
    for (const wrong of ['0'.repeat(64), '../outside', '', name.toUpperCase()]) {
      await assert.rejects(blobs.get(wrong), { code: 'journal.blob-missing' });
    }
    await assert.rejects(blobs.has('../outside'), { code: 'journal.blob-missing' });
  }));

test('removes what a crash left unfinished, and nothing else', () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, `.${name}.0123456789abcdef.new`), 'half');
    await writeFile(join(folder, '.keep'), '');
    await BlobStore.open(folder);
    assert.deepEqual(await readdir(folder), ['.keep']);
    assert.equal(await readFile(join(folder, '.keep'), 'utf8'), '');
  }));
