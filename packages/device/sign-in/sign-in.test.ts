import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import {
  type Configuration,
  DEFAULTS,
  type Desk,
  Memory,
  NO_CONVERSATION,
  openStore,
  openWindow,
  type ProviderAnswer,
  type SignIn,
  signIn,
  timeOf,
  type UserKind,
  VERIFIER_LIFE,
} from '../index.ts';

const ON: Configuration = { ...DEFAULTS, enabled: true };
const PASSWORD = 'correct horse';

/** A machine, its provider, and somebody in front of it. */
class Machine implements Desk {
  configuration: Configuration;
  isReachable = true;
  isDisabled = false;
  isSecondFactorDone = true;
  /** In place of any other answer. */
  answer: ProviderAnswer | undefined;
  password = PASSWORD;
  kind: UserKind = 'mfa';
  wall = 1_000_000;
  uptime = 50;
  /** What the provider was asked. */
  asked = 0;
  readonly memory: Memory;
  readonly key = new Uint8Array(32).fill(1);
  readonly cost = { memory: 64, passes: 1, parallelism: 1 };
  readonly provider = {
    probe: async () => this.isReachable,
    signIn: async (name: string, password: Uint8Array) => this.#answer(name, utf8Text(password)),
  };

  constructor(context: TestContext, configuration = ON) {
    this.configuration = configuration;
    const folder = mkdtempSync(join(tmpdir(), 'halligan-device-'));
    const store = openStore(folder);
    this.memory = new Memory(store);
    context.after(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
  }

  readonly read = () => {
    return { wall: this.wall, boot: 'a', uptime: this.uptime };
  };

  readonly random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

  pass(seconds: number) {
    this.wall += seconds;
    this.uptime += seconds;
  }

  open() {
    const wish = { ttlSeconds: undefined, by: 'root', why: 'It is down.' };
    const window = openWindow(this.configuration, this.memory.window(), wish, false, timeOf(this));
    assert.ok(!('refused' in window));
    this.memory.change({ window });
  }

  async try(
    password = PASSWORD,
    { name = 'ana', from = 'local' }: { name?: string; from?: 'local' | 'remote' } = {},
  ): Promise<SignIn> {
    return signIn(
      this,
      { name, service: 'login', from, password: utf8(password) },
      NO_CONVERSATION,
    );
  }

  #answer(name: string, password: string): ProviderAnswer {
    if (!this.isReachable) return { answer: 'unreachable' };
    this.asked += 1;
    if (this.answer !== undefined) return this.answer;
    if (this.isDisabled) return { answer: 'disabled' };
    if (name !== 'ana' || password !== this.password) return { answer: 'wrong' };
    if (!this.isSecondFactorDone) return { answer: 'unfinished' };
    return { answer: 'signed-in', subject: `id-of-${name}`, kind: this.kind, keep: true };
  }
}

function why(outcome: SignIn): string {
  return outcome.let === 'out' ? outcome.why : assert.fail('was let in');
}

test('who signed in online gets in offline while a window is open, and only then', async (context) => {
  const machine = new Machine(context);
  assert.deepEqual(await machine.try(), { let: 'in', by: 'provider' });
  machine.isReachable = false;
  assert.equal(why(await machine.try()), 'no emergency window is open');
  machine.open();
  assert.deepEqual(await machine.try(), {
    ...{ let: 'in', by: 'cached password', until: 1_007_200 },
  });
  assert.equal(why(await machine.try('wrong')), 'wrong password');
  machine.pass(7200);
  assert.equal(why(await machine.try()), 'no emergency window is open');
});

test('a stolen password and a pulled cable: what did not complete all factors is not kept', async (context) => {
  const machine = new Machine(context);
  machine.isSecondFactorDone = false;
  assert.equal(why(await machine.try()), 'another factor is missing');
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'has not signed in here online');
});

test('nothing is kept of users with several factors while the feature is off, nor used', async (context) => {
  const machine = new Machine(context, DEFAULTS);
  await machine.try();
  assert.equal(machine.memory.person('ana')?.verifier, undefined);
  machine.configuration = ON;
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'nothing is kept, or it is too old');
});

test('who signs in by a password alone keeps the offline sign-in that they have', async (context) => {
  const machine = new Machine(context, DEFAULTS);
  machine.kind = 'sfa';
  await machine.try();
  machine.isReachable = false;
  assert.deepEqual(await machine.try(), { let: 'in', by: 'cached password' });
  assert.deepEqual(await machine.try(PASSWORD, { from: 'remote' }), {
    ...{ let: 'in', by: 'cached password' },
  });
});

test('a changed password replaces the one that was kept', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.password = 'new one';
  await machine.try('new one');
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'wrong password');
  assert.equal((await machine.try('new one')).let, 'in');
});

test('an account that was seen disabled is refused offline, and its password is gone', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isDisabled = true;
  await machine.try();
  assert.equal(machine.memory.person('ana')?.verifier, undefined);
  machine.isReachable = false;
  machine.open();
  assert.equal(why(await machine.try()), 'disabled, said the provider when it was last seen');
});

test('an account that the provider does not know any more is gone here; to others it is a wrong password', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.answer = { answer: 'unknown' };
  const [gone, stranger] = [await machine.try(), await machine.try(PASSWORD, { name: 'eve' })];
  assert.deepEqual(gone, stranger);
  assert.equal(machine.memory.person('ana')?.disabled, true);
  assert.equal(machine.memory.person('eve'), undefined);
});

test('a provider that decides nothing is no outage: nobody gets in by what was kept', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.open();
  machine.answer = { answer: 'fault', what: 'AADSTS7000218' };
  assert.equal(why(await machine.try()), 'the provider decided nothing: AADSTS7000218');
  machine.answer = { answer: 'unfinished', due: 'new-password' };
  assert.equal(why(await machine.try()), 'the password has expired');
  machine.isReachable = false;
  assert.equal((await machine.try()).let, 'in');
});

test('a password is kept for two weeks, and no wall clock turned back makes it younger', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.pass(VERIFIER_LIFE + 1);
  machine.wall = 1_000_000;
  machine.open();
  assert.equal(why(await machine.try()), 'nothing is kept, or it is too old');
});

test('the prompt says the same to whoever is not known and to whoever mistypes', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.open();
  const [known, unknown] = [
    await machine.try('wrong'),
    await machine.try('wrong', { name: 'eve' }),
  ];
  assert.ok(known.let === 'out' && unknown.let === 'out');
  assert.equal(known.said, unknown.said);
});

test('guessing is held up before anybody is asked, online too: the provider’s lockout is not ours to trigger', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  for (let turn = 0; turn < 5; turn += 1) await machine.try('wrong');
  const asked = machine.asked;
  assert.equal(why(await machine.try()), 'held up');
  assert.equal(machine.asked, asked);
  machine.pass(30);
  assert.equal((await machine.try()).let, 'in');
});

test('a window is for this machine’s console', async (context) => {
  const machine = new Machine(context);
  await machine.try();
  machine.isReachable = false;
  machine.open();
  assert.match(why(await machine.try(PASSWORD, { from: 'remote' })), /own console/);
});
