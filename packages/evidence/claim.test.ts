import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Claim, claimLine, claimLines, exitCodeOf } from './index.ts';

const pass: Claim = {
  verdict: 'PASS',
  basis: 'signed by ana',
  claim: 'ana declared an emergency on bg-admin-1 (idp-outage)',
  about: 'event',
};
const unproven: Claim = {
  verdict: 'NOT PROVEN',
  basis: 'keys come from the pack',
  claim: 'the log is the organisation’s: give --trust log.pub',
  about: 'proof',
};
const asserted: Claim = { ...pass, verdict: 'ASSERTED', basis: 'by the server', about: 'limit' };
const failed: Claim = {
  verdict: 'FAIL',
  basis: 'evidence.rules',
  claim: 'Entry 4182: It does not follow the rules. The 4182 entries before it still verify.',
  about: 'proof',
  hint: 'The record was altered, or its server did not keep the rules.',
};

test('the exit code is 5 for a failure, strictly also for what is not proven, and for nothing at all', () => {
  assert.equal(exitCodeOf([pass, asserted]), 0);
  assert.equal(exitCodeOf([pass, asserted], true), 0);
  assert.equal(exitCodeOf([pass, unproven]), 0);
  assert.equal(exitCodeOf([pass, unproven], true), 5);
  assert.equal(exitCodeOf([pass, failed, pass]), 5);
  assert.equal(exitCodeOf([]), 5);
});

test('a script gets one line a claim, which begins with its verdict', () => {
  for (const claim of [pass, unproven, asserted, failed]) {
    assert.ok(claimLine(claim).startsWith(`${claim.verdict} (${claim.basis}) `));
    assert.ok(claimLine(claim).endsWith(` ${claim.claim}`));
    assert.ok(!claimLine(claim).includes('\n'));
  }
});

test('a person gets columns of their terminal’s width, and nothing is lost', () => {
  const claims = [unproven, failed, pass, asserted];
  for (const columns of [40, 59, 60, 80, 120]) {
    const lines = claimLines(claims, columns);
    for (const line of lines) assert.ok(line.length <= columns, `${columns}: ${line}`);
    const words = lines.join(' ').split(/\s+/);
    for (const { verdict, basis, claim, hint = '' } of claims)
      for (const word of `${verdict} (${basis}) ${claim} ${hint}`.trim().split(/\s+/))
        assert.ok(words.includes(word), `${columns}: ${word}`);
    assert.equal(lines.filter((line) => line === '').length, 2);
  }
  assert.deepEqual(claimLines([pass, failed], 80), [
    'PASS (signed by ana)   ana declared an emergency on bg-admin-1 (idp-outage)',
    '',
    'FAIL (evidence.rules)  Entry 4182: It does not follow the rules. The 4182',
    '                       entries before it still verify.',
    '                       hint: The record was altered, or its server did not keep',
    '                       the rules.',
  ]);
});

test('a person with a long id, and a word without end, break no column', () => {
  const long = { ...pass, basis: `signed by ${'a'.repeat(63)}`, claim: 'x'.repeat(200) };
  const [label, body] = claimLines([long], 80);
  assert.equal(label, `PASS (signed by ${'a'.repeat(63)})`);
  assert.equal(body?.trim(), 'x'.repeat(200));
});
