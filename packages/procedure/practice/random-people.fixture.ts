import fc from 'fast-check';
import { lastVersion, ROTATOR, type StoredInput } from '../index.ts';
import {
  actionDone,
  escalation,
  fullReview,
  logCheck,
  reconciliation,
  resetPart,
} from './practice-aftermath.fixture.ts';
import {
  attestation,
  declaration,
  emergencyOf,
  exerciseRequest,
  exerciseResult,
  minutesAfter,
  notification,
  release,
  request,
  review,
  said,
  signOff,
} from './practice-emergency.fixture.ts';
import {
  ACCOUNT,
  EVERYBODY,
  memberOf,
  type Organisation,
  policyWith,
  recipientOf,
  SPARE,
  textOf,
} from './practice-organisation.fixture.ts';
import {
  commitmentOf,
  failedRotation,
  kitted,
  reset,
  sealed,
} from './practice-rotation.fixture.ts';

/** People and programs who say anything at any time: what is right, what is wrong, and what others said before. */

const ACTS = [
  'declare',
  'approve',
  'refuse',
  'take-part',
  'open',
  'release',
  'note',
  'addendum',
  'end',
  'abort',
  'convert',
  'contacted',
  'heard',
  'sign-off',
  'notification',
  'exception',
  'record',
  'submission',
  'review',
  'close',
  'reset-part',
  'reconcile',
  'escalate',
  'action',
  'check-log',
  'exercise',
  'exercised',
  'seal',
  'kit',
  'reset',
  'fail',
  'admit',
  'policy',
  'replay',
  'tick',
] as const;

const LIES: Readonly<Record<string, object>> = {
  none: {},
  drill: { purpose: 'drill' },
  exercise: { purpose: 'exercise' },
  roster: { roster: textOf('old') },
  policy: { policy: textOf('old') },
};
const REQUEST_LIES: Readonly<Record<string, object>> = {
  ...LIES,
  path: { path: 'offline' },
  window: { expires: '2030-01-01T00:00:00Z' },
};

export interface Step {
  /** `obey`: whoever something is due from does it. */
  readonly act: (typeof ACTS)[number] | 'obey';
  readonly who: string;
  readonly other: string;
  readonly pick: number;
  readonly lie: string;
  /** Minutes that pass before. */
  readonly wait: number;
}

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    act: fc.oneof(
      { weight: 3, arbitrary: fc.constant('obey' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('declare' as const, 'release' as const, 'replay' as const),
      },
      { weight: 4, arbitrary: fc.constantFrom(...ACTS) },
    ),
    who: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('ana', 'ben', 'cleo', 'dana', 'raj') },
      { weight: 1, arbitrary: fc.constantFrom(...EVERYBODY, 'releaser', ROTATOR) },
    ),
    other: fc.constantFrom(...EVERYBODY),
    pick: fc.nat(1000),
    lie: fc.oneof(
      { weight: 6, arbitrary: fc.constant('none') },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(REQUEST_LIES)) },
    ),
    wait: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 }) },
      { weight: 1, arbitrary: fc.integer({ min: 15, max: 40 }) },
    ),
  }),
  { minLength: 20, maxLength: 45, size: 'max' },
);

/** What a step's people send; undefined where there is nothing to speak of yet. */
export async function inputOf(org: Organisation, step: Step): Promise<StoredInput | undefined> {
  const { act, who, other, pick } = step;
  const lie = { ...LIES[step.lie] };
  const account = pick % 3 === 0 ? SPARE : ACCOUNT;
  const known = org.state.accounts[account];
  const last = known === undefined ? 0 : lastVersion(known);
  switch (act) {
    case 'tick':
      return { type: 'tick' };
    case 'declare':
      return declared(org, step, account);
    case 'replay':
      return org.history[pick % org.history.length]?.stored;
    case 'admit':
      return org.rosterChange(
        { do: 'admit', member: await memberOf(`guest-${org.history.length}`, []) },
        [who],
      );
    case 'policy':
      return org.adoption(
        policyWith({
          accounts_per_system: 1 + (pick % 2),
          ...(pick % 3 === 0 ? {} : { rules: 2 }),
        }),
        [who, other],
      );
    case 'seal':
      return sealed(org, account, last + (pick % 7 === 0 ? 2 : 1));
    case 'kit':
      return kitted(account, last - (pick % 7 === 0 ? 1 : 0));
    case 'fail':
      return last === 0 ? undefined : failedRotation(account, last);
    case 'reset':
      return reset(
        org,
        account,
        last,
        { old: pick % 5 === 0 ? 'accepted' : 'rejected' },
        lie,
        ROTATOR,
      );
    default: {
      const ids = Object.keys(org.state.emergencies);
      const id = ids[pick % ids.length];
      return id === undefined ? undefined : inEmergency(org, step, id, lie);
    }
  }
}

async function declared(org: Organisation, step: Step, account: string): Promise<StoredInput> {
  const { who, other, pick } = step;
  const named = (at: number) => ['ben', 'cleo', 'ana', other][(pick + at) % 4];
  return said(
    await declaration(
      org,
      {
        account,
        // Now and then alone.
        second: pick % 7 === 0 ? undefined : named(0),
        witness: pick % 2 === 0 ? 'wanda' : undefined,
        approver: pick % 5 === 0 ? other : 'dana',
        ...LIES[step.lie],
      },
      who,
    ),
  );
}

