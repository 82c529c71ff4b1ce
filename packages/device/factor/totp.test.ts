import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import { acceptTotp, hotp } from '../index.ts';

/** The seed of the RFCs' appendices. */
const SEED = utf8('12345678901234567890');

test('codes are those of RFC 4226, appendix D', () => {
  const codes = Array.from({ length: 10 }, (_, counter) => hotp(SEED, counter));
  assert.deepEqual(codes, [
    ...['755224', '287082', '359152', '969429', '338314'],
    ...['254676', '287922', '162583', '399871', '520489'],
  ]);
});

test('codes of a time are those of RFC 6238, appendix B', () => {
  const vectors = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const;
  for (const [seconds, code] of vectors)
    assert.equal(hotp(SEED, Math.floor(seconds / 30), 8), code);
});

test('a code is taken once, within a step of the clock', () => {
  const now = 1_111_111_111;
  const step = Math.floor(now / 30);
  const code = hotp(SEED, step);
  assert.equal(acceptTotp(SEED, code, now, undefined), step);
  assert.equal(acceptTotp(SEED, code, now, step), undefined);
  assert.equal(acceptTotp(SEED, hotp(SEED, step - 1), now, undefined), step - 1);
  assert.equal(acceptTotp(SEED, hotp(SEED, step - 1), now, step), undefined);
  assert.equal(acceptTotp(SEED, hotp(SEED, step + 1), now, step), step + 1);
  for (const far of [-2, 2])
    assert.equal(acceptTotp(SEED, hotp(SEED, step + far), now, 0), undefined);
});

test('what is no code is not taken', () => {
  for (const text of ['', '00000', '0000000', 'abcdef', '٠٠٠٠٠٠', ' 14050', '140504\n'])
    assert.equal(acceptTotp(SEED, text, 1_111_111_111, undefined), undefined, text);
});
