import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accessEntry, accessList } from './access-list.ts';

const many = (count: number) => Array.from({ length: count }, (_, at) => `right ${1000 + at}`);

test('a list is sorted, and whole where it is short enough', () => {
  assert.deepEqual(accessList(['b', 'a', 'b']), ['a', 'b']);
  assert.deepEqual(accessList(many(32).toReversed()), many(32));
});

test('one right for another shows even among those that are only counted', () => {
  const before = accessList(many(50));
  const after = accessList([...many(49), 'right 1999']);
  assert.equal(before.length, 32);
  assert.deepEqual(before.slice(0, 31), after.slice(0, 31));
  assert.match(before[31] ?? '', /^~ and 19 more, SHA256 [0-9a-f]{20}$/);
  assert.notEqual(before[31], after[31]);
});

test('two long ones that begin alike stay two', () => {
  const long = 'x'.repeat(200);
  const list = accessList([`${long}a`, `${long}b`]);
  assert.equal(list.length, 2);
  assert.ok(list.every((one) => one.length === 120));
});

test('whatever a system says becomes lines of printable ASCII that the record takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 160 }), { maxLength: 40 }),
      (said) => {
        const list = accessList(said);
        assert.ok(list.length <= 32);
        for (const one of list) assert.match(one, /^[\x20-\x7e]{0,120}$/);
        assert.deepEqual(accessList(list.map(accessEntry)), list);
      },
    ),
  );
});
