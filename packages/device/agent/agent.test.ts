import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { HalliganError, utf8 } from '@halligan/format';
import {
  Agent,
  type AgentParts,
  ask,
  type Configuration,
  DEFAULTS,
  type Happening,
  Memory,
  NO_CONVERSATION,
  openDoor,
  openStore,
  type Provider,
  type ProviderAnswer,
  parseQuestion,
} from '../index.ts';

/** An agent behind its door, and a provider that can be taken away. */
async function agentOf(context: TestContext, configuration: Configuration) {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-agent-'));
  const store = openStore(join(folder, 'state'));
  const provider = {
    ...{ isThere: true, isFaulty: false, asked: 0, probed: 0, uptime: 10 },
    idOf: (name: string) => name,
  };
  const record: Happening[] = [];
  const asked: Provider = {
    probe: async () => {
      provider.probed += 1;
      if (provider.isFaulty) throw new Error('no answer of any kind');
      return provider.isThere;
    },
    signIn: async (name, password): Promise<ProviderAnswer> => {
      if (!provider.isThere) return { answer: 'unreachable' };
      provider.asked += 1;
      const kind = name === 'sam' ? 'sfa' : 'mfa';
      return password.length === 5
        ? { answer: 'signed-in', subject: provider.idOf(name), kind, keep: true }
        : { answer: 'wrong' };
    },
  };
  const memory = new Memory(store);
  const parts: AgentParts = {
    ...{ configuration, memory },
    provider: asked,
    key: new Uint8Array(32),
    cost: { memory: 64, passes: 1, parallelism: 1 },
    read: () => {
      return { wall: 999_990 + provider.uptime, boot: 'a', uptime: provider.uptime };
    },
    random: (size) => new Uint8Array(size),
    record: async (happening) => void record.push(happening),
  };
  const agent = new Agent(parts);
  const path = join(folder, 'run', 'agent.sock');
  const door = await openDoor(agent, path);
  context.after(async () => {
    await door.close();
    await agent.stop();
    store.close();
    rmSync(folder, { recursive: true });
  });
  const signIn = (password: string, name = 'ana') =>
    agent.signIn(
      { name, service: 'login', from: 'local', password: utf8(password) },
      NO_CONVERSATION,
    );
  const breakglass = (ttlSeconds?: number) =>
    ask(path, {
      ...{ ask: 'breakglass', by: 'root', why: 'It is down.' },
      ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    });
  const restarted = (anew: Configuration) => new Agent({ ...parts, configuration: anew });
  const reconfigured = (anew: Configuration) => {
    agent.reconfigure(anew, asked);
    return agent;
  };
  return { agent, path, memory, provider, record, signIn, breakglass, restarted, reconfigured };
}

const ON: Configuration = { ...DEFAULTS, enabled: true };

test('somebody signs in online, then offline in a window, and all of it is on the record', async (context) => {
  const { path, provider, record, signIn, breakglass } = await agentOf(context, ON);
  assert.deepEqual(await signIn('right'), { let: 'in', by: 'provider' });
  provider.isThere = false;
  assert.deepEqual(await breakglass(60), {
    ...{ openedAt: 1_000_000, endsAt: 1_000_060, by: 'root', why: 'It is down.' },
  });
  assert.deepEqual(await signIn('right'), {
    ...{ let: 'in', by: 'cached password', until: 1_000_060 },
  });
  assert.deepEqual(await ask(path, { ask: 'status' }), {
    ...{ enabled: true, provider: 'offline', now: 1_000_000 },
    window: {
      ...{ openedAt: 1_000_000, endsAt: 1_000_060, by: 'root', why: 'It is down.' },
      signIns: 1,
    },
    people: [{ name: 'ana', kind: 'mfa', disabled: false, age: 0 }],
  });
  assert.equal(await breakglass(0), null);
  assert.deepEqual(
    record.map(({ type }) => type),
    ['sign-in', 'window-opened', 'sign-in', 'window-ended'],
  );
});

