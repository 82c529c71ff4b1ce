import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foreignCharacters, hiddenCharacter, visible } from './index.ts';

test('what turns, hides or is not there is found at its place and shown by its name', () => {
  const rows = [
    ['ana\u202enimda', 3, 'U+202E'],
    ['a\u200bb', 1, 'U+200B'],
    ['\u0000', 0, 'U+0000'],
    ['😀\u{e0041}', 2, 'U+E0041'],
    ['x\u3164', 1, 'U+3164'],
    ['\ud800', 0, 'U+D800'],
  ] as const;
  for (const [text, index, name] of rows) {
    assert.deepEqual(hiddenCharacter(text), { index, name });
    assert.ok(visible(text).includes(`<${name}>`));
  }
  for (const text of ['', 'plain', 'two\nlines\tand a tab', 'Zürich, 東京, القاهرة'])
    assert.equal(hiddenCharacter(text), undefined, text);
});

test('whatever the text, nothing hidden is left in what is shown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      assert.equal(hiddenCharacter(visible(text)), undefined);
    }),
  );
});

test('letters that only look Latin are named', () => {
  assert.deepEqual(foreignCharacters('\u0430na'), ['U+0430']);
  assert.deepEqual(foreignCharacters('ana'), []);
});
