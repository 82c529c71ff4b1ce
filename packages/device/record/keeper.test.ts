import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MachineRecord, openRecordFile, recordSigner } from '../index.ts';
import { timeOf } from '../sign-in/case.ts';
import { Machine } from '../sign-in/machine.fixture.ts';
import { keeper } from './keeper.ts';

/** A machine whose sign-ins go on its record. */
async function kept(context: TestContext) {
  const machine = new Machine(context);
  const file = openRecordFile(machine.folder, 'write');
  const signer = await recordSigner(machine.folder);
  const record = new MachineRecord(file, signer);
  const keep = keeper({
    ...{ record, memory: machine.memory, read: machine.read, grown: () => undefined },
    now: () => timeOf(machine).seconds,
  });
  context.after(() => file.close());
  const wrong = async (name: string) => {
    const outcome = await machine.try('wrong', { name });
    assert.equal(outcome.let, 'out');
    const why = 'why' in outcome ? outcome.why : '';
    await keep({ type: 'sign-in', name, service: 'login', from: 'local', outcome: 'refused', why });
  };
  const lockouts = (): readonly { readonly user?: unknown; readonly more?: unknown }[] =>
    file
      .rows(0, 1000)
      .map(({ report }) => JSON.parse(report))
      .filter(({ kind }) => kind === 'lockout');
  return { machine, wrong, lockouts };
}

test('a wait that somebody’s mistakes begin is on the record, once', async (context) => {
  const { machine, wrong, lockouts } = await kept(context);
  await machine.try();
  for (let guess = 0; guess < 4; guess += 1) await wrong('ana');
  assert.deepEqual(lockouts(), []);
  for (let guess = 0; guess < 3; guess += 1) await wrong('ana');
  assert.equal(lockouts().length, 1);
  const [{ user, more } = {}] = lockouts();
  assert.deepEqual([user, more], ['ana', { from: 'local' }]);
});

test('so is that names which are not known have to wait, without any of them', async (context) => {
  const { wrong, lockouts } = await kept(context);
  for (let guess = 0; guess < 49; guess += 1) await wrong(`nobody-${guess}`);
  assert.deepEqual(lockouts(), []);
  for (let guess = 49; guess < 53; guess += 1) await wrong(`nobody-${guess}`);
  assert.equal(lockouts().length, 1);
  assert.equal(JSON.stringify(lockouts()).includes('nobody'), false);
});
