import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, type Json } from '@halligan/format';
import fc from 'fast-check';
import { eventOf, type Upcast } from './index.ts';

const EVENT = {
  v: 'halligan/event/v1',
  id: '0195d1f2-7c00-7000-8000-000000000001',
  at: '2026-03-02T09:00:00.000Z',
  actor: 'ana',
  type: 'EmergencyAborted',
  data: { emergency: 'e', by: 'ana', reason: 'r' },
};

test('an event of today is read as it is, also with members that came later', () => {
  assert.deepEqual(eventOf(EVENT), EVENT);
  const newer = { ...EVENT, data: { ...EVENT.data, weather: 'rain' } };
  assert.deepEqual(eventOf(newer), newer);
  const unheard = { ...EVENT, type: 'WeatherChanged' };
  assert.deepEqual(eventOf(unheard), unheard);
});

test('what may not be overlooked is not', () => {
  for (const crit of [['type'], ['weather'], ['by', 'weather'], ['constructor']])
    assert.throws(() => eventOf({ ...EVENT, crit }), { code: 'procedure.event-critical' });
});

test('what is no event is refused', () => {
  const faults: readonly object[] = [
    { v: 'halligan/event/v2' },
    { extra: 1 },
    { data: [] },
    { crit: [] },
    { crit: 'weather' },
    { at: 'yesterday' },
    { said: 1 },
  ];
  for (const fault of faults)
    assert.throws(() => eventOf({ ...EVENT, ...fault }), { code: 'procedure.event' });
});

test('an older shape becomes today’s step by step, and today’s stays as it is', () => {
  const renamed: Upcast = ({ who, ...data }) => (who === undefined ? data : { ...data, by: who });
  const explained: Upcast = (data) => ({ reason: 'none was asked for', ...data });
  const upcasts = { EmergencyAborted: [renamed, explained] };
  const old = { ...EVENT, data: { emergency: 'e', who: 'ana' } };
  const { data } = eventOf(old, upcasts);
  assert.deepEqual(data, { emergency: 'e', by: 'ana', reason: 'none was asked for' });
  assert.deepEqual(eventOf(EVENT, upcasts), EVENT);
  assert.deepEqual(eventOf({ ...old, type: 'constructor' }, upcasts).data, old.data);
});

test('whatever it is given, it reads an event or says what is wrong', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record({
      v: fc.oneof(fc.constant(EVENT.v), fc.string()),
      id: fc.string(),
      at: fc.oneof(fc.constant(EVENT.at), fc.string()),
      actor: fc.string(),
      type: fc.string(),
      data: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    }),
  );
  fc.assert(
    fc.property(anything, (json) => {
      const before = JSON.stringify(json);
      try {
        const read: Json = JSON.parse(JSON.stringify(eventOf(json)));
        assert.deepEqual(read, JSON.parse(before));
      } catch (error) {
        assert.ok(error instanceof HalliganError, String(error));
        assert.match(error.code, /^procedure\.event/);
      }
      assert.equal(JSON.stringify(json), before, 'it changed what it was given');
    }),
  );
});
