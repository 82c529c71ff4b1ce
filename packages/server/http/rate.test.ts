import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Buckets, callerOf } from './rate.ts';

const TOO_OFTEN = { code: 'server.rate' };

test('so often at once, then so often a second, for each caller alone', () => {
  const buckets = new Buckets({ burst: 3, perSecond: 2 });
  for (let at = 0; at < 3; at += 1) buckets.take('one', 0);
  assert.throws(() => buckets.take('one', 0), { ...TOO_OFTEN, wait: 1 });
  buckets.take('other', 0);
  assert.throws(() => buckets.take('one', 499), TOO_OFTEN);
  buckets.take('one', 500);
  assert.throws(() => buckets.take('one', 500, 3), { ...TOO_OFTEN, wait: 2 });
});

test('a clock that is set back gives nothing', () => {
  const buckets = new Buckets({ burst: 1, perSecond: 1 });
  buckets.take('one', 10_000);
  for (const now of [0, 500, 900]) assert.throws(() => buckets.take('one', now), TOO_OFTEN);
  buckets.take('one', 2_000);
});

test('a flood of callers does not grow the memory, and forgets who was not seen for longest', () => {
  const buckets = new Buckets({ burst: 1, perSecond: 0.001 });
  buckets.take('early', 0);
  for (let at = 0; at < 19_000; at += 1) buckets.take(`caller ${at}`, 0);
  assert.throws(() => buckets.take('early', 0), TOO_OFTEN);
  for (let at = 0; at < 20_000; at += 1) buckets.take(`another ${at}`, 0);
  buckets.take('early', 0);
});

test('an IPv6 address counts as its network, and a mapped one as what it maps', () => {
  const same: readonly (readonly [string, string])[] = [
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::1'],
    ['::1', '::2'],
    ['fe80::1%eth0', 'fe80::2'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
  ];
  for (const [a, b] of same) assert.equal(callerOf(a), callerOf(b));
  assert.notEqual(callerOf('2001:db8:1:2::1'), callerOf('2001:db8:1:3::1'));
  assert.notEqual(callerOf('192.0.2.7'), callerOf('192.0.2.8'));
});
