import { entryOf } from '../state.ts';
import type { CorrectiveAction } from './events.ts';
import type { Emergency } from './state.ts';

/** The corrective actions that a review decided on. */
export function actionsOf({ reviewed }: Emergency): readonly CorrectiveAction[] {
  if (reviewed === undefined) return [];
  return reviewed.findings?.actions ?? [reviewed.action];
}

/** Corrective actions that nobody attested done yet. They stay due after the close. */
export function openActions(emergency: Emergency): readonly CorrectiveAction[] {
  const done = emergency.actionsDone ?? {};
  return actionsOf(emergency).filter(({ what }) => entryOf(done, what) === undefined);
}
