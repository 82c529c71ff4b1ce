import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '@halligan/statement';
import {
  accountEntry,
  found,
  plain,
  SYSTEM,
  systemEntry,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('an admin adds systems and accounts, each once', async () => {
  const org = await found();
  const payroll = systemEntry({ id: 'payroll' });
  assert.deepEqual(await org.done(await org.entry('bob', payroll)), ['SystemAdded']);
  const account = accountEntry('payroll-1', { system: 'payroll' });
  const entry = await org.entry('bob', account);
  assert.deepEqual(await org.done(entry), ['AccountAdded']);
  assert.equal(org.state.accounts['payroll-1']?.state, 'unarmed');
  await refuses(org, entry, 'inventory.exists', 'replayed');
});

test('what is no entry', async () => {
  const org = await found();
  const account = (changes: object = {}) => org.entry('ada', accountEntry('new', changes));
  const valid = await account();
  assert.ok(valid.type === 'statements');
  const retold = { ...valid, document: plain(accountEntry('new', { privilege: 'little' })) };
  const { document: _, ...without } = valid;
  const elsewhere = await org.sign('ada', 'attest', subjectOf('account', 'old'), {
    what: 'inventory',
    digest: valid.signed[0]?.statement.kind === 'attest' ? valid.signed[0].statement.digest : '',
  });
  await refusesAll(org, [
    ['by a custodian', org.entry('ana', accountEntry('new')), 'inventory.admin', ['ada', 'bob']],
    ['without the entry', without, 'inventory.document'],
    ['another entry', retold, 'inventory.document'],
    ['about another account', { ...valid, signed: [elsewhere] }, 'inventory.document'],
    ['an account that is there', org.entry('ada', accountEntry('root-1')), 'inventory.exists'],
    ['a system that is there', org.entry('ada', systemEntry()), 'inventory.exists'],
    ['an unknown system', account({ system: 'payroll' }), 'inventory.system'],
    ['an unknown quorum', account({ quorum: 'tier-9' }), 'inventory.quorum'],
    [
      'an owner who is nobody',
      org.entry('ada', systemEntry({ id: 'new', owner: 'zoe' })),
      'inventory.owner',
    ],
    ['a member that nobody knows', account({ password: 'x' }), 'procedure.inventory'],
    ['no justification', account({ justification: '' }), 'procedure.inventory'],
  ]);
  const drill = await org.sign('ada', 'attest', subjectOf('account', 'new'), {
    what: 'inventory',
    digest: textOf('?'),
    purpose: 'drill',
  });
  await refuses(org, { ...valid, signed: [drill] }, 'input.purpose');
  assert.equal(org.state.systems[SYSTEM]?.owner, 'mei');
});

function driverEntry(config: string, previous: string | null, id: string = SYSTEM) {
  return { v: 'halligan/inventory/v1', add: 'driver', id, config: textOf(config), previous };
}

test('one admin says how a system is reached, two change it, over what they replace', async () => {
  const org = await found();
  const first = await org.entry('ada', driverEntry('first', null));
  assert.deepEqual(await org.done(first), ['DriverConfigured']);
  assert.equal(org.state.drivers[SYSTEM], textOf('first'));
  const change = driverEntry('second', textOf('first'));
  const [one, other] = [await org.entry('ada', change), await org.entry('bob', change)];
  assert.ok(one.type === 'statements' && other.type === 'statements');
  const joint = { ...one, signed: [...one.signed, ...other.signed] };
  await refusesAll(org, [
    ['replayed', first, 'inventory.driver'],
    ['by one admin', one, 'inventory.two-admins', ['ada', 'bob']],
    [
      'by one admin twice',
      { ...one, signed: [...one.signed, ...one.signed] },
      'inventory.two-admins',
    ],
    ['over other settings', org.entry('ada', driverEntry('second', null)), 'inventory.driver'],
    ['of no system', org.entry('ada', driverEntry('first', null, 'nowhere')), 'inventory.system'],
    ['by a custodian', org.entry('ana', change), 'inventory.admin'],
  ]);
  assert.deepEqual(await org.done(joint), ['DriverConfigured']);
  assert.equal(org.state.drivers[SYSTEM], textOf('second'));
});
