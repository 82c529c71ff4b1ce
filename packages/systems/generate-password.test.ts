import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { generatePassword, type Random } from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected;

/** Hands out these bytes and then fails, so that a test decides every draw. */
function scripted(bytes: readonly number[]): Random {
  let at = 0;
  return (size) => {
    assert.ok(at + size <= bytes.length, 'the script ran out');
    at += size;
    return Uint8Array.from(bytes.slice(at - size, at));
  };
}

/** The bytes that become each character, found by asking; the tail has one of each class, so that every draw is valid. */
const bytesOf = new Map<string, number[]>();
for (let byte = 0; byte < 213; byte += 1) {
  const random = scripted([...Array<number>(16).fill(byte), 0, 24, 49, 57]);
  const [first = ''] = utf8Text(generatePassword({ length: 20, random }));
  bytesOf.set(first, [...(bytesOf.get(first) ?? []), byte]);
}
const bytesFor = (text: string) => [...text].map((character) => bytesOf.get(character)?.[0] ?? 255);

test('a password has the length asked for, every class, and no look-alikes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 128 }), (length) => {
      const text = utf8Text(generatePassword({ length }));
      assert.equal(text.length, length);
      for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) assert.match(text, kind);
      assert.match(text, /^[!-~]+$/);
      assert.doesNotMatch(text, /[0OIl1|"'`\\$ ]/);
    }),
  );
  assert.equal(generatePassword().length, 24);
});

test('a short or immense password is refused', () => {
  for (const length of [19, 0, -1, 20.5, Number.NaN]) {
    assert.throws(() => generatePassword({ length }), code('systems.password-too-short'));
  }
  assert.throws(() => generatePassword({ length: 129 }), code('systems.password-too-long'));
});

test('every character comes from equally many bytes; bytes that would tip the scale are thrown away', () => {
  assert.equal(bytesOf.size, 71);
  assert.ok([...bytesOf.values()].every((bytes) => bytes.length === 3));
  const valid = bytesFor('ABCDEFGHabcdefgh234!');
  for (let byte = 213; byte < 256; byte += 1) {
    const random = scripted([byte, ...valid]);
    const password = generatePassword({ length: 20, random });
    assert.equal(utf8Text(password), 'ABCDEFGHabcdefgh234!', `byte ${byte}`);
  }
});

test('a draw that lacks a class is thrown away whole, not mended', () => {
  const lacking = ['a', 'A', '2', '!'].map((character) => character.repeat(20));
  const valid = 'zzzzzzzzzzZZZZZ99999'.slice(0, 19).concat('~');
  const script = [...lacking, valid].flatMap(bytesFor);
  assert.equal(utf8Text(generatePassword({ length: 20, random: scripted(script) })), valid);
});

test('two passwords are never the same', () => {
  const seen = new Set(Array.from({ length: 1000 }, () => utf8Text(generatePassword())));
  assert.equal(seen.size, 1000);
});
