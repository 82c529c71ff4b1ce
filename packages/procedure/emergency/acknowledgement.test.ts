import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emergencyOf, said } from '../practice/practice-emergency.fixture.ts';
import { textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('the second person and the witness confirm their role, each once', async () => {
  const { org, id } = await at('declared');
  const part = { role: 'second', together: 'video' };
  const second = await org.sign('ben', 'take-part', id, part);
  assert.deepEqual(await org.done(said(second)), ['PartTaken']);
  await refuses(org, said(second), 'acknowledgement.again');
  await refuses(org, said(await org.sign('ben', 'take-part', id, part)), 'acknowledgement.again');
  await org.done(
    said(await org.sign('wanda', 'take-part', id, { role: 'witness', together: 'in-person' })),
  );
  assert.deepEqual(Object.keys(emergencyOf(org, id).parts), ['ben', 'wanda']);
});

test('nobody takes a part that is not theirs', async () => {
  const { org, id } = await at('declared');
  const taking = async (by: string, role: string, fields: Readonly<Record<string, unknown>> = {}) =>
    said(await org.sign(by, 'take-part', id, { role, together: 'in-person', ...fields }));
  await refusesAll(org, [
    ['the requester as second', taking('ana', 'second'), 'acknowledgement.not-named', ['ben']],
    ['a stranger', taking('cleo', 'second'), 'acknowledgement.not-named', ['ben']],
    ['the second as witness', taking('ben', 'witness'), 'acknowledgement.not-named', ['wanda']],
    ['the witness as second', taking('wanda', 'second'), 'acknowledgement.not-named', ['ben']],
    ['an executive, on no solo path', taking('eli', 'executive'), 'acknowledgement.not-named', []],
    ['in a drill', taking('ben', 'second', { purpose: 'drill' }), 'emergency.purpose'],
    ['for an exercise', taking('ben', 'second', { purpose: 'exercise' }), 'emergency.purpose'],
    ['of no emergency', taking('ben', 'second', { subject: textOf('?') }), 'emergency.unknown'],
    ['under an old roster', taking('ben', 'second', { roster: textOf('?') }), 'input.roster'],
  ]);
});

test('no part is taken in what is over', async () => {
  const { org, id } = await at('declared');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('a mistake') })));
  await refuses(
    org,
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
    'acknowledgement.over',
  );
});
