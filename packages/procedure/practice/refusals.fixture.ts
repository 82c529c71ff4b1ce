import assert from 'node:assert/strict';
import { canonicalText } from '@halligan/format';
import type { Refusal, StoredInput } from '../index.ts';
import { type Organisation, plain } from './practice-organisation.fixture.ts';

/** One row of a table: what is tried, and the rule that refuses it. */
export type Row = readonly [
  what: string,
  input: StoredInput | Promise<StoredInput>,
  rule: string,
  eligible?: readonly string[],
];

/** Holds that an input is refused by a rule, with a way on, and that nothing happened. */
export async function refuses(
  org: Organisation,
  input: StoredInput | Promise<StoredInput>,
  rule: string,
  what = rule,
): Promise<Refusal> {
  const before = canonicalText(plain(org.state));
  const decision = await org.submit(await input);
  assert.ok('refusal' in decision, `${what}: was accepted`);
  assert.equal(decision.refusal.rule, rule, `${what}: ${decision.refusal.why}`);
  assert.notEqual(decision.refusal.why, '', what);
  assert.notEqual(decision.refusal.next, '', what);
  assert.equal(canonicalText(plain(org.state)), before, `${what}: the state changed`);
  return decision.refusal;
}

/** Every row of a table against one organisation. */
export async function refusesAll(org: Organisation, rows: readonly Row[]): Promise<void> {
  for (const [what, input, rule, eligible] of rows) {
    const refusal = await refuses(org, input, rule, what);
    if (eligible !== undefined) assert.deepEqual(refusal.eligible, eligible, what);
  }
}
