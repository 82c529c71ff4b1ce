/**
 * Every statement × everybody × every stage of an emergency, as docs/formats/authorisation.md says: what the rules take, and
 * that whatever else somebody signs is refused with a rule, a reason and a way on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '../../packages/format/index.ts';
import { reconciliation } from '../../packages/procedure/practice/practice-aftermath.fixture.ts';
import {
  exerciseResult,
  release,
  said,
} from '../../packages/procedure/practice/practice-emergency.fixture.ts';
import { EVERYBODY } from '../../packages/procedure/practice/practice-organisation.fixture.ts';
import {
  type AtStage,
  at,
  STAGES as USUAL,
} from '../../packages/procedure/practice/practice-stages.fixture.ts';
import { rowsOf } from '../../packages/server/http/authorisation.fixture.ts';
import { ABOUT_NONE, ACTS } from './acts.fixture.ts';

/** A real emergency, or the same as a drill. */
interface Kind {
  readonly policy: object;
  readonly drill: boolean;
}
const KINDS: readonly Kind[] = [false, true].map((drill) => ({ policy: { rules: 3 }, drill }));

/** Stages that are passed within a step of the usual ones. */
const BETWEEN: Readonly<Record<string, (kind: Kind) => Promise<AtStage>>> = {
  held: async (kind) => {
    const { org, id } = await at('touched', kind);
    await org.done(said(await release(org, id, 'ben')));
    return { org, id };
  },
  reconciled: async (kind) => {
    const { org, id } = await at('reset', kind);
    await org.done(await reconciliation(org, id, 'raj'));
    return { org, id };
  },
  tried: async (kind) => {
    const { org, id } = await at('exercising', kind);
    await org.done(await exerciseResult(org, id));
    return { org, id };
  },
};
const AFTER: Readonly<Record<string, string>> = {
  touched: 'held',
  reset: 'reconciled',
  exercising: 'tried',
};
/** Each with how it is reached, in their order. */
const STAGES: ReadonlyMap<string, (kind: Kind) => Promise<AtStage>> = new Map(
  USUAL.flatMap((stage) => {
    const next = AFTER[stage];
    const between = next === undefined ? undefined : BETWEEN[next];
    const own: [string, (kind: Kind) => Promise<AtStage>] = [stage, (kind) => at(stage, kind)];
    return next === undefined || between === undefined ? [own] : [own, [next, between]];
  }),
);
const ORDER = [...STAGES.keys()];

const REVIEWERS = ['ana', 'ben', 'dana', 'raj', 'mei'];
/** Who is meant by whom. */
const WHO: Readonly<Record<string, readonly string[]>> = {
  people: EVERYBODY,
  'people but the requester': EVERYBODY.filter((one) => one !== 'ana'),
  'the requester': ['ana'],
  'the second person': ['ben'],
  'the witness': ['wanda'],
  'the approver': ['dana'],
  approvers: ['dana', 'dirk'],
  deputies: ['dora'],
  holders: ['ana', 'ben', 'cleo'],
  'holders but the requester': ['ben', 'cleo'],
  'a third holder': ['cleo'],
  'the releaser': ['releaser'],
  'the rotator': ['rotator'],
  reviewers: REVIEWERS,
  security: ['raj'],
  "the system's owner": ['mei'],
  "the action's owner": ['mei'],
  admins: ['ada', 'bob'],
};

/** Who may say it at a stage, by the table. */
function mayAt(act: string, stage: string): readonly string[] {
  const rows = rowsOf('Statements').filter(
    ([what, , stages = '']) => what === act && isIn(stages, stage),
  );
  const people = rows.flatMap(([, by = '']) =>
    by.split(', ').flatMap((who) => {
      const meant = WHO[who];
      assert.ok(meant !== undefined, `nobody knows who “${who}” are`);
      return meant;
    }),
  );
  return [...new Set(people)].toSorted();
}

/** Whether a stage is one of `armed, ended–closed`. */
function isIn(stages: string, stage: string): boolean {
  return stages.split(', ').some((range) => {
    const [first = '', last = first] = range.split('–');
    const [from, to, here] = [first, last, stage].map((one) => ORDER.indexOf(one));
    assert.ok(
      from !== undefined && to !== undefined && here !== undefined && from >= 0 && to >= from,
      range,
    );
    return from <= here && here <= to;
  });
}

/** On the roster, and `mallory`, who is not. */
const TRIED = [...EVERYBODY, 'releaser', 'rotator', 'mallory'];

test('the table has every statement that is tried, and no other', () => {
  assert.deepEqual(new Set(rowsOf('Statements').map(([what]) => what)), new Set(ACTS.keys()));
});

const CASES = KINDS.flatMap((kind) =>
  [...STAGES].map(([stage, reach]) => ({ kind, stage, reach })),
);
for (const { kind, stage, reach } of CASES)
  test(`where the ${kind.drill ? 'drill' : 'emergency'} is ${stage}`, async () => {
    const { org, id } = await reach(kind);
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
      assert.deepEqual(taken.toSorted(), mayAt(name, stage), `${name}, while it is ${stage}`);
    }
  });
