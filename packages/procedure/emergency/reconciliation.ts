import type { Json } from '@halligan/format';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { LogDifference } from './aftermath-events.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import type { LogEntry } from './audit-log.ts';
import { reviewersOf } from './reviewers.ts';
import { closersOf } from './stand-ins.ts';
import type { Emergency, Note } from './state.ts';

/** The log laid beside the record. */
export interface Comparison {
  readonly matched: readonly { readonly entry: number; readonly note: string }[];
  readonly differences: readonly Omit<LogDifference, 'explanation'>[];
}

/** Notes that the system must have seen as well; the others may match an entry, but need not. */
const SEEN_BY_SYSTEM: ReadonlySet<string> = new Set(['access', 'action']);

/**
 * Matches each entry of the target's log to one note, and each to no more than one: two entries beside one note are one
 * too many, and somebody explains the other. Nearest in time first.
 * @param tolerance how far the two clocks and a person's pen may be apart, seconds
 */
export function compareLog(
  entries: readonly LogEntry[],
  notes: readonly Note[],
  tolerance: number,
): Comparison {
  const pairs = entries
    .flatMap((entry) =>
      notes.map((note) => ({
        entry,
        note,
        apart: Math.abs(Date.parse(entry.at) - Date.parse(note.occurred)) / 1000,
        optional: SEEN_BY_SYSTEM.has(note.about) ? 0 : 1,
      })),
    )
    .filter(({ apart }) => apart <= tolerance)
    .sort(
      (a, b) => a.optional - b.optional || a.apart - b.apart || a.entry.number - b.entry.number,
    );
  const seen = new Map<number, string>();
  const noted = new Set<string>();
  for (const { entry, note } of pairs) {
    if (seen.has(entry.number) || noted.has(note.statement)) continue;
    seen.set(entry.number, note.statement);
    noted.add(note.statement);
  }
  const unseen = notes
    .filter((note) => SEEN_BY_SYSTEM.has(note.about) && !noted.has(note.statement))
    .map((note) => ({ note: note.statement, at: note.occurred }));
  const unnoted = entries
    .filter((entry) => !seen.has(entry.number))
    .map((entry) => ({ entry: entry.number, at: entry.at }));
  return {
    matched: [...seen].map(([entry, note]) => ({ entry, note })),
    differences: [...unseen, ...unnoted].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}

/** Differences that nobody explained yet. */
export function unexplainedIn(emergency: Emergency): readonly LogDifference[] {
  return (emergency.reconciled?.differences ?? []).filter((one) => one.explanation === undefined);
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const difference = z
  .strictObject({
    entry: z.int().min(1).exactOptional(),
    note: digest.exactOptional(),
    at: z.iso.datetime(),
    explanation: digest.exactOptional(),
  })
  .refine((one) => (one.entry === undefined) !== (one.note === undefined));
const reconciliation = z.lazy(() =>
  z
    .strictObject({
      v: z.literal('halligan/reconciliation/v1'),
      emergency: z.string(),
      log: digest.nullable(),
      unavailable: digest.exactOptional(),
      tolerance: z.int().min(0).max(86_400),
      entries: z.int().min(0),
      matched: z.int().min(0),
      differences: z.array(difference).max(128),
    })
    .refine((one) => (one.log === null) === (one.unavailable !== undefined)),
);

/**
 * A reviewer attests what laying the target's audit log beside the record showed, or why there was no log to be had. It
 * may be said again, with more explained, until the review is complete.
 */
export function decideReconciliation(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'reconcile.document',
    'The comparison does not fit what was signed.',
    'Lay the log beside the record again: halligan emergency reconcile.',
  );
  const found = attestedAtHand(state, said, { shape: reconciliation, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  if (emergency.ended === undefined && emergency.aborted === undefined)
    return refuse('reconcile.not-over', 'The emergency has not ended.', 'End it first.');
  if (emergency.reviewed !== undefined)
    return refuse('reconcile.reviewed', 'The review is complete.', 'Correct it by addendum.');
  const eligible = [...new Set([...reviewersOf(state, emergency).flat(), ...closersOf(state)])];
  if (!eligible.includes(said.by))
    return refuse(
      'reconcile.person',
      'You do not review this emergency.',
      'Ask a reviewer.',
      eligible,
    );
  const { log, unavailable, entries, matched, differences } = attested;
  const stranger = differences.find(
    ({ note }) => note !== undefined && !emergency.notes.some((one) => one.statement === note),
  );
  if (stranger !== undefined || matched > entries)
    return refuse(
      'reconcile.record',
      'The comparison was made with another record.',
      'Lay the log beside the record as it stands.',
    );
  return {
    events: [
      happened('LogReconciled', {
        emergency: emergency.id,
        by: said.by,
        document: said.statement.digest,
        log,
        ...(unavailable === undefined ? {} : { unavailable }),
        entries,
        matched,
        differences,
      }),
    ],
  };
}
