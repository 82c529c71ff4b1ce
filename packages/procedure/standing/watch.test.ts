import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, emergencyById, mayRelease, tooEarly, type Watched, watch } from '../index.ts';
import { found } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

const CHANGE = {
  do: 'group',
  name: 'keyholders',
  members: ['ana', 'ben', 'cleo', 'ivan'],
} as const;
const HOUR = 3_600_000;
const later = (at: string, hours: number) => new Date(Date.parse(at) + hours * HOUR).toISOString();

test('a device counts the 48 hours from when it first saw the change, whatever the record’s clock says', async () => {
  const org = await found();
  const own = org.now;
  const before = watch(org.state, undefined, own);
  await org.done(await org.rosterChange(CHANGE, ['ada']));
  const digest = org.state.roster?.pending[0]?.digest ?? '';
  assert.deepEqual(
    dueEffects(org.state).filter((effect) => effect.do === 'watch'),
    [{ do: 'watch', change: digest }],
  );
  const pending = watch(org.state, before, own);
  assert.deepEqual(pending.changes, { [digest]: own });
  // The server claims that two days went by; on the device it was a minute.
  org.wait(48 * 60);
  await org.tick();
  const minute = later(own, 1 / 60);
  const seen = watch(org.state, pending, minute);
  assert.deepEqual(tooEarly(org.state, seen, minute), { change: digest, until: later(own, 48) });
  assert.equal(tooEarly(org.state, seen, later(own, 48)), undefined);
});

test('who never saw it wait counts from when it is shown in force; who joins takes what people compared', async () => {
  const org = await found();
  const before = watch(org.state, undefined, org.now);
  await org.done(await org.rosterChange(CHANGE, ['ada']));
  org.wait(48 * 60);
  await org.tick();
  const shown = watch(org.state, before, org.now);
  assert.equal(tooEarly(org.state, shown, org.now)?.until, later(org.now, 48));
  assert.equal(
    tooEarly(org.state, watch(org.state, shown, later(org.now, 47)), later(org.now, 48)),
    undefined,
  );
  const joined = watch(org.state, undefined, org.now);
  assert.equal(tooEarly(org.state, joined, org.now), undefined);
  const nameless: Watched = { roster: 0, changes: {} };
  assert.notEqual(tooEarly(org.state, nameless, org.now), undefined);
});

test('consent ends the wait on every device, and an objection begins it anew', async () => {
  const org = await found();
  const consented = org.fork();
  await consented.done(await consented.rosterChange(CHANGE, ['ada', 'ana', 'ben']));
  const never: Watched = { roster: 0, changes: {} };
  assert.equal(tooEarly(consented.state, never, org.now), undefined);
  await org.done(await org.rosterChange(CHANGE, ['ada']));
  const waiting = watch(org.state, never, org.now);
  const gone = watch(consented.state, waiting, later(org.now, 10));
  assert.deepEqual(gone.changes, {});
  assert.deepEqual(watch(org.state, gone, later(org.now, 20)).changes, {
    [Object.keys(waiting.changes)[0] ?? '']: later(org.now, 20),
  });
});

test('a holder’s device releases nothing meanwhile', async () => {
  const { org, id } = await at('requested');
  const request = emergencyById(org.state, id)?.openings[0]?.request ?? '';
  const pins = { organisation: 'contoso', origin: 'halligan.example/contoso', holder: 'ben' };
  const changed = {
    ...org.state,
    standing: { ...org.state.standing, delayed: { ['c'.repeat(64)]: org.now } },
  };
  const ask = (watched?: Watched) =>
    mayRelease(
      { state: changed, emergency: id, request },
      { ...pins, ...(watched === undefined ? {} : { watched }) },
      org.now,
    );
  const refused = ask({ roster: 1, changes: {} });
  assert.ok('refusal' in refused && refused.refusal.rule === 'release.too-early');
  const known = ask({ roster: 1, changes: { ['c'.repeat(64)]: later(org.now, -48) } });
  assert.ok('may' in known);
});