test('a window ends when the provider is back, not at its first sign, and a new one is not taken for the old', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const { path, provider, record, breakglass } = await agentOf(context, ON);
  const look = async () => {
    context.mock.timers.tick(5000);
    await ask(path, { ask: 'status' });
  };
  provider.isThere = false;
  await breakglass();
  const ended = () => record.flatMap((one) => (one.type === 'window-ended' ? [one.why] : []));
  for (const isThere of [true, false, true]) {
    provider.isThere = isThere;
    await look();
    assert.deepEqual(ended(), []);
  }
  await look();
  assert.deepEqual(ended(), ['provider-back']);
  provider.isThere = false;
  await breakglass();
  await look();
  assert.deepEqual(ended(), ['provider-back']);
});

/** An open window, and the agent's next looks. */
async function lookingOut(context: TestContext) {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const machine = await agentOf(context, ON);
  machine.provider.isThere = false;
  await machine.breakglass(60);
  const look = async (how: 'there' | 'gone' | 'faulty') => {
    Object.assign(machine.provider, { isThere: how === 'there', isFaulty: how === 'faulty' });
    context.mock.timers.tick(5000);
    await machine.agent.status().catch(() => undefined);
    // Behind what the look does.
    await machine.agent.settle();
  };
  const ended = () =>
    machine.record.flatMap((one) => (one.type === 'window-ended' ? [one.why] : []));
  return { ...machine, look, ended };
}

test('a look that fails is no sign of the provider, and the next one is taken as before', async (context) => {
  const { look, ended } = await lookingOut(context);
  for (const how of ['there', 'faulty', 'there'] as const) {
    await look(how);
    assert.deepEqual(ended(), [], how);
  }
  await look('there');
  assert.deepEqual(ended(), ['provider-back']);
});

test('a window ends at its time though no look succeeds, and nobody opens one by a fault', async (context) => {
  const { look, ended, provider, breakglass } = await lookingOut(context);
  await look('faulty');
  assert.deepEqual(ended(), []);
  provider.uptime += 60;
  await look('faulty');
  assert.deepEqual(ended(), ['expired']);
  await assert.rejects(breakglass(60), { code: 'device.fault' });
});

test('an end that could not be written down is written at the next look', async (context) => {
  const { look, ended, memory, provider } = await lookingOut(context);
  provider.uptime += 60;
  const full = () => {
    throw new HalliganError('device.store', 'The disk is full.', 'No.');
  };
  context.mock.method(memory, 'change', full, { times: 1 });
  await look('gone');
  assert.deepEqual(ended(), []);
  await look('gone');
  assert.deepEqual(ended(), ['expired']);
});

for (const how of ['restarted', 'reconfigured'] as const)
  test(`an agent that is ${how} with the feature off keeps no verifier of those who need more than a password, and leaves the others theirs`, async (context) => {
    const machine = await agentOf(context, ON);
    await machine.signIn('right');
    await machine.signIn('right', 'sam');
    machine.provider.isThere = false;
    await machine.breakglass(60);
    const agent = machine[how](DEFAULTS);
    context.after(() => agent.stop());
    await agent.settle();
    const { people, window } = await agent.status();
    assert.deepEqual(people, [
      { name: 'ana', kind: 'mfa', disabled: false },
      { name: 'sam', kind: 'sfa', disabled: false, age: 0 },
    ]);
    assert.equal(window, undefined);
    assert.deepEqual(machine.record.at(-1), { type: 'window-ended', why: 'disabled' });
    const signIn = (name: string) =>
      agent.signIn(
        { name, service: 'login', from: 'local', password: utf8('right') },
        NO_CONVERSATION,
      );
    assert.equal((await signIn('ana')).let, 'out');
    assert.equal((await signIn('sam')).let, 'in');
    // On again, there is nothing to get in by before the next sign-in online.
    machine.reconfigured(ON);
    await machine.breakglass(60);
    assert.equal((await machine.signIn('right')).let, 'out');
  });

test('a window that is refused says why, and nothing opens', async (context) => {
  const off = await agentOf(context, DEFAULTS);
  off.provider.isThere = false;
  await assert.rejects(off.breakglass(60), { code: 'device.disabled' });
  const on = await agentOf(context, ON);
  await assert.rejects(on.breakglass(60), { code: 'device.online' });
  on.provider.isThere = false;
  await assert.rejects(on.breakglass(1e9), { code: 'device.too-long' });
  assert.deepEqual([...off.record, ...on.record], []);
});

