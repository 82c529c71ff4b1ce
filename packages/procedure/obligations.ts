import { memberById } from '@halligan/statement';
import { custodyObligations } from './custody/custody-obligations.ts';
import { after, isAfter } from './duration.ts';
import { isSignedByBoth, isTaken } from './emergency/record.ts';
import { reviewersOf } from './emergency/review.ts';
import { bothOf, closersOf, seatOf, signersOf } from './emergency/stand-ins.ts';
import { participants } from './emergency/use.ts';
import { isReset } from './emergency/version-to-verify.ts';
import { approversOf, type Policy } from './organisation/policy.ts';
import { isPerson, quorumProgress } from './quorum.ts';
import {
  type Account,
  type Emergency,
  entryOf,
  isOpen,
  isTouched,
  liveOpening,
  type Opening,
  type State,
} from './state.ts';

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
  /** Who is called in as well, because it is late: the policy's owner and the deputies. Empty until then. */
  readonly escalated: readonly string[];
}

/** Everything that is due, soonest first. */
export function obligations(state: State, now: string): readonly Obligation[] {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const due = [
    ...Object.values(state.emergencies)
      .filter(isOpen)
      .flatMap((emergency) => ofEmergency(state, emergency)),
    ...(policy === undefined ? [] : standing(state, policy)),
    ...(policy === undefined ? [] : custodyObligations(state, policy)),
  ];
  return due
    .map((one) => ({ ...one, late: isAfter(now, one.due) }))
    .map((one) => ({ ...one, escalated: one.late ? calledIn(state, one) : [] }))
    .sort((a, b) => Date.parse(a.due) - Date.parse(b.due) || (a.id < b.id ? -1 : 1));
}

type Due = Omit<Obligation, 'late' | 'escalated'>;

/** By the policy of the emergency that is late, or the one in force. */
function calledIn(state: State, { about, owners }: Due): readonly string[] {
  const policy = state.policies[entryOf(state.emergencies, about)?.policy ?? state.policy ?? ''];
  if (policy === undefined) return [];
  const people = [policy.owner, ...(entryOf(policy.approvers, 'deputies') ?? [])];
  return [...new Set(people)].filter(
    (person) => isPerson(state.roster, person) && !owners.includes(person),
  );
}

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
  if (over === undefined) return beforeTheEnd(state, emergency, policy, due);
  const closers = closersOf(state);
  if (!isTouched(emergency)) return [due('close', closers, over, timers.review)];
  const list: Due[] = [];
  const both = [...new Set(signersOf(state, emergency).flat())];
  if (!isSignedByBoth(emergency)) {
    const missing = signersMissing(state, emergency);
    list.push(due('sign-record', missing, over, timers.documentation));
  } else if (emergency.submitted === undefined)
    list.push(due('submit-record', both, over, timers.documentation));
  if (!isReset(state, emergency))
    list.push(due('reset', reviewersOf(state, emergency)[3] ?? [], over, timers.reset));
  if (emergency.reviewed === undefined) {
    const seats = reviewersOf(state, emergency).filter(
      (seat) => !seat.some((person) => entryOf(emergency.reviews, person) !== undefined),
    );
    // Where every seat signed, but not the same document, all are asked again.
    const owners = seats.length > 0 ? seats : reviewersOf(state, emergency);
    list.push(due('review', [...new Set(owners.flat())], over, timers.review));
  }
  list.push(...collecting(state, emergency));
  if (emergency.exercised === undefined) list.push(due('verify', both, over, timers.review));
  if (list.length === 0) list.push(due('close', closers, over, timers.review));
  if (emergency.approval?.method === 'silence exception')
    list.push(
      due(
        'notify-approvers',
        seatOf(state, emergency, emergency.requester),
        over,
        timers.approver_notice,
      ),
    );
  return list;
}

