import { after, isAfter } from './duration.ts';
import { approversOf, type Policy } from './policy.ts';
import { isSignedByBoth } from './record.ts';
import { reviewersOf } from './review.ts';
import { type Emergency, isOpen, isTouched, liveOpening, type State } from './state.ts';

/** Something due: from whom, by when. Derived, never stored: a late human is an obligation, not a silence. */
export interface Obligation {
  /** Stable within its emergency or account: `<what>:<about>`. */
  readonly id: string;
  readonly what: string;
  /** The emergency or account that it is about. */
  readonly about: string;
  readonly owners: readonly string[];
  readonly due: string;
  readonly late: boolean;
}

/** Everything that is due, soonest first. */
export function obligations(state: State, now: string): readonly Obligation[] {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const due = [
    ...Object.values(state.emergencies)
      .filter(isOpen)
      .flatMap((emergency) => ofEmergency(state, emergency)),
    ...(policy === undefined ? [] : standing(state, policy)),
  ];
  return due
    .map((one) => ({ ...one, late: isAfter(now, one.due) }))
    .sort((a, b) => Date.parse(a.due) - Date.parse(b.due) || (a.id < b.id ? -1 : 1));
}

type Due = Omit<Obligation, 'late'>;

function ofEmergency(state: State, emergency: Emergency): readonly Due[] {
  const policy = state.policies[emergency.policy];
  if (policy === undefined) return [];
  const { timers, time_zone: zone } = policy;
  const due = (what: string, owners: readonly string[], from: string, timer: string): Due => ({
    id: `${what}:${emergency.id}`,
    what,
    about: emergency.id,
    owners,
    due: after(from, timer, zone),
  });
  const over = emergency.ended?.at ?? emergency.aborted?.at;
  const tier = state.accounts[emergency.account]?.document.quorum ?? '';
  const security = reviewersOf(state, emergency)[3] ?? [];
  if (over === undefined) return beforeTheEnd(emergency, due, approversOf(policy, tier), timers);
  if (!isTouched(emergency)) return [due('close', security, over, timers.review)];
  const list: Due[] = [];
  const both = [emergency.requester, emergency.second];
  if (!isSignedByBoth(emergency)) {
    list.push(
      due(
        'sign-record',
        both.filter((one) => emergency.record?.signedBy.includes(one) !== true),
        over,
        timers.documentation,
      ),
    );
  } else if (emergency.submitted === undefined)
    list.push(due('submit-record', both, over, timers.documentation));
  if (emergency.reset === undefined) list.push(due('reset', security, over, timers.reset));
  if (emergency.reviewed === undefined) {
    const seats = reviewersOf(state, emergency).filter(
      (seat) => !seat.some((person) => emergency.reviews[person] !== undefined),
    );
    list.push(due('review', [...new Set(seats.flat())], over, timers.review));
  }
  if (emergency.exercised === undefined) list.push(due('verify', both, over, timers.review));
  if (list.length === 0) list.push(due('close', security, over, timers.review));
  if (emergency.approval?.method === 'silence exception')
    list.push(due('notify-approvers', [emergency.requester], over, timers.approver_notice));
  return list;
}

function beforeTheEnd(
  emergency: Emergency,
  due: (what: string, owners: readonly string[], from: string, timer: string) => Due,
  approvers: readonly string[],
  timers: Policy['timers'],
): readonly Due[] {
  const list: Due[] = [];
  if (emergency.approval === undefined) {
    list.push(
      due(
        'approve',
        approvers.filter((one) => one !== emergency.requester),
        emergency.at,
        timers.approver_wait,
      ),
    );
  }
  if (emergency.parts[emergency.second] === undefined)
    list.push(due('take-part', [emergency.second], emergency.at, timers.approver_wait));
  const live = liveOpening(emergency);
  if (live !== undefined)
    list.push({ ...due('release', [], live.at, timers.opening_window), due: live.expires });
  const opened = emergency.openings.find((one) => one.quorumAt !== undefined)?.quorumAt;
  if (opened !== undefined) list.push(due('end', [emergency.requester], opened, timers.session));
  return list;
}

function standing(state: State, policy: Policy): readonly Due[] {
  const zone = policy.time_zone;
  return Object.values(state.accounts).flatMap((account) => {
    const proven = account.versions[account.current]?.proven;
    const { id } = account.document;
    const owner = state.systems[account.document.system]?.owner;
    const owners = owner === undefined ? [] : [owner];
    if (account.state === 'exposed')
      return [
        {
          id: `rotate:${id}`,
          what: 'rotate',
          about: id,
          owners,
          due: proven?.at ?? new Date(0).toISOString(),
        },
      ];
    if (proven === undefined) return [];
    const used = Object.values(state.emergencies).filter(
      (one) => one.account === id && one.exercised !== undefined,
    );
    const drilled = used.at(-1)?.exercised?.at ?? proven.at;
    return [
      {
        id: `rotate:${id}`,
        what: 'rotate',
        about: id,
        owners,
        due: after(proven.at, policy.timers.credential_rotation, zone),
      },
      {
        id: `drill:${id}`,
        what: 'drill',
        about: id,
        owners,
        due: after(drilled, policy.timers.drill_every, zone),
      },
    ];
  });
}
