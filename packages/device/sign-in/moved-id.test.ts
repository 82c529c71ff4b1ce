/** A directory's people were known here by name; now they are known by the directory's own id, and lose nothing by it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { utf8 } from '@halligan/format';
import { codeMac, keyFor, makeVerifier, signIn } from '../index.ts';
import { Machine, ON, PASSWORD, why } from './machine.fixture.ts';

const NAMED = { answer: 'signed-in', subject: 'ana', kind: 'mfa', keep: true } as const;
const ID = 'objectGUID:00112233445566778899aabbccddeeff';
const WITH_ID = { ...NAMED, subject: ID, formerly: 'ana' } as const;

/** Somebody who signed in online while the name was all there was, and has printed codes. */
async function named(context: TestContext): Promise<Machine> {
  const machine = new Machine(context, { ...ON, secondFactor: 'optional' });
  machine.answer = NAMED;
  await machine.try();
  const { memory, key } = machine;
  const codes = ['00000000000A', '00000000000B'].map((code) => codeMac(key, 'ana', code));
  memory.change({ enrolments: [{ ...memory.enrolment('ana'), codes }] });
  return machine;
}

function goOffline(machine: Machine): void {
  machine.answer = undefined;
  machine.isReachable = false;
  machine.open();
}

const tryWith = (machine: Machine, typed: string) =>
  signIn(
    machine,
    { name: 'ana', service: 'login', from: 'local', password: utf8(PASSWORD) },
    { say: () => undefined, ask: async () => utf8(typed) },
  );

test('what was enrolled by name goes with whoever signs in online, and works as before', async (context) => {
  const machine = await named(context);
  machine.answer = WITH_ID;
  assert.equal((await machine.try('', { name: 'ana' })).let, 'in');
  assert.equal((await machine.try()).let, 'in');
  assert.deepEqual(
    machine.memory.people().map(({ name, subject }) => ({ name, subject })),
    [{ name: 'ana', subject: ID }],
  );
  assert.equal(machine.memory.enrolment('ana').codes.length, 0);
  machine.restart();
  goOffline(machine);
  assert.equal(why(await machine.try()), 'no second factor was given');
  assert.equal((await tryWith(machine, '0000-0000-000A')).let, 'in');
  assert.equal(why(await tryWith(machine, '0000-0000-000A')), 'wrong second factor: code');
});

test('offline before that, they are who they were', async (context) => {
  const machine = await named(context);
  goOffline(machine);
  assert.equal((await tryWith(machine, '0000-0000-000B')).let, 'in');
});

test('a PIN goes with them, too', async (context) => {
  const machine = await named(context);
  const cost = { memory: 64, passes: 1, parallelism: 1 };
  const verifier = await makeVerifier(
    utf8('135790'),
    keyFor(machine.key, 'pin'),
    machine.random(16),
    {
      ...{ subject: 'ana', at: 1_000_000, cost },
    },
  );
  const before = machine.memory.enrolment('ana');
  machine.memory.change({ enrolments: [{ ...before, pin: { verifier, tries: 0 } }] });
  machine.answer = WITH_ID;
  await machine.try();
  goOffline(machine);
  assert.equal((await machine.try('135790')).let, 'in');
});

test('a name that was given to somebody else takes nothing of the former’s', async (context) => {
  const machine = await named(context);
  machine.answer = WITH_ID;
  await machine.try();
  const other = 'objectGUID:ffeeddccbbaa99887766554433221100';
  machine.answer = { ...WITH_ID, subject: other };
  await machine.try('of another');
  assert.equal(machine.memory.person('ana')?.subject, other);
  assert.equal(machine.memory.enrolment(other).codes.length, 0);
  assert.equal(machine.memory.enrolment(ID).codes.length, 2);
  goOffline(machine);
  assert.equal(why(await machine.try()), 'wrong password');
});
