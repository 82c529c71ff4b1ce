import { HalliganError } from '@halligan/format';
import {
  after,
  decide,
  evolve,
  type HalliganEvent,
  isAfter,
  type Refusal,
  type State,
  verifyInput,
} from '@halligan/procedure';
import { inputOf, type OfflineEntry, type OfflineRecord } from './offline-record.ts';
import type { ProvenState } from './proven-state.ts';

/** What became of one entry. */
export interface OfflineStep {
  readonly entry: OfflineEntry;
  readonly events: readonly HalliganEvent[];
  /** What the rules have against it, where they have something: it stays on the record and changes nothing. */
  readonly refusal?: Refusal;
}

/** The state that a kit and what was done with it make, and how each entry was judged. */
export interface OfflineFold extends ProvenState {
  readonly steps: readonly OfflineStep[];
}

/** How far ahead another device's clock may be. */
const CLOCK_SKEW = '5m';

/**
 * Judges what was done from a kit, on a device and with no server: every signature under the kit's roster, every
 * statement by the rules, in the record's own order and at the signers' own times. Whoever has the same kit and the
 * same entries comes to the same state.
 * @param base what the kit proved
 * @param now the device's own clock
 * @throws `statement.*` where a signature does not hold; `kit.ahead` where one was made in the future
 */
export async function foldOffline(
  base: ProvenState,
  { entries }: OfflineRecord,
  now: string,
): Promise<OfflineFold> {
  let state: State = base.state;
  const steps: OfflineStep[] = [];
  const groups = [...base.groups];
  for (const entry of entries) {
    requirePast(entry, now);
    const input = inputOf(entry);
    const decision = decide(state, await verifyInput(state, input), now);
    if ('refusal' in decision) {
      steps.push({ entry, events: [], refusal: decision.refusal });
      continue;
    }
    const [first] = entry.signed;
    const at = first?.statement.at ?? now;
    const actor = first?.statement.by ?? '';
    const events = decision.events.map(
      (body, index): HalliganEvent => ({
        ...body,
        v: 'halligan/event/v1',
        id: `${entry.id.slice(0, 32)}-${index}`,
        at,
        actor,
      }),
    );
    state = events.reduce(evolve, state);
    steps.push({ entry, events });
    groups.push({
      index: base.anchor.size + groups.length - base.groups.length,
      bytes: new Uint8Array(),
      input,
      events,
    });
  }
  return { state, anchor: base.anchor, log: base.log, groups, steps };
}

function requirePast({ signed }: OfflineEntry, now: string): void {
  const limit = after(now, CLOCK_SKEW, 'UTC');
  for (const { statement } of signed)
    if (isAfter(statement.at, limit))
      throw new HalliganError(
        'kit.ahead',
        `${statement.by} signed at ${statement.at}, which lies ahead of this device’s clock.`,
        'Compare the clocks of both devices; whose is wrong sets it and signs again.',
      );
}
