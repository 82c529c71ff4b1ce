import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastClosing } from './duration.ts';
import { after, isAfter, isDuration } from './index.ts';

test('durations as policies write them', () => {
  for (const good of ['30s', '15m', '4h', '90d', '7y', '100y', '1 business day', '5 business days'])
    assert.ok(isDuration(good), good);
  for (const bad of [
    '',
    '0m',
    '15',
    '15 m',
    '-1h',
    '1.5h',
    'PT1H',
    '101y',
    '999999y',
    '5 businessdays',
    '1000 business days',
  ])
    assert.ok(!isDuration(bad), bad);
  assert.throws(() => after('2026-03-02T09:00:00Z', 'soon', 'UTC'), { code: 'procedure.duration' });
});

test('business days skip weekends and end at the same time on the wall', () => {
  const rows = [
    ['2026-03-02T09:00:00Z', 'UTC', '2026-03-09T09:00:00.000Z', 'Monday to Monday'],
    ['2026-03-06T17:00:00Z', 'UTC', '2026-03-13T17:00:00.000Z', 'Friday to Friday'],
    ['2026-03-07T12:00:00Z', 'UTC', '2026-03-13T12:00:00.000Z', 'Saturday to Friday'],
    ['2026-03-08T12:00:00Z', 'UTC', '2026-03-13T12:00:00.000Z', 'Sunday to Friday'],
    [
      '2026-03-25T09:00:00Z',
      'Europe/London',
      '2026-04-01T08:00:00.000Z',
      'over the change to summer time',
    ],
    ['2026-03-06T23:30:00Z', 'Asia/Tokyo', '2026-03-12T23:30:00.000Z', 'Saturday already in Tokyo'],
    [
      '2026-03-09T02:00:00Z',
      'America/New_York',
      '2026-03-14T02:00:00.000Z',
      'Sunday still in New York',
    ],
  ] as const;
  for (const [from, zone, to, what] of rows)
    assert.equal(after(from, '5 business days', zone), to, what);
});

test('holidays, half-hour zones, changes of the clock and far years', () => {
  const rows = [
    ['2026-12-24T10:00:00Z', 'UTC', ['2026-12-25', '2026-12-28'], '2027-01-04T10:00:00.000Z'],
    ['2026-03-02T09:00:00Z', 'UTC', ['2026-03-07'], '2026-03-09T09:00:00.000Z'],
    // Already the holiday in Kolkata, where it is 01:30 of the next day.
    ['2026-01-25T20:00:00Z', 'Asia/Kolkata', ['2026-01-26'], '2026-02-01T20:00:00.000Z'],
    // Adelaide turns its clocks by an hour from 10:30 to 9:30.
    ['2026-04-02T00:00:00Z', 'Australia/Adelaide', [], '2026-04-09T01:00:00.000Z'],
    ['2999-12-30T12:00:00Z', 'Pacific/Chatham', ['3000-01-01'], '3000-01-07T12:00:00.000Z'],
    // 02:30 does not exist in Berlin on that Sunday; the Monday’s does.
    ['2026-03-23T01:30:00Z', 'Europe/Berlin', [], '2026-03-30T00:30:00.000Z'],
  ] as const;
  for (const [from, zone, holidays, to] of rows)
    assert.equal(after(from, '5 business days', zone, holidays), to, `${from} ${zone}`);
});

test('a duty of months is due at the end of a business day, and never late', () => {
  const rows = [
    ['2026-03-02T18:00:00Z', 'UTC', [], '2026-03-02T17:00:00.000Z'],
    ['2026-03-02T16:59:59Z', 'UTC', [], '2026-02-27T17:00:00.000Z'],
    ['2026-12-26T00:00:00Z', 'UTC', ['2026-12-25'], '2026-12-24T17:00:00.000Z'],
    ['2026-07-01T16:30:00Z', 'Europe/London', [], '2026-07-01T16:00:00.000Z'],
    ['2026-01-26T12:00:00Z', 'Asia/Kolkata', ['2026-01-26'], '2026-01-23T11:30:00.000Z'],
  ] as const;
  for (const [at, zone, holidays, to] of rows)
    assert.equal(lastClosing(at, zone, holidays), to, `${at} ${zone}`);
});

const instants = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const zones = fc.constantFrom(
  'UTC',
  'Europe/London',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Apia',
  'Australia/Lord_Howe',
);

test('a duration leads forward, never by less than the days it counts, and never ends on a weekend', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 40 }), zones, (at, days, zone) => {
      const end = after(at, `${days} business days`, zone);
      assert.ok(isAfter(end, at));
      assert.ok(Temporal.Instant.from(end).toZonedDateTimeISO(zone).dayOfWeek <= 5);
      // A zone may skip a whole day, and an hour or two in spring.
      assert.ok(Date.parse(end) - Date.parse(at) >= (days - 1) * 86_400_000 - 7_200_000);
      assert.ok(
        Date.parse(end) - Date.parse(at) <= (days + 2 * Math.ceil(days / 5) + 2) * 86_400_000,
      );
    }),
  );
});

test('business days add up one by one', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 15 }), (at, days) => {
      let one = at;
      for (let left = days; left > 0; left -= 1) one = after(one, '1 business day', 'UTC');
      assert.equal(one, after(at, `${days} business days`, 'UTC'));
    }),
  );
});

test('simple durations are exact, in every zone', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 9999 }), zones, (at, minutes, zone) => {
      assert.equal(Date.parse(after(at, `${minutes}m`, zone)) - Date.parse(at), minutes * 60_000);
    }),
  );
});
