/** An agent as a program, whose provider does what a file says. Started by `machine.fixture.ts`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Agent,
  codeMac,
  DEFAULTS,
  LEAST_COST,
  Memory,
  noEnrolment,
  openDoor,
  openStore,
  type Provider,
  SOCKET,
} from '@halligan/device';
import { utf8Text } from '@halligan/format';
import { type Behaviour, KIMS_CODES } from './machine.fixture.ts';

const [, , folder = '', cost = 'cheap', allowRemote = ''] = process.argv;
const behaviour = (): Behaviour => JSON.parse(readFileSync(join(folder, 'provider.json'), 'utf8'));

const provider: Provider = {
  probe: async () => behaviour().isThere,
  signIn: async (name, password, conversation) => {
    const { isThere, passwords, disabled, code } = behaviour();
    if (!isThere) return { answer: 'unreachable' };
    if (passwords[name] !== utf8Text(password)) return { answer: 'wrong' };
    if (disabled?.includes(name) === true) return { answer: 'disabled' };
    if (code === undefined) return { answer: 'signed-in', subject: name, kind: 'mfa', keep: true };
    conversation.say('Your organisation asks for a code.');
    const typed = await conversation.ask('Code: ', true);
    return typed !== undefined && utf8Text(typed) === code
      ? { answer: 'signed-in', subject: name, kind: 'mfa', keep: true }
      : { answer: 'unfinished' };
  },
};

const store = openStore(join(folder, 'state'));
const memory = new Memory(store);
const key = new Uint8Array(32).fill(7);
const codes = KIMS_CODES.map((code) => codeMac(key, 'kim', code.replaceAll('-', '')));
if (memory.enrolment('kim').codes.length === 0)
  memory.change({ enrolments: [{ ...noEnrolment('kim'), codes }] });
const agent = new Agent({
  configuration: {
    ...{ ...DEFAULTS, enabled: true, secondFactor: 'optional' },
    allowRemote: allowRemote === '' ? [] : [allowRemote],
  },
  memory,
  provider,
  key,
  cost: cost === 'real' ? LEAST_COST : { memory: 64, passes: 1, parallelism: 1 },
  read: () => {
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    return { wall: Math.floor(Date.now() / 1000), boot: 'a', uptime };
  },
  random: (size) => crypto.getRandomValues(new Uint8Array(size)),
  record: async () => undefined,
});
await openDoor(agent, SOCKET);
process.stdout.write('ready\n');
