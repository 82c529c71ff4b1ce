import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { findAccounts, findings, modelOfKey, obligations } from '../index.ts';
import {
  ACCOUNT,
  accountEntry,
  found,
  type Organisation,
  plain,
  policyWith,
  SPARE,
  SYSTEM,
  systemEntry,
} from '../practice/practice-organisation.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const DAY = 24 * 60;

async function duty(
  org: Organisation,
  by: string,
  duty: string,
  about: string,
  last: string | null,
) {
  const document = { v: 'halligan/duty/v1', duty, about, last };
  const signed = await org.sign(by, 'attest', subjectOf(duty, about), {
    what: 'duty',
    digest: digestOf(document),
  });
  return { type: 'statements', signed: [signed], document } as const;
}

const dueOf = (org: Organisation, id: string) =>
  obligations(org.state, org.now).find((one) => one.id === id);
const foundIn = (org: Organisation) => findings(org.state, org.now).map(({ id }) => id);

/** As `org.entry`, over what is there. */
async function change(org: Organisation, by: string, current: object, changes: object) {
  const entry = { ...plainEntry(current), ...changes, previous: digestOf(plain(current)) };
  return org.entry(by, entry);
}

function plainEntry(entry: object): { readonly add: string; readonly id: string } {
  assert.ok('add' in entry && typeof entry.add === 'string');
  assert.ok('id' in entry && typeof entry.id === 'string');
  return { ...entry, add: entry.add, id: entry.id };
}

async function joint(org: Organisation, document: { add: string; id: string }) {
  const [one, other] = [await org.entry('ada', document), await org.entry('bob', document)];
  assert.ok(one.type === 'statements' && other.type === 'statements');
  return { ...one, signed: [...one.signed, ...other.signed] };
}

test('each attested duty has an owner, is due by its timer, and is due again once it was done', async () => {
  const rows = [
    ['policy-review', 'policy', 'raj', 365],
    ['access-review', 'policy', 'raj', 180],
    ['inventory-check', SYSTEM, 'mei', 180],
    ['kit-check', 'ana', 'ana', 90],
  ] as const;
  for (const [what, about, owner, days] of rows) {
    const org = await found();
    const first = dueOf(org, `${what}:${about}`);
    assert.deepEqual(first?.owners, [owner], what);
    const limit = Date.parse(org.now) + days * 86_400_000;
    const due = Date.parse(first?.due ?? '');
    assert.ok(due <= limit && due > limit - 4 * 86_400_000, `${what}: ${first?.due}`);
    org.wait((days + 1) * DAY);
    assert.equal(dueOf(org, `${what}:${about}`)?.late, true, what);
    await refuses(org, duty(org, 'ivan', what, about, null), 'duty.owner', what);
    const said = await duty(org, owner, what, about, null);
    await org.done(said);
    assert.equal(dueOf(org, `${what}:${about}`)?.late, false, what);
    await refuses(org, said, 'duty.replayed', what);
    await org.done(await duty(org, owner, what, about, org.now));
  }
});

test('what is no duty done', async () => {
  const org = await found();
  const valid = await duty(org, 'raj', 'policy-review', 'policy', null);
  await refusesAll(org, [
    ['of nothing', duty(org, 'raj', 'policy-review', 'nothing', null), 'duty.about'],
    ['of no system', duty(org, 'mei', 'inventory-check', 'no-system', null), 'duty.about'],
    ['of a program', duty(org, 'mei', 'kit-check', 'releaser', null), 'duty.about'],
    ['that nobody knows', duty(org, 'mei', 'tea', SYSTEM, null), 'duty.document'],
    [
      'another document',
      { ...valid, document: { ...valid.document, last: org.now } },
      'duty.document',
    ],
  ]);
});

test('the owner’s successors are those who close emergencies', async () => {
  const org = await found();
  await org.changeRoster({ do: 'remove', person: 'mei' }, ['ada']);
  assert.deepEqual(dueOf(org, `inventory-check:${SYSTEM}`)?.owners, ['raj']);
});

