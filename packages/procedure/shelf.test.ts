import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  EMPTY_SHELF,
  onShelf,
  putSince,
  type Shelf,
  shelfOf,
  shelve,
  shelved,
  waitingSince,
} from './shelf.ts';

interface Item {
  readonly id: string;
  readonly value: number;
  readonly since?: string;
}

const SHELVING = { idOf: ({ id }: Item) => id, sinceOf: ({ since }: Item) => since };
const NONE: Shelf<Item> = EMPTY_SHELF;

/** Ids of few letters, so that many end alike; names that every object has among them. */
const ids = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '0'), minLength: 1, maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);
const days = fc.integer({ min: 1, max: 28 }).map((day) => `2026-02-${`${day}`.padStart(2, '0')}`);
const items: fc.Arbitrary<Item> = fc.record(
  { id: ids, value: fc.nat(), since: days },
  { requiredKeys: ['id', 'value'], noNullPrototype: true },
);
const puts = fc.array(items, { maxLength: 200 });

function put(shelf: Shelf<Item>, all: readonly Item[]): Shelf<Item> {
  return all.reduce((on, item) => shelve(on, item, SHELVING), shelf);
}

function mapOf(all: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(all.map((item) => [item.id, item]));
}

const byId = (all: Iterable<Item>) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1));

test('it holds what a map holds', () => {
  fc.assert(
    fc.property(puts, ids, (all, other) => {
      const shelf = put(NONE, all);
      const map = mapOf(all);
      assert.deepEqual(byId(onShelf(shelf)), byId(map.values()));
      for (const id of [...map.keys(), other]) assert.equal(shelved(shelf, id), map.get(id));
    }),
  );
});

test('what was there before stays as it was, and what was put since is told', () => {
  fc.assert(
    fc.property(puts, puts, (first, second) => {
      const before = put(NONE, first);
      const text = JSON.stringify(before);
      const after = put(before, second);
      assert.equal(JSON.stringify(before), text);
      const [was, is] = [mapOf(first), mapOf([...first, ...second])];
      const changed = [...is.values()].filter((item) => was.get(item.id) !== item);
      assert.deepEqual(byId(putSince(after, before)), byId(changed));
      assert.deepEqual(byId(putSince(after, undefined)), byId(is.values()));
    }),
  );
});

test('what waits long enough is among what is named, and the shelf is plain JSON', () => {
  fc.assert(
    fc.property(puts, days, (all, day) => {
      const shelf = put(NONE, all);
      const named = new Set(waitingSince(shelf, (since) => since <= day));
      for (const item of onShelf(shelf))
        if (item.since !== undefined && item.since <= day) assert.ok(named.has(item));
      if ([...onShelf(shelf)].every(({ since }) => since === undefined || since > day))
        assert.equal(named.size, 0);
      assert.deepEqual(JSON.parse(JSON.stringify(shelf)), shelf);
    }),
  );
});

test('another way to the same makes the same, in the same order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(items, { selector: ({ id }) => id }), (all) => {
      const [one, other] = [put(NONE, all), put(NONE, all.toReversed())];
      assert.deepEqual(one, other);
      assert.deepEqual([...onShelf(one)], [...onShelf(other)]);
    }),
  );
});

test('of very many, one more changes a few small objects', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => ({
    id: at.toString(16).padStart(8, '0'),
    value: at,
  }));
  const before = put(NONE, many);
  const after = shelve(before, { id: '0000beef', value: 1 }, SHELVING);
  const known = new Set<unknown>();
  const walk = (shelf: Shelf<Item>, meet: (part: Shelf<Item>) => void): void => {
    meet(shelf);
    for (const part of Object.values(shelf.shelves ?? {})) walk(part, meet);
  };
  walk(before, (part) => known.add(part));
  let made = 0;
  walk(after, (part) => {
    if (!known.has(part)) made += 1;
  });
  assert.ok(made <= 5, `${made} are new`);
});

test('all at once makes the shelf that one after the other makes', () => {
  fc.assert(
    fc.property(puts, (all) => {
      const different = [...mapOf(all).values()];
      assert.deepEqual(shelfOf(different, SHELVING), put(NONE, different));
    }),
  );
});