test('fifty guesses at once are counted one after the other', async (context) => {
  const { provider, signIn } = await agentOf(context, ON);
  await signIn('right');
  const before = provider.asked;
  await Promise.all(Array.from({ length: 50 }, () => signIn('wrong?')));
  assert.equal(provider.asked - before, 5);
});

test('the socket lies where only its owner looks, and takes no more than one question', async (context) => {
  const { path } = await agentOf(context, ON);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const sent of ['\n', '{"ask":"all"}\n', `${'x'.repeat(9000)}`, '{"ask":"status"}\nmore']) {
    const socket = createConnection(path);
    socket.end(sent);
    assert.match(await text(socket), /"code":"device\.question"/, sent.slice(0, 20));
  }
});

test('what is no question is refused by name', () => {
  for (const sent of [
    '',
    'null',
    '[]',
    '{"ask":"breakglass","by":"root","why":"","ttlSeconds":-1}',
  ])
    assert.throws(
      () => parseQuestion(sent),
      (error) => error instanceof HalliganError,
    );
});

test('where no agent runs, whoever asks is told so', async () => {
  await assert.rejects(ask(join(tmpdir(), 'no-agent.sock'), { ask: 'status' }), {
    code: 'device.no-agent',
  });
});

test('many who ask how things are cost the provider one question', async (context) => {
  const { agent, provider } = await agentOf(context, ON);
  const answers = await Promise.all(Array.from({ length: 50 }, () => agent.status()));
  assert.deepEqual(new Set(answers.map((one) => one.provider)), new Set(['online']));
  assert.equal(provider.probed, 1);
  provider.isThere = false;
  assert.equal((await agent.status()).provider, 'offline');
});

test('an account that was made anew under the same name inherits no factor, and by that name all of both is forgotten', async (context) => {
  const { path, memory, provider, record, signIn } = await agentOf(context, ON);
  const codes = async () => Object(await ask(path, { ask: 'factors', name: 'ana' })).codes;
  await signIn('right');
  await ask(path, { ask: 'new-codes', name: 'ana' });
  assert.equal(await codes(), 10);
  provider.idOf = () => 'another';
  await signIn('right');
  assert.equal(await codes(), 0);
  assert.deepEqual(Object(await ask(path, { ask: 'status' })).left, ['ana']);
  assert.equal(memory.enrolment('ana').codes.length, 10);

  await ask(path, { ask: 'new-codes', name: 'ana' });
  await ask(path, { ask: 'forget', name: 'Ana' });
  assert.deepEqual([memory.people(), memory.enrolments()], [[], []]);
  assert.deepEqual(record.at(-1), { type: 'changed', name: 'ana', what: 'forgotten' });
  await assert.rejects(ask(path, { ask: 'forget', name: 'ana' }), { code: 'device.nobody' });
});

test('who goes by another name now keeps what they enrolled, also when their old name’s is forgotten', async (context) => {
  const { path, memory, provider, signIn } = await agentOf(context, ON);
  await signIn('right');
  await ask(path, { ask: 'new-codes', name: 'ana' });
  provider.idOf = (name) => (name === 'ana' ? 'another' : 'ana');
  await signIn('right');
  await signIn('right', 'ana-maria');
  await ask(path, { ask: 'forget', name: 'ana' });
  assert.deepEqual(
    memory.people().map(({ name }) => name),
    ['ana-maria'],
  );
  assert.equal(memory.enrolment('ana').codes.length, 10);
});

test('what was left under an id before names were kept with it is shown, and forgotten by that id', async (context) => {
  const { path, memory, signIn } = await agentOf(context, ON);
  await signIn('right');
  await ask(path, { ask: 'new-codes', name: 'ana' });
  memory.change({ enrolments: [{ ...memory.enrolment('ana'), subject: 'id-of-long-ago' }] });
  assert.deepEqual(Object(await ask(path, { ask: 'status' })).left, ['id-of-long-ago']);
  await ask(path, { ask: 'forget', name: 'id-of-long-ago' });
  assert.equal(Object(await ask(path, { ask: 'status' })).left, undefined);
  assert.equal(memory.enrolment('ana').codes.length, 10);
});
