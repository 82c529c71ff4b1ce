import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Alert } from './alert.ts';
import { Outbox } from './outbox.ts';
import { SAMPLE } from './receivers.fixture.ts';

let folder: string;
let box: Outbox;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-outbox-'));
  box = new Outbox(folder, 7);
});
afterEach(async () => {
  box.close();
  await rm(folder, { recursive: true });
});

const alert = (id: string): Alert => ({ ...SAMPLE, id });
const to = (id: string, ...sinks: string[]) => ({ alert: alert(id), sinks });
const DAY = 86_400_000;

test('begins where the record stands, and keeps its place with what came of it', () => {
  assert.equal(box.place, 7);
  box.takeIn([to('a', 'mail')], 9, 0);
  box.close();
  box = new Outbox(folder, 100);
  assert.equal(box.place, 9);
  assert.equal(box.nextFor('mail', 0)?.alert.id, 'a');
});

test('takes an id in once, and hands out the oldest for each sink by itself', () => {
  box.takeIn([to('a', 'mail', 'siem'), to('b', 'mail')], 8, 0);
  box.takeIn([to('a', 'mail', 'siem')], 8, 0);
  const first = box.nextFor('mail', 0);
  box.delivered(first?.seq ?? 0, 'mail', '2030-01-01T00:00:00Z');
  assert.equal(box.nextFor('mail', 0)?.alert.id, 'b');
  assert.equal(box.nextFor('siem', 0)?.alert.id, 'a');
  assert.deepEqual([box.standing('mail').delivered, box.standing('siem').waiting], [1, 1]);
});

test('what failed waits for its time while others go, and is given up after three days', () => {
  box.takeIn([to('a', 'mail'), to('b', 'mail')], 8, 0);
  const seq = box.nextFor('mail', 0)?.seq ?? 0;
  assert.equal(box.failed(seq, 'mail', 5000, 0), false);
  assert.equal(box.nextFor('mail', 4999)?.alert.id, 'b');
  assert.equal(box.nextFor('mail', 5000)?.alert.id, 'a');
  assert.equal(box.failed(seq, 'mail', 4 * DAY, 3 * DAY + 1), true);
  assert.equal(box.nextFor('mail', 5 * DAY)?.alert.id, 'b');
  assert.deepEqual([box.standing('mail').givenUp, box.standing('mail').waiting], [1, 1]);
});

test('a clock that was set back lets nothing wait for longer than the longest wait', () => {
  box.takeIn([to('a', 'mail')], 8, 10 * DAY);
  assert.equal(box.nextFor('mail', 0), undefined);
  box.hurry(0, 900_000);
  assert.equal(box.nextFor('mail', 0)?.alert.id, 'a');
});

test('a key fires once, until what it stands for is over', () => {
  const keyed = { key: 'late:x', ...to('duty:late:x', 'mail') };
  assert.deepEqual(box.fire([keyed], 0), ['late:x']);
  box.close();
  box = new Outbox(folder, 7);
  assert.deepEqual(box.fire([keyed], 0), []);
  box.forgetKeys(new Set(['late:x']));
  assert.deepEqual(box.fire([keyed], 0), []);
  box.forgetKeys(new Set());
  assert.deepEqual(box.fire([keyed], 0), ['late:x']);
  assert.equal(box.standing('mail').waiting, 1);
});

test('a sink that never takes anything fills no disk: the oldest is given up, and others lose nothing', () => {
  box.takeIn([to('first', 'dead', 'mail')], 8, 0);
  const many = Array.from({ length: 10_000 }, (_, at) => to(`n${at}`, 'dead'));
  box.takeIn(many, 9, 0);
  assert.deepEqual([box.standing('dead').waiting, box.standing('dead').givenUp], [10_000, 1]);
  assert.equal(box.nextFor('dead', 0)?.alert.id, 'n0');
  assert.equal(box.nextFor('mail', 0)?.alert.id, 'first');
});

test('what waits for nobody is kept for a while, and not for ever', () => {
  box.takeIn([to('waits', 'mail')], 8, 0);
  box.takeIn(
    Array.from({ length: 1100 }, (_, at) => to(`n${at}`)),
    9,
    0,
  );
  const kept = box.last(5000);
  assert.equal(kept.length, 1001);
  assert.deepEqual([kept[0]?.id, kept.at(-1)?.id], ['n1099', 'waits']);
});
