import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { type CalendarDuty, calendarOf } from './calendar.ts';

const NOW = '2026-03-02T09:00:00.000Z';
const duty = (more: Partial<CalendarDuty> = {}): CalendarDuty => ({
  ...{ id: 'drill:root-1', what: 'drill', about: 'root-1', owners: ['raj', 'mei'] },
  ...{ due: '2026-05-29T16:00:00.000Z', command: 'halligan drill start --account root-1 …' },
  ...more,
});

/** The events of a calendar, as a parser that is not ours reads them. */
function eventsIn(text: string): readonly ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  assert.equal(calendar.getFirstPropertyValue('version'), '2.0');
  return calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
}

test('a duty is an event at its instant, in UTC, with its people, its command and its alarms', () => {
  const text = calendarOf([duty({ why: 'people; changed, all\nof them' })], 'h/contoso', NOW);
  const [event, ...others] = eventsIn(text);
  assert.deepEqual(others, []);
  assert.equal(event?.uid, 'drill:root-1@h/contoso');
  assert.equal(event.summary, 'drill: root-1');
  assert.equal(
    event.description,
    'Due from raj, mei.\npeople; changed, all\nof them\nhalligan drill start --account root-1 …',
  );
  assert.equal(event.startDate.toJSDate().toISOString(), '2026-05-29T16:00:00.000Z');
  assert.equal(event.startDate.zone, ICAL.Timezone.utcTimezone);
  const alarms = event.component.getAllSubcomponents('valarm');
  assert.deepEqual(
    alarms.map((one) => String(one.getFirstPropertyValue('trigger'))),
    ['-P7D', '-P1D'],
  );
});

test('what is near is announced near', () => {
  for (const [due, triggers] of [
    ['2026-03-09T09:00:00Z', ['-P1D']],
    ['2026-03-02T11:00:00Z', ['-PT1H']],
    ['2026-03-01T11:00:00Z', ['-PT1H']],
  ] as const) {
    const [event] = eventsIn(calendarOf([duty({ due })], 'h/contoso', NOW));
    assert.deepEqual(
      event?.component
        .getAllSubcomponents('valarm')
        .map((one) => String(one.getFirstPropertyValue('trigger'))),
      triggers,
    );
  }
});

test('the same duty keeps its id when its date moves', () => {
  const uid = (due: string) => eventsIn(calendarOf([duty({ due })], 'h/contoso', NOW))[0]?.uid;
  assert.equal(uid('2026-05-29T16:00:00Z'), uid('2026-08-29T16:00:00Z'));
});

test('whatever a text holds, lines end as they must, are short enough, and say what was meant', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom('\r\n', '\n', ';', ',', '\\', ':', '"', 'END:VEVENT', 'ATTENDEE:mailto:x'),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('é'.repeat(80), '👩🏽‍🚒'.repeat(20), '日'.repeat(60)),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      const why = parts.join('');
      const text = calendarOf([duty({ why }), duty({ id: 'other' })], 'h/contoso', NOW);
      assert.ok(text.endsWith('END:VCALENDAR\r\n'));
      assert.doesNotMatch(text.replaceAll('\r\n', ''), /[\r\n]/);
      for (const line of text.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
      assert.ok(
        !text.includes('\ufffd') || why.includes('\ufffd') || /\p{C}|\p{M}|\p{Z}/u.test(why),
      );
      const events = eventsIn(text);
      assert.deepEqual(
        events.map(({ uid }) => uid),
        ['drill:root-1@h/contoso', 'other@h/contoso'],
      );
      const plain = why.replaceAll('\r\n', '\n').replaceAll('\t', ' ');
      if (!/(?!\n)\p{C}|\p{M}|\p{Zl}|\p{Zp}/u.test(plain))
        assert.ok(events[0]?.description.includes(plain));
    }),
    { numRuns: 100 },
  );
});
