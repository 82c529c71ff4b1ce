/** What an adversary tries, and what comes of it. */
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { utf8 } from '@halligan/format';
import {
  type Configuration,
  type Conversation,
  codeMac,
  hotp,
  openWindow,
  type SignIn,
  sealSeed,
  signIn,
  timeOf,
} from '../index.ts';
import { Machine, ON, PASSWORD, why } from './machine.fixture.ts';

const SUBJECT = 'id-of-ana';
const SEED = utf8('12345678901234567890');

/** A machine on which Ana has signed in online, and enrolled an authenticator and a printed code. */
async function machineOf(
  context: TestContext,
  more: Partial<Configuration> = {},
): Promise<Machine> {
  const machine = new Machine(context, { ...ON, ...more });
  await machine.try();
  const { key, random, memory } = machine;
  const totp = { sealed: sealSeed(SEED, key, SUBJECT, random), isConfirmed: true };
  const codes = [codeMac(key, SUBJECT, '00000000000A')];
  memory.change({ enrolments: [{ ...memory.enrolment(SUBJECT), totp, codes }] });
  return machine;
}

/** The same, in an outage, with an emergency window. */
async function inWindow(context: TestContext, more: Partial<Configuration> = {}): Promise<Machine> {
  const machine = await machineOf(context, more);
  machine.isReachable = false;
  machine.open();
  return machine;
}

const code = ({ wall }: Machine) => hotp(SEED, Math.floor(wall / 30));
const REQUIRED = { secondFactor: 'required' } as const;

test('a stolen password, then the cable pulled: no window, no sign-in', async (context) => {
  const machine = await machineOf(context);
  machine.isSecondFactorDone = false;
  assert.equal(why(await machine.try()), 'another factor is missing');
  machine.isReachable = false;
  assert.equal(why(await machine.try()), 'no emergency window is open');
});

test('a stolen password in a window, of somebody who never finished a sign-in here: nothing was kept', async (context) => {
  const machine = new Machine(context);
  machine.isSecondFactorDone = false;
  await machine.try();
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'has not signed in here online');
});

test('a stolen password in a window that asks for a second factor is not enough', async (context) => {
  const machine = await inWindow(context, REQUIRED);
  assert.equal(why(await machine.try()), 'no second factor was given');
  assert.equal(why(await machine.try(`${PASSWORD} 123456`)), 'wrong second factor: totp');
});

test('the old password after a change that this machine saw', async (context) => {
  const machine = await machineOf(context);
  machine.password = 'new one';
  await machine.try('new one', { name: 'ana@example.org' });
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try(PASSWORD)), 'wrong password');
  assert.equal((await machine.try('new one')).let, 'in');
});

test('the old password after a change elsewhere, once the provider has refused it here', async (context) => {
  const machine = await machineOf(context);
  machine.password = 'new one';
  assert.equal(why(await machine.try(PASSWORD)), 'wrong password, says the provider');
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try(PASSWORD)), 'nothing is kept, or it is too old');
});

test('a code seen over a shoulder, typed again, also with the wall clock turned back to it', async (context) => {
  const machine = await inWindow(context, REQUIRED);
  const seen = code(machine);
  assert.equal((await machine.try(`${PASSWORD} ${seen}`)).let, 'in');
  assert.equal(why(await machine.try(`${PASSWORD} ${seen}`)), 'wrong second factor: totp');
  machine.pass(300);
  assert.equal((await machine.try(`${PASSWORD} ${code(machine)}`)).let, 'in');
  machine.wall -= 300;
  assert.equal(why(await machine.try(`${PASSWORD} ${seen}`)), 'wrong second factor: totp');
});

test('a printed code used twice, also after a restart', async (context) => {
  const machine = await inWindow(context, REQUIRED);
  assert.equal((await machine.try(`${PASSWORD} 0000-0000-000a`)).let, 'in');
  machine.restart();
  assert.equal((await machine.try(`${PASSWORD} 0000-0000-000a`)).let, 'out');
});

