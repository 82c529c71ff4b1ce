/** What is asked besides a password, or in its place, in an emergency window. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { utf8 } from '@halligan/format';
import { SoftwareKey, skipWithoutFido2 as skip } from '../factor/software-key.fixture.ts';
import {
  type Configuration,
  type Conversation,
  codeMac,
  type Enrolment,
  hotp,
  keyFor,
  makeVerifier,
  PIN_TRIES,
  sealSeed,
  signIn,
} from '../index.ts';
import { Machine, ON, PASSWORD, why } from './machine.fixture.ts';

const SEED = utf8('12345678901234567890');
const SUBJECT = 'id-of-ana';
const UNTIL = { until: 1_007_200 };

/** Somebody known here, with what they enrolled, in an emergency window. */
async function inWindow(
  context: TestContext,
  settings: Partial<Configuration>,
  enrol: (machine: Machine) => Partial<Enrolment> | Promise<Partial<Enrolment>>,
): Promise<Machine> {
  const machine = new Machine(context, { ...ON, ...settings });
  await machine.try();
  const enrolment = { ...machine.memory.enrolment(SUBJECT), ...(await enrol(machine)) };
  machine.memory.change({ enrolments: [enrolment] });
  machine.isReachable = false;
  machine.open();
  return machine;
}

function totp({ key, random }: Machine): Pick<Enrolment, 'totp'> {
  return { totp: { sealed: sealSeed(SEED, key, SUBJECT, random), isConfirmed: true } };
}

function codes({ key }: Machine): Pick<Enrolment, 'codes'> {
  return { codes: ['00000000000A', '00000000000B'].map((code) => codeMac(key, SUBJECT, code)) };
}

function now({ wall }: Machine): string {
  return hotp(SEED, Math.floor(wall / 30));
}

/** Somebody at a prompt who answers one thing after the other, and what they were shown. */
function answering(...answers: readonly string[]): Conversation & { readonly shown: string[] } {
  const left = [...answers];
  const shown: string[] = [];
  return {
    shown,
    say: (text) => void shown.push(text),
    ask: async (prompt) => {
      shown.push(prompt);
      const answer = left.shift();
      return answer === undefined ? undefined : utf8(answer);
    },
  };
}

function at(machine: Machine, conversation: Conversation, password = PASSWORD) {
  const attempt = {
    name: 'ana',
    service: 'login',
    from: 'local',
    password: utf8(password),
  } as const;
  return signIn(machine, attempt, conversation);
}

test('a code is asked for once the password was right, and it is said what is happening', async (context) => {
  const machine = await inWindow(context, { secondFactor: 'optional' }, totp);
  const prompt = answering(now(machine));
  assert.deepEqual(await at(machine, prompt), {
    ...{ let: 'in', by: 'cached password', method: 'password+totp', ...UNTIL },
  });
  assert.match(prompt.shown[0] ?? '', /^Offline emergency sign-in, until .*\d\d:\d\d\.$/);
  assert.match(prompt.shown[1] ?? '', /^Second factor/);
  const wrong = answering(now(machine));
  assert.equal(why(await at(machine, wrong, 'wrong')), 'wrong password');
  assert.equal(wrong.shown.length, 1);
});

test('a code is taken once, also by two at the same moment', async (context) => {
  const machine = await inWindow(context, { secondFactor: 'required' }, (one) => ({
    ...totp(one),
    ...codes(one),
  }));
  for (const code of [now(machine), '0000-0000-000a']) {
    const all = await Promise.all([1, 2, 3].map(() => at(machine, answering(code))));
    assert.deepEqual(all.map((one) => one.let).toSorted(), ['in', 'out', 'out']);
    assert.match(why(await at(machine, answering(code))), /wrong second factor/);
    machine.pass(3600);
  }
  assert.equal(machine.memory.enrolment(SUBJECT).codes.length, 1);
});

test('whoever has none enrolled is asked for none, or refused where one is required', async (context) => {
  const optional = await inWindow(context, { secondFactor: 'optional' }, () => ({}));
  assert.equal((await at(optional, answering())).let, 'in');
  const required = await inWindow(context, { secondFactor: 'required' }, () => ({}));
  assert.match(why(await at(required, answering())), /second factor that works offline/);
  const alone = await inWindow(context, {}, () => ({ isRequired: true }));
  assert.match(why(await at(alone, answering())), /second factor that works offline/);
});

test('where nothing is asked of others, one of whom it is required is asked', async (context) => {
  const machine = await inWindow(context, {}, (one) => ({ ...totp(one), isRequired: true }));
  assert.equal(why(await at(machine, answering())), 'no second factor was given');
  assert.equal((await at(machine, answering(now(machine)))).let, 'in');
  const free = await inWindow(context, {}, totp);
  assert.equal((await at(free, answering())).let, 'in');
});

