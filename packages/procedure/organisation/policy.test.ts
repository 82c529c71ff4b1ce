import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { approversOf, parsePolicy, policyDigest, policyOf, thresholdOf } from '../index.ts';
import { POLICY, policyWith } from '../practice/practice-organisation.fixture.ts';

function faultOf(document: object): string {
  try {
    policyOf({ ...POLICY, ...document });
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    assert.notEqual(error.hint, '');
    return `${error.code}: ${error.message}`;
  }
  return 'none';
}

test('each malformed member is refused at its place', () => {
  const rows: readonly (readonly [object, string])[] = [
    [{ v: 'halligan/policy/v2' }, 'v'],
    [{ organisation: 'Contoso' }, 'organisation'],
    [{ organisation: undefined }, 'organisation'],
    [{ owner: 'the boss' }, 'owner'],
    [{ circumstances: [] }, 'circumstances'],
    [{ circumstances: ['monday'] }, 'circumstances.0'],
    [{ time_zone: 'Europe/Atlantis' }, 'time_zone'],
    [{ time_zone: '2026-03-02T09:00[Europe/London]' }, 'time_zone'],
    [{ working_days: { country: 'gb' } }, 'working_days.country'],
    [{ approvers: { 'tier-0': [] } }, 'approvers.tier-0'],
    [{ approvers: { 'tier-0': ['Dana'] } }, 'approvers.tier-0.0'],
    [{ channels: { alert_on: ['Declared'] } }, 'channels.alert_on.0'],
    [{ timers: { reset: 'soon' } }, 'timers.reset'],
    [{ timers: { retention: '999999y' } }, 'timers.retention'],
    [{ timers: { naps: '1h' } }, 'timers'],
    [{ recipients: 'rsa' }, 'recipients'],
    [{ quorums: { 'tier-0': { standard: ['two of keyholders'] } } }, 'quorums.tier-0.standard.0'],
    [{ quorums: { 'tier-0': { standard: ['0 of keyholders'] } } }, 'quorums.tier-0.standard.0'],
    [{ quorums: { 'tier-0': { standard: ['17 of keyholders'] } } }, 'quorums.tier-0.standard.0'],
    [{ quorums: { 'tier-0': { standard: [] } } }, 'quorums.tier-0.standard'],
    [{ quorums: { 'Tier 0': {} } }, 'quorums.Tier 0'],
    [{ quorums: { constructor: { standard: ['2 of a'] } } }, 'quorums.constructor'],
    [{ allow_one_person: 'yes' }, 'allow_one_person'],
    [{ witness: 'maybe' }, 'witness'],
    [{ accounts_per_system: 0 }, 'accounts_per_system'],
    [{ cosigners: { need: -1, of: [] } }, 'cosigners.need'],
    [{ surprise: true }, 'the document'],
  ];
  for (const [document, place] of rows)
    assert.equal(faultOf(document), `procedure.policy: This policy is not valid at ${place}.`);
});

test('a time zone is adopted in every spelling that was ever adopted', () => {
  for (const time_zone of [
    'UTC',
    'utc',
    'Europe/London',
    'US/Pacific',
    'EST5EDT',
    '+01:00',
    '+0100',
  ])
    assert.equal(faultOf({ time_zone }), 'none', time_zone);
});

test('a quorum has paths, each with distinct groups, and somebody approves for it', () => {
  const rows: readonly (readonly [object, RegExp])[] = [
    [{ quorums: { 'tier-0': {} } }, /“tier-0” has no path/],
    [{ quorums: { 'tier-0': { standard: ['2 of a', '1 of a'] } } }, /names a group twice/],
    [{ quorums: { 'tier-1': { standard: ['2 of a'] } } }, /Nobody approves “tier-1”/],
  ];
  for (const [document, fault] of rows) assert.match(faultOf(document), fault);
});

test('one person is not enough, however many programs help', () => {
  for (const parts of [['1 of keyholders'], ['1 of keyholders', '2 of server'], ['2 of server']]) {
    const quorums = { 'tier-0': { standard: parts } };
    assert.match(
      faultOf({ quorums }),
      /^procedure.one-person: One person could open the path tier-0.standard/,
    );
    assert.equal(faultOf({ quorums, allow_one_person: true }), 'none');
  }
});

test('what is not YAML, has aliases, says a thing twice or is too long', () => {
  for (const text of ['{', 'a: &x 1\nb: *x', 'owner: a\nowner: b', '%', ' '.repeat(16_385)])
    assert.throws(() => parsePolicy(text), { code: 'procedure.policy' }, text.slice(0, 20));
  for (const text of ['', '[]', '7', 'null', 'owner'])
    assert.throws(() => parsePolicy(text), { code: 'procedure.policy' }, text);
});

test('whatever the text, it is a policy or a refusal with a hint', () => {
  const parts = fc.constantFrom(
    'v',
    'owner',
    ': ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '!!js ',
    '|',
    '"',
    'quorums',
    '2 of a',
    '\u0000',
    '__proto__',
    'constructor',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((list) => list.join('')),
      ),
      (text) => {
        assert.throws(() => parsePolicy(text), HalliganError);
      },
    ),
  );
});

test('JSON is YAML; defaults are written out; the digest is of the policy, not of its spelling', () => {
  const policy = parsePolicy(JSON.stringify(POLICY));
  assert.deepEqual(policyOf(policy), policy);
  assert.equal(policyDigest(policy), policyDigest(parsePolicy(JSON.stringify(policy, null, 2))));
  assert.notEqual(policyDigest(policy), policyDigest(policyWith({ witness: 'none' })));
});

test('who approves, and what a group’s largest threshold is', () => {
  const policy = policyWith();
  assert.deepEqual(approversOf(policy, 'tier-0'), ['dana', 'dirk', 'dora']);
  assert.deepEqual(approversOf(policy, 'constructor'), ['dora']);
  assert.equal(thresholdOf(policy, 'keyholders'), 2);
  assert.equal(thresholdOf(policy, 'owls'), 0);
  assert.equal(thresholdOf(undefined, 'keyholders'), 0);
});
