/** The ways that an emergency goes, each with its stages in their order, and who is who on it. */
import { reconciliation } from '../../packages/procedure/practice/practice-aftermath.fixture.ts';
import {
  attestation,
  declare,
  exerciseResult,
  open,
  release,
  said,
  signOff,
} from '../../packages/procedure/practice/practice-emergency.fixture.ts';
import {
  EVERYBODY,
  type Organisation,
  POLICY,
} from '../../packages/procedure/practice/practice-organisation.fixture.ts';
import {
  type AtStage,
  at,
  STAGES,
} from '../../packages/procedure/practice/practice-stages.fixture.ts';
import { silence } from './acts.fixture.ts';

/** How a stage is reached. @param drill whether it is a drill that comes to it */
type Reach = (drill: boolean) => Promise<AtStage>;

/** A way of docs/formats/authorisation.md. */
export interface Way {
  /** The chapter that has its table. */
  readonly chapter: string;
  readonly stages: ReadonlyMap<string, Reach>;
  /** Who is meant by whom in that table. */
  readonly who: Readonly<Record<string, readonly string[]>>;
}

const RULES = { rules: 3 };
/** Ana holds a share of either group: this path needs the policy's word. */
const SOLO = {
  ...RULES,
  allow_one_person: true,
  quorums: {
    'tier-0': {
      ...POLICY.quorums['tier-0'],
      solo: ['1 of keyholders', '1 of executives', '1 of server'],
    },
  },
};

/** Who is who whichever way it goes. */
const PEOPLE: Way['who'] = {
  nobody: [],
  people: EVERYBODY,
  'people but the requester': EVERYBODY.filter((one) => one !== 'ana'),
  'the requester': ['ana'],
  'the approver': ['dana'],
  approvers: ['dana', 'dirk'],
  deputies: ['dora'],
  'the releaser': ['releaser'],
  'the rotator': ['rotator'],
  security: ['raj'],
  "the system's owner": ['mei'],
  "the action's owner": ['mei'],
  admins: ['ada', 'bob'],
};

/** With a second person and a witness. */
const BESIDE: Way['who'] = {
  ...PEOPLE,
  'the second person': ['ben'],
  'the witness': ['wanda'],
  holders: ['ana', 'ben', 'cleo'],
  'holders but the requester': ['ben', 'cleo'],
  'a third holder': ['cleo'],
  reviewers: ['ana', 'ben', 'dana', 'raj', 'mei'],
};

/** Alone: an executive signs before anything opens. */
const ALONE: Way['who'] = {
  ...PEOPLE,
  'the executive': ['eli'],
  holders: ['ana', 'ben', 'cleo', 'eli'],
  'holders but the requester': ['ben', 'cleo', 'eli'],
  'a second holder': ['ben', 'cleo'],
  executives: ['eli'],
  reviewers: ['ana', 'dana', 'raj', 'mei'],
};

/** Stages of the usual way that are passed within a step, by the one before. */
const BETWEEN: Readonly<Record<string, readonly [string, (at: AtStage) => Promise<void>]>> = {
  touched: ['held', async ({ org, id }) => done(org, said(await release(org, id, 'ben')))],
  reset: ['reconciled', async ({ org, id }) => done(org, await reconciliation(org, id, 'raj'))],
  exercising: ['tried', async ({ org, id }) => done(org, await exerciseResult(org, id))],
};

const usual = new Map<string, Reach>();
for (const stage of STAGES) {
  const reach: Reach = (drill) => at(stage, { policy: RULES, drill });
  usual.set(stage, reach);
  const between = BETWEEN[stage];
  if (between !== undefined) usual.set(between[0], onFrom(reach, between[1]));
}

/** Nobody who could approve answers. */
const silent = inTurn(
  (drill) => at('declared', { policy: RULES, drill }),
  [
    ['waited', async ({ org }) => void org.wait(16)],
    ['excepted', async ({ org, id }) => done(org, await silence(org, id, 'ana'))],
  ],
);

const alone = inTurn(
  async (drill) => {
    const { org } = await at('armed', { policy: SOLO });
    const purpose = drill ? { purpose: 'drill' } : {};
    return { org, id: await declare(org, { second: undefined, witness: undefined, ...purpose }) };
  },
  [
    ['approved', ({ org, id }) => sign(org, id, 'dana', 'approve', { method: 'app' })],
    [
      'joined',
      ({ org, id }) => sign(org, id, 'eli', 'take-part', { role: 'executive', together: 'video' }),
    ],
    ['requested', async ({ org, id }) => void (await open(org, id, { path: 'solo' }))],
    ['touched', async ({ org, id }) => done(org, said(await release(org, id, 'ana')))],
    ['held', async ({ org, id }) => done(org, said(await release(org, id, 'eli')))],
    ['opened', async ({ org, id }) => done(org, said(await release(org, id, 'releaser')))],
    ['ended', ({ org, id }) => sign(org, id, 'ana', 'end', { loggedOut: org.now })],
    ['signed off', async ({ org, id }) => done(org, await signOff(org, id, 'eli'))],
    [
      'signed',
      async ({ org, id }) => {
        for (const by of ['ana', 'eli']) await done(org, await attestation(org, id, 'record', by));
      },
    ],
  ],
);

export const WAYS: readonly Way[] = [
  { chapter: 'Statements', stages: usual, who: BESIDE },
  { chapter: 'Where nobody answers', stages: silent, who: BESIDE },
  { chapter: 'Where one person is alone', stages: alone, who: ALONE },
];

type Step = readonly [string, (at: AtStage) => Promise<void>];

/** Stages that follow from a declaration, one after the other. */
function inTurn(declared: Reach, steps: readonly Step[]): Way['stages'] {
  const stages = new Map([['declared', declared]]);
  let before = declared;
  for (const [stage, step] of steps) {
    before = onFrom(before, step);
    stages.set(stage, before);
  }
  return stages;
}

/** A step on, a minute later; each time from a fork of what was reached once. */
function onFrom(reach: Reach, step: Step[1]): Reach {
  const reached = new Map<boolean, Promise<AtStage>>();
  return async (drill) => {
    const known = reached.get(drill) ?? taken(reach(drill), step);
    reached.set(drill, known);
    const { org, id } = await known;
    return { org: org.fork(), id };
  };
}

async function taken(reached: Promise<AtStage>, step: Step[1]): Promise<AtStage> {
  const here = await reached;
  here.org.wait(1);
  await step(here);
  return here;
}

async function sign(
  org: Organisation,
  id: string,
  by: string,
  kind: 'approve' | 'take-part' | 'end',
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  await done(org, said(await org.sign(by, kind, id, fields)));
}

async function done(org: Organisation, stored: Parameters<Organisation['done']>[0]): Promise<void> {
  await org.done(stored);
}
