import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openStore, sealedStore } from '../index.ts';

const KEY = new Uint8Array(32).fill(3);

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-sealed-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes into the file by hand, without the key. */
function byHand(folder: string, sql: string): void {
  const database = new DatabaseSync(join(folder, 'device.db'));
  database.exec(sql);
  database.close();
}

function written(folder: string): void {
  const store = sealedStore(openStore(folder), KEY);
  store.put({ 'person/ana': 'old', 'person/ben': 'his' });
  store.put({ 'person/ana': 'new', clock: '5' });
  store.put({ clock: undefined });
  store.close();
}

test('what was sealed is there after a restart, with the number of its changes', (context) => {
  const folder = folderOf(context);
  written(folder);
  const store = sealedStore(openStore(folder), KEY);
  assert.equal(store.generation(), 3);
  assert.equal(store.get('person/ana'), 'new');
  assert.equal(store.get('clock'), undefined);
  assert.deepEqual(store.names('person/'), ['person/ana', 'person/ben']);
  store.close();
});

const EDITS = {
  'a value changed': `UPDATE memory SET value = 'else' WHERE name = 'person/ana'`,
  'a value put back': `UPDATE memory SET value = 'old' WHERE name = 'person/ana'`,
  'a value moved': `UPDATE memory SET name = 'person/eve' WHERE name = 'person/ana'`,
  'two values exchanged': `UPDATE memory SET value = CASE name WHEN 'person/ana' THEN 'his' ELSE 'new' END WHERE name LIKE 'person/%'`,
  'a value removed': `DELETE FROM memory WHERE name = 'person/ben'`,
  'a value added': `INSERT INTO memory VALUES ('guesses/local', '{}')`,
  'the seal removed': `DELETE FROM memory WHERE name = 'seal'`,
  'the generation raised': `UPDATE memory SET value = replace(value, '"generation":3', '"generation":9') WHERE name = 'seal'`,
} as const;

for (const [what, sql] of Object.entries(EDITS))
  test(`edited by hand, it is refused: ${what}`, (context) => {
    const folder = folderOf(context);
    written(folder);
    byHand(folder, sql);
    const store = openStore(folder);
    assert.throws(() => sealedStore(store, KEY), { code: 'device.store' });
    store.close();
  });

test('with another key it is refused; put back whole, it is an older generation', (context) => {
  const folder = folderOf(context);
  written(folder);
  const store = openStore(folder);
  assert.throws(() => sealedStore(store, new Uint8Array(32)), { code: 'device.store' });
  const sealed = sealedStore(store, KEY);
  const before = store.names('').map((name) => [name, store.get(name)]);
  sealed.put({ 'person/ana': 'newer' });
  assert.equal(sealed.generation(), 4);
  store.put(Object.fromEntries(before));
  assert.equal(sealedStore(store, KEY).generation(), 3);
  store.close();
});

test('what is edited under a running agent is noticed when it is read', (context) => {
  const store = openStore(folderOf(context));
  const sealed = sealedStore(store, KEY);
  sealed.put({ clock: '5' });
  store.put({ clock: '4' });
  assert.throws(() => sealed.get('clock'), { code: 'device.store' });
  store.put({ clock: undefined });
  assert.throws(() => sealed.get('clock'), { code: 'device.store' });
  assert.equal(sealed.get('else'), undefined);
  sealed.close();
});

test('what could not be written down is not taken for written', (context) => {
  const store = openStore(folderOf(context));
  let isFull = false;
  const full = {
    ...store,
    put: (values: Parameters<typeof store.put>[0]) => {
      if (isFull) throw new Error('full');
      store.put(values);
    },
  };
  const sealed = sealedStore(full, KEY);
  sealed.put({ clock: '5' });
  isFull = true;
  assert.throws(() => sealed.put({ clock: '6' }));
  isFull = false;
  assert.equal(sealed.get('clock'), '5');
  assert.equal(sealed.generation(), 1);
  sealed.close();
});
