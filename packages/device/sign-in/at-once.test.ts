/** Many sign-ins under way at once: none waits for a person or a provider, and no guess is for free. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import { type Conversation, NO_CONVERSATION, signIn } from '../index.ts';
import { Machine, why } from './machine.fixture.ts';

function attempt(machine: Machine, name: string, password: string, conversation = NO_CONVERSATION) {
  const asked = { name, service: 'login', from: 'local', password: utf8(password) } as const;
  return signIn(machine, asked, conversation);
}

test('whoever thinks at a prompt, or meets a provider that says nothing, holds up nobody else', async (context) => {
  const machine = new Machine(context);
  const { promise: silence, resolve } = Promise.withResolvers<Uint8Array | undefined>();
  const thinking: Conversation = { say: () => undefined, ask: () => silence };
  machine.asks = 'ben';
  const thinker = attempt(machine, 'ben', machine.password, thinking);
  assert.deepEqual(await attempt(machine, 'ana', machine.password), { let: 'in', by: 'provider' });
  resolve(utf8('yes'));
  assert.equal((await thinker).let, 'in');
});

test('a provider that never answers is one that cannot be reached, after a few seconds', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const machine = new Machine(context);
  machine.isSilent = true;
  const pending = attempt(machine, 'ana', machine.password);
  await machine.wasAsked;
  context.mock.timers.tick(5000);
  assert.equal(why(await pending), 'no emergency window is open');
});

test('a person who never answers the provider is no outage: no window lets them in', async (context) => {
  const machine = new Machine(context);
  await attempt(machine, 'ana', machine.password);
  machine.open();
  context.mock.timers.enable({ apis: ['setTimeout'] });
  machine.asks = 'ana';
  const { promise: isAsked, resolve } = Promise.withResolvers<void>();
  const asleep: Conversation = {
    say: () => undefined,
    ask: () => {
      resolve();
      return new Promise<never>(() => undefined);
    },
  };
  const pending = attempt(machine, 'ana', machine.password, asleep);
  await isAsked;
  context.mock.timers.tick(300_000);
  assert.equal(why(await pending), 'another factor is missing');
});

test('fifty right passwords of one person at once are all let in', async (context) => {
  const machine = new Machine(context);
  await attempt(machine, 'ana', machine.password);
  machine.isReachable = false;
  machine.open();
  const all = await Promise.all(
    Array.from({ length: 50 }, () => attempt(machine, 'ana', machine.password)),
  );
  assert.deepEqual(new Set(all.map((one) => one.let)), new Set(['in']));
  assert.deepEqual(machine.memory.guesses('local', machine.wall).users, {});
});

test('a guess is counted before it is judged: whoever pulls the plug has none for free', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const machine = new Machine(context);
  await attempt(machine, 'ana', machine.password);
  machine.isSilent = true;
  for (let turn = 0; turn < 5; turn += 1) void attempt(machine, 'ana', 'guess');
  await machine.wasAsked;
  const counted = machine.memory.guesses('local', machine.wall).users['id id-of-ana'];
  assert.equal(counted?.count, 5);
});
