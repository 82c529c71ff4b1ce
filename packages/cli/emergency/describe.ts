import {
  type Emergency,
  isOpen,
  isTouched,
  isUnderWay,
  obligations,
  participants,
  quorumProgress,
  revealedBy,
  type State,
} from '@halligan/procedure';
import { commandFor } from '../due-command.ts';

/**
 * An emergency in the lines that a person reads: what it is, who said what, how far the quorum is, how much time is left,
 * what to do where somebody is silent, and the next command.
 * @param person whose next step is shown
 * @param now RFC 3339
 */
export function describe(
  state: State,
  one: Emergency,
  person: string,
  now: string,
): readonly string[] {
  return [
    `${one.drill ? 'DRILL' : 'REAL'} ${one.id.slice(0, 12)}  ${one.account}  declared ${one.at} by ${one.requester}`,
    ...scenarioOf(one),
    ...toldOf(one),
    one.approval === undefined ? `  not approved: ask ${one.approver}` : approvalOf(one.approval),
    ...one.refusals.map(({ by, at }) => `  refused by ${by}, ${at}`),
    ...participants(one)
      .slice(1)
      .map((each) => {
        const part = one.parts[each];
        return part === undefined
          ? `  ${each} has not confirmed`
          : `  ${each} takes part (${part.role}, ${part.together})`;
      }),
    ...openingOf(state, one),
    ...timeLeft(state, one, now),
    ...fallback(state, one),
    ...overOf(one),
    ...nextOf(state, one, person, now),
  ];
}

function scenarioOf({ scenario, converted }: Emergency): readonly string[] {
  if (converted !== undefined)
    return [`  a drill until ${converted.at}, when ${converted.by} said that it is real`];
  if (scenario === undefined) return [];
  const sabotaged =
    scenario.sabotage.length === 0 ? '' : `; sabotaged: ${scenario.sabotage.join(', ')}`;
  return [`  ${scenario.notice} ${scenario.form}${sabotaged}`];
}

/** Whom the rules named, and what reached them. */
function toldOf({ asked, contacts }: Emergency): readonly string[] {
  const reached = contacts.map(
    ({ person, channel, what, contacted, by }) =>
      `  ${what} to ${person} by ${channel}, ${contacted}${by === undefined ? '' : ` (says ${by})`}`,
  );
  return [`  to be asked: ${asked.join(', ') || 'nobody'}`, ...reached];
}

function approvalOf(approval: NonNullable<Emergency['approval']>): string {
  const { by, method, given, heardBy, code } = approval;
  const how =
    code !== undefined
      ? ', confirmed by a spoken code'
      : heardBy === undefined
        ? ''
        : `, heard by ${heardBy.join(' and ')}`;
  return `  approved by ${by} (${method}${given === undefined ? '' : ` at ${given}`}${how})`;
}

function openingOf(state: State, one: Emergency): readonly string[] {
  const opening = one.openings.at(-1);
  if (opening === undefined) return [];
  const header = state.accounts[one.account]?.versions[opening.version]?.header;
  const groups = header === undefined ? [] : quorumProgress(header, opening.path, opening.releases);
  return [
    `  ${opening.exercise ? 'exercise of' : 'opening'} version ${opening.version} by ${opening.path}: ${opening.quorumAt !== undefined ? 'opened' : opening.expired ? 'expired' : `until ${opening.expires}`}`,
    ...groups.map(
      ({ name, have, need, missing }) =>
        `  ${name}: ${have.length} of ${need}${have.length < need ? `; could release: ${missing.join(', ')}` : ''}`,
    ),
  ];
}

/** The countdowns that run. */
function timeLeft(state: State, one: Emergency, now: string): readonly string[] {
  if (!isUnderWay(one)) return [];
  const due = obligations(state, now).filter(({ about }) => about === one.id);
  const opened = revealedBy(one);
  const session = due.find(({ what }) => what === 'end');
  const window = due.find(({ what }) => what === 'release');
  return [
    ...(window === undefined ? [] : [`  window: ${left(window.due, now)}`]),
    ...(opened === undefined || session === undefined
      ? []
      : [`  session: ${left(session.due, now)}`]),
  ];
}

function left(due: string, now: string): string {
  const minutes = Math.floor((Date.parse(due) - Date.parse(now)) / 60_000);
  const text = `${Math.floor(Math.abs(minutes) / 60)} h ${Math.abs(minutes) % 60} min`;
  return minutes < 0 ? `EXCEEDED by ${text}` : `${text} left`;
}

/** What there is where somebody is silent or missing. */
function fallback(state: State, one: Emergency): readonly string[] {
  const wait = state.policies[one.policy]?.timers.approver_wait;
  if (!isUnderWay(one) || wait === undefined) return [];
  if (one.approval === undefined)
    return [
      one.refusals.length > 0
        ? '  fallback: another approver; a refusal bars the silence exception'
        : one.second === undefined
          ? '  fallback: any other approver or deputy; nobody opens alone in silence'
          : `  fallback: after ${wait} of silence, halligan emergency exception`,
    ];
  if (revealedBy(one) === undefined)
    return [
      '  fallback: another path (--path), the envelope, another account; abort with a reason',
    ];
  return [];
}

function overOf(one: Emergency): readonly string[] {
  const over = one.ended ?? one.aborted;
  return [
    ...(one.ended === undefined ? [] : [`  ended ${one.ended.at}`]),
    ...(one.aborted === undefined ? [] : [`  aborted ${one.aborted.at} by ${one.aborted.by}`]),
    ...(isOpen(one) && over !== undefined && isTouched(one)
      ? [
          `  record ${one.submitted === undefined ? 'due' : 'submitted'} · reset ${one.reset === undefined ? 'due' : 'done'} · review ${one.reviewed === undefined ? 'due' : 'done'} · verification ${one.exercised === undefined ? 'due' : 'done'}`,
        ]
      : []),
    ...(one.closed === undefined ? [] : [`  closed ${one.closed.at} by ${one.closed.by}`]),
  ];
}

/** What this person does next; where it is not their turn, whose turn it is. */
function nextOf(state: State, one: Emergency, person: string, now: string): readonly string[] {
  const due = obligations(state, now).filter(({ about }) => about === one.id);
  const own = due.find(({ owners }) => owners.includes(person));
  if (own !== undefined) return [`Next: ${commandFor(own)}`];
  const [other] = due;
  return other === undefined ? [] : [`Waiting for ${other.owners.join(', ')}: ${other.what}`];
}
