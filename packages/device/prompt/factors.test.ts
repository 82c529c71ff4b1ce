/** A second factor from its enrolment at one socket to a prompt at the other, over an agent with a sealed memory. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8 } from '@halligan/format';
import {
  Agent,
  ask,
  callAt,
  DEFAULTS,
  type Happening,
  Memory,
  openDoor,
  openStore,
  promptSocketBeside,
  type Screen,
  sealedStore,
} from '../index.ts';

const KEY = new Uint8Array(32).fill(4);
const PASSWORD = 'correct horse';

test('codes are printed, asked for at the prompt or typed behind the password, and told on the record', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-prompt-'));
  const store = openStore(join(folder, 'state'));
  const happened: Happening[] = [];
  let isThere = true;
  const agent = new Agent({
    configuration: { ...DEFAULTS, enabled: true, secondFactor: 'required' },
    memory: new Memory(sealedStore(store, KEY)),
    provider: {
      probe: async () => isThere,
      signIn: async (name) =>
        isThere
          ? { answer: 'signed-in', subject: name, kind: 'mfa', keep: true }
          : { answer: 'unreachable' },
    },
    key: KEY,
    cost: { memory: 64, passes: 1, parallelism: 1 },
    read: () => ({ wall: 1_000_000, boot: 'a', uptime: 10 }),
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    record: async (happening) => void happened.push(happening),
  });
  const path = join(folder, 'run', 'agent.sock');
  const door = await openDoor(agent, path, {
    records: async () => ({ passwd: '', shadow: '' }),
    told: () => undefined,
  });
  context.after(async () => {
    await door.close();
    await agent.stop();
    store.close();
    rmSync(folder, { recursive: true });
  });
  const at = async (password: string, screen: Screen) => {
    const caller = { name: 'ana', service: 'login' };
    const verdict = await callAt(promptSocketBeside(path), caller, utf8(password), screen);
    return verdict?.let === 'out' ? verdict.said : verdict?.let;
  };
  const seen: string[] = [];
  const mute: Screen = { say: (text) => void seen.push(text) };
  const typing = (answer: string): Screen => ({
    ...mute,
    ask: async (prompt) => {
      seen.push(prompt);
      return utf8(answer);
    },
  });

  assert.equal(await at(PASSWORD, mute), 'in');
  const { codes } = Object(await ask(path, { ask: 'new-codes', name: 'ana' }));
  const [first = '', second = ''] = Array.isArray(codes) ? codes.map(String) : [];
  isThere = false;
  await ask(path, { ask: 'breakglass', ttlSeconds: 60, by: 'root', why: 'It is down.' });
  assert.equal(await at(PASSWORD, typing(first)), 'in');
  assert.match(
    seen.join('|'),
    /^Offline emergency sign-in, until .*\|One of your printed codes: $/,
  );
  assert.match((await at(PASSWORD, typing(first))) ?? '', /not taken/);
  assert.match((await at(PASSWORD, mute)) ?? '', /the password, a space, the code/);
  assert.equal(await at(`${PASSWORD} ${second}`, mute), 'in');
  const told = happened.flatMap((one) =>
    one.type === 'sign-in' ? [one.method ?? one.why ?? one.outcome] : [],
  );
  assert.deepEqual(told, [
    ...['let in by the provider', 'password+code', 'wrong second factor: code'],
    ...['no second factor was given', 'password+code'],
  ]);
});
