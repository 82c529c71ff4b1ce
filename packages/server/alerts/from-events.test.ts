import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EMPTY,
  type Emergency,
  type EventBody,
  emergencyById,
  evolve,
  type HalliganEvent,
  parsePolicy,
  type State,
  withEmergency,
} from '@halligan/procedure';
import { alertSchema } from './alert.ts';
import { wordsDueOf } from './from-effects.ts';
import { alertsOf } from './from-events.ts';

const ID = 'ab'.repeat(32);
const POLICY = 'cd'.repeat(32);

const policyWith = (...words: readonly string[]) =>
  parsePolicy(`
organisation: contoso
owner: cio
approvers: { tier-0: [cio], deputies: [sec] }
channels: { alert_on: [${words.join(', ')}] }
quorums: { tier-0: { standard: [2 of keyholders, 1 of server] } }
`);

let number = 0;
function stamped(body: EventBody): HalliganEvent {
  number += 1;
  return {
    ...body,
    v: 'halligan/event/v1',
    id: `01890a5d-ac96-774b-bcce-${String(number).padStart(12, '0')}`,
    at: '2030-03-01T10:00:00.000Z',
    actor: 'ana',
  };
}

const DECLARED = stamped({
  type: 'EmergencyDeclared',
  data: {
    emergency: ID,
    account: 'admin-1',
    system: 'directory',
    drill: false,
    cause: 'idp-outage',
    requester: 'ana',
    second: 'ben',
    approver: 'cio',
    policy: POLICY,
    rules: 1,
    reason: 'ef'.repeat(32),
    evidence: [],
    incident: 'INC-1 </script> free text',
  },
});

/** A state in which it was declared, under a policy that has these words in `alert_on`. */
function declared(words: readonly string[] = [], changes: Partial<Emergency> = {}): State {
  const state = evolve(
    { ...EMPTY, policy: POLICY, policies: { [POLICY]: policyWith(...words) } },
    DECLARED,
  );
  const emergency = emergencyById(state, ID);
  assert.ok(emergency !== undefined);
  return { ...state, emergencies: withEmergency(EMPTY.emergencies, { ...emergency, ...changes }) };
}

test('a declaration is said whatever the policy lists, holds ids alone, and a drill is told from an emergency', () => {
  const [alert] = alertsOf(DECLARED, declared());
  assert.ok(alert !== undefined);
  alertSchema.parse(alert);
  assert.equal(alert.type, 'emergency.declared');
  assert.match(alert.title, /^EMERGENCY admin-1 \(directory\): ana declared/);
  assert.doesNotMatch(JSON.stringify(alert), /free text|efef/);
  const [drill] = alertsOf(DECLARED, declared([], { drill: true }));
  assert.match(drill?.title ?? '', /^DRILL /);
});

test('what the policy lists is said, and nothing else but what cannot be muted', () => {
  const approved = stamped({
    type: 'EmergencyApproved',
    data: { emergency: ID, by: 'cio', method: 'phone' },
  });
  const exception = stamped({
    type: 'EmergencyApproved',
    data: { emergency: ID, by: 'ana', method: 'silence exception' },
  });
  const refused = stamped({
    type: 'EmergencyRefused',
    data: { emergency: ID, by: 'cio', reason: ID },
  });
  const closed = stamped({ type: 'EmergencyClosed', data: { emergency: ID, by: 'sec' } });
  const types = (words: readonly string[]) =>
    [approved, exception, refused, closed].flatMap((event) =>
      alertsOf(event, declared(words)).map(({ type }) => type),
    );
  assert.deepEqual(types([]), ['emergency.exception']);
  assert.deepEqual(types(['refused', 'closed', 'approved']), [
    'emergency.approved',
    'emergency.exception',
    'emergency.refused',
    'emergency.closed',
  ]);
});

test('every approver and deputy is asked by every channel, under ids that stay', () => {
  const asked = stamped({
    type: 'ApproversAsked',
    data: { emergency: ID, approvers: ['cio', 'sec'] },
  });
  const alerts = alertsOf(asked, declared());
  assert.deepEqual(alerts, alertsOf(asked, declared()));
  for (const alert of alerts) alertSchema.parse(alert);
  assert.deepEqual(
    alerts.map(({ to }) => `${to?.person} ${to?.channel}`),
    ['cio phone', 'cio message', 'cio email', 'sec phone', 'sec message', 'sec email'],
  );
  assert.equal(new Set(alerts.map(({ id }) => id)).size, 6);
});

test('an account that is exposed is said, without any emergency', () => {
  const exposed = stamped({
    type: 'AccountExposed',
    data: { account: 'admin-1', versions: [1, 2] },
  });
  const [alert] = alertsOf(exposed, { ...EMPTY, policies: {} });
  assert.equal(alert?.type, 'organisation.exposed');
  assert.equal(alert?.next, 'halligan account rotate admin-1');
});

test('what is no news makes no alert', () => {
  const note = stamped({ type: 'AccountTaken', data: { account: 'admin-1', emergency: ID } });
  assert.deepEqual(alertsOf(note, declared(['declared', 'opened'])), []);
  assert.deepEqual(wordsDueOf(declared()), []);
});
