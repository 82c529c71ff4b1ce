import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, type Policy, parsePolicy, policyOf } from '@halligan/procedure';
import { withHolidays } from './holidays.ts';

const policyIn = (days: string): Policy =>
  parsePolicy(`
organisation: contoso
owner: raj
time_zone: Europe/London
working_days: ${days}
approvers: { tier-0: [dana] }
quorums: { tier-0: { standard: [2 of keyholders, 1 of server] } }
`);

test('a country’s holidays are written into its policy, and business days skip them', async () => {
  const policy = await withHolidays(
    policyIn('{ country: GB, region: ENG }'),
    '2026-12-01T09:00:00Z',
  );
  const holidays = policy.working_days?.holidays ?? [];
  // 26 December 2026 is a Saturday: the Monday after is given instead.
  for (const date of ['2026-12-25', '2026-12-28', '2027-01-01', '2027-03-26', '2028-12-25'])
    assert.ok(holidays.includes(date), date);
  assert.deepEqual(holidays, [...holidays].sort());
  assert.deepEqual(policyOf(policy), policy);
  assert.equal(
    after('2026-12-24T10:00:00Z', '5 business days', policy.time_zone, holidays),
    '2027-01-05T10:00:00.000Z',
  );
});

test('what is written by hand stays, and what nobody knows is refused', async () => {
  const own = policyIn('{ country: GB, holidays: [2027-05-05] }');
  assert.equal(await withHolidays(own, '2026-12-01T09:00:00Z'), own);
  for (const days of ['{ country: XX }', '{ country: GB, region: XYZ }'])
    await assert.rejects(withHolidays(policyIn(days), '2026-12-01T09:00:00Z'), {
      code: 'cli.country',
    });
});
