import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Handed } from './hand-over.ts';
import { Rounds } from './rounds.ts';

const MINUTE = 60_000;

/** Rounds over a clock that the test turns, against a server that answers as it is told. */
function rounds(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: boolean[] = [];
  const told: (string | undefined)[] = [];
  const server: { answer: Handed } = { answer: 'all' };
  const round = async (asksFirst: boolean) => {
    asked.push(asksFirst);
    return server.answer;
  };
  const all = new Rounds(round, (why) => void told.push(why));
  const pass = async (milliseconds: number) => {
    context.mock.timers.tick(milliseconds);
    // The round that began, and what follows from it.
    await new Promise(setImmediate);
  };
  return { all, asked, told, server, pass };
}

test('nothing runs while there is nothing to hand over', async (context) => {
  const { all, asked, pass } = rounds(context);
  await pass(600 * MINUTE);
  assert.deepEqual(asked, []);
  all.grown();
  all.grown();
  await pass(1000);
  assert.deepEqual(asked, [true]);
  await pass(600 * MINUTE);
  all.grown();
  await pass(1000);
  assert.deepEqual(asked, [true, false]);
});

test('a server that is not there is looked for less and less often, and never given up', async (context) => {
  const { all, asked, told, server, pass } = rounds(context);
  server.answer = 'later';
  all.grown();
  await pass(1000);
  for (let at = 0; at < 20; at += 1) await pass(15 * MINUTE);
  assert.equal(asked.length, 21);
  server.answer = 'all';
  await pass(15 * MINUTE);
  await pass(600 * MINUTE);
  assert.equal(asked.length, 22);
  assert.deepEqual(told, []);
});

test('a server that takes no more is asked again by and by, first how far it is; each reason is said once', async (context) => {
  const { all, asked, told, server, pass } = rounds(context);
  all.grown();
  await pass(1000);
  server.answer = { stopped: 'reports.fork' };
  all.grown();
  await pass(1000);
  assert.deepEqual(asked, [true, false]);
  // What happens meanwhile hastens nothing.
  all.grown();
  await pass(7 * MINUTE);
  assert.deepEqual(asked, [true, false]);
  await pass(15 * MINUTE);
  for (let at = 0; at < 5; at += 1) await pass(240 * MINUTE);
  assert.deepEqual(asked, [true, false, true, true, true, true, true, true]);
  assert.deepEqual(told, ['reports.fork']);
  server.answer = 'all';
  await pass(240 * MINUTE);
  assert.deepEqual(told, ['reports.fork', undefined]);
  all.grown();
  await pass(1000);
  assert.deepEqual(asked.slice(-2), [true, false]);
});

test('no round comes after the end', async (context) => {
  const { all, asked, server, pass } = rounds(context);
  server.answer = { stopped: 'reports.fork' };
  all.grown();
  await pass(1000);
  await all.stop();
  await pass(600 * MINUTE);
  assert.deepEqual(asked, [true]);
});
