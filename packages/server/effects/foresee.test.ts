import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EMPTY,
  type Emergency,
  emergencyById,
  evolve,
  type Opening,
  type State,
  withEmergency,
} from '@halligan/procedure';
import type { Roster } from '@halligan/statement';
import { programsAhead } from './foresee.ts';

const ID = 'ab'.repeat(32);
const AT = '2030-03-01T10:00:00.000Z';

const ROSTER: Roster = {
  ...{ organisation: 'contoso', origin: 'localhost/contoso', logKey: '', evidenceKey: '' },
  ...{ recipients: 'hybrid', number: 0, digest: '', groups: {}, former: [], pending: [] },
  members: [
    {
      ...{ id: 'rotator', kind: 'program', signing: [], roles: [] },
      ...{ recipient: 'age1', recipientSignature: '' },
    },
  ],
};

/** A drill that was declared, and what came of it. */
function drill(changes: Partial<Emergency> = {}): State {
  const state = evolve(EMPTY, {
    v: 'halligan/event/v1',
    id: '01890a5d-ac96-774b-bcce-000000000001',
    at: AT,
    actor: 'ana',
    type: 'EmergencyDeclared',
    data: {
      ...{ emergency: ID, account: 'admin-1', system: 'directory', drill: true },
      ...{ cause: 'idp-outage', requester: 'ana', second: 'ben', approver: 'cio' },
      ...{ policy: 'cd'.repeat(32), rules: 1, reason: 'ef'.repeat(32) },
      ...{ evidence: [], incident: 'INC-1' },
    },
  });
  const emergency = emergencyById(state, ID);
  assert.ok(emergency !== undefined);
  return {
    ...state,
    roster: ROSTER,
    emergencies: withEmergency(EMPTY.emergencies, { ...emergency, ...changes }),
  };
}

/** An opening to which these have released their shares. */
const opening = (exercise: boolean, ...holders: readonly string[]): Opening => ({
  ...{ request: '01'.repeat(32), version: 1, path: 'standard', recipient: 'age1', exercise },
  ...{ by: 'ana', account: 'admin-1' },
  ...{ at: AT, expires: '2030-03-01T11:00:00.000Z', expired: false },
  releases: holders.map((holder) => ({
    ...{ holder, path: 'standard', group: 'keyholders', ciphertext: '', at: AT },
    ...{ request: '01'.repeat(32), statement: '' },
  })),
});

test('the releaser stands by until its share is released, the rotator from then until nothing is left to prove', () => {
  const ended = { at: AT, loggedOut: AT };
  const used = opening(false, 'ana', 'ben', 'releaser');
  const reset = { version: 2, at: AT };
  const over = { ...opening(true, 'ben', 'mei', 'releaser'), quorumAt: AT };
  const exercised = { version: 2, at: AT };
  const steps: readonly [what: string, Partial<Emergency>, expected: string][] = [
    ['declared', {}, 'releaser'],
    ['asked for shares', { openings: [opening(false)] }, 'releaser rotator'],
    ['one share short of the server’s', { openings: [opening(false, 'ana')] }, 'releaser rotator'],
    ['opened', { openings: [used] }, 'rotator'],
    ['ended', { openings: [used], ended }, 'rotator'],
    ['reset', { openings: [used], ended, reset }, 'releaser rotator'],
    ['exercise', { openings: [used, opening(true)], ended }, 'releaser rotator'],
    ['exercise opened', { openings: [used, over], ended, reset }, 'rotator'],
    ['exercised', { openings: [used, over], ended, reset, exercised }, ''],
    ['ended unopened', { ended }, ''],
  ];
  for (const [what, changes, expected] of steps)
    assert.equal(programsAhead(drill(changes)).join(' '), expected, what);
  const closed = { at: AT, by: 'raj' };
  assert.deepEqual(programsAhead(drill({ openings: [used], ended, closed })), [], 'closed');
  assert.deepEqual(programsAhead(EMPTY), []);
  const byHand: State = { ...drill({ openings: [used] }), byHand: { directory: true } };
  assert.deepEqual(programsAhead(byHand), [], 'people rotate it');
});
