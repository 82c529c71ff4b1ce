import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PATHS } from './example.ts';
import { checkPaths, type PathGroup } from './index.ts';
import { refused } from './refused.ts';

const path = (...groups: readonly PathGroup[]) => [{ name: 'standard', groups }];
const group = (name: string, need: number, ...holders: readonly string[]) => ({
  name,
  need,
  holders,
});
const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at}`);
const server = group('server', 1, 'server');

test('the paths of the seeds can be sealed, and those at the limits', () => {
  checkPaths(PATHS);
  checkPaths(path(group('g', 2, ...many(16))));
  checkPaths(path(group('g', 1, ...many(64)), server));
  checkPaths(path(...many(16).map((name) => group(name, 1, `holder-${name}`))));
});

test('quorums that no group can meet are refused', () => {
  for (const need of [0, -1, 1.5, 4, Number.NaN]) {
    assert.throws(
      () => checkPaths(path(group('g', need, 'a', 'b', 'c'))),
      refused('seal.need', /group g/),
    );
  }
  assert.throws(() => checkPaths(path(group('g', 1), server)), refused('seal.empty-group'));
  assert.throws(() => checkPaths([]), refused('seal.paths'));
  assert.throws(() => checkPaths(path()), refused('seal.paths'));
  assert.throws(() => checkPaths(path(group('g', 2, ...many(17)))), refused('seal.paths'));
  assert.throws(() => checkPaths(path(group('g', 1, ...many(65)), server)), refused('seal.paths'));
});

test('nobody alone: a path of one share, and a holder in every group, are refused', () => {
  assert.throws(() => checkPaths(path(group('g', 1, 'ana'))), refused('seal.single-share'));
  assert.throws(() => checkPaths(path(group('g', 1, 'ana', 'ben'))), refused('seal.single-share'));
  assert.throws(
    () => checkPaths(path(group('g', 1, 'ben', 'ana'), group('h', 1, 'ana'))),
    refused('seal.single-holder', /ana/),
  );
  checkPaths(path(group('g', 2, 'ben', 'ana'), group('h', 1, 'ana')));
});

test('names that appear twice, or are no ids, are refused', () => {
  assert.throws(
    () => checkPaths(path(group('g', 2, 'ana', 'ana'))),
    refused('seal.duplicate', /ana/),
  );
  assert.throws(
    () => checkPaths(path(group('g', 2, 'a', 'b'), group('g', 1, 'c'))),
    refused('seal.duplicate'),
  );
  assert.throws(
    () => checkPaths([...PATHS, ...PATHS.slice(0, 1)]),
    refused('seal.duplicate', /standard/),
  );
  for (const bad of ['', 'Ana', '../ana', 'ana/b', '-ana', 'a b', 'a'.repeat(64)]) {
    assert.throws(() => checkPaths(path(group('g', 1, bad), server)), refused('seal.name'), bad);
    assert.throws(() => checkPaths(path(group(bad, 1, 'ana'), server)), refused('seal.name'), bad);
    assert.throws(() => checkPaths([{ name: bad, groups: [server] }]), refused('seal.name'), bad);
  }
});
