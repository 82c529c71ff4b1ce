import { ROSTER_DELAY_HOURS } from '@halligan/statement';
import type { State } from '../state.ts';

/**
 * What a device saw of the roster and of changes that wait, by its own clock. The server chooses the record's times:
 * with one admin it could let 48 hours pass in a minute, but not on a device that counts for itself.
 */
export interface Watched {
  /** Number of the last roster link. */
  readonly roster: number;
  /** When this device first saw each change that waits or took effect by waiting, by digest. */
  readonly changes: Readonly<Record<string, string>>;
}

/** Digests of the changes that wait for consent or for their delay. */
export function waitingChanges({ roster, standing }: State): readonly string[] {
  return [
    ...(roster?.pending ?? []).map(({ digest }) => digest),
    ...Object.keys(standing.proposals),
  ];
}

const DELAY = ROSTER_DELAY_HOURS * 3_600_000;
const LONG_AGO = '1970-01-01T00:00:00.000Z';

/**
 * What a device has seen once it has proven a state. A change that is neither waiting nor in force is forgotten, so
 * that its delay begins anew should it be proposed again.
 * @param before undefined where the device looks for the first time: what is in force then is what people compared
 * @param now the device's own clock, RFC 3339
 */
export function watch(state: State, before: Watched | undefined, now: string): Watched {
  const { roster, standing } = state;
  const waiting = waitingChanges(state);
  const inForce = Object.keys(standing.delayed);
  const first = (digest: string, otherwise: string) =>
    [digest, knownOf(before, digest) ?? otherwise] as const;
  return {
    roster: roster?.number ?? 0,
    changes: Object.fromEntries([
      ...inForce.map((digest) => first(digest, before === undefined ? LONG_AGO : now)),
      ...waiting.map((digest) => first(digest, now)),
    ]),
  };
}

function knownOf(before: Watched | undefined, digest: string): string | undefined {
  return before !== undefined && Object.hasOwn(before.changes, digest)
    ? before.changes[digest]
    : undefined;
}

/** A change that took effect by waiting, but not yet 48 hours after this device first saw it. */
export function tooEarly(
  state: State,
  watched: Watched,
  now: string,
): { readonly change: string; readonly until: string } | undefined {
  for (const change of Object.keys(state.standing.delayed)) {
    const until = Date.parse(knownOf(watched, change) ?? now) + DELAY;
    if (until > Date.parse(now)) return { change, until: new Date(until).toISOString() };
  }
  return undefined;
}
