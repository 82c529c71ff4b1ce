import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../index.ts';

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-device-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what was put is there after a restart, in a folder that nobody else reads', () => {
  inFolder((outer) => {
    const folder = join(outer, 'device');
    const store = openStore(folder);
    store.put({ 'person/ana': '{}', 'person/ben': '{"a":1}', clock: '5' });
    store.put({ 'person/ben': undefined });
    store.close();
    const again = openStore(folder);
    assert.equal(again.get('person/ana'), '{}');
    assert.equal(again.get('person/ben'), undefined);
    assert.deepEqual(again.names('person/'), ['person/ana']);
    assert.deepEqual(again.names('_erson/'), []);
    again.close();
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });
});

test('a second agent, a damaged file and a newer one are refused', () => {
  inFolder((folder) => {
    const store = openStore(folder);
    store.put({ clock: '5' });
    assert.throws(() => openStore(folder), { code: 'device.store' });
    store.close();
    writeFileSync(join(folder, 'device.db'), 'not a database'.repeat(100));
    assert.throws(() => openStore(folder), { code: 'device.store' });
  });
});

test('what was removed or replaced is in no file of a store that runs, once it is swept', () => {
  inFolder((folder) => {
    const store = openStore(folder);
    const onDisk = () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('')
        .match(/SECRET-\d+/g) ?? [];
    // One that fits a page, and one that does not.
    for (const size of [10, 9000]) {
      const people = Array.from({ length: 30 }, (_, at) => [
        `person/${at}`,
        `SECRET-${at} ${'x'.repeat(size)}`,
      ]);
      store.put(Object.fromEntries(people));
      assert.notEqual(onDisk().length, 0);
      store.put(Object.fromEntries(people.map(([name]) => [name, '{}'])));
      store.sweep();
      assert.deepEqual(onDisk(), []);
    }
    store.close();
  });
});