/** Edits by hand of what the machine remembers, as whoever has the file and not the key can make them. */
const EDITS: Readonly<Record<string, string>> = {
  'a verifier moved to another user': `INSERT INTO memory SELECT 'person/eve', replace(value, '"name":"ana"', '"name":"eve"') FROM memory WHERE name = 'person/ana'`,
  'a verifier made younger': `UPDATE memory SET value = replace(value, '"at":1000000', '"at":1009999') WHERE name = 'person/ana'`,
  'a kind of user changed': `UPDATE memory SET value = replace(value, '"kind":"mfa"', '"kind":"sfa"') WHERE name = 'person/ana'`,
  'guesses reset': `DELETE FROM memory WHERE name = 'guesses/local'`,
  'a window extended': `UPDATE memory SET value = replace(value, '"endsAt":1007200', '"endsAt":9007200') WHERE name = 'window'`,
  'a spent code put back': `UPDATE memory SET value = replace(value, '"codes":[]', '"codes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]') WHERE name LIKE 'enrolment/%'`,
  'the step of the last code forgotten': `UPDATE memory SET value = json_remove(value, '$.totp.lastStep') WHERE name LIKE 'enrolment/%'`,
  'the clock put back': `UPDATE memory SET value = json_set(value, '$.seconds', 5) WHERE name = 'clock'`,
};

for (const [what, sql] of Object.entries(EDITS))
  test(`an edited state file is refused: ${what}`, async (context) => {
    const machine = await inWindow(context, REQUIRED);
    await machine.try(`${PASSWORD} 0000-0000-000a`);
    await machine.try(`${PASSWORD} ${code(machine)}`);
    await machine.try('wrong');
    const edit = (file: string) => {
      const database = new DatabaseSync(file);
      const { changes } = database.prepare(sql).run();
      database.close();
      assert.equal(changes, 1, 'the edit changed something');
    };
    assert.throws(() => machine.restart(edit), { code: 'device.store' });
  });

test('who is known, guessed by the work that a wrong password costs', async (context) => {
  const machine = await inWindow(context, REQUIRED);
  let derived = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'ARGON2REQUEST') derived += 1;
    },
  });
  const workOf = async (name: string, typed: string) => {
    derived = 0;
    machine.asked = 0;
    hook.enable();
    const outcome = await machine.try(typed, { name });
    hook.disable();
    return { outcome, derived, asked: machine.asked };
  };
  for (const isReachable of [false, true]) {
    machine.isReachable = isReachable;
    const [known, unknown] = [await workOf('ana', 'wrong'), await workOf('eve', 'wrong')];
    assert.equal(known.derived, 1);
    assert.equal(unknown.derived, 1);
    assert.equal(known.asked, unknown.asked);
    assert.ok(known.outcome.let === 'out' && unknown.outcome.let === 'out');
    assert.equal(known.outcome.said, unknown.outcome.said);
  }
});

test('who is known, guessed by who is held up', async (context) => {
  const machine = await inWindow(context);
  const said = async (name: string) => {
    const all: SignIn[] = [];
    for (let turn = 0; turn < 7; turn += 1) all.push(await machine.try('wrong', { name }));
    return all.map((one) => (one.let === 'out' ? one.said : assert.fail('was let in')));
  };
  assert.deepEqual(await said('eve'), await said('ana'));
});

test('a password typed where a name belongs is nowhere in the state file', async (context) => {
  const machine = await inWindow(context);
  await machine.try('x', { name: 'My-Secret-1' });
  assert.equal(Object.keys(machine.memory.guesses('local', machine.wall).users).length, 1);
  machine.restart((file) => {
    const text = readFileSync(file, 'latin1').toLowerCase();
    assert.ok(text.includes('guesses/local') && !text.includes('my-secret-1'));
  });
});

test('a window opened twice: neither longer than one, nor for more people', async (context) => {
  const machine = await inWindow(context, { maxTtlSeconds: 7200, maxSignIns: 1 });
  assert.equal((await machine.try()).let, 'in');
  machine.pass(3600);
  const wish = { ttlSeconds: 7200, by: 'root', why: 'Again.' };
  const again = (ttlSeconds: number) =>
    openWindow(
      machine.configuration,
      machine.memory.window(),
      { ...wish, ttlSeconds },
      false,
      timeOf(machine),
    );
  assert.deepEqual(again(7200), { refused: 'too-long', maxTtlSeconds: 7200 });
  const window = again(3600);
  assert.ok(!('refused' in window));
  machine.memory.change({ window });
  assert.match(why(await machine.try()), /as many have signed in/);
});

test('a first-timer in an outage is refused, and the record says why', async (context) => {
  const machine = await inWindow(context);
  assert.equal(why(await machine.try(PASSWORD, { name: 'ben' })), 'has not signed in here online');
});