test('where one answer is all that can be typed, the code stands behind the password', async (context) => {
  const machine = await inWindow(context, { secondFactor: 'required' }, totp);
  assert.equal(why(await machine.try()), 'no second factor was given');
  assert.equal(why(await machine.try(`${PASSWORD} 000000`)), 'wrong second factor: totp');
  assert.equal(why(await machine.try(`wrong ${now(machine)}`)), 'wrong password');
  assert.equal((await machine.try(`${PASSWORD} ${now(machine)}`)).let, 'in');
});

test('giving up at the prompt is no wrong guess; a wrong code is one', async (context) => {
  const machine = await inWindow(context, { secondFactor: 'required' }, totp);
  for (let turn = 0; turn < 10; turn += 1)
    assert.equal(why(await at(machine, answering())), 'no second factor was given');
  for (let turn = 0; turn < 5; turn += 1)
    assert.match(why(await at(machine, answering('000000'))), /wrong second factor/);
  assert.equal(why(await at(machine, answering(now(machine)))), 'held up');
});

test('a window that ends while somebody looks for their code lets nobody in', async (context) => {
  const machine = await inWindow(context, { secondFactor: 'required' }, totp);
  const slow: Conversation = {
    say: () => undefined,
    ask: async () => {
      machine.pass(7200);
      return utf8(now(machine));
    },
  };
  assert.equal(why(await at(machine, slow)), 'no emergency window is open');
});

test('without a password a printed code or a key gets in where that is on, six digits never', async (context) => {
  const both = (one: Machine) => ({ ...totp(one), ...codes(one) });
  const off = await inWindow(context, {}, both);
  const passwordless = async (machine: Machine) => {
    machine.isReachable = true;
    machine.kind = 'passwordless';
    await machine.try();
    machine.isReachable = false;
    return machine;
  };
  await passwordless(off);
  assert.match(why(await at(off, answering('0000-0000-000A'))), /no password of yours/);
  const on = await passwordless(await inWindow(context, { passwordless: true }, both));
  assert.match(why(await at(on, answering(now(on)), '')), /wrong second factor/);
  assert.deepEqual(await at(on, answering('0000-0000-000A'), ''), {
    ...{ let: 'in', by: 'factor', method: 'code', ...UNTIL },
  });
  assert.equal((await on.try('0000-0000-000b')).let, 'in');
  assert.match(why(await on.try('0000-0000-000b')), /second factor that works offline/);
});

test('a security key that is attached is asked for, with its PIN and a touch', {
  skip,
}, async (context) => {
  const key = new SoftwareKey();
  const folder = mkdtempSync(join(tmpdir(), 'halligan-soft-key-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const machine = await inWindow(context, { secondFactor: 'required' }, (one) => ({
    ...{ keys: [key.enrolled], ...totp(one) },
  }));
  machine.tools = key.tools(folder, '4711');
  const prompt = answering('4711');
  assert.deepEqual(await at(machine, prompt), {
    ...{ let: 'in', by: 'cached password', method: 'password+fido2', ...UNTIL },
  });
  assert.deepEqual(prompt.shown.slice(1), [
    'PIN of your security key (Enter alone for a code): ',
    'Touch your security key.',
  ]);
  assert.equal(machine.memory.enrolment(SUBJECT).keys[0]?.counter, 1);
  assert.match(why(await at(machine, answering('0000'))), /wrong second factor: fido2/);
  assert.equal((await at(machine, answering('', now(machine)))).let, 'in');
  machine.memory.change({
    enrolments: [
      { ...machine.memory.enrolment(SUBJECT), keys: [{ ...key.enrolled, counter: 900 }] },
    ],
  });
  assert.match(why(await at(machine, answering('4711'))), /wrong second factor: fido2/);
});

async function pin({ key, random, cost }: Machine): Promise<Pick<Enrolment, 'pin'>> {
  const about = { subject: SUBJECT, at: 1, cost };
  const verifier = await makeVerifier(utf8('135790'), keyFor(key, 'pin'), random(16), about);
  return { pin: { verifier, tries: 0 } };
}

test('a PIN gets in on this machine’s console whatever is configured, and is gone after so many wrong ones', async (context) => {
  const machine = await inWindow(context, {}, pin);
  machine.configuration = { ...ON, enabled: false, secondFactor: 'required' };
  assert.deepEqual(await machine.try('135790'), { let: 'in', by: 'local PIN', method: 'pin' });
  assert.match(why(await machine.try('135790', { from: 'remote' })), /own console/);
  assert.equal(why(await machine.try(PASSWORD)), 'wrong PIN');
  assert.equal((await machine.try('135790')).let, 'in');
  for (let turn = 0; turn < PIN_TRIES; turn += 1) {
    assert.equal(why(await machine.try('000000')), 'wrong PIN');
    machine.pass(900);
  }
  assert.equal(machine.memory.enrolment(SUBJECT).pin, undefined);
  assert.match(why(await machine.try('135790')), /not enabled/);
});

test('a PIN’s guesses are counted before they are judged', async (context) => {
  const machine = await inWindow(context, {}, pin);
  const guesses = Array.from({ length: 4 }, () => machine.try('000000'));
  await Promise.all(guesses);
  assert.equal(machine.memory.enrolment(SUBJECT).pin?.tries, 4);
});
