import type { Due } from '../due.ts';
import type { Policy } from '../organisation/policy.ts';
import type { State } from '../state.ts';
import { openActions } from './actions.ts';
import { actorsOf, isEscalationDue } from './governance.ts';
import { logCheckersOf } from './log-check.ts';
import { unexplainedIn } from './reconciliation.ts';
import { resetListOf, resettersOf } from './reset-list.ts';
import { reviewersOf } from './reviewers.ts';
import { closersOf } from './stand-ins.ts';
import type { Emergency } from './state.ts';
import type { MakeDue } from './until-the-end.ts';

/** The version, which a rotation proves, and each part that people attest. */
export function resetDuties(
  state: State,
  emergency: Emergency,
  due: (what: string, owners: readonly string[]) => Due,
): readonly Due[] {
  return resetListOf(state, emergency)
    .filter(({ done }) => !done)
    .map(({ item, by }) =>
      by === 'rotation'
        ? due('reset', reviewersOf(state, emergency)[3] ?? [])
        : due(`reset-${item}`, resettersOf(state, emergency, item)),
    );
}

/** The log beside the record, before the review; and what the review found, to the governance recipient. */
export function reviewDuties(
  state: State,
  emergency: Emergency,
  { timers }: Policy,
  due: MakeDue,
): readonly Due[] {
  const { reviewed, reconciled } = emergency;
  const over = emergency.ended?.at ?? emergency.aborted?.at;
  if (reviewed !== undefined)
    return isEscalationDue(emergency)
      ? [due('escalate', closersOf(state), reviewed.at, timers.documentation)]
      : [];
  // A difference that nobody explained keeps the comparison due: completeness cannot be called held before.
  const open = reconciled === undefined || unexplainedIn(emergency).length > 0;
  return emergency.rules > 1 && open && over !== undefined
    ? [due('reconcile', logCheckersOf(state, emergency), over, timers.review)]
    : [];
}

/** What a review decided on stays due until its owner attests it, also after the close. */
export function actionDuties(state: State, emergency: Emergency): readonly Due[] {
  return openActions(emergency).map((action) => ({
    id: `action:${emergency.id}:${action.what}`,
    what: 'action',
    about: emergency.id,
    owners: actorsOf(state, action),
    due: `${action.due}T23:59:59.000Z`,
  }));
}
