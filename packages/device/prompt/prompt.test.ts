import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import {
  Agent,
  ask,
  type Conversation,
  callAt,
  DEFAULTS,
  frame,
  framesOf,
  isLocal,
  LETTERS,
  Memory,
  openDoor,
  openStore,
  type ProviderAnswer,
  promptSocketBeside,
  type Screen,
} from '../index.ts';

const RECORDS = {
  passwd: [
    'root:x:0:0::/root:/bin/sh',
    'daemon:x:1:1::/:/bin/false',
    'bob:x:1001:1001::/:/bin/sh',
    'ana:x:1002:1002::/:/bin/sh',
    'old:$y$hash:1003:1003::/:/bin/sh',
    'open:x:1004:1004::/:/bin/sh',
  ].join('\n'),
  shadow: ['root:*:', 'daemon:*:', 'bob:$y$hash:', 'ana:!:', 'open::'].join('\n'),
};

/** An agent whose provider does what the test says, and its prompt. */
async function promptOf(
  context: TestContext,
  signIn: (conversation: Conversation) => Promise<ProviderAnswer>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-prompt-'));
  const store = openStore(join(folder, 'state'));
  const asked: string[] = [];
  const agent = new Agent({
    configuration: DEFAULTS,
    memory: new Memory(store),
    provider: {
      probe: async () => true,
      signIn: async (name, password, conversation) => {
        asked.push(`${name} ${utf8Text(password)}`);
        return signIn(conversation);
      },
    },
    key: new Uint8Array(32),
    cost: { memory: 64, passes: 1, parallelism: 1 },
    read: () => ({ wall: 1_000_000, boot: 'a', uptime: 10 }),
    random: (size) => new Uint8Array(size),
    record: async () => undefined,
  });
  const path = join(folder, 'run', 'agent.sock');
  const faults: unknown[] = [];
  const door = await openDoor(agent, path, {
    records: async () => RECORDS,
    told: (fault) => void faults.push(fault),
  });
  context.after(async () => {
    await door.close();
    await agent.stop();
    store.close();
    rmSync(folder, { recursive: true });
  });
  const prompt = promptSocketBeside(path);
  const call = (screen: Screen, name = 'ana', password?: string) =>
    callAt(
      prompt,
      { name, service: 'login' },
      password === undefined ? undefined : utf8(password),
      screen,
    );
  return { path, prompt, asked, faults, call };
}

const SIGNED_IN = { answer: 'signed-in', subject: 'ana', kind: 'mfa', keep: false } as const;
const MUTE: Screen = { say: () => undefined };

test('a sign-in shows, asks, and goes on with what was typed', async (context) => {
  const { call, asked } = await promptOf(context, async (conversation) => {
    conversation.say('Offline emergency sign-in, until 16:40.\u001b[2J');
    const shown = await conversation.ask('Which key?', false);
    const hidden = await conversation.ask('Second factor:', true);
    return shown?.length === 1 && hidden?.length === 6 ? SIGNED_IN : { answer: 'wrong' };
  });
  const seen: string[] = [];
  const verdict = await call(
    {
      say: (text) => void seen.push(text),
      ask: async (prompt, isHidden) => {
        seen.push(`${prompt} ${isHidden}`);
        return utf8(isHidden ? '123456' : '1');
      },
    },
    'ana',
    'right',
  );
  assert.deepEqual(verdict, { let: 'in' });
  assert.deepEqual(asked, ['ana right']);
  assert.deepEqual(seen, [
    ...['Offline emergency sign-in, until 16:40. [2J', 'Which key? false', 'Second factor: true'],
  ]);
});

test('a prompt that can ask nothing, gives up, or repeats the password has not answered', async (context) => {
  const { call } = await promptOf(context, async (conversation) => {
    const first = await conversation.ask('Second factor:', true);
    const second = await conversation.ask('Once more:', true);
    return first === undefined && second === undefined ? { answer: 'unfinished' } : SIGNED_IN;
  });
  const screens: readonly Screen[] = [
    MUTE,
    { ...MUTE, ask: async () => undefined },
    { ...MUTE, ask: async () => utf8('right') },
  ];
  for (const screen of screens)
    assert.deepEqual(await call(screen, 'ana', 'right'), {
      ...{ let: 'out', said: 'Your organisation asks for another factor.' },
    });
});

