import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DeliveryError } from './alert.ts';
import { backoffOf, type Deliver, Dispatcher, LONGEST_WAIT } from './dispatcher.ts';
import { Outbox } from './outbox.ts';
import { SAMPLE, webhookReceiver } from './receivers.fixture.ts';

let folder: string;
let box: Outbox;
let dispatcher: Dispatcher;
const log: string[] = [];
const taken: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-dispatcher-'));
  box = new Outbox(folder, 0);
  log.length = 0;
  taken.length = 0;
  dispatcher = new Dispatcher({
    outbox: box,
    onDelivered: async ({ id }, sink) => void taken.push(`${sink} ${id}`),
    log: (_level, _part, message, about) => void log.push(`${about?.sink}: ${message}`),
    backoff: () => 1,
    patience: 200,
  });
});
afterEach(async () => {
  await dispatcher.stop();
  box.close();
  await rm(folder, { recursive: true });
});

const add = (id: string, ...sinks: string[]) =>
  box.add([{ alert: { ...SAMPLE, id }, sinks }], Date.now());

test('a sink that hangs delays nothing else, and is tried again after its time', async () => {
  let hung = 0;
  const hangs: Deliver = () => {
    hung += 1;
    return hung === 1 ? new Promise(() => undefined) : Promise.resolve();
  };
  add('a', 'hangs', 'mail');
  add('b', 'hangs', 'mail');
  const delivered = new Promise<void>((resolve) => {
    dispatcher.use(
      new Map<string, Deliver>([
        ['hangs', hangs],
        ['mail', async ({ id }) => (id === 'b' ? resolve() : undefined)],
      ]),
    );
  });
  await delivered;
  assert.equal(hung, 1);
  while (box.standing('hangs').waiting > 0) await dispatcher.settled().then(turn);
  assert.deepEqual(
    taken.filter((one) => one.startsWith('hangs')),
    ['hangs a', 'hangs b'],
  );
  assert.match(log[0] ?? '', /^hangs: .*it took too long/);
});

test('what fails is sent again until it is taken, with the same id', async () => {
  const tried: string[] = [];
  add('a', 'mail');
  dispatcher.use(
    new Map<string, Deliver>([
      [
        'mail',
        async ({ id }) => {
          tried.push(id);
          if (tried.length < 4) throw new DeliveryError('not now');
        },
      ],
    ]),
  );
  while (box.standing('mail').waiting > 0) await dispatcher.settled().then(turn);
  assert.deepEqual(tried, ['a', 'a', 'a', 'a']);
});

test('an outbox that cannot be written for a while loses nothing, and ends no server', async () => {
  const full = () => assert.fail('the disk is full');
  const { delivered, nextTime } = box;
  let failing = 3;
  box.delivered = (...about) => (failing-- > 0 ? full() : delivered.apply(box, about));
  box.nextTime = (sink) => (failing > 0 ? full() : nextTime.call(box, sink));
  add('a', 'mail');
  const sent: string[] = [];
  dispatcher.use(new Map<string, Deliver>([['mail', async ({ id }) => void sent.push(id)]]));
  while (box.standing('mail').waiting > 0) await dispatcher.settled().then(turn);
  assert.deepEqual(sent, ['a', 'a', 'a', 'a']);
  assert.equal(log.filter((line) => line.includes('the outbox cannot be')).length, 3);
});

test('one alert that is refused holds up no other', async () => {
  add('poison', 'mail');
  add('good', 'mail');
  const good = new Promise<void>((resolve) => {
    dispatcher.use(
      new Map<string, Deliver>([
        [
          'mail',
          async ({ id }) => {
            if (id === 'poison') throw new DeliveryError('refused', { rejected: true });
            resolve();
          },
        ],
      ]),
    );
  });
  await good;
  while (box.standing('mail').delivered === 0) await turn();
  assert.deepEqual(taken, ['mail good']);
  assert.equal(box.standing('mail').waiting, 1);
});

test('an error that is not ours is logged without its words', async () => {
  add('a', 'mail');
  let first = true;
  dispatcher.use(
    new Map<string, Deliver>([
      [
        'mail',
        async () => {
          if (!first) return;
          first = false;
          throw new Error('password is hunter2');
        },
      ],
    ]),
  );
  while (box.standing('mail').waiting > 0) await dispatcher.settled().then(turn);
  assert.deepEqual(log, ['mail: An alert was not delivered: it failed.']);
});

test('what a receiver asks to wait is heeded, up to an hour', async () => {
  const asked = [5_000, 7_200_000, Number.POSITIVE_INFINITY];
  for (const [at, wait] of asked.entries()) {
    const sink = `asks-${at}`;
    add(`waits-${at}`, sink);
    const before = Date.now();
    const deliver = async () => {
      throw new DeliveryError('too often', { wait });
    };
    dispatcher.use(new Map<string, Deliver>([[sink, deliver]]));
    await dispatcher.settled();
    const next = (box.nextTime(sink) ?? 0) - before;
    assert.ok(next >= Math.min(wait, 3_600_000) && next < Math.min(wait, 3_600_000) + 600_000);
  }
});

test('waits grow from a second to a quarter of an hour, and no two servers come back at once', () => {
  assert.ok(backoffOf(1) >= 1000 && backoffOf(1) <= 2000);
  for (const failures of [12, 50, 5000]) {
    const waits = Array.from({ length: 50 }, () => backoffOf(failures));
    assert.ok(waits.every((wait) => wait >= LONGEST_WAIT / 2 && wait <= LONGEST_WAIT));
    assert.ok(new Set(waits).size > 10);
  }
});

test('a server that is killed after its receiver has taken an alert sends it again, under the same id', async () => {
  // The first answer never comes: the sender is killed while it waits for it.
  const receiver = await webhookReceiver((number, response) => {
    if (number > 0) response.writeHead(204).end();
  });
  add('twice', 'hook');
  box.close();
  const script = join(import.meta.dirname, 'sender.fixture.ts');
  const start = () =>
    spawn(process.execPath, [script, folder, String(receiver.port)], { stdio: 'ignore' });
  const killed = start();
  await receiver.until(1);
  killed.kill('SIGKILL');
  await new Promise((resolve) => killed.once('close', resolve));
  box = new Outbox(folder, 0);
  assert.equal(box.standing('hook').waiting, 1);
  box.close();
  const second = start();
  const code = await new Promise((resolve) => second.once('close', resolve));
  assert.equal(code, 0);
  box = new Outbox(folder, 0);
  const ids = receiver.got.map(({ headers }) => headers['webhook-id']);
  assert.deepEqual(ids, ['twice', 'twice']);
  assert.deepEqual([box.standing('hook').waiting, box.standing('hook').delivered], [0, 1]);
  await receiver.close();
});

/** Lets timers and what they start run. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
