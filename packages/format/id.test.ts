import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ID } from './id.ts';

test('an id is 1 to 63 of a-z, 0-9 and -', () => {
  for (const id of ['a', '0', '-', 'ana', 'breakglass-admin-1', 'constructors', 'a'.repeat(63)])
    assert.match(id, ID);
  for (const id of ['', 'Ana', 'a b', 'a_b', 'a/b', 'a\n', '\u0430na', 'a'.repeat(64)])
    assert.doesNotMatch(id, ID);
});

test('no id is the name of a member that every object has', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype)) assert.doesNotMatch(name, ID);
});
