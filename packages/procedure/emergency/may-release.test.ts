import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayRelease, type Pins, type State, withEmergency } from '../index.ts';
import {
  emergencyOf,
  exerciseRequest,
  minutesAfter,
} from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  ORIGIN,
  type Organisation,
  recipientOf,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { commitmentOf, rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

const PINS: Pins = { organisation: 'contoso', origin: ORIGIN, holder: 'ben' };

function asked(
  org: Organisation,
  id: string,
  pins: Partial<Pins> = {},
  changes: {
    readonly request?: string;
    readonly emergency?: string;
    readonly now?: string;
    readonly state?: State;
  } = {},
): string {
  const request = emergencyOf(org, id).openings.at(-1)?.request ?? '';
  const { now = org.now, ...other } = changes;
  const answer = mayRelease(
    { state: org.state, emergency: id, request, ...other },
    { ...PINS, ...pins },
    now,
  );
  if ('refusal' in answer) assert.notEqual(answer.refusal.next, '');
  return 'refusal' in answer ? answer.refusal.rule : 'yes';
}

test('a yes names the share, its commitment and who it goes to', async () => {
  const { org, id } = await at('requested');
  const request = emergencyOf(org, id).openings[0]?.request ?? '';
  assert.deepEqual(mayRelease({ state: org.state, emergency: id, request }, PINS, org.now), {
    may: true,
    path: 'standard',
    group: 'keyholders',
    commitment: commitmentOf(1, 'standard', 'keyholders', 'ben'),
    version: 1,
    recipient: recipientOf('one-time'),
  });
});

test('pins and holders', async () => {
  const { org, id } = await at('touched');
  const rows: readonly (readonly [Partial<Pins>, string])[] = [
    [{}, 'yes'],
    [{ holder: 'cleo' }, 'yes'],
    [{ holder: 'ana' }, 'release.again'],
    [{ holder: 'eli' }, 'release.not-holder'],
    [{ holder: 'zoe' }, 'release.not-holder'],
    [{ holder: 'constructor' }, 'release.not-holder'],
    [{ holder: 'releaser' }, 'release.people-first'],
    [{ organisation: 'fabrikam' }, 'release.pins'],
    [{ origin: 'halligan.example/other' }, 'release.pins'],
  ];
  for (const [pins, rule] of rows) assert.equal(asked(org, id, pins), rule, JSON.stringify(pins));
});

test('the record must hold the emergency, the request and the roster', async () => {
  const { org, id } = await at('requested');
  assert.equal(asked(org, id, {}, { request: textOf('?') }), 'release.unknown');
  assert.equal(asked(org, id, {}, { emergency: textOf('?') }), 'release.unknown');
  assert.equal(asked(org, id, {}, { emergency: 'constructor' }), 'release.unknown');
  const { roster: _, ...without } = org.state;
  assert.equal(asked(org, id, {}, { state: without }), 'release.pins');
});

test('the device’s own clock decides on the window, not what the server says', async () => {
  const { org, id } = await at('requested');
  const expires = emergencyOf(org, id).openings[0]?.expires ?? '';
  assert.equal(asked(org, id, {}, { now: expires }), 'yes');
  assert.equal(asked(org, id, {}, { now: minutesAfter(expires, 1 / 60) }), 'release.window');
  const told = org.fork().wait(21);
  await told.tick();
  assert.equal(asked(told, id, {}, { now: minutesAfter(expires, -10) }), 'release.window');
});

test('what was approved and joined when the request was accepted is asked again', async () => {
  const { org, id } = await at('requested');
  const emergency = emergencyOf(org, id);
  const { approval: _, ...unapproved } = emergency;
  const having = (one: typeof emergency): State => ({
    ...org.state,
    emergencies: withEmergency(org.state.emergencies, one),
  });
  assert.equal(asked(org, id, {}, { state: having(unapproved) }), 'release.not-approved');
  assert.equal(
    asked(org, id, {}, { state: having({ ...emergency, parts: {} }) }),
    'release.no-second-person',
  );
  assert.equal(
    asked(org, id, { holder: 'cleo' }, { state: having({ ...emergency, witness: 'cleo' }) }),
    'release.witness',
  );
});

test('a seal of another account or organisation is not opened', async () => {
  const { org, id } = await at('requested');
  const account = org.state.accounts[ACCOUNT];
  const version = account?.versions[1];
  assert.ok(account !== undefined && version !== undefined);
  for (const changes of [{ account: 'root-2' }, { organisation: 'fabrikam' }]) {
    const header = { ...version.header, ...changes };
    const state: State = {
      ...org.state,
      accounts: { [ACCOUNT]: { ...account, versions: { 1: { ...version, header } } } },
    };
    assert.equal(asked(org, id, {}, { state }), 'release.seal');
  }
});

test('nothing goes once the quorum is complete, the emergency over, or the version replaced', async () => {
  for (const [stage, rule] of [
    ['opened', 'release.complete'],
    ['ended', 'release.over'],
    ['exercising', 'release.complete'],
    ['exercised', 'release.over'],
    ['closed', 'release.over'],
  ] as const) {
    const { org, id } = await at(stage);
    assert.equal(asked(org, id, { holder: 'cleo' }), rule, stage);
  }
  const { org, id } = await at('reviewed');
  await org.done(await exerciseRequest(org, id));
  assert.equal(asked(org, id, { holder: 'cleo' }), 'yes');
  await rotate(org, ACCOUNT);
  assert.equal(asked(org, id, { holder: 'cleo' }), 'release.version');
});
