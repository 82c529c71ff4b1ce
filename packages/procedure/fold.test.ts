import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, evolve, Fold } from './index.ts';
import { textOf } from './practice/practice-organisation.fixture.ts';
import { at } from './practice/practice-stages.fixture.ts';

test('a record folded at once is the record folded event by event, from its beginning or from anywhere', async () => {
  const { org } = await at('closed', { policy: { rules: 2 } });
  const events = org.history.flatMap((entry) => entry.events);
  assert.deepEqual(events.reduce(evolve, EMPTY), org.state);
  for (const first of [0, 1, events.length - 20, events.length]) {
    const fold = new Fold(events.slice(0, first).reduce(evolve, EMPTY));
    fold.take(events.slice(first));
    assert.deepEqual(fold.state, org.state, `from ${first}`);
  }
});

test('what was taken out stays as it is while more is taken in', async () => {
  const { org, id } = await at('declared');
  const fold = new Fold(org.state);
  const before = fold.state;
  const kept = JSON.stringify(before);
  fold.take([
    {
      ...{ v: 'halligan/event/v1', id: 'e', at: org.now, actor: 'ana', type: 'EmergencyAborted' },
      data: { emergency: id, by: 'ana', reason: textOf('enough') },
    },
  ]);
  assert.equal(JSON.stringify(before), kept);
  assert.equal(fold.state.emergencies[id]?.aborted?.by, 'ana');
});

test('an event of an emergency that nobody declared changes nothing', async () => {
  const { org } = await at('armed');
  const fold = new Fold(org.state);
  fold.take([
    {
      ...{ v: 'halligan/event/v1', id: 'e', at: org.now, actor: 'ana', type: 'EmergencyAborted' },
      data: { emergency: '__proto__', by: 'ana', reason: textOf('enough') },
    },
  ]);
  assert.deepEqual(fold.state, org.state);
});
