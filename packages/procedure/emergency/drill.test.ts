import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcedSignIns, obligations, type State } from '../index.ts';
import {
  declaration,
  declare,
  emergencyOf,
  open,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  SPARE,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { kitted, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const drill = (form: string, changes: object = {}) => ({
  purpose: 'drill',
  scenario: { notice: 'scheduled', form, sabotage: [], ...changes },
});

async function joined(org: Organisation, fields: object): Promise<string> {
  const id = await declare(org, { witness: undefined, ...fields });
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
  );
  return id;
}

test('a drill says how it is run, and it stays on the record', async () => {
  const sabotage = ['approver-silent', 'server-stopped'];
  for (const scenario of [
    { notice: 'scheduled', form: 'technical', sabotage: [] },
    { notice: 'surprise', form: 'tabletop', sabotage: [] },
    { notice: 'surprise', form: 'adversarial', sabotage },
  ]) {
    const { org } = await at('armed');
    const id = await declare(org, { purpose: 'drill', scenario });
    assert.deepEqual(emergencyOf(org, id).scenario, scenario);
  }
});

test('what is no scenario', async () => {
  const { org } = await at('armed');
  const saying = async (fields: object) => said(await declaration(org, { ...fields }));
  await refusesAll(org, [
    ['a real emergency’s', saying({ ...drill('technical'), purpose: 'real' }), 'drill.purpose'],
    ['adversarial, with nothing sabotaged', saying(drill('adversarial')), 'drill.sabotage'],
    [
      'technical, with something sabotaged',
      saying(drill('technical', { sabotage: ['vault-down'] })),
      'drill.sabotage',
    ],
    [
      'the same twice',
      saying(drill('adversarial', { sabotage: ['vault-down', 'vault-down'] })),
      'drill.sabotage',
    ],
  ]);
});

test('a tabletop reveals nothing: it is talked through, noted, ended and closed', async () => {
  const { org } = await at('armed');
  const id = await joined(org, drill('tabletop'));
  await refuses(org, said(await request(org, id)), 'opening.tabletop');
  const note = { about: 'action', occurred: org.now, text: textOf('we would reset the password') };
  await org.done(said(await org.sign('ana', 'note', id, note)));
  assert.equal(obligations(org.state, org.now).find(({ about }) => about === id)?.what, 'end');
  assert.deepEqual(await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now }))), [
    'EmergencyEnded',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
  await org.done(said(await org.sign('raj', 'close', id)));
  assert.equal(emergencyOf(org, id).exercised, undefined, 'it never resets “last tested”');
});

test('a tabletop that becomes real opens like any emergency', async () => {
  const { org } = await at('armed');
  const id = await joined(org, drill('tabletop'));
  const reason = textOf('it is down');
  await org.done(
    said(
      await org.sign('ben', 'convert', id, {
        purpose: 'real',
        reason,
        attestation: textOf('seen'),
      }),
    ),
  );
  assert.equal(emergencyOf(org, id).scenario, undefined);
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
  );
  await open(org, id);
});

test('test sign-ins are announced before they happen, and nothing else is', async () => {
  const announced = (state: State) =>
    announcedSignIns(state).map(({ account, why, emergency }) => [
      account,
      why,
      emergency !== undefined,
    ]);
  const { org } = await at('armed');
  assert.deepEqual(announced(org.state), []);
  const tabletop = org.fork();
  await declare(tabletop, drill('tabletop'));
  assert.deepEqual(announced(tabletop.state), [], 'nobody signs in at a table');
  await declare(org, drill('technical'));
  assert.deepEqual(announced(org.state), [[ACCOUNT, 'drill', true]]);
  await org.done(sealed(org, SPARE, 2));
  assert.deepEqual(announced(org.state), [[ACCOUNT, 'drill', true]], 'sealed, not yet to be set');
  await org.done(kitted(SPARE, 2));
  assert.deepEqual(announced(org.state), [
    [ACCOUNT, 'drill', true],
    [SPARE, 'rotation', false],
  ]);
  for (const [stage, expected] of [
    ['declared', []],
    ['opened', []],
    ['exercising', [[ACCOUNT, 'exercise', true]]],
    ['exercised', []],
    ['closed', []],
  ] as const)
    assert.deepEqual(announced((await at(stage)).org.state), expected, stage);
});
