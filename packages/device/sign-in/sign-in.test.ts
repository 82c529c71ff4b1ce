import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../index.ts';
import { Machine, ON, PASSWORD, why } from './machine.fixture.ts';

test('who signed in online gets in offline while a window is open, and only then', async (context) => {
  const machine = new Machine(context);
  assert.deepEqual(await machine.try(), { let: 'in', by: 'provider' });
  machine.isReachable = false;
  assert.equal(why(await machine.try()), 'no emergency window is open');
  machine.open();
  assert.deepEqual(await machine.try(), {
    ...{ let: 'in', by: 'cached password', until: 1_007_200 },
  });
  assert.equal(why(await machine.try('wrong')), 'wrong password');
  machine.pass(7200);
  assert.equal(why(await machine.try()), 'no emergency window is open');
});

test('a stolen password and a pulled cable: what did not complete all factors is not kept', async (context) => {
  const machine = new Machine(context);
  machine.isSecondFactorDone = false;
  assert.equal(why(await machine.try()), 'another factor is missing');
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'has not signed in here online');
});

test('nothing is kept of users with several factors while the feature is off, nor used', async (context) => {
  const machine = new Machine(context, DEFAULTS);
  await machine.try();
  assert.equal(machine.memory.person('ana')?.verifier, undefined);
  machine.configuration = ON;
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'nothing is kept, or it is too old');
});

test('who signs in by a password alone keeps the offline sign-in that they have', async (context) => {
  const machine = new Machine(context, DEFAULTS);
  machine.kind = 'sfa';
  await machine.try();
  machine.isReachable = false;
  assert.deepEqual(await machine.try(), { let: 'in', by: 'cached password' });
  assert.deepEqual(await machine.try(PASSWORD, { from: 'remote' }), {
    ...{ let: 'in', by: 'cached password' },
  });
});

test('a changed password replaces the one that was kept', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.password = 'new one';
  await machine.try('new one');
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'wrong password');
  assert.equal((await machine.try('new one')).let, 'in');
});

test('an account that was seen disabled is refused offline, and its password is gone', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isDisabled = true;
  await machine.try();
  assert.equal(machine.memory.person('ana')?.verifier, undefined);
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'disabled, said the provider when it was last seen');
});

test('an account that the provider does not know any more is gone here; to others it is a wrong password', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.answer = { answer: 'unknown' };
  const [gone, stranger] = [await machine.try(), await machine.try(PASSWORD, { name: 'eve' })];
  assert.deepEqual(gone, stranger);
  assert.equal(machine.memory.person('ana')?.disabled, true);
  assert.equal(machine.memory.person('eve'), undefined);
});

test('a provider that decides nothing is no outage: nobody gets in by what was kept', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.open();
  machine.answer = { answer: 'fault', what: 'AADSTS7000218' };
  assert.equal(why(await machine.try()), 'the provider decided nothing: AADSTS7000218');
  machine.answer = { answer: 'unfinished', due: 'new-password' };
  assert.equal(why(await machine.try()), 'the password has expired');
  machine.isReachable = false;
  assert.equal((await machine.try()).let, 'in');
});

test('a password is kept for two weeks, and no wall clock turned back makes it younger', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.pass(DEFAULTS.verifierSeconds + 1);
  machine.wall = 1_000_000;
  machine.open();
  assert.equal(why(await machine.try()), 'nothing is kept, or it is too old');
});

test('the prompt says the same to whoever is not known and to whoever mistypes', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.open();
  const [known, unknown] = [
    await machine.try('wrong'),
    await machine.try('wrong', { name: 'eve' }),
  ];
  assert.ok(known.let === 'out' && unknown.let === 'out');
  assert.equal(known.said, unknown.said);
});

test('guessing is held up before anybody is asked, online too: the provider’s lockout is not ours to trigger', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  for (let turn = 0; turn < 5; turn += 1) await machine.try('wrong');
  const asked = machine.asked;
  assert.equal(why(await machine.try()), 'held up');
  assert.equal(machine.asked, asked);
  machine.pass(30);
  assert.equal((await machine.try()).let, 'in');
});

test('a window is for this machine’s console', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.open();
  assert.match(why(await machine.try(PASSWORD, { from: 'remote' })), /own console/);
});
