import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterRight, afterWrong, type Guesses, noGuesses, waitOf } from '../index.ts';

/** Guesses wrong as fast as it is let, for so many seconds. */
function attack(subjects: readonly (string | undefined)[], seconds: number) {
  let guesses: Guesses = noGuesses(0);
  let made = 0;
  for (let now = 0; now < seconds; now += 1)
    for (const subject of subjects)
      while (waitOf(guesses, subject, now) === 0) {
        guesses = afterWrong(guesses, subject, now);
        made += 1;
        if (made > 1e6) assert.fail('nothing holds it up');
      }
  return { guesses, made };
}

test('a few typing mistakes cost nothing, then waiting doubles, up to a quarter of an hour', () => {
  let guesses = noGuesses(0);
  const waits: number[] = [];
  for (let turn = 0; turn < 11; turn += 1) {
    guesses = afterWrong(guesses, 'ana', 100);
    waits.push(waitOf(guesses, 'ana', 100));
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  assert.equal(waitOf(guesses, 'ana', 999), 1);
  assert.equal(waitOf(guesses, 'ana', 1000), 0);
});

test('a right password forgets the mistakes; a day does too', () => {
  let guesses = noGuesses(0);
  for (let turn = 0; turn < 8; turn += 1) guesses = afterWrong(guesses, 'ana', 0);
  assert.ok(waitOf(guesses, 'ana', 1) > 0);
  assert.equal(waitOf(afterRight(guesses, 'ana'), 'ana', 1), 0);
  assert.equal(waitOf(guesses, 'ana', 86_400), 0);
  assert.deepEqual(Object.keys(afterWrong(guesses, 'ben', 86_400).users), ['ben']);
});

test('one account is guessed about a hundred times a day', () => {
  const { made } = attack(['ana'], 86_400);
  assert.ok(made > FEW && made < 120, `${made}`);
});

const FEW = 50;

test('guessing at many, and at names that do not exist, is bounded for the whole machine', () => {
  const users = Array.from({ length: 200 }, (_, at) => `user-${at}`);
  const { made } = attack([...users, undefined], 3600);
  assert.ok(made <= users.length + 50 + 60 + 1, `${made}`);
});

test('nobody who was not guessed wrong is ever held up, whatever others do', () => {
  const guess = fc.record({
    subject: fc.constantFrom('ana', 'ben', '__proto__', 'constructor', undefined),
    after: fc.nat(500),
  });
  fc.assert(
    fc.property(fc.array(guess, { maxLength: 200 }), (wrong) => {
      let guesses = noGuesses(0);
      let now = 0;
      for (const { subject, after } of wrong) {
        now += after;
        guesses = afterWrong(guesses, subject, now);
        assert.equal(waitOf(guesses, 'chris', now), 0);
        assert.ok(waitOf(guesses, subject, now) <= 900);
      }
    }),
  );
});
