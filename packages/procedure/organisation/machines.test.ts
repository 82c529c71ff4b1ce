import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings, machineOf } from '../index.ts';
import { found, type Organisation } from '../practice/practice-organisation.fixture.ts';
import { refusesAll } from '../practice/refusals.fixture.ts';

const keyOf = (id: string, time = 1) => `${id}.contoso.example+0a1b2c3${time}+AQID`;

const entry = (org: Organisation, changes: object, by = 'ada') => {
  const list = { v: 'halligan/inventory/v1', add: 'machines', id: 'servers' };
  return org.entry(by, { ...list, ...changes });
};
const enrol = (org: Organisation, ...ids: readonly string[]) =>
  entry(org, { enrol: ids.map((id) => ({ id, log_key: keyOf(id) })) });

test('an admin enrols machines, sets one up anew, retires another', async () => {
  const org = await found();
  assert.deepEqual(await org.done(await enrol(org, 'web-1', 'web-2')), ['MachinesEnrolled']);
  assert.equal(machineOf(org.state, 'web-1')?.logKey, keyOf('web-1'));
  const again = { id: 'web-1', log_key: keyOf('web-1', 2), previous: keyOf('web-1') };
  const change = await entry(org, { enrol: [again], retire: ['web-2'], reason: 'Sold.' });
  assert.deepEqual(await org.done(change), ['MachinesEnrolled', 'MachinesRetired']);
  assert.equal(machineOf(org.state, 'web-1')?.logKey, keyOf('web-1', 2));
  assert.notEqual(machineOf(org.state, 'web-2')?.retired, undefined);
  assert.equal(machineOf(org.state, 'constructor'), undefined);
});

test('what enrols or retires no machine', async () => {
  const org = await found();
  await org.done(await enrol(org, 'web-1', 'web-2'));
  await org.done(await entry(org, { retire: ['web-2'] }));
  const one = { id: 'web-1', log_key: keyOf('web-1', 2) };
  await refusesAll(org, [
    ['by a custodian', entry(org, { retire: ['web-1'] }, 'ana'), 'inventory.admin', ['ada', 'bob']],
    ['no machine', entry(org, {}), 'inventory.machines'],
    ['one twice', entry(org, { enrol: [one], retire: ['web-1'] }), 'inventory.machines'],
    ['one that is there', entry(org, { enrol: [one] }), 'inventory.exists'],
    [
      'over another key',
      entry(org, { enrol: [{ ...one, previous: keyOf('web-1', 3) }] }),
      'inventory.changed',
    ],
    ['one that is retired', enrol(org, 'web-2'), 'inventory.retired'],
    [
      'a key that another has',
      entry(org, { enrol: [{ id: 'web-3', log_key: keyOf('web-1') }] }),
      'inventory.machine-key',
    ],
    ['one retired twice', entry(org, { retire: ['web-2'] }), 'inventory.unknown'],
    ['one that is none', entry(org, { retire: ['web-9'] }), 'inventory.unknown'],
    [
      'a key that is none',
      entry(org, { enrol: [{ id: 'web-3', log_key: 'x' }] }),
      'procedure.inventory',
    ],
  ]);
});

test('a machine that signed two histories is a finding, once, until it is set up anew', async () => {
  const org = await found();
  await org.done(await enrol(org, 'web-1'));
  const seen = (logKey: string) =>
    org.done({
      type: 'observation',
      observation: {
        ...{ saw: 'machine-forked', machine: 'web-1', logKey, size: 7 },
        ...{ ours: 'a note', theirs: 'another' },
      },
    });
  const found7 = () =>
    findings(org.state, org.now).filter(({ id }) => id === 'machine-forked:web-1').length;
  assert.deepEqual(await seen(keyOf('web-1', 2)), []);
  assert.deepEqual(await seen(keyOf('web-1')), ['MachineForked']);
  assert.deepEqual(await seen(keyOf('web-1')), []);
  assert.equal(found7(), 1);
  const again = { id: 'web-1', log_key: keyOf('web-1', 2), previous: keyOf('web-1') };
  await org.done(await entry(org, { enrol: [again] }));
  assert.equal(found7(), 0);
});

test('the key of the journal of reports is on the record, each once', async () => {
  const org = await found();
  const opened = (logKey: string) =>
    org.done({ type: 'observation', observation: { saw: 'reports-log', logKey } });
  assert.deepEqual(await opened('a+0a1b2c3d+AQID'), ['ReportsLogOpened']);
  assert.deepEqual(await opened('a+0a1b2c3d+AQID'), []);
  assert.deepEqual(await opened('b+0a1b2c3d+AQID'), ['ReportsLogOpened']);
  assert.equal(org.state.reportsLog, 'b+0a1b2c3d+AQID');
});
