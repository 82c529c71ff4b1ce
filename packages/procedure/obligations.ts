import { custodyObligations } from './custody/custody-obligations.ts';
import type { Due } from './due.ts';
import { after, isAfter } from './duration.ts';
import { untoldApprovers } from './emergency/contact.ts';
import { logCheckersOf } from './emergency/log-check.ts';
import { actionDuties, resetDuties, reviewDuties } from './emergency/making-good.ts';
import { isSignedByBoth, isTaken } from './emergency/record.ts';
import { emergencyById, openEmergencies, owingEmergencies } from './emergency/register.ts';
import { reviewersOf } from './emergency/reviewers.ts';
import { isSignOffDue, signersOffOf } from './emergency/sign-off.ts';
import { bothOf, closersOf, seatOf, signersOf } from './emergency/stand-ins.ts';
import { type Emergency, isTouched } from './emergency/state.ts';
import { collecting, dueBeforeTheEnd } from './emergency/until-the-end.ts';
import { keepingDue, recordsToDecide } from './keeping/duties.ts';
import { isPerson } from './quorum.ts';
import { standingDuties } from './standing/duties.ts';
import { entryOf, type State } from './state.ts';

/** Something due: from whom, by when. Derived, never stored: a late human is an obligation, not a silence. */
export interface Obligation extends Due {
  readonly late: boolean;
  /** Who is called in as well, because it is late: the policy's owner and the deputies. Empty until then. */
  readonly escalated: readonly string[];
  /** What makes it due, where that is not its name. */
  readonly why?: string;
}

/** Everything that is due, soonest first. */
export function obligations(state: State, now: string): readonly Obligation[] {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const due = [
    ...openEmergencies(state).flatMap((emergency) => ofEmergency(state, emergency)),
    ...[...openEmergencies(state), ...owingEmergencies(state)].flatMap((emergency) =>
      actionDuties(state, emergency),
    ),
    ...(policy === undefined ? [] : standingDuties(state, policy)),
    ...recordsToDecide(state, now).flatMap((one) => keepingDue(state, one, now)),
    ...(policy === undefined ? [] : custodyObligations(state, policy)),
  ];
  return due
    .map((one) => ({ ...one, late: isAfter(now, one.due) }))
    .map((one) => ({ ...one, escalated: one.late ? calledIn(state, one) : [] }))
    .sort((a, b) => Date.parse(a.due) - Date.parse(b.due) || (a.id < b.id ? -1 : 1));
}

/** By the policy of the emergency that is late, or the one in force. */
function calledIn(state: State, { about, owners }: Due): readonly string[] {
  const policy = state.policies[emergencyById(state, about)?.policy ?? state.policy ?? ''];
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
    due: after(from, timer, zone, policy.working_days?.holidays),
  });
  const over = emergency.ended?.at ?? emergency.aborted?.at;
  if (over === undefined) return dueBeforeTheEnd(state, emergency, policy, due);
  const closers = closersOf(state);
  const both = [...new Set(signersOf(state, emergency).flat())];
  const untold = untoldApprovers(state, emergency);
  // Whoever was silent learns what was done in their name, however it ended.
  const notice =
    untold.length === 0 ? [] : [due('notify-approvers', both, over, timers.approver_notice)];
  if (!isTouched(emergency)) return [...notice, due('close', closers, over, timers.review)];
  const list: Due[] = [...notice];
  if (isSignOffDue(emergency))
    list.push(due('sign-off', signersOffOf(state, emergency), over, timers.solo_sign_off));
  if (!isSignedByBoth(emergency)) {
    const missing = signersMissing(state, emergency);
    list.push(due('sign-record', missing, over, timers.documentation));
  } else if (emergency.submitted === undefined)
    list.push(due('submit-record', both, over, timers.documentation));
  list.push(
    ...resetDuties(state, emergency, (what, owners) => due(what, owners, over, timers.reset)),
    ...reviewDuties(state, emergency, policy, due),
  );
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
  else if (emergency.rules > 1 && emergency.verified === undefined)
    list.push(due('check-log', logCheckersOf(state, emergency), over, timers.review));
  if (list.length === 0) list.push(due('close', closers, over, timers.review));
  return list;
}

function signersMissing(state: State, emergency: Emergency): readonly string[] {
  const missing = bothOf(emergency).flatMap((person) =>
    isTaken(emergency, person) ? [] : seatOf(state, emergency, person),
  );
  const signed = emergency.record?.signedBy ?? [];
  return [...new Set(missing)].filter((one) => !signed.includes(one));
}
