import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupOf } from '../packages/evidence/index.ts';
import { utf8 } from '../packages/format/index.ts';
import { EVENT_TYPES } from '../packages/procedure/practice/event-types.fixture.ts';

const folder = join(import.meta.dirname, '..', 'packages', 'evidence', 'golden');

/** Types of which no golden journal holds one, and why. */
const NOT_KEPT: Readonly<Record<string, string>> = {
  LogKeyReplaced: 'a golden journal is one log under one key: evidence/log-key.test.ts makes two',
};

test('every type of event of today is in a golden journal; a new one takes a new journal', () => {
  const kept = new Set<string>(Object.keys(NOT_KEPT));
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl')))
    for (const [index, line] of readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .entries())
      for (const { type } of groupOf(index, utf8(line)).events) kept.add(type);
  assert.deepEqual(
    EVENT_TYPES.filter((type) => !kept.has(type)),
    [],
    'write one: node scripts/golden.ts <version>',
  );
});
