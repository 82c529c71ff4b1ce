/**
 * Every statement × everybody × every stage of an emergency, whichever way it goes, as docs/formats/authorisation.md says:
 * what the rules take, and that whatever else somebody signs is refused with a rule, a reason and a way on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '../../packages/format/index.ts';
import { EVERYBODY } from '../../packages/procedure/practice/practice-organisation.fixture.ts';
import { rowsOf } from '../../packages/server/http/authorisation.fixture.ts';
import { ABOUT_NONE, ACTS } from './acts.fixture.ts';
import { WAYS, type Way } from './ways.fixture.ts';

/** Who may say it at a stage, by the way's table. */
function mayAt({ chapter, stages, who }: Way, act: string, stage: string): readonly string[] {
  const order = [...stages.keys()];
  const rows = rowsOf(chapter).filter(
    ([what, , ranges = '']) => what === act && isIn(order, ranges, stage),
  );
  const people = rows.flatMap(([, by = '']) =>
    by.split(', ').flatMap((one) => {
      const meant = who[one];
      assert.ok(meant !== undefined, `nobody knows who “${one}” are`);
      return meant;
    }),
  );
  return [...new Set(people)].toSorted();
}

/** Whether a stage is one of `armed, ended–closed`. */
function isIn(order: readonly string[], ranges: string, stage: string): boolean {
  return ranges.split(', ').some((range) => {
    const [first = '', last = first] = range.split('–');
    const [from, to, here] = [first, last, stage].map((one) => order.indexOf(one));
    assert.ok(
      from !== undefined && to !== undefined && here !== undefined && from >= 0 && to >= from,
      range,
    );
    return from <= here && here <= to;
  });
}

/** On the roster, and `mallory`, who is not. */
const TRIED = [...EVERYBODY, 'releaser', 'rotator', 'mallory'];

test('the tables have every statement that is tried, and no other', () => {
  const told = WAYS.flatMap(({ chapter }) => rowsOf(chapter).map(([what]) => what));
  assert.deepEqual(new Set(told), new Set(ACTS.keys()));
});

const CASES = WAYS.flatMap((way) =>
  [false, true].flatMap((drill) =>
    [...way.stages].map(([stage, reach]) => ({ way, drill, stage, reach })),
  ),
);
for (const { way, drill, stage, reach } of CASES)
  test(`${way.chapter}: the ${drill ? 'drill' : 'emergency'} is ${stage}`, async () => {
    const { org, id } = await reach(drill);
    org.wait(1);
    for (const [name, act] of ACTS) {
      if (id === '' && !ABOUT_NONE.has(name)) continue;
      const taken: string[] = [];
      for (const by of TRIED) {
        const fork = org.fork();
        const stored = await act(fork, id, by);
        try {
          const decision = await fork.ask(stored);
          if ('events' in decision) taken.push(by);
          else {
            const { rule, why, next } = decision.refusal;
            assert.ok(rule !== '' && why !== '' && next !== '', `${name}, by ${by}`);
          }
        } catch (error) {
          // Signed by nobody who is on the roster, or by a program: no statement at all.
          assert.ok(error instanceof HalliganError, String(error));
          assert.match(error.code, /^statement\.(unknown-person|program)$/, `${name}, by ${by}`);
        }
      }
      assert.deepEqual(taken.toSorted(), mayAt(way, name, stage), `${name}, while it is ${stage}`);
    }
  });