/** Until the end: who is asked for something, and where nobody is, the requester opens, ends or aborts. */
function beforeTheEnd(
  state: State,
  emergency: Emergency,
  policy: Policy,
  due: (what: string, owners: readonly string[], from: string, timer: string) => Due,
): readonly Due[] {
  const { timers } = policy;
  const list: Due[] = [];
  const parts = participants(emergency);
  const present = (people: readonly string[]) =>
    people.filter((one) => isPerson(state.roster, one));
  const ending = present(bothOf(emergency));
  // Who has left can open nothing: whoever is still there gives it up.
  const enders = (ending.length > 0 ? ending : (signersOf(state, emergency)[0] ?? [])).slice(0, 1);
  if (emergency.approval === undefined) {
    const tier = entryOf(state.accounts, emergency.account)?.document.quorum ?? '';
    const refused = emergency.refusals.map((one) => one.by);
    const approvers = approversOf(policy, tier).filter((one) => !parts.includes(one));
    const asked = present(approvers.filter((one) => !refused.includes(one)));
    // Where all refused, the requester aborts.
    const owners = asked.length > 0 ? asked : enders;
    const what = asked.length > 0 ? 'approve' : 'abort';
    list.push(due(what, owners, emergency.at, timers.approver_wait));
  }
  const absent = parts.filter(
    (one) => one !== emergency.requester && entryOf(emergency.parts, one) === undefined,
  );
  const joining = present(absent);
  if (joining.length > 0) list.push(due('take-part', joining, emergency.at, timers.approver_wait));
  const opened = emergency.openings.find((one) => one.quorumAt !== undefined)?.quorumAt;
  list.push(...collecting(state, emergency));
  if (opened !== undefined) list.push(due('end', enders, opened, timers.session));
  if (list.length === 0) {
    const ready = [emergency.approval, ...Object.values(emergency.parts)].map((one) => one?.at);
    const expired = emergency.openings.map((one) => one.expires);
    const from = [emergency.at, ...ready, ...expired].reduce(later) ?? emergency.at;
    const gone = [
      emergency.requester,
      ...absent.filter((one) => one === emergency.second || policy.witness === 'required'),
    ].some((one) => !isPerson(state.roster, one));
    list.push(due(gone ? 'abort' : 'open', enders, from, timers.opening_window));
  }
  return list;
}

/** Shares that an opening waits for, until its window closes. */
function collecting(state: State, emergency: Emergency): readonly Due[] {
  const live = liveOpening(emergency);
  if (live === undefined) return [];
  const holders = missingHolders(state, emergency, live).filter(
    (one) => state.roster !== undefined && memberById(state.roster, one) !== undefined,
  );
  // Where every holder has left, whoever asked decides what to do instead.
  const owners = holders.length > 0 ? holders : seatOf(state, emergency, live.by);
  const { id } = emergency;
  return [{ id: `release:${id}`, what: 'release', about: id, owners, due: live.expires }];
}

function signersMissing(state: State, emergency: Emergency): readonly string[] {
  const missing = bothOf(emergency).flatMap((person) =>
    isTaken(emergency, person) ? [] : seatOf(state, emergency, person),
  );
  const signed = emergency.record?.signedBy ?? [];
  return [...new Set(missing)].filter((one) => !signed.includes(one));
}

function missingHolders(state: State, emergency: Emergency, opening: Opening): readonly string[] {
  const version = entryOf(state.accounts, emergency.account)?.versions[opening.version];
  if (version === undefined) return [];
  const missing = quorumProgress(version.header, opening.path, opening.releases)
    .filter((group) => group.have.length < group.need)
    .flatMap((group) => group.missing);
  return [...new Set(missing)].filter((one) => one !== emergency.witness);
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && isAfter(b, a)) ? b : a;
}

/** What an organisation owes without any emergency. */
function standing(state: State, policy: Policy): readonly Due[] {
  return Object.values(state.accounts)
    .filter((account) => account.state !== 'retired')
    .flatMap((account) => ofAccount(state, policy, account));
}

function ofAccount(state: State, policy: Policy, account: Account): readonly Due[] {
  const { timers, time_zone: zone } = policy;
  const { id, system } = account.document;
  const owner = entryOf(state.systems, system)?.owner;
  const owners = owner !== undefined && isPerson(state.roster, owner) ? [owner] : closersOf(state);
  const due = (what: string, from: string, timer: string): Due => ({
    id: `${what}:${id}`,
    what,
    about: id,
    owners,
    due: after(from, timer, zone),
  });
  const proven = account.versions[account.current]?.proven;
  if (account.state === 'exposed' || proven === undefined)
    return [due('rotate', account.since, timers.reset)];
  const drilled = Object.values(state.emergencies)
    .filter((one) => one.account === id)
    .map((one) => one.exercised?.at)
    .reduce(later, proven.at);
  return [
    due('rotate', proven.at, timers.credential_rotation),
    due('drill', drilled ?? proven.at, timers.drill_every),
  ];
}