test('the wall clock turned back, while the machine is on and over a reboot, keeps no window open', async (context) => {
  const machine = await inWindow(context);
  machine.pass(7199);
  assert.equal((await machine.try()).let, 'in');
  machine.wall -= 86_400;
  machine.uptime += 1;
  assert.equal(why(await machine.try()), 'no emergency window is open');
  machine.open();
  machine.boot = 'b';
  machine.uptime = 3;
  machine.restart();
  machine.uptime += 7200;
  assert.equal(why(await machine.try()), 'no emergency window is open');
});

test('an account seen disabled is refused offline, by whatever name and with whatever it had', async (context) => {
  const machine = await machineOf(context, { passwordless: true });
  await machine.try(PASSWORD, { name: 'ana@example.org' });
  machine.isDisabled = true;
  assert.equal(why(await machine.try()), 'disabled, says the provider');
  machine.isReachable = false;
  machine.open();
  for (const name of ['ana', 'ana@example.org', 'ANA'])
    assert.match(why(await machine.try(PASSWORD, { name })), /^disabled/);
  assert.equal((await machine.try('0000-0000-000a')).let, 'out');
});

test('everybody guessed wrong from the network: nobody at the machine waits', async (context) => {
  const machine = await inWindow(context);
  for (let turn = 0; turn < 60; turn += 1) {
    await machine.try('wrong', { name: `name-${turn}`, from: 'remote' });
    await machine.try('wrong', { name: 'ana', from: 'remote' });
  }
  assert.equal((await machine.try()).let, 'in');
});

test('fifty guesses at once, and the plug pulled between them: each is counted', async (context) => {
  const machine = await inWindow(context);
  const all = await Promise.all(Array.from({ length: 50 }, () => machine.try('wrong')));
  const judged = all.filter((one) => why(one) === 'wrong password');
  assert.equal(judged.length, 5);
  machine.restart();
  assert.equal(why(await machine.try()), 'held up');
});

test('a state file that is cut, overwritten or not one is refused, and nobody is let in', async (context) => {
  const damages: readonly ((file: string) => void)[] = [
    (file) => writeFileSync(file, 'not a database'.repeat(500)),
    (file) => truncateSync(file, 4096),
    (file) => truncateSync(file, 100),
    (file) => {
      const bytes = readFileSync(file);
      const at = bytes.indexOf('"kind"');
      assert.notEqual(at, -1);
      writeFileSync(file, bytes.fill(0x20, at, at + 20));
    },
  ];
  for (const damage of damages) {
    const machine = await inWindow(context);
    assert.throws(() => machine.restart(damage), { code: 'device.store' });
  }
});

test('a disk that is full at any step lets nobody in by what was not written down', async (context) => {
  const outcomes: string[] = [];
  for (let left = 0; left < 4; left += 1) {
    const machine = await inWindow(context, REQUIRED);
    machine.writesLeft = left;
    const outcome = await machine.try(`${PASSWORD} ${code(machine)}`).catch((error) => error.code);
    outcomes.push(typeof outcome === 'string' ? outcome : outcome.let);
    machine.writesLeft = Number.POSITIVE_INFINITY;
    machine.restart();
    const isIn = outcomes.at(-1) === 'in';
    const { totp } = machine.memory.enrolment(SUBJECT);
    assert.equal(totp?.lastStep !== undefined, isIn);
    assert.equal(machine.memory.window()?.signIns, isIn ? 1 : undefined);
    assert.equal(isIn, (await machine.try(`${PASSWORD} ${code(machine)}`)).let === 'out');
  }
  assert.deepEqual(outcomes, ['device.store', 'device.store', 'in', 'in']);
});

test('a window that ends, an account disabled, a feature turned off, while somebody is at the prompt', async (context) => {
  const meanwhiles: readonly ((machine: Machine) => void)[] = [
    (machine) => machine.memory.change({ window: undefined }),
    (machine) => {
      machine.configuration = { ...ON, enabled: false };
    },
    (machine) => {
      const person = machine.memory.person('ana') ?? assert.fail('not known');
      machine.memory.change({ people: [{ ...person, disabled: true }] });
    },
  ];
  for (const meanwhile of meanwhiles) {
    const machine = await inWindow(context, REQUIRED);
    const slow: Conversation = {
      say: () => undefined,
      ask: async () => {
        meanwhile(machine);
        return utf8(code(machine));
      },
    };
    const attempt = {
      name: 'ana',
      service: 'login',
      from: 'local',
      password: utf8(PASSWORD),
    } as const;
    assert.equal((await signIn(machine, attempt, slow)).let, 'out');
  }
});
