import type { Due } from '../due.ts';
import { after, isAfter } from '../duration.ts';
import type { Emergency } from '../emergency/state.ts';
import { waitingSince } from '../shelf.ts';
import type { State } from '../state.ts';
import { keptUntil, recordKeepers } from './keeping.ts';
import { holdsOn } from './state.ts';

/** How long keepers have to decide, once a record need not be kept any longer. */
const TO_DECIDE = '90d';

/**
 * A record whose retention is over: somebody decides whether it is erased or held. Nothing is deleted by itself, and
 * nothing is kept for ever because nobody looked.
 */
export function keepingDue(state: State, emergency: Emergency, now: string): readonly Due[] {
  const until = keptUntil(state, emergency);
  if (until === undefined || !isAfter(now, until)) return [];
  if (emergency.keeping?.erasure !== undefined || holdsOn(emergency).length > 0) return [];
  const { id } = emergency;
  const due = after(until, TO_DECIDE, 'UTC');
  return [
    { id: `retention:${id}`, what: 'retention', about: id, owners: recordKeepers(state), due },
  ];
}

/** The records about which something may have to be decided now: not those, of however many, that are kept for years. */
export function recordsToDecide(
  { emergencies, policies }: State,
  now: string,
): readonly Emergency[] {
  const all = Object.values(policies);
  return [
    ...waitingSince(emergencies.closed, (since) =>
      all.some(({ timers, time_zone: zone }) => isAfter(now, after(since, timers.retention, zone))),
    ),
  ];
}
