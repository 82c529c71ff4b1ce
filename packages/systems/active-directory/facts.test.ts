import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { daysOf, FLAG, hasFlag, instantOf, integerOf } from './facts.ts';

test('instants are counted from 1601; both ways to say never are understood', () => {
  assert.equal(String(instantOf(116_444_736_000_000_000n)), '1970-01-01T00:00:00Z');
  assert.equal(String(instantOf(134_402_101_765_240_510n)), '2026-11-26T23:42:56.524Z');
  assert.equal(instantOf(0n), 'never');
  assert.equal(instantOf(0x7fffffffffffffffn), 'never');
  assert.equal(instantOf(-1n), undefined);
  assert.equal(instantOf(undefined), undefined);
});

test('no number that a directory sends is too much for an instant', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (filetime) => {
      const instant = instantOf(filetime);
      if (!(instant instanceof Temporal.Instant)) return;
      const again = BigInt(instant.epochMilliseconds) * 10_000n + 116_444_736_000_000_000n;
      assert.ok(filetime - again >= 0n && filetime - again < 10_000n);
    }),
  );
});

test('spans are negative; none is no rule', () => {
  assert.equal(daysOf(-864_000_000_000n), 1);
  assert.equal(daysOf(-432_000_000_000n), 0.5);
  assert.equal(daysOf(0n), 0);
  assert.equal(daysOf(-0x8000000000000000n), 0);
  assert.equal(daysOf(undefined), undefined);
});

test('an attribute that is not shown, or is no number, is unknown and not unset', () => {
  const entry = { dn: 'CN=a', userAccountControl: '66050', odd: 'x', none: [] };
  assert.equal(hasFlag(entry, 'userAccountControl', FLAG.disabled), true);
  assert.equal(hasFlag(entry, 'userAccountControl', FLAG.lockedOut), false);
  for (const missing of ['odd', 'none', 'nothing'])
    assert.equal(hasFlag(entry, missing, FLAG.disabled), 'unknown', missing);
  assert.equal(integerOf(entry, 'odd'), undefined);
});
