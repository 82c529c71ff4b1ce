/** What must hold of the server's log, record and memory once the flood is over. */
import { leaksIn } from '../../../packages/cli/leaks/leaks.fixture.ts';
import { groupOf } from '../../../packages/evidence/index.ts';
import { digestOf } from '../../../packages/format/index.ts';
import { readJournal } from '../../../packages/journal/index.ts';
import { EMPTY, evolve } from '../../../packages/procedure/index.ts';
import type { Fuzzed } from './organisation.ts';

/** What no line of the log holds: what callers wrote. */
const CANARIES = ['canary', 'elsewhere.example'];
/** How much the memory may grow in the second half: the record grows too. */
const GROWTH = 1.25;
const GROWTH_MIB = 12;

/** MiB in use, each time it was looked at. */
export type Memory = readonly { readonly heap: number; readonly rss: number }[];

/** What the log says that it must not: secrets, what callers wrote, and failures. */
export function leaksOf(log: readonly string[], secrets: Fuzzed['secrets']): readonly string[] {
  const text = log.join('\n');
  return [
    ...leaksIn('the log', Buffer.from(text), secrets).map(
      ({ secret }) => `the log holds ${secret}`,
    ),
    ...CANARIES.filter((canary) => text.includes(canary)).map(
      (canary) => `the log holds what a caller wrote: ${log.find((line) => line.includes(canary))}`,
    ),
    ...log.filter((line) => /\berror\b.*http.*failed/.test(line)).slice(0, 5),
  ];
}

/** The entries, once all of them verify. */
async function* recordOf({ root, logKey }: Fuzzed) {
  const journal = await readJournal(`${root}/journal`, logKey);
  yield* journal.read(0);
  await journal.close();
}

/** Statements of people that a record holds. */
export async function statementsOn(organisation: Fuzzed): Promise<number> {
  let statements = 0;
  for await (const { index, bytes } of recordOf(organisation)) {
    const { input } = groupOf(index, bytes);
    if (input.type === 'statements' && isOfPeople(input.signed)) statements += 1;
  }
  return statements;
}

function isOfPeople(signed: readonly { readonly statement: { readonly by: string } }[]): boolean {
  return signed.every(({ statement }) => statement.by !== 'rotator' && statement.by !== 'releaser');
}

/** It verifies, holds what was acknowledged and nothing else, and comes to the state that the server had. */
export async function wrongRecord(
  organisation: Fuzzed,
  state: { readonly size: number; readonly digest: string },
  statements: number,
): Promise<readonly string[]> {
  let folded = EMPTY;
  for await (const { index, bytes } of recordOf(organisation))
    if (index < state.size) folded = groupOf(index, bytes).events.reduce(evolve, folded);
  const digest = digestOf(JSON.parse(JSON.stringify(folded)));
  const held = await statementsOn(organisation);
  return [
    ...(digest === state.digest ? [] : ['the server’s state is not what the record comes to']),
    ...(held === statements ? [] : [`${statements} were acknowledged, ${held} are on the record`]),
  ];
}

/** Whether memory grew while the second half was sent. @param memory after a third, two thirds and all of it */
export function grown(memory: Memory): readonly string[] {
  const [, half, end] = memory;
  if (half === undefined || end === undefined || end.heap <= half.heap * GROWTH + GROWTH_MIB)
    return [];
  return [
    `the memory grew from ${half.heap.toFixed(1)} to ${end.heap.toFixed(1)} MiB in the last third`,
  ];
}
