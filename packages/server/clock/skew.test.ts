import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clocksDiffer, skewOf } from './skew.ts';

const NOW = Date.parse('2030-03-01T12:00:00.000Z');
const signed = (by: string, at: string) => ({ statement: { by, at }, signature: '' });

test('a device whose clock is wrong by hours is told, either way, from what its own person signed', () => {
  assert.equal(skewOf([signed('ana', '2030-03-01T12:04:59.000Z')], 'ana', NOW), undefined);
  assert.equal(skewOf([signed('ana', '2030-03-01T15:00:00.000Z')], 'ana', NOW), 3 * 3_600_000);
  assert.equal(skewOf([signed('ana', '2030-03-01T09:00:00.000Z')], 'ana', NOW), -3 * 3_600_000);
  const joint = [
    signed('ben', '2030-02-01T09:00:00.000Z'),
    signed('ana', '2030-03-01T12:00:00.000Z'),
  ];
  assert.equal(skewOf(joint, 'ana', NOW), undefined);
  for (const nonsense of [[], [null], [signed('ana', 'yesterday')], [{ statement: 7 }]])
    assert.equal(skewOf(nonsense, 'ana', NOW), undefined);
});

test('says which is ahead, by how much, and what the rules said', () => {
  const { code, message, hint } = clocksDiffer(3 * 3_600_000, 'The window is over.');
  assert.equal(code, 'server.clock');
  assert.equal(message, 'Your clock is 3 h ahead of the server’s. The window is over.');
  assert.match(hint, /kit/);
  assert.match(clocksDiffer(-600_000).message, /10 min behind/);
});
