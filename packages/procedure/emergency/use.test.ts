import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationSeconds, recordOf } from '../index.ts';
import { emergencyOf, minutesAfter, said } from '../practice/practice-emergency.fixture.ts';
import { type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const note = async (
  org: Organisation,
  id: string,
  by: string,
  about: string,
  fields: Readonly<Record<string, unknown>> = {},
) =>
  said(
    await org.sign(by, 'note', id, { about, occurred: org.now, text: textOf(about), ...fields }),
  );

test('participants note what they do and see', async () => {
  const { org, id } = await at('opened');
  for (const about of ['reveal', 'access', 'baseline', 'action', 'post-change'])
    assert.deepEqual(await org.done(await note(org, id, 'ana', about)), ['NoteAdded']);
  await org.done(await note(org, id, 'ben', 'observation'));
  await org.done(await note(org, id, 'wanda', 'observation'));
  const justified = textOf('the neighbour was down, too');
  await org.done(await note(org, id, 'ana', 'action', { outOfScope: justified }));
  assert.equal(emergencyOf(org, id).notes.length, 8);
  assert.equal(emergencyOf(org, id).notes.at(-1)?.outOfScope, justified);
});

test('notes before the opening are observations only', async () => {
  const { org, id } = await at('touched');
  for (const about of ['reveal', 'access', 'baseline', 'action', 'post-change'])
    await refuses(org, note(org, id, 'ana', about), 'use.not-opened', about);
  await org.done(await note(org, id, 'ben', 'observation'));
});

test('what is no note', async () => {
  const { org, id } = await at('opened');
  const signed = await note(org, id, 'ana', 'access');
  await org.done(signed);
  const { at: declared } = emergencyOf(org, id);
  await refusesAll(org, [
    ['the same note', signed, 'use.replayed'],
    ['the approver', note(org, id, 'dana', 'observation'), 'use.not-part', ['ana', 'ben', 'wanda']],
    ['a holder', note(org, id, 'cleo', 'observation'), 'use.not-part'],
    [
      'before the declaration',
      note(org, id, 'ana', 'action', { occurred: minutesAfter(declared, -6) }),
      'use.times',
    ],
    [
      'in the future',
      note(org, id, 'ana', 'action', { occurred: minutesAfter(org.now, 6) }),
      'use.times',
    ],
    ['in a drill', note(org, id, 'ana', 'action', { purpose: 'drill' }), 'emergency.purpose'],
    [
      'in an exercise',
      note(org, id, 'ana', 'action', { purpose: 'exercise' }),
      'emergency.purpose',
    ],
    [
      'of no emergency',
      note(org, id, 'ana', 'action', { subject: textOf('?') }),
      'emergency.unknown',
    ],
  ]);
  await org.done(await note(org, id, 'ana', 'action', { occurred: minutesAfter(org.now, 4) }));
  const ended = await at('ended');
  await refuses(ended.org, note(ended.org, ended.id, 'ana', 'action'), 'use.over');
});

test('the requester or the second person ends it, once, when something was opened', async () => {
  const { org, id } = await at('opened');
  const ending = async (
    one: Organisation,
    by: string,
    fields: Readonly<Record<string, unknown>> = {},
  ) => said(await one.sign(by, 'end', id, { loggedOut: one.now, ...fields }));
  await refusesAll(org, [
    ['the witness', ending(org, 'wanda'), 'use.not-part', ['ana', 'ben']],
    ['the approver', ending(org, 'dana'), 'use.not-part'],
    [
      'logged out before it began',
      ending(org, 'ana', { loggedOut: minutesAfter(org.now, -60) }),
      'use.times',
    ],
    [
      'logged out tomorrow',
      ending(org, 'ana', { loggedOut: minutesAfter(org.now, 1440) }),
      'use.times',
    ],
    ['a drill’s end', ending(org, 'ana', { purpose: 'drill' }), 'emergency.purpose'],
  ]);
  assert.deepEqual(await org.done(await ending(org, 'ben', { surrendered: textOf('sealed') })), [
    'EmergencyEnded',
    'AccountUnarmed',
  ]);
  await refuses(org, ending(org, 'ana'), 'use.over');
  const early = await at('requested');
  const nothing = said(await early.org.sign('ana', 'end', early.id, { loggedOut: early.org.now }));
  const { next } = await refuses(early.org, nothing, 'use.not-opened');
  assert.match(next, /abort/);
});

test('participants and the named approver abort; what was touched stays due', async () => {
  for (const by of ['ana', 'ben', 'wanda', 'dana']) {
    const { org, id } = await at('declared');
    const abort = said(await org.sign(by, 'abort', id, { reason: textOf('solved') }));
    assert.deepEqual(await org.done(abort), ['EmergencyAborted']);
    await refuses(org, abort, 'use.over');
  }
  const { org, id } = await at('touched');
  await refuses(
    org,
    said(await org.sign('cleo', 'abort', id, { reason: textOf('?') })),
    'use.not-part',
  );
  const abort = said(await org.sign('ben', 'abort', id, { reason: textOf('enough') }));
  assert.deepEqual(await org.done(abort), ['EmergencyAborted', 'AccountUnarmed']);
  const ended = await at('ended');
  await refuses(
    ended.org,
    said(await ended.org.sign('ana', 'abort', ended.id, { reason: textOf('?') })),
    'use.over',
  );
});

test('corrections are addenda, at any time, and never change the signed record', async () => {
  for (const stage of ['opened', 'submitted', 'closed'] as const) {
    const { org, id } = await at(stage);
    const before = recordOf(org.state, emergencyOf(org, id));
    const addendum = said(
      await org.sign('ben', 'addendum', id, { to: textOf('note'), text: textOf('it was 15:13') }),
    );
    assert.deepEqual(await org.done(addendum), ['AddendumAdded'], stage);
    assert.deepEqual(recordOf(org.state, emergencyOf(org, id)), before);
    await refuses(org, addendum, 'use.replayed');
    await refuses(
      org,
      said(await org.sign('dana', 'addendum', id, { to: textOf('note'), text: textOf('no') })),
      'use.not-part',
    );
  }
});

test('the duration runs from established access to log-out', async () => {
  const { org, id } = await at('opened');
  assert.equal(durationSeconds(emergencyOf(org, id)), null);
  await org.done(await note(org, id, 'ana', 'access'));
  org.wait(42.5);
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  assert.equal(durationSeconds(emergencyOf(org, id)), 2550);
});
