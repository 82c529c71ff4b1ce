import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type Json } from '@halligan/format';
import {
  dueEffects,
  holdsOn,
  keptUntil,
  obligations,
  packsDue,
  type StoredInput,
} from '../index.ts';
import { emergencyOf, said } from '../practice/practice-emergency.fixture.ts';
import { type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

async function keeps(
  org: Organisation,
  emergency: string,
  by: string,
  decision: Readonly<Record<string, Json>>,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = { v: 'halligan/keeping/v1', emergency, ...decision };
  const signed = await org.sign(by, 'attest', emergency, {
    what: 'keeping',
    digest: digestOf(document),
    ...fields,
  });
  return said(signed, document);
}

const HOLD = { do: 'hold', reason: textOf('a lawsuit') };
const OVER = { do: 'erase', ground: 'retention-over' };
const EARLY = { do: 'erase', ground: 'data-subject', reference: 'DSR-17' };
const years = (count: number) => count * 365 * 24 * 60 + 1;

test('a legal hold takes two people, and so does its end', async () => {
  const { org, id } = await at('ended');
  assert.deepEqual(await org.done(await keeps(org, id, 'raj', HOLD)), ['KeepingSigned']);
  assert.deepEqual(holdsOn(emergencyOf(org, id)), []);
  await refuses(org, keeps(org, id, 'raj', HOLD), 'keeping.again');
  assert.deepEqual(await org.done(await keeps(org, id, 'ada', HOLD)), [
    'KeepingSigned',
    'HoldPlaced',
  ]);
  const [hold] = holdsOn(emergencyOf(org, id));
  assert.deepEqual(hold?.by, ['raj', 'ada']);
  const lift = { do: 'lift', hold: hold?.hold ?? '', reason: textOf('settled') };
  await org.done(await keeps(org, id, 'ada', lift));
  assert.equal(holdsOn(emergencyOf(org, id)).length, 1);
  assert.deepEqual(await org.done(await keeps(org, id, 'bob', lift)), [
    'KeepingSigned',
    'HoldLifted',
  ]);
  assert.deepEqual(holdsOn(emergencyOf(org, id)), []);
  await refuses(org, keeps(org, id, 'raj', lift), 'keeping.no-hold');
});

test('what is refused', async () => {
  const { org, id } = await at('closed');
  await refusesAll(org, [
    ['by a holder', keeps(org, id, 'cleo', HOLD), 'keeping.keeper'],
    [
      'of another emergency',
      keeps(org, id, 'raj', { ...HOLD, emergency: textOf('?') }),
      'keeping.document',
    ],
    ['another document', keeps(org, id, 'raj', HOLD, { digest: textOf('?') }), 'keeping.document'],
    [
      'an unknown ground',
      keeps(org, id, 'raj', { ...OVER, ground: 'boredom' }),
      'keeping.document',
    ],
    [
      'a reference with words',
      keeps(org, id, 'raj', { ...OVER, reference: 'Ana did it' }),
      'keeping.document',
    ],
    ['for a drill', keeps(org, id, 'raj', HOLD, { purpose: 'drill' }), 'emergency.purpose'],
    ['before the retention is over', keeps(org, id, 'raj', OVER), 'keeping.retention'],
    [
      'a hold that is none',
      keeps(org, id, 'raj', { ...HOLD, do: 'lift', hold: textOf('?') }),
      'keeping.no-hold',
    ],
  ]);
  const open = await at('ended');
  await refuses(open.org, keeps(open.org, open.id, 'raj', EARLY), 'keeping.open');
});

test('seven years after the close somebody decides; nothing is erased by itself', async () => {
  const { org, id } = await at('closed');
  const due = () => obligations(org.state, org.now).filter(({ what }) => what === 'retention');
  const until = keptUntil(org.state, emergencyOf(org, id)) ?? '';
  assert.equal(
    Date.parse(until) - Date.parse(emergencyOf(org, id).closed?.at ?? ''),
    7 * 365 * 86_400_000,
  );
  assert.deepEqual(due(), []);
  org.wait(years(7));
  assert.deepEqual(due()[0]?.owners, ['ada', 'bob', 'raj']);
  assert.equal(due()[0]?.late, false);
  assert.ok(!dueEffects(org.state).some((effect) => effect.do === 'erase'));
  for (const by of ['raj', 'ada']) await org.done(await keeps(org, id, by, HOLD));
  assert.deepEqual(due(), []);
  await refuses(org, keeps(org, id, 'raj', OVER), 'keeping.hold');
});

test('two people erase: the effect is due until it is done, and then once', async () => {
  const { org, id } = await at('closed');
  await org.done(await keeps(org, id, 'bob', EARLY));
  assert.deepEqual(await org.done(await keeps(org, id, 'raj', EARLY)), [
    'KeepingSigned',
    'ErasureOrdered',
  ]);
  const packed = org.state;
  const kept = () =>
    [...dueEffects(org.state), ...packsDue(org.state, packed)].filter(
      (effect) => 'emergency' in effect,
    );
  assert.deepEqual(kept(), [{ do: 'erase', emergency: id }]);
  const observation = { saw: 'erased', emergency: id, blobs: 4 } as const;
  assert.deepEqual(await org.done({ type: 'observation', observation }), ['TextsErased']);
  assert.deepEqual(kept(), [{ do: 'pack', emergency: id }]);
  await refuses(org, { type: 'observation', observation }, 'keeping.not-ordered');
  await refuses(org, keeps(org, id, 'raj', HOLD), 'keeping.erased');
  const addendum = { to: id, text: textOf('one more word') };
  await refuses(org, said(await org.sign('ana', 'addendum', id, addendum)), 'keeping.erased');
  const { erasure } = emergencyOf(org, id).keeping ?? {};
  assert.deepEqual(erasure?.by, ['bob', 'raj']);
  assert.equal(erasure?.done?.blobs, 4);
});

test('nobody ordered it: what a server says of itself is refused', async () => {
  const { org, id } = await at('closed');
  const observation = { saw: 'erased', emergency: id, blobs: 4 } as const;
  await refuses(org, { type: 'observation', observation }, 'keeping.not-ordered');
});

test('a first signature lapses after thirty days', async () => {
  const { org, id } = await at('closed');
  await org.done(await keeps(org, id, 'bob', EARLY));
  org.wait(31 * 24 * 60);
  assert.deepEqual(await org.done(await keeps(org, id, 'raj', EARLY)), ['KeepingSigned']);
  assert.equal(emergencyOf(org, id).keeping?.erasure, undefined);
  assert.deepEqual(await org.done(await keeps(org, id, 'bob', EARLY)), [
    'KeepingSigned',
    'ErasureOrdered',
  ]);
});

test('two who took part together do not erase what they wrote; somebody else is needed', async () => {
  const { org, id } = await at('closed');
  for (const person of ['ana', 'ben'])
    await org.done(
      await org.rosterChange({ do: 'amend', person, roles: ['custodian', 'admin'] }, [
        'ada',
        'bob',
      ]),
    );
  await org.done(await keeps(org, id, 'ana', EARLY));
  const { eligible } = await refuses(org, keeps(org, id, 'ana', EARLY), 'keeping.again');
  assert.deepEqual(eligible, ['ada', 'bob', 'raj']);
  assert.deepEqual(await org.done(await keeps(org, id, 'ben', EARLY)), ['KeepingSigned']);
  assert.deepEqual(await org.done(await keeps(org, id, 'raj', EARLY)), [
    'KeepingSigned',
    'ErasureOrdered',
  ]);
});

test('who has left since does not count', async () => {
  const { org, id } = await at('closed');
  await org.done(await keeps(org, id, 'raj', EARLY));
  await org.done(await org.rosterChange({ do: 'remove', person: 'raj' }, ['ada']));
  assert.deepEqual(await org.done(await keeps(org, id, 'bob', EARLY)), ['KeepingSigned']);
  assert.deepEqual(await org.done(await keeps(org, id, 'ada', EARLY)), [
    'KeepingSigned',
    'ErasureOrdered',
  ]);
});
