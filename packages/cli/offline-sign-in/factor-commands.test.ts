/** What root enrols for people, through the program and a running agent. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  Agent,
  type Configuration,
  DEFAULTS,
  Memory,
  openDoor,
  openStore,
  type ProviderAnswer,
} from '@halligan/device';
import { utf8 } from '@halligan/format';
import { program } from '../run.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-factors-'));
const socket = join(folder, 'run', 'agent.sock');
const store = openStore(join(folder, 'state'));
const configuration: Configuration = { ...DEFAULTS, enabled: true };
const agent = new Agent({
  configuration,
  memory: new Memory(store),
  provider: {
    probe: async () => true,
    signIn: async (name): Promise<ProviderAnswer> => {
      return { answer: 'signed-in', subject: name, kind: 'mfa', keep: true };
    },
  },
  key: new Uint8Array(32),
  cost: { memory: 64, passes: 1, parallelism: 1 },
  read: () => {
    return { wall: 1_000_000, boot: 'a', uptime: 10 };
  },
  random: (size) => crypto.getRandomValues(new Uint8Array(size)),
  record: async () => undefined,
});
const door = await openDoor(agent, socket);
after(async () => {
  await door.close();
  await agent.stop();
  store.close();
  rmSync(folder, { recursive: true });
});
const attempt = { name: 'ana', service: 'login', from: 'local', password: utf8('right') } as const;
await agent.signIn(attempt, { say: () => undefined, ask: async () => undefined });

function device(...parameters: readonly string[]) {
  const places = ['--folder', join(folder, 'state'), '--socket', socket, '--json', '--no-input'];
  return program('halligan.ts', ['device', ...parameters, ...places]);
}

async function factors(...parameters: readonly string[]) {
  const { code, out, err } = await device(...parameters);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

const NOTHING = { totp: 'none', codes: 0, keys: [], pin: false, isRequired: false };

test('printed codes go to a file of one’s own or to a screen, and are counted', async () => {
  const file = join(folder, 'codes.txt');
  assert.deepEqual(await factors('factor', 'codes', 'ana', '--out', file), {
    ...{ ...NOTHING, codes: 10 },
  });
  assert.match(readFileSync(file, 'utf8'), /^(?:(?:\w{4}-){2}\w{4}\n){10}$/);
  assert.equal(statSync(file).mode & 0o077, 0);
  for (const out of [file, join(folder, 'nowhere', 'codes.txt')]) {
    const refused = await device('factor', 'codes', 'ana', '--out', out);
    assert.match(refused.err, /cli\.file/);
  }
  assert.deepEqual(await factors('factor', 'show', 'ana'), { ...NOTHING, codes: 10 });
  const nobodySees = await device('factor', 'codes', 'ana');
  assert.match(nobodySees.out + nobodySees.err, /cli\.no-terminal/);
  assert.deepEqual(await factors('factor', 'remove', 'ana', '--factor', 'codes'), NOTHING);
});

test('an authenticator counts once its code was given', async () => {
  const file = join(folder, 'uri.txt');
  await factors('factor', 'add-totp', 'ana', '--machine', 'desk', '--out', file);
  assert.match(
    readFileSync(file, 'utf8'),
    /^otpauth:\/\/totp\/desk:ana\?secret=[A-Z2-7]{32}&issuer=desk\n$/,
  );
  const wrong = join(folder, 'wrong.txt');
  writeFileSync(wrong, '12345\n');
  const { code, out } = await device('factor', 'confirm-totp', 'ana', '--code-file', wrong);
  assert.equal(code, 1);
  assert.match(out, /device\.code/);
  assert.equal((await factors('factor', 'show', 'ana')).totp, 'not confirmed');
});

test('a PIN is set, a factor required, and nobody is enrolled who is not known', async () => {
  const file = join(folder, 'pin.txt');
  writeFileSync(file, '135790\n');
  assert.equal((await factors('pin', 'set', 'ana', '--pin-file', file)).pin, true);
  assert.equal((await factors('pin', 'remove', 'ana')).pin, false);
  assert.equal((await factors('factor', 'require', 'ana')).isRequired, true);
  assert.equal((await factors('factor', 'require', 'ana', '--off')).isRequired, false);
  const { out } = await device('factor', 'show', 'eve');
  assert.match(out, /device\.nobody/);
  const { out: key } = await device('factor', 'add-key', 'ana', file);
  assert.match(key, /device\.credential/);
});