test('who is this machine’s own is not asked about at the provider', async (context) => {
  const { call, asked } = await promptOf(context, async () => SIGNED_IN);
  for (const name of ['root', 'daemon', 'bob', 'old', 'open'])
    assert.deepEqual(await call(MUTE, name, 'typo'), { let: 'not-ours' });
  assert.deepEqual(asked, []);
  assert.equal(isLocal('ana', RECORDS), false);
  assert.equal(isLocal('from-sssd', RECORDS), false);
});

test('an account that the provider disabled is closed also to whoever needs no password', async (context) => {
  let answer: ProviderAnswer = SIGNED_IN;
  const { call } = await promptOf(context, async () => answer);
  assert.deepEqual(await call(MUTE), { let: 'not-ours' });
  await call(MUTE, 'ana', 'right');
  assert.deepEqual(await call(MUTE), { let: 'in' });
  answer = { answer: 'disabled' };
  await call(MUTE, 'ana', 'right');
  assert.deepEqual(await call(MUTE), {
    ...{ let: 'out', said: 'This account is disabled, or was when it was last seen.' },
  });
  assert.deepEqual(await call(MUTE, 'root'), { let: 'not-ours' });
});

test('what fails lets nobody in, tells nobody at the prompt why, and is told where it belongs', async (context) => {
  const fault = new Error('hunter2');
  const { call, faults } = await promptOf(context, () => Promise.reject(fault));
  const verdict = await call(MUTE, 'ana', 'right');
  assert.ok(verdict?.let === 'out');
  assert.match(verdict.said, /could not finish the sign-in/);
  assert.doesNotMatch(verdict.said, /hunter2/);
  assert.deepEqual(faults, [fault]);
});

test('prompts are root’s alone, and the agent says how it stands while somebody thinks at one', async (context) => {
  const { promise: asking, resolve: isAsking } = Promise.withResolvers<void>();
  const { promise: typed, resolve: type } = Promise.withResolvers<Uint8Array>();
  const { call, path, prompt } = await promptOf(context, async (conversation) =>
    (await conversation.ask('Code:', true)) === undefined ? { answer: 'wrong' } : SIGNED_IN,
  );
  assert.equal(statSync(prompt).mode & 0o777, 0o600);
  const thinking = call(
    {
      ...MUTE,
      ask: () => {
        isAsking();
        return typed;
      },
    },
    'ana',
    'right',
  );
  await asking;
  assert.ok(await ask(path, { ask: 'status' }));
  type(utf8('123456'));
  assert.deepEqual(await thinking, { let: 'in' });
});

test('what is no question gets no answer', async (context) => {
  const { prompt, asked } = await promptOf(context, async () => SIGNED_IN);
  const name = frame(LETTERS.name, 'ana');
  const password = frame(LETTERS.password, 'right');
  for (const sent of [
    [password],
    [name, password],
    [name, name, frame(LETTERS.service, 'login'), password],
    [frame(LETTERS.name, 'a\nb'), frame(LETTERS.service, 'login'), password],
    [frame(LETTERS.name, Uint8Array.of(0xff)), frame(LETTERS.service, 'login'), password],
    [name, frame('z'), password],
    [Uint8Array.of(0x6e, 0xff, 0xff)],
    [name.subarray(0, 4)],
  ]) {
    const socket = createConnection(prompt);
    socket.on('error', () => undefined);
    socket.end(Buffer.concat(sent));
    assert.equal((await buffer(socket).catch(() => '')).length, 0);
  }
  assert.deepEqual(asked, []);
});

test('frames are the same, however the bytes arrive', async () => {
  const one = fc.record(
    {
      letter: fc.constantFrom(...Object.values(LETTERS)),
      bytes: fc.uint8Array({ maxLength: 600 }),
    },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 5 }), fc.nat(50), async (sent, piece) => {
      const all = Buffer.concat(sent.map(({ letter, bytes }) => frame(letter, bytes)));
      async function* chunks() {
        for (let at = 0; at < all.length; at += piece + 1)
          yield new Uint8Array(all.subarray(at, at + piece + 1));
      }
      const read = await Array.fromAsync(framesOf(chunks()));
      assert.deepEqual(read, sent);
    }),
    { numRuns: 50 },
  );
});
