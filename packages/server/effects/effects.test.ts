import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { type Account, type Effect, EMPTY, ROTATOR, type State } from '@halligan/procedure';
import type { Roster } from '@halligan/statement';
import { Effects } from './effects.ts';

/** A roster with a rotator: without one, nothing is rotated by a program. */
const roster: Roster = {
  organisation: 'contoso',
  origin: 'halligan.example/contoso',
  logKey: '',
  evidenceKey: '',
  recipients: 'x25519',
  number: 0,
  digest: '',
  members: [
    {
      id: ROTATOR,
      kind: 'program',
      signing: [],
      recipient: '',
      recipientSignature: '',
      roles: [],
    },
  ],
  groups: {},
  former: [],
  pending: [],
};

/** Accounts that wait for their first rotation: each is one effect that is due. */
function unsealed(...ids: readonly string[]): State {
  const account = (id: string): Account => ({
    document: {
      v: 'halligan/inventory/v1',
      add: 'account',
      id,
      system: 'directory',
      name: id,
      privilege: 'administrator',
      justification: 'restores sign-in',
      quorum: 'tier-0',
    },
    state: 'unarmed',
    since: '2030-01-01T00:00:00.000Z',
    current: 0,
    versions: {},
    envelopes: {},
  });
  return { ...EMPTY, roster, accounts: Object.fromEntries(ids.map((id) => [id, account(id)])) };
}

/** Effects whose every performance a test lets succeed or fail. */
function stage(state: State) {
  const log: string[] = [];
  const started: string[] = [];
  const ends: { readonly succeed: () => void; readonly fail: (cause: unknown) => void }[] = [];
  let now = state;
  const effects = new Effects({
    state: () => now,
    now: () => '2026-03-02T09:00:00.000Z',
    isDone: () => false,
    log: (_level, part, message) => void log.push(`${part}: ${message}`),
    perform: (effect: Effect) => {
      started.push(
        'emergency' in effect
          ? effect.emergency
          : 'account' in effect
            ? effect.account
            : effect.change,
      );
      return new Promise((resolve, reject) => ends.push({ succeed: resolve, fail: reject }));
    },
  });
  const become = (next: State) => {
    now = next;
  };
  return { effects, log, started, ends, become };
}

/** Lets everything run that waits for nothing but its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});

test('starts what is due once, however often it looks, and different accounts beside each other', async () => {
  const { effects, started, ends, become } = stage(unsealed('one', 'two'));
  effects.look();
  effects.look();
  assert.deepEqual(started, ['one', 'two']);
  become(EMPTY);
  for (const { succeed } of ends) succeed();
  await effects.settled();
  assert.deepEqual(started, ['one', 'two']);
});

test('goes on with what is still due when one is done', async () => {
  const { effects, started, ends, become } = stage(unsealed('one'));
  effects.look();
  become(unsealed('two'));
  ends[0]?.succeed();
  await turn();
  assert.deepEqual(started, ['one', 'two']);
});

test('tries what failed again, ever more slowly up to a minute, and not because something else changed', async () => {
  const { effects, started, ends, log } = stage(unsealed('one'));
  effects.look();
  for (const [at, wait] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
    ends[at]?.fail(new HalliganError('systems.unreachable', 'No answer.', 'Look.'));
    await turn();
    effects.look();
    mock.timers.tick(wait * 1000 - 1);
    effects.look();
    assert.equal(started.length, at + 1);
    mock.timers.tick(1);
    assert.equal(started.length, at + 2);
  }
  assert.equal(log[0], 'rotate: systems.unreachable: No answer.');
});

test('begins with the short wait again after a success', async () => {
  const { effects, started, ends } = stage(unsealed('one'));
  effects.look();
  ends[0]?.fail(new Error('failed'));
  await turn();
  mock.timers.tick(1000);
  ends[1]?.fail(new Error('failed'));
  await turn();
  mock.timers.tick(2000);
  ends[2]?.succeed();
  await turn();
  assert.equal(started.length, 4);
  ends[3]?.fail(new Error('failed'));
  await turn();
  mock.timers.tick(1000);
  assert.equal(started.length, 5);
});

test('logs an error that is not ours without its words: they may hold what a system said', async () => {
  const { effects, ends, log } = stage(unsealed('one'));
  effects.look();
  ends[0]?.fail(new Error('password is hunter2'));
  await turn();
  assert.deepEqual(log, ['rotate: failed unexpectedly']);
});

test('waits when it is stopped for what is under way, and starts nothing more', async () => {
  const { effects, started, ends } = stage(unsealed('one', 'two'));
  effects.look();
  ends[1]?.fail(new Error('failed'));
  await turn();
  let stopped = false;
  const stopping = effects.stop().then(() => {
    stopped = true;
  });
  await turn();
  assert.equal(stopped, false);
  ends[0]?.succeed();
  await stopping;
  mock.timers.tick(60_000);
  effects.look();
  assert.deepEqual(started, ['one', 'two']);
});

test('a person may ask at once for a rotation that waits, but not for one that is under way', async () => {
  const { effects, started, ends } = stage(unsealed('one'));
  effects.look();
  assert.throws(() => effects.rotateNow('one'), { code: 'server.in-use' });
  ends[0]?.fail(new Error('failed'));
  await turn();
  effects.rotateNow('one');
  assert.deepEqual(started, ['one', 'one']);
  assert.throws(() => effects.rotateNow('nobody'), { code: 'server.account' });
});
