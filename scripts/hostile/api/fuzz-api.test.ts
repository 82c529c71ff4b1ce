/**
 * The interface under a few thousand requests made from its own description: what must hold of every answer, of the log,
 * of the memory and of the record afterwards. `npm run fuzz -- --api 100000` sends more, with another seed each time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzApi } from './run.ts';

test('every answer is what the description says, and nobody is let in who has no right', async () => {
  const { wrong, answers, accepted } = await fuzzApi(3000, 3);
  assert.deepEqual(wrong, []);
  // That it reached what it is to try: every operation, most of them with success, and statements that were taken in.
  const done = [...answers].filter(([, counts]) =>
    [...counts.keys()].some((what) => /^2/.test(what)),
  );
  assert.ok(done.length >= 30, `${done.length} of ${answers.size} operations succeeded once`);
  assert.ok(accepted >= 2, `${accepted} statements were taken in`);
});
