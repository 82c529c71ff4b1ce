import { canonicalText, digestOf, HalliganError, type Json } from '@halligan/format';
import {
  decide,
  type EventBody,
  evolve,
  type HalliganEvent,
  type State,
  type StoredInput,
  streamOf,
  verifyInput,
} from '@halligan/procedure';
import { consequencesElsewhere } from './elsewhere.ts';
import { JudgedBefore } from './judged-before.ts';
import type { Group } from './transcript.ts';

/** How a replay went. */
export interface Replay {
  readonly state: State;
  /** Entries whose input was verified and decided again, with the same events as recorded. */
  readonly judged: number;
  /**
   * Entries that also belong to other emergencies, of which only the account's events are part of the transcript:
   * their signatures were verified, and that what they did to the account follows from what was signed.
   */
  readonly folded: number;
}

/**
 * Judges a record again from its beginning: each input is verified under the roster in force then, decided by the
 * rules, and the events compared with those recorded. Whoever keeps the log is the adversary: no event changes the
 * state that was not derived here from a verified input. Rules that look at other accounts and emergencies than those
 * of `streams` are judged as if there were none.
 * @param before what was judged in this process already, and need not be again
 * @throws `evidence.rules` and what verification throws, naming the first entry that does not hold
 */
export async function replay(
  groups: readonly Group[],
  streams: ReadonlySet<string>,
  before = new JudgedBefore(),
): Promise<Replay> {
  const beginning = before.beginning(groups, streams);
  const known = beginning.groups.length;
  let { state, folded, clock } = beginning;
  const ids = new Set(beginning.ids);
  for (const [at, group] of groups.slice(known).entries()) {
    try {
      clock = timeOf(group, clock);
      requireStamps(group, ids);
      const own = group.events.filter((event) => streams.has(streamOf(event)));
      if (own.length < group.events.length) folded += 1;
      await judge(state, group, own);
      state = own.reduce(evolve, state);
    } catch (cause) {
      throw atEntry(group.index, known + at, cause);
    }
  }
  before.keep(streams, { groups, state, folded, clock, ids });
  return { state, judged: groups.length - folded, folded };
}

/** One group has one time, and times do not go back: otherwise a server could judge a release by yesterday's window. */
function timeOf({ events }: Group, clock: string): string {
  const at = events[0]?.at ?? '';
  if (events.some((event) => event.at !== at)) throw rulesError('its events have different times');
  if (clock !== '' && Date.parse(at) < Date.parse(clock))
    throw rulesError('its time lies before that of the entry before it');
  return at;
}

/** The actor is whoever signed, and an event has an id of its own: a reader may rely on both. */
function requireStamps({ input, events }: Group, ids: Set<string>): void {
  const actor = actorOf(input);
  if (events.some((event) => event.actor !== actor))
    throw rulesError('it names another actor than who signed');
  for (const { id } of events) {
    if (ids.has(id)) throw rulesError('it repeats the id of another event');
    ids.add(id);
  }
}

async function judge(state: State, group: Group, own: readonly HalliganEvent[]): Promise<void> {
  const { input, events } = group;
  requireOwnSeal(input);
  const verified = await verifyInput(state, input);
  // A tick concerns every emergency at once; the state holds only those of the transcript, so only their events follow.
  const elsewhere =
    own.length === events.length || verified.type === 'tick'
      ? undefined
      : consequencesElsewhere(state, verified, events, own);
  const decision = elsewhere ?? decide(state, verified, events[0]?.at ?? '');
  if ('refusal' in decision) throw rulesError(`the rules refuse it (${decision.refusal.rule})`);
  if (!sameEvents(decision.events, own))
    throw rulesError('the rules say that something else happened');
}

/** A journaled seal is seal.json whole: otherwise the record could count a quorum by other paths than the seal's own. */
function requireOwnSeal(input: StoredInput): void {
  if (input.type !== 'observation' || input.observation.saw !== 'sealed') return;
  const { header, digest } = input.observation;
  if (digestOf(header as unknown as Json) !== digest)
    throw rulesError('its seal is not the one whose digest it names');
}

function sameEvents(expected: readonly EventBody[], recorded: readonly HalliganEvent[]): boolean {
  const plain = (events: readonly EventBody[]) =>
    events.map(({ type, data, said = null }) =>
      canonicalText({ type, data: data as unknown as Json, said }),
    );
  const [a, b] = [plain(expected), plain(recorded)];
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

function actorOf(input: StoredInput): string {
  return input.type === 'statements' ? (input.signed[0]?.statement.by ?? 'server') : 'server';
}

function rulesError(why: string): HalliganError {
  return new HalliganError(
    'evidence.rules',
    `It does not follow the rules: ${why}.`,
    'The record was altered, or its server did not keep the rules.',
  );
}

/** Names the entry, and says what still stands. */
function atEntry(index: number, before: number, cause: unknown): HalliganError {
  const known =
    cause instanceof HalliganError
      ? cause
      : new HalliganError(
          'evidence.fault',
          'It could not be judged.',
          'Report this, with the pack.',
        );
  const rest = before === 0 ? '' : ` The ${before} entries before it still verify.`;
  return new HalliganError(known.code, `Entry ${index}: ${known.message}${rest}`, known.hint, {
    cause,
  });
}
