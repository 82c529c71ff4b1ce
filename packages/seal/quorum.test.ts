import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { contoso, PATHS } from './example.ts';
import { missingFor, type Path, type SealHeader, sealCredential, whoCanOpen } from './index.ts';
import { refused } from './refused.ts';

let header: SealHeader;
before(async () => {
  const { request } = await contoso('x25519');
  header = (await sealCredential(request)).header;
});

test('who is missing is said by name, until nobody is', () => {
  assert.deepEqual(missingFor(header, 'offline', ['ana']), [
    { group: 'keyholders', count: 1, from: ['ben', 'cid'] },
    { group: 'executives', count: 1, from: ['eva', 'fay'] },
  ]);
  assert.deepEqual(missingFor(header, 'offline', ['ana', 'cid', 'server']), [
    { group: 'executives', count: 1, from: ['eva', 'fay'] },
  ]);
  assert.deepEqual(missingFor(header, 'offline', ['ana', 'ben', 'cid', 'fay']), []);
  assert.throws(() => missingFor(header, 'solo', []), refused('seal.no-such-path'));
});

test('the minimal sets of the two paths', () => {
  assert.deepEqual(whoCanOpen(header), [
    {
      path: 'standard',
      sets: [
        ['ana', 'ben', 'server'],
        ['ana', 'cid', 'server'],
        ['ben', 'cid', 'server'],
      ],
      complete: true,
    },
    {
      path: 'offline',
      sets: [
        ['ana', 'ben', 'eva'],
        ['ana', 'ben', 'fay'],
        ['ana', 'cid', 'eva'],
        ['ana', 'cid', 'fay'],
        ['ben', 'cid', 'eva'],
        ['ben', 'cid', 'fay'],
      ],
      complete: true,
    },
  ]);
});

test('whoever is in two groups counts once, and larger sets fall away', () => {
  const paths: readonly Path[] = [
    {
      name: 'p',
      groups: [
        { name: 'g', need: 2, holders: ['ana', 'ben', 'cid'] },
        { name: 'h', need: 1, holders: ['ana', 'eva'] },
      ],
    },
  ];
  assert.deepEqual(whoCanOpen({ paths })[0]?.sets, [
    ['ana', 'ben'],
    ['ana', 'cid'],
    ['ben', 'cid', 'eva'],
  ]);
});

test('a set opens exactly when it contains a minimal set, and nobody in a minimal set can be spared', () => {
  const [offline] = whoCanOpen({ paths: PATHS }).slice(1);
  fc.assert(
    fc.property(fc.subarray(['ana', 'ben', 'cid', 'eva', 'fay', 'server']), (set) => {
      const contains = offline?.sets.some((one) => one.every((holder) => set.includes(holder)));
      assert.equal(missingFor(header, 'offline', set).length === 0, contains);
    }),
  );
});

test('sets beyond counting are cut off and marked', () => {
  const holders = (of: string) => Array.from({ length: 16 }, (_, at) => `${of}${at}`);
  const groups = ['a', 'b', 'c'].map((name) => ({ name, need: 8, holders: holders(name) }));
  const [found] = whoCanOpen({ paths: [{ name: 'p', groups }] }, 100);
  assert.equal(found?.complete, false);
  assert.equal(found?.sets.length, 100);
});
