import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '@halligan/format';
import { wordlist } from '@halligan/slip39';
import { argon2id as browser } from './argon2id.browser.ts';
import { makeApprovalCode, stretchApprovalCode } from './index.ts';

const PLACE = {
  origin: 'halligan.example/contoso',
  person: 'dana',
  salt: 'ab'.repeat(16),
  purpose: 'real',
  number: 3,
} as const;
const CODE = 'grocery platform move facility academic';

test('a code is five words of the list, and no two are the same', () => {
  const codes = Array.from({ length: 20 }, () => makeApprovalCode());
  for (const words of codes) {
    assert.equal(words.length, 5);
    assert.ok(words.every((word) => wordlist.includes(word)));
  }
  assert.equal(new Set(codes.map((words) => words.join(' '))).size, codes.length);
  assert.deepEqual(
    makeApprovalCode(() => new Uint8Array(7)),
    Array(5).fill('academic'),
  );
});

test('what it is stretched to depends on the words and on every part of its place', async () => {
  const stretched = hex(await stretchApprovalCode(CODE, PLACE));
  assert.equal(stretched.length, 64);
  assert.equal(hex(await stretchApprovalCode(`  ${CODE.toUpperCase()} `, PLACE)), stretched);
  assert.equal(hex(await stretchApprovalCode(CODE, PLACE, browser)), stretched);
  for (const other of [
    { origin: 'halligan.example/fabrikam' },
    { person: 'dirk' },
    { salt: 'cd'.repeat(16) },
    { purpose: 'drill' as const },
    { number: 4 },
  ])
    assert.notEqual(hex(await stretchApprovalCode(CODE, { ...PLACE, ...other })), stretched);
  const slip = CODE.replace('academic', 'acid');
  assert.notEqual(hex(await stretchApprovalCode(slip, PLACE)), stretched);
});

test('what is no code is said to be none, and is not repeated', async () => {
  for (const [text, said] of [
    ['grocery platform move facility', /5 words, not 4/],
    [`${CODE} academic`, /5 words, not 6/],
    ['', /5 words, not 0/],
    [CODE.replace('move', 'mövé'), /Word 3 /],
  ] as const)
    await assert.rejects(stretchApprovalCode(text, PLACE), {
      code: 'seal.approval-code',
      message: said,
    });
});