test('inventory grows by changes over what is there, and two admins retire', async () => {
  const org = await found();
  const account = org.state.accounts[ACCOUNT]?.document;
  assert.ok(account !== undefined);
  const system = org.state.systems[SYSTEM];
  assert.ok(system !== undefined);
  await refusesAll(org, [
    [
      'over nothing',
      org.entry('ada', systemEntry({ id: 'new', previous: 'a'.repeat(64) })),
      'inventory.unknown',
    ],
    [
      'over another',
      org.entry('ada', systemEntry({ previous: 'a'.repeat(64) })),
      'inventory.changed',
    ],
    ['another name', change(org, 'ada', account, { name: 'root' }), 'inventory.fixed'],
    ['another quorum', change(org, 'ada', account, { quorum: 'tier-1' }), 'inventory.fixed'],
    ['more privilege', change(org, 'ada', account, { privilege: 'god' }), 'inventory.two-admins'],
    ['hidden', change(org, 'ada', account, { sign_in: 'https://a\u202e' }), 'procedure.inventory'],
  ]);
  const edit = await change(org, 'ada', account, { kind: 'on-premises', sign_in: 'ldaps://x' });
  assert.deepEqual(await org.done(edit), ['AccountChanged']);
  await refuses(org, edit, 'inventory.changed', 'replayed');
  assert.equal(dueOf(org, `describe:${ACCOUNT}`), undefined);
  assert.ok(dueOf(org, `describe:${SPARE}`));
  assert.deepEqual(await org.done(await change(org, 'ada', system, { support: '+44' })), [
    'SystemChanged',
  ]);
  const retire = (of: string, id: string) => ({
    v: 'halligan/inventory/v1',
    add: 'retirement',
    of,
    id,
    reason: 'replaced',
  });
  await refuses(org, org.entry('ada', retire('account', SPARE)), 'inventory.two-admins');
  await refuses(org, joint(org, retire('system', SYSTEM)), 'inventory.in-use');
  assert.deepEqual(await org.done(await joint(org, retire('account', SPARE))), ['AccountRetired']);
  await refuses(org, joint(org, retire('account', SPARE)), 'inventory.unknown', 'twice');
  assert.ok(dueOf(org, `second-account:${SYSTEM}`), 'one is left');
  assert.ok(foundIn(org).includes(`single-account:${SYSTEM}`));
  await org.done(await joint(org, retire('account', ACCOUNT)));
  assert.deepEqual(await org.done(await joint(org, retire('system', SYSTEM))), ['SystemRetired']);
  assert.equal(dueOf(org, `inventory-check:${SYSTEM}`), undefined);
  await refuses(org, org.entry('ada', accountEntry('root-3')), 'inventory.system');
});

test('an account that an emergency is about is not retired', async () => {
  const { org } = await at('declared');
  const document = {
    v: 'halligan/inventory/v1',
    add: 'retirement',
    of: 'account',
    id: ACCOUNT,
    reason: 'x',
  };
  await refuses(org, joint(org, document), 'inventory.in-use');
});

test('keys, methods and exclusions that weaken an account are findings, and a second key is due', async () => {
  const org = await found();
  const key = {
    serial: '1',
    aaguid: '2fc0579f-8113-47ea-b116-bb5a8db9202a',
    presence: 'biometric',
    pin: true,
    key_place: 'safe',
    pin_place: 'safe',
  };
  const weak = {
    kind: 'cloud-only',
    keys: [key],
    second_methods: [
      { method: 'sms', organisation_controlled: false },
      { method: 'backup-codes', place: 'safe', left: 0 },
    ],
    exclusions: [{ from: 'Require MFA', justification: ' ' }],
  };
  const before = org.state.accounts[ACCOUNT]?.document ?? {};
  await org.done(await change(org, 'ada', before, weak));
  for (const what of [
    'biometric-key',
    'key-beside-pin',
    'private-number',
    'no-codes-left',
    'exclusion-unjustified',
  ])
    assert.ok(foundIn(org).includes(`${what}:${ACCOUNT}`), what);
  assert.equal(dueOf(org, `second-key:${ACCOUNT}`)?.why, '1 of 2 keys');
  assert.match(dueOf(org, `describe:${ACCOUNT}`)?.why ?? '', /sign_in, pin_copy/);
  assert.equal(modelOfKey(key), 'Yubico YubiKey 5 Series with NFC');
  assert.deepEqual(dueOf(org, `pin-rotation:${ACCOUNT}`)?.owners, ['mei']);
  const sound = {
    ...weak,
    sign_in: 'https://login.example',
    pin_copy: 'bank',
    keys: [
      { ...key, presence: 'touch', pin_place: 'bank' },
      { ...key, serial: '2', presence: 'touch', key_place: 'drawer', pin_place: 'bank' },
    ],
    second_methods: [],
    exclusions: [{ from: 'Require MFA', justification: 'works when it does not' }],
  };
  const now = org.state.accounts[ACCOUNT]?.document ?? {};
  await org.done(await change(org, 'ada', now, sound));
  assert.deepEqual(
    foundIn(org).filter((id) => id.endsWith(`:${ACCOUNT}`)),
    [`unarmed:${ACCOUNT}`],
  );
  assert.equal(dueOf(org, `second-key:${ACCOUNT}`), undefined);
  await org.done(await duty(org, 'mei', 'pin-rotation', ACCOUNT, null));
});

