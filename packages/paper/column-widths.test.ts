import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnWidths } from './column-widths.ts';

test('a narrow column keeps its words whole beside a column with much to say', () => {
  const [who = 0, what = 0] = columnWidths(
    [
      { word: 60, whole: 60 },
      { word: 50, whole: 2000 },
    ],
    400,
  );
  assert.ok(who >= 60 && what >= 50);
  assert.ok(Math.abs(who + what - 400) < 0.01);
});

test('no table is wider than the page, and no word breaks where all the longest words fit', () => {
  const column = fc
    .record({ word: fc.integer({ min: 1, max: 900 }), more: fc.integer({ min: 0, max: 3000 }) })
    .map(({ word, more }) => ({ word, whole: word + more }));
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (asked) => {
      const widths = columnWidths(asked, 480);
      assert.ok(widths.reduce((all, one) => all + one, 0) <= 480.01);
      assert.ok(widths.every((one) => one > 0));
      if (asked.reduce((all, one) => all + one.word, 0) <= 480)
        for (const [at, { word }] of asked.entries()) assert.ok((widths[at] ?? 0) >= word - 0.01);
    }),
  );
});
