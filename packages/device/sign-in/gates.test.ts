/** Who is let through the window besides having a password: lists, services, a number, an age. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Configuration, clockTime, isListed, machineGroupsOf } from '../index.ts';
import { Machine, ON, PASSWORD, why } from './machine.fixture.ts';

/** Somebody who signed in online, then an outage, and a window. */
async function inWindow(context: TestContext, more: Partial<Configuration>): Promise<Machine> {
  const machine = new Machine(context, { ...ON, ...more });
  await machine.try();
  machine.isReachable = false;
  machine.open();
  return machine;
}

const LISTED = /for others on this machine/;

test('only who is on a list gets in, by name or by group, whatever the case', async (context) => {
  const others = await inWindow(context, { allowUsers: ['ben'] });
  assert.match(why(await others.try()), LISTED);
  assert.equal((await (await inWindow(context, { allowUsers: ['Ana'] })).try()).let, 'in');
  const grouped = await inWindow(context, { allowGroups: ['on-call'] });
  assert.match(why(await grouped.try()), LISTED);
  grouped.groups = ['users', 'On-Call'];
  assert.equal((await grouped.try()).let, 'in');
});

test('groups are those that the machine itself knows, and nobody’s where it knows no such name', async () => {
  assert.ok((await machineGroupsOf('root')).includes('root'));
  assert.deepEqual(await machineGroupsOf('nobody-of-this-name'), []);
  assert.deepEqual(await machineGroupsOf('--help'), []);
  assert.equal(await isListed('root', { allowGroups: ['root'] }, machineGroupsOf), true);
  assert.equal(await isListed('root', { allowUsers: [] }, machineGroupsOf), false);
});

test('a service that people reach from elsewhere is let in where it was opted in', async (context) => {
  const machine = await inWindow(context, { allowRemote: ['login'] });
  assert.equal((await machine.try(PASSWORD, { from: 'remote' })).let, 'in');
  machine.configuration = { ...ON, allowRemote: ['sshd'] };
  assert.match(why(await machine.try(PASSWORD, { from: 'remote' })), /own console/);
});

test('so many get in by one window, also when it is opened again', async (context) => {
  const machine = await inWindow(context, { maxSignIns: 2 });
  for (let turn = 0; turn < 2; turn += 1) assert.equal((await machine.try()).let, 'in');
  machine.open();
  assert.match(why(await machine.try()), /as many have signed in/);
  machine.pass(7200);
  machine.open();
  assert.equal((await machine.try()).let, 'in');
});

test('a password is kept for as many days as are configured', async (context) => {
  const machine = await inWindow(context, { verifierSeconds: 86_400, ttlSeconds: 7 * 86_400 });
  machine.pass(86_400);
  assert.equal((await machine.try()).let, 'in');
  machine.pass(1);
  assert.equal(why(await machine.try()), 'nothing is kept, or it is too old');
});

test('the window’s end is told as the clock on the wall shows it', () => {
  const noon = 1_767_268_800;
  assert.equal(clockTime(noon + 60, noon, 'UTC'), '12:01');
  assert.equal(clockTime(noon + 59, noon, 'Asia/Kolkata'), '17:30');
  assert.equal(clockTime(noon + 86_400, noon, 'UTC'), '2026-01-02 12:00');
});
