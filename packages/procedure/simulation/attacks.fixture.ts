import type { Statement } from '@halligan/statement';
import {
  allEmergencies,
  type Emergency,
  emergencyById,
  isUnderWay,
  participants,
  type State,
  type StoredInput,
} from '../index.ts';
import type { Step } from '../practice/random-people.fixture.ts';

/** Something that somebody tries. */
export interface Attempt {
  readonly step: Step;
  readonly stored: StoredInput;
  readonly state: State;
  readonly now: string;
}

/** A way to cheat, told from what is sent and to whom, whatever made it up. */
interface Attack {
  readonly is: (attempt: Attempt) => boolean;
  /** Whether it must not work, ever. The others may be harmless: a tick again, a clock that is a little off. */
  readonly never?: true;
}

/** What every simulation of some length must have tried. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'one person in two places': { is: anyOf(isTwice), never: true },
  'approving one’s own request': { is: anyOf(isOwnApproval), never: true },
  'said before': { is: ({ step }) => step.act === 'replay' },
  'in another order or with another document': { is: ({ step }) => step.act === 'shuffle' },
  'from another record': { is: ({ step }) => step.act === 'borrow' },
  'a drill’s word for a real emergency': { is: anyOf(isDrillForReal), never: true },
  'a share for another emergency’s opening': { is: anyOf(isForeignShare), never: true },
  'a share after the window': { is: anyOf(isLateShare), never: true },
  'a clock that jumps': { is: ({ step }) => step.off !== 0 },
  'a group that needs nobody': { is: isSealOf(({ need }) => need <= 0), never: true },
  'two groups of one name': { is: isSealOfTwins, never: true },
  'somebody unknown': { is: anyOf(isByUnknown), never: true },
  'a flood of declarations': { is: anyOf(isFlood), never: true },
};

type Judge = (statement: Statement, attempt: Attempt, about: Emergency | undefined) => boolean;

function anyOf(judge: Judge): (attempt: Attempt) => boolean {
  return (attempt) =>
    attempt.stored.type === 'statements' &&
    attempt.stored.signed.some(({ statement }) =>
      judge(statement, attempt, emergencyById(attempt.state, statement.subject)),
    );
}

/** By a declaration, by signing twice, or by releasing twice. */
function isTwice(statement: Statement, { stored }: Attempt, about: Emergency | undefined): boolean {
  if (statement.kind === 'declare') {
    const { by, second, approver } = statement;
    const people = [by, second, approver].filter((one) => one !== undefined);
    return new Set(people).size < people.length;
  }
  if (statement.kind === 'share.release')
    return (
      about?.openings.some(
        (one) =>
          one.request === statement.request &&
          one.releases.some(({ holder }) => holder === statement.by),
      ) === true
    );
  const signers = stored.type === 'statements' ? stored.signed.map((one) => one.statement.by) : [];
  // A change of the organisation counts people, not signatures: one who signs twice is one.
  const counted = statement.kind === 'roster.change' || statement.kind === 'policy.adopt';
  return !counted && new Set(signers).size < signers.length;
}

function isOwnApproval(statement: Statement, _: Attempt, about: Emergency | undefined): boolean {
  if (statement.kind !== 'approve' || about === undefined) return false;
  const approver = statement.approver ?? statement.by;
  return participants(about).includes(approver);
}

function isDrillForReal(statement: Statement, _: Attempt, about: Emergency | undefined): boolean {
  return about?.drill === false && statement.purpose === 'drill';
}

function isForeignShare(
  statement: Statement,
  { state }: Attempt,
  about: Emergency | undefined,
): boolean {
  if (statement.kind !== 'share.release' || about === undefined) return false;
  return allEmergencies(state).some(
    (one) =>
      one.id !== about.id && one.openings.some(({ request }) => request === statement.request),
  );
}

function isLateShare(
  statement: Statement,
  { now }: Attempt,
  about: Emergency | undefined,
): boolean {
  if (statement.kind !== 'share.release' || statement.offline !== undefined) return false;
  const opening = about?.openings.find(({ request }) => request === statement.request);
  return opening !== undefined && Date.parse(now) > Date.parse(opening.expires);
}

function isByUnknown(statement: Statement, { state }: Attempt): boolean {
  const known = (id: string) => state.roster?.members.some((one) => one.id === id) === true;
  const named =
    statement.kind === 'declare'
      ? [statement.second, statement.witness, statement.approver].filter((one) => one !== undefined)
      : [];
  return ![statement.by, ...named].every(known);
}

/** While a request of one's own waits. */
function isFlood(statement: Statement, { state }: Attempt): boolean {
  return (
    statement.kind === 'declare' &&
    statement.offline === undefined &&
    allEmergencies(state).some(
      (one) => one.requester === statement.by && isUnderWay(one) && one.offline === undefined,
    )
  );
}

type Sealed = Extract<
  Extract<StoredInput, { readonly type: 'observation' }>['observation'],
  { readonly saw: 'sealed' }
>;
type Groups = Sealed['header']['paths'][number]['groups'];

function groupsOf({ stored }: Attempt): readonly Groups[] {
  return stored.type === 'observation' && stored.observation.saw === 'sealed'
    ? stored.observation.header.paths.map(({ groups }) => groups)
    : [];
}

function isSealOf(fits: (group: Groups[number]) => boolean): (attempt: Attempt) => boolean {
  return (attempt) => groupsOf(attempt).some((groups) => groups.some(fits));
}

function isSealOfTwins(attempt: Attempt): boolean {
  return groupsOf(attempt).some(
    (groups) => new Set(groups.map(({ name }) => name)).size < groups.length,
  );
}