test('training expires, and custodians who administer by day are found', async () => {
  const org = await found();
  const person = {
    v: 'halligan/inventory/v1',
    add: 'person',
    id: 'ben',
    title: 'Head of Networks',
    daily_admin: true,
    training: [{ course: 'break-glass', done: '2026-01-10', expires: '2026-06-06' }],
  };
  assert.deepEqual(await org.done(await org.entry('ada', person)), ['PersonDescribed']);
  // A Saturday: due at the end of the Friday before.
  assert.equal(dueOf(org, 'training:ben.break-glass')?.due, '2026-06-05T17:00:00.000Z');
  assert.ok(foundIn(org).includes('custodian-is-daily-admin:keyholders.ben'));
  await refuses(org, org.entry('ada', { ...person, id: 'zoe' }), 'inventory.person');
  await refuses(org, org.entry('ana', person), 'inventory.admin');
});

test('who left, or has other keys, makes a rotation urgent; a changed quorum makes it due', async () => {
  const armed = await found();
  await rotate(armed, ACCOUNT);
  assert.ok(!foundIn(armed).includes(`stale-seal:${ACCOUNT}`));
  const left = armed.fork();
  await left.wait(DAY).changeRoster({ do: 'remove', person: 'ben' }, ['ada', 'ana', 'cleo']);
  const urgent = dueOf(left, `rotate:${ACCOUNT}`);
  assert.equal(urgent?.why, 'ben held a share of it');
  assert.equal(Date.parse(urgent?.due ?? '') - Date.parse(left.now), 3_600_000);
  assert.ok(foundIn(left).includes(`stale-seal:${ACCOUNT}`));
  assert.ok(
    Date.parse(dueOf(left, `drill:${ACCOUNT}`)?.due ?? '') < Date.parse(left.now) + 31 * 86_400_000,
  );
  await rotate(left, ACCOUNT);
  assert.ok(!foundIn(left).includes(`stale-seal:${ACCOUNT}`));

  const changed = armed.fork();
  const quorums = { 'tier-0': { standard: ['3 of keyholders', '1 of server'] } };
  await changed.wait(DAY).done(await changed.adoption(policyWith({ quorums }), ['ada', 'bob']));
  assert.equal(dueOf(changed, `rotate:${ACCOUNT}`)?.why, 'its quorum changed');
});

test('a risk is taken by who may, for a time, and stays in sight', async () => {
  const org = await found();
  const risk = async (by: string, changes: object = {}) => {
    const document = plain({
      v: 'halligan/risk/v1',
      finding: 'no-cosigner',
      reason: 'one is being set up',
      until: '2026-06-01',
      ...changes,
    });
    const signed = await org.sign(by, 'attest', subjectOf('organisation', 'contoso'), {
      what: 'risk',
      digest: digestOf(document),
    });
    return { type: 'statements', signed: [signed], document } as const;
  };
  await refusesAll(org, [
    ['by a custodian', risk('ben'), 'risk.owner', ['raj', 'ana', 'eli']],
    ['for ever', risk('raj', { until: '2031-01-01' }), 'risk.until'],
    ['in the past', risk('raj', { until: '2026-01-01' }), 'risk.until'],
    ['for no reason', risk('raj', { reason: '' }), 'risk.document'],
  ]);
  assert.deepEqual(await org.done(await risk('eli')), ['RiskAccepted']);
  const accepted = () => findings(org.state, org.now).find(({ id }) => id === 'no-cosigner');
  assert.equal(accepted()?.accepted?.by, 'eli');
  org.wait(120 * DAY);
  assert.notEqual(accepted(), undefined);
  assert.equal(accepted()?.accepted, undefined);
});

test('an account is found by what one sees, and not where it needs what is dead', async () => {
  const org = await found();
  await org.done(await org.entry('ada', systemEntry({ id: 'idp', purpose: 'single sign-on' })));
  await org.done(
    await org.entry(
      'ada',
      systemEntry({
        id: 'cloud',
        purpose: 'virtual machines',
        depends_on: ['idp'],
        symptoms: ['Portal: AADSTS90033, a transient error'],
      }),
    ),
  );
  await org.done(await org.entry('ada', accountEntry('cloud-1', { system: 'cloud' })));
  await rotate(org, SPARE);
  const search = (words: string[], dead: string[] = []) =>
    findAccounts(org.state, { words, dead }).map(({ account }) => account);
  assert.deepEqual(search(['aadsts90033']), ['cloud-1']);
  assert.deepEqual(search([]), [SPARE, 'cloud-1', ACCOUNT]);
  assert.deepEqual(search([], ['idp']), [SPARE, ACCOUNT]);
  assert.deepEqual(search(['constructor']), []);
});
