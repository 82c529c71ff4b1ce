import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import {
  removeUnfinished,
  syncAll,
  writeFileDurably,
  writeFolderDurably,
  writeNewFileDurably,
} from './durable.ts';
import { inFolder } from './fixture.ts';
import { makeFolder } from './folder.ts';

const files = new Map([
  ['seal.json', utf8('{}')],
  ['credential.age', utf8('age')],
  ['shares/offline/keyholders/ana.age', utf8('share')],
  ['shares/offline/keyholders/ben@example.org.age', new Uint8Array(0)],
]);

async function contents(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1));
  const texts = names.map(
    async (name) => [name, await readFile(join(folder, name), 'utf8')] as const,
  );
  return new Map((await Promise.all(texts)).sort());
}

const expected = new Map(
  [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()] as const).sort(),
);

test('writes a file whole, over what was there', () =>
  inFolder(async (folder) => {
    await writeFileDurably(join(folder, 'a'), utf8('one'));
    await writeFileDurably(join(folder, 'a'), utf8('two'));
    assert.deepEqual([...(await contents(folder))], [['a', 'two']]);
    assert.equal((await stat(join(folder, 'a'))).mode & 0o777, 0o600);
  }));

test('writes a new file, and never over one that is there', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a');
    await writeNewFileDurably(path, utf8('one'));
    await assert.rejects(writeNewFileDurably(path, utf8('two')), { code: 'EEXIST' });
    assert.deepEqual([...(await contents(folder))], [['a', 'one']]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  }));

test('makes a folder and the way to it, for its owner only; what other means wrote is made durable where it lies', () =>
  inFolder(async (folder) => {
    const deep = join(folder, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    for (const made of ['a', 'a/b', 'a/b/c'])
      assert.equal((await stat(join(folder, made))).mode & 0o777, 0o700);
    await writeFile(join(deep, 'file'), 'written');
    await syncAll(folder);
    assert.deepEqual([...(await contents(folder))], [['a/b/c/file', 'written']]);
  }));

test('writes a folder whole, with folders in it, for its owner only', () =>
  inFolder(async (folder) => {
    await writeFolderDurably(folder, 'v1', files);
    assert.deepEqual(await readdir(folder), ['v1']);
    assert.deepEqual(await contents(join(folder, 'v1')), expected);
    assert.equal((await stat(join(folder, 'v1/shares'))).mode & 0o777, 0o700);
    assert.equal((await stat(join(folder, 'v1/seal.json'))).mode & 0o777, 0o600);
  }));

test('writing it again changes nothing, also many times at once', () =>
  inFolder(async (folder) => {
    await Promise.all(Array.from({ length: 8 }, () => writeFolderDurably(folder, 'v1', files)));
    await writeFolderDurably(folder, 'v1', files);
    assert.deepEqual(await readdir(folder), ['v1']);
  }));

test('never overwrites another folder', () =>
  inFolder(async (folder) => {
    await writeFolderDurably(folder, 'v1', files);
    const others = [
      new Map([...files, ['seal.json', utf8('{ }')] as const]),
      new Map([...files, ['more', utf8('')] as const]),
      new Map([...files].slice(1)),
      new Map(),
    ];
    for (const other of others) {
      await assert.rejects(writeFolderDurably(folder, 'v1', other), {
        code: 'journal.folder-differs',
      });
    }
    assert.deepEqual(await contents(join(folder, 'v1')), expected);
    await mkdir(join(folder, 'v2'));
    await assert.rejects(writeFolderDurably(folder, 'v2', files), {
      code: 'journal.folder-differs',
    });
    assert.deepEqual(await readdir(join(folder, 'v2')), []);
  }));

test('of two that differ, at once, one is written and the other refused', () =>
  inFolder(async (folder) => {
    const other = new Map([...files, ['seal.json', utf8('other')] as const]);
    const outcomes = await Promise.allSettled([
      writeFolderDurably(folder, 'v1', files),
      writeFolderDurably(folder, 'v1', other),
    ]);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 1);
    assert.deepEqual(await readdir(folder), ['v1']);
  }));

test('takes no name that leaves the folder, hides in it, or is none', () =>
  inFolder(async (folder) => {
    const wrong = [
      '../x',
      'a/../../x',
      '/x',
      'a//b',
      '',
      '.',
      '.x',
      'a\\b',
      'a\0b',
      'a/',
      'ä',
      'a b',
    ];
    for (const name of wrong) {
      const named = writeFolderDurably(folder, 'v1', new Map([[name, utf8('')]]));
      await assert.rejects(named, { code: 'journal.file-name' }, name);
      await assert.rejects(
        writeFolderDurably(folder, name, files),
        { code: 'journal.file-name' },
        name,
      );
    }
    await assert.rejects(writeFolderDurably(folder, 'a/b', files), { code: 'journal.file-name' });
    assert.deepEqual(await readdir(folder), []);
  }));

test('leaves nothing behind where it fails', () =>
  inFolder(async (folder) => {
    const clash = new Map([...files, ['seal.json/x', utf8('')] as const]);
    await assert.rejects(writeFolderDurably(folder, 'v1', clash));
    assert.deepEqual(await readdir(folder), []);
    await rm(folder, { recursive: true });
    await assert.rejects(writeFileDurably(join(folder, 'a'), utf8('')));
  }));

test('removes what crashes left', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, '.v1.0123456789abcdef.new/shares'), { recursive: true });
    await writeFile(join(folder, 'mine.new'), '');
    await removeUnfinished(folder);
    assert.deepEqual(await readdir(folder), ['mine.new']);
  }));
