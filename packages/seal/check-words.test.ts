import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, utf8 } from '@halligan/format';
import { argon2id as browser } from './argon2id.browser.ts';
import { argon2id as node } from './argon2id.node.ts';
import { checkWords } from './index.ts';

test('the check words of a statement are these, in Node and in the browser alike', async () => {
  const statement = utf8('{"v":"halligan/statement/v1"}');
  const words = await checkWords(statement);
  assert.deepEqual(words, ['grocery', 'platform', 'move', 'facility']);
  assert.deepEqual(await checkWords(statement, browser), words);
  assert.deepEqual(await checkWords(statement, node), words);
  assert.notDeepEqual(await checkWords(utf8('{"v":"halligan/statement/v2"}')), words);
});

test('both implementations agree on other statements and parameters', async () => {
  const salt = utf8('halligan/check/v1');
  for (const [memory, passes, parallelism, size] of [
    [64, 1, 1, 5],
    [256, 3, 4, 32],
    [1024, 2, 1, 16],
  ] as const) {
    for (const text of ['', 'a', 'ü'.repeat(3000)]) {
      const parameters = { message: utf8(text), salt, memory, passes, parallelism, size };
      assert.equal(hex(await node(parameters)), hex(await browser(parameters)));
    }
  }
});

test('a statement that changes while its words are made does not change them', async () => {
  const statement = utf8('{"account":"bg-admin-01"}');
  const made = checkWords(statement);
  statement.fill(0);
  assert.deepEqual(await made, await checkWords(utf8('{"account":"bg-admin-01"}')));
});
