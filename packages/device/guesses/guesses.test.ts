import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  afterNone,
  afterRight,
  charge,
  type Guessed,
  type Guesses,
  noGuesses,
  waitOf,
} from '../index.ts';

const ANA: Guessed = { subject: 'ana' };
const BEN: Guessed = { subject: 'ben' };

function wrong(guesses: Guesses, guessed: Guessed, now: number, times = 1): Guesses {
  let after = guesses;
  for (let turn = 0; turn < times; turn += 1) after = charge(after, guessed, now).guesses;
  return after;
}

/** Guesses wrong as fast as it is let, for so many seconds. */
function attack(all: readonly Guessed[], seconds: number): { guesses: Guesses; made: number } {
  let guesses = noGuesses(0);
  let made = 0;
  for (let now = 0; now < seconds; now += 1)
    for (const guessed of all)
      while (waitOf(guesses, guessed, now) === 0) {
        guesses = wrong(guesses, guessed, now);
        made += 1;
        if (made > 1e6) assert.fail('nothing holds it up');
      }
  return { guesses, made };
}

test('a few typing mistakes cost nothing, then waiting doubles, up to a quarter of an hour', () => {
  let guesses = noGuesses(0);
  const waits: number[] = [];
  for (let turn = 0; turn < 11; turn += 1) {
    guesses = wrong(guesses, ANA, 100);
    waits.push(waitOf(guesses, ANA, 100));
  }
  assert.deepEqual(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
  assert.equal(waitOf(guesses, ANA, 999), 1);
  assert.equal(waitOf(guesses, ANA, 1000), 0);
});

test('a right password forgets the mistakes; a day does too', () => {
  const guesses = wrong(noGuesses(0), ANA, 0, 7);
  const last = charge(guesses, ANA, 0);
  assert.ok(waitOf(last.guesses, ANA, 1) > 0);
  assert.equal(waitOf(afterRight(last.guesses, last.charge), ANA, 1), 0);
  assert.equal(waitOf(last.guesses, ANA, 86_400), 0);
  assert.deepEqual(Object.keys(wrong(last.guesses, BEN, 86_400).users), ['id ben']);
});

test('a guess that nobody judged is as if it had not been made', () => {
  const before = wrong(noGuesses(0), ANA, 10, 6);
  const { guesses, charge: mine } = charge(before, ANA, 40);
  assert.deepEqual(afterNone(guesses, mine), before);
  const first = charge(noGuesses(0), BEN, 20);
  assert.deepEqual(afterNone(first.guesses, first.charge).users, {});
  const another = wrong(guesses, ANA, 600);
  assert.deepEqual(afterNone(another, mine).users, { 'id ana': { count: 7, last: 600 } });
});

test('right passwords use up nothing of what is allowed', () => {
  let guesses = noGuesses(0);
  for (let turn = 0; turn < 200; turn += 1) {
    const paid = charge(guesses, ANA, 0);
    guesses = afterRight(paid.guesses, paid.charge);
  }
  assert.deepEqual(guesses, noGuesses(0));
});

const FEW = 50;

test('one account is guessed about a hundred times a day', () => {
  const { made } = attack([ANA], 86_400);
  assert.ok(made > FEW && made < 120, `${made}`);
});

test('guessing at many is slowed from the first mistake on, and at unknown names is bounded', () => {
  const users = Array.from({ length: 200 }, (_, at) => ({ subject: `user-${at}` }));
  const spray = attack(users, 60);
  assert.ok(spray.made <= users.length + FEW, `${spray.made}`);
  const names = Array.from({ length: 200 }, (_, at) => ({ unknown: `name-${at}` }));
  const { made } = attack(names, 3600);
  assert.ok(made <= FEW + 60 + 1, `${made}`);
});

test('whoever mistyped once waits a minute at most, however much others are guessed', () => {
  const names = Array.from({ length: 100 }, (_, at) => ({ unknown: `name-${at}` }));
  const { guesses } = attack(names, 600);
  const mistyped = wrong(guesses, ANA, 600);
  assert.equal(waitOf(mistyped, ANA, 600), 60);
  assert.equal(waitOf(wrong(mistyped, { unknown: 'name-1' }, 660), ANA, 660), 0);
});

test('nobody who was not guessed wrong is ever held up, whatever others do', () => {
  const guess = fc.record({
    guessed: fc.oneof(
      fc.record({ subject: fc.constantFrom('ana', 'ben', '__proto__', 'constructor') }),
      fc.record({ unknown: fc.constantFrom('chris', 'id chris', '') }),
    ),
    after: fc.nat(500),
  });
  fc.assert(
    fc.property(fc.array(guess, { maxLength: 200 }), (guessesMade) => {
      let guesses = noGuesses(0);
      let now = 0;
      for (const { guessed, after } of guessesMade) {
        now += after;
        guesses = wrong(guesses, guessed, now);
        assert.equal(waitOf(guesses, { subject: 'chris' }, now), 0);
        assert.ok(waitOf(guesses, guessed, now) <= 900);
      }
    }),
  );
});
