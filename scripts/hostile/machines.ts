import fc from 'fast-check';
import {
  Memory,
  noGuesses,
  parseQuestion,
  partAnswer,
  readConfiguration,
  readCredential,
  type Store,
} from '../../packages/device/index.ts';
import { type Json, utf8, utf8Text } from '../../packages/format/index.ts';
import { changedBytes, changedJson } from './changes.ts';
import { type Reading, reading } from './reading.ts';

const CONF = `# written by hand
[offline_breakglass]
enabled = true
ttl = 90m
second_factor = required
allow_users = ana ben
max_sign_ins = 20
[provider]
kind = ldap
url = ldaps://dir.example.org
bind = uid={user},ou=people,dc=example,dc=org
`;
const CREDENTIAL = `AAECAw==
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEChIejMkRh+EpryfsVuYb+oAVNbwE
QIC84jLsNPQhxE2DX0i/7VXokPv6um77SjWBuYrRDy9ViVWkb1kPHXk6Kg==
-----END PUBLIC KEY-----
`;
const QUESTIONS: readonly Json[] = [
  { ask: 'status' },
  { ask: 'breakglass', ttlSeconds: 60, by: 'root', why: 'It is down.' },
  { ask: 'add-totp', name: 'ana', machine: 'desk' },
  { ask: 'set-pin', name: 'ana', secret: 6 },
  { ask: 'remove-factor', name: 'ana', factor: 'totp' },
];

/** A store of one value, or of what is put into it. */
function held(values: Map<string, string>): Store {
  return {
    get: (name) => values.get(name),
    put: (more) => {
      for (const [name, value] of Object.entries(more))
        if (value !== undefined) values.set(name, value);
    },
    names: (prefix) => [...values.keys()].filter((name) => name.startsWith(prefix)),
    sweep: () => undefined,
    close: () => undefined,
  };
}

/** What a machine remembers, a value of each kind. */
function remembered(): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const cost = { memory: 65_536, passes: 3, parallelism: 4 };
  const about = { v: 'halligan/verifier/v1', subject: 'id', at: 5, cost } as const;
  const verifier = { ...about, salt: new Uint8Array(16), mac: new Uint8Array(32) };
  const person = { subject: 'id', kind: 'mfa', seen: 5, disabled: false, verifier } as const;
  const key = { credential: utf8('key'), publicKey: 'PEM', type: 'es256', counter: 3 } as const;
  new Memory(held(values)).change({
    clock: { seconds: 5, boot: 'a', uptime: 5 },
    cost,
    window: { openedAt: 5, endsAt: 9, by: 'root', why: 'It is down.', signIns: 2 },
    guesses: { local: { ...noGuesses(5), users: { 'id x': { count: 2, last: 4 } } } },
    people: [{ name: 'ana', ...person }],
    enrolments: [
      {
        ...{ subject: 'id', isRequired: true, codes: [new Uint8Array(32)] },
        totp: { sealed: new Uint8Array(48), isConfirmed: true, lastStep: 7 },
        keys: [{ name: 'blue', ...key }],
        pin: { verifier, tries: 1 },
      },
    ],
  });
  return values;
}

/** Reads all that is there. */
function recall(name: string, value: string): void {
  const memory = new Memory(held(new Map([[name, value]])));
  memory.clock();
  memory.cost();
  memory.window();
  memory.guesses('local', 5);
  memory.people();
  memory.person('ana');
  memory.enrolment('id');
}

/** What a machine that signs people in offline is asked, is configured with, and remembers. */
export const MACHINES: readonly Reading[] = [
  reading(
    'device.conf',
    (bytes: Uint8Array) =>
      readConfiguration([{ path: '/etc/halligan/device.conf', text: utf8Text(bytes) }]),
    changedBytes(utf8(CONF)),
  ),
  reading(
    'another program’s configuration',
    (bytes: Uint8Array) =>
      readConfiguration([{ path: '/etc/himmelblau/himmelblau.conf', text: utf8Text(bytes) }]),
    changedBytes(utf8(CONF)),
  ),
  reading(
    'credential of a security key',
    (bytes: Uint8Array) => readCredential(utf8Text(bytes)),
    changedBytes(utf8(CREDENTIAL)),
  ),
  reading(
    'question to a machine’s agent',
    (question: Json) => parseQuestion(JSON.stringify(question)),
    fc.oneof(...QUESTIONS.map((good) => changedJson(good))),
  ),
  reading(
    'answer of a person',
    (typed: Uint8Array) =>
      partAnswer(typed, {
        ...{ subject: 'id', isRequired: false, keys: [], codes: [new Uint8Array(32)] },
        totp: { sealed: new Uint8Array(48), isConfirmed: true },
      }),
    changedBytes(utf8('correct horse 123456')),
  ),
  ...[...remembered()].map(([name, good]) => {
    const document: Json = JSON.parse(good);
    return reading(
      `${name} that a machine remembers`,
      (value: Json) => recall(name, JSON.stringify(value)),
      changedJson(document),
    );
  }),
];

/** The good ones of them, which are read. */
export function readGoodMachine(): void {
  readConfiguration([{ path: '/etc/halligan/device.conf', text: CONF }]);
  readCredential(CREDENTIAL);
  for (const question of QUESTIONS) parseQuestion(JSON.stringify(question));
  for (const [name, value] of remembered()) recall(name, value);
}
