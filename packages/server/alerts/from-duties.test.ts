import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Obligation } from '@halligan/procedure';
import { alertSchema } from './alert.ts';
import { dutyAlertsOf, dutyKeys, nextDutyAt } from './from-duties.ts';

const EMERGENCY = 'ab'.repeat(32);
const isEmergency = (about: string) => about === EMERGENCY;

function duty(due: string, about = EMERGENCY, late = false): Obligation {
  return { id: `reset:${about}`, what: 'reset', about, owners: ['ana'], due, late, escalated: [] };
}
const said = (duties: readonly Obligation[], now: string) =>
  dutyAlertsOf(duties, isEmergency, 'localhost/contoso', now);

test('in an emergency a duty is recalled ten minutes before its time, otherwise a week', () => {
  const due = '2030-03-10T12:00:00.000Z';
  assert.deepEqual(said([duty(due)], '2030-03-10T11:49:59.999Z'), []);
  assert.equal(said([duty(due)], '2030-03-10T11:50:00.000Z')[0]?.alert.type, 'obligation.due');
  assert.deepEqual(said([duty(due, 'admin-1')], '2030-03-03T11:59:59.999Z'), []);
  assert.equal(said([duty(due, 'admin-1')], '2030-03-03T12:00:00.000Z').length, 1);
});

test('what is late names who owes it and who is called in, and is the same whenever it is asked', () => {
  const late = { ...duty('2030-03-10T12:00:00.000Z', EMERGENCY, true), escalated: ['cio'] };
  const [first] = said([late], '2030-03-10T12:00:01.000Z');
  const [again] = said([late], '2030-03-12T00:00:00.000Z');
  assert.deepEqual(first, again);
  assert.ok(first !== undefined);
  alertSchema.parse(first.alert);
  assert.equal(first.alert.type, 'obligation.late');
  assert.match(first.alert.title, /^LATE: reset of abababababab was due at .* from ana, cio$/);
});

test('the next time of the same duty is another; the duty’s keys hold both of its stages', () => {
  const one = duty('2030-03-10T12:00:00.000Z', EMERGENCY, true);
  const next = duty('2031-03-10T12:00:00.000Z', EMERGENCY, true);
  const keys = [one, next].map((each) => said([each], '2032-01-01T00:00:00.000Z')[0]?.key ?? '');
  assert.notEqual(keys[0], keys[1]);
  assert.ok(dutyKeys([one]).has(keys[0] ?? ''));
  assert.equal(dutyKeys([one]).size, 2);
});

test('says when to look again: at the next recall or lateness', () => {
  const due = '2030-03-10T12:00:00.000Z';
  const at = (now: string) =>
    new Date(nextDutyAt([duty(due)], isEmergency, now) ?? 0).toISOString();
  assert.equal(at('2030-03-10T00:00:00.000Z'), '2030-03-10T11:50:00.000Z');
  assert.equal(at('2030-03-10T11:50:00.000Z'), '2030-03-10T12:00:00.001Z');
  assert.equal(nextDutyAt([duty(due)], isEmergency, '2030-03-10T12:00:00.001Z'), undefined);
});