async function inEmergency(
  org: Organisation,
  { act, who, pick, lie }: Step,
  id: string,
  header: Readonly<Record<string, unknown>>,
): Promise<StoredInput | undefined> {
  const saying = async (
    kind: Parameters<Organisation['sign']>[1],
    fields: object,
  ): Promise<StoredInput> => said(await org.sign(who, kind, id, { ...fields, ...header }));
  switch (act) {
    case 'approve':
      return saying('approve', { method: pick % 9 === 0 ? 'phone' : 'app' });
    case 'heard':
      return heard(org, id, who, pick, header);
    case 'convert':
      return pick % 3 === 0
        ? saying('convert', {
            purpose: 'real',
            reason: textOf('real'),
            evidence: pick % 2 === 0 ? [textOf('log')] : [],
          })
        : undefined;
    case 'contacted':
      return contacted(org, id, pick);
    case 'sign-off':
      return signOff(org, id, who, {}, header);
    case 'notification':
      return notification(org, id, who, {}, header);
    case 'refuse':
      return saying('refuse', { reason: textOf('no') });
    case 'take-part':
      return saying('take-part', {
        role: (['witness', 'second', 'executive'] as const)[pick % 3],
        together: 'video',
      });
    case 'note':
      return saying('note', { about: 'action', occurred: org.now, text: textOf(`${pick}`) });
    case 'addendum':
      return saying('addendum', { to: textOf('note'), text: textOf(`${pick}`) });
    case 'end':
      return saying('end', { loggedOut: org.now });
    case 'abort':
      return pick % 3 === 0 ? saying('abort', { reason: textOf('enough') }) : undefined;
    case 'close':
      return saying('close', {});
    case 'exception':
      return exception(org, id, who, pick);
    case 'record':
    case 'submission':
      return attestation(org, id, act, who, header);
    case 'review':
      return (emergencyOf(org, id).rules === 1 ? review : fullReview)(
        org,
        id,
        who,
        pick % 4 === 0 ? { rootCause: 'other' } : {},
        header,
      );
    case 'reset-part':
      return resetPart(org, id, who, pick % 4 === 0 ? { outcome: 'destroyed' } : {}, header);
    case 'reconcile':
      return reconciliation(
        org,
        id,
        who,
        pick % 4 === 0 ? { differences: [{ entry: 1, at: org.now }] } : {},
        header,
      );
    case 'escalate':
      return escalation(org, id, who, {}, header);
    case 'action':
      return actionDone(org, id, who, header);
    case 'check-log':
      return logCheck(org, id, who, {}, header);
    case 'open':
      return said(
        await request(
          org,
          id,
          { ...(pick % 4 === 0 ? { path: 'solo' } : {}), ...REQUEST_LIES[lie] },
          who,
        ),
      );
    case 'exercise':
      // Now and then to a recipient of one's own, which the rotator does not vouch for.
      return exerciseRequest(
        org,
        id,
        pick % 4 === 0 ? { recipient: recipientOf('own-key') } : {},
        who,
      );
    case 'exercised':
      return exerciseResult(org, id, {}, header);
    case 'release':
      return released(org, id, who, pick, header);
    default:
      return undefined;
  }
}

/** An approval that was heard: by whom it was, or by somebody who makes it up. */
async function heard(
  org: Organisation,
  id: string,
  who: string,
  pick: number,
  header: Readonly<Record<string, unknown>>,
): Promise<StoredInput> {
  const { requester, second = 'eli' } = emergencyOf(org, id);
  const words = {
    method: 'phone',
    approver: ['dana', 'dirk', who][pick % 3],
    given: minutesAfter(org.now, (pick % 4) - 3),
    ...header,
  };
  const signers = pick % 5 === 0 ? [requester, who] : [requester, second];
  return said(await Promise.all(signers.map((by) => org.sign(by, 'approve', id, words))));
}

function contacted(org: Organisation, emergency: string, pick: number): StoredInput {
  return {
    type: 'observation',
    observation: {
      saw: 'contacted',
      emergency,
      person: (['dana', 'dirk', 'dora', 'ana'] as const)[pick % 4] ?? 'dana',
      channel: (['phone', 'message', 'email'] as const)[pick % 3] ?? 'email',
      at: minutesAfter(org.now, (pick % 30) - 20),
      what: (['approval-request', 'summary', 'notice'] as const)[pick % 5] ?? 'approval-request',
    },
  };
}

async function released(
  org: Organisation,
  id: string,
  holder: string,
  pick: number,
  header: Readonly<Record<string, unknown>>,
): Promise<StoredInput> {
  const openings = Object.values(org.state.emergencies).flatMap((one) => one.openings);
  // Mostly for the opening at hand, sometimes for another one's.
  const opening =
    pick % 6 === 0 ? openings[pick % openings.length] : emergencyOf(org, id).openings.at(-1);
  const group = pick % 5 === 0 ? 'executives' : undefined;
  const commitment =
    opening === undefined || pick % 7 !== 0
      ? {}
      : { commitment: commitmentOf(opening.version, opening.path, 'keyholders', 'ana') };
  return said(
    await release(org, id, holder, {
      ...(group === undefined ? {} : { group }),
      ...(opening === undefined ? {} : { request: opening.request }),
      ...commitment,
      ...header,
    }),
  );
}

async function exception(
  org: Organisation,
  id: string,
  who: string,
  pick: number,
): Promise<StoredInput> {
  const { at, second = who } = emergencyOf(org, id);
  const attempts = ['dana', 'dirk', 'dora'].flatMap((person) =>
    ['phone', 'message', 'email'].map((channel) => ({
      person,
      channel,
      at: minutesAfter(at, pick % 20),
    })),
  );
  const signers = pick % 3 === 0 ? [who] : [who, second];
  return said(
    await Promise.all(
      signers.map((by) => org.sign(by, 'exception', id, { attempts, reason: textOf('silence') })),
    ),
  );
}
