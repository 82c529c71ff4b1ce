import { eventsOf, type Group, groupOf, makeTranscript, type View } from '@halligan/evidence';
import { HalliganError, hex, type Json } from '@halligan/format';
import { type Checkpoint, type EventGroup, encodeEntry, type Journal } from '@halligan/journal';
import {
  decide,
  EMPTY,
  evolve,
  type HalliganEvent,
  type Input,
  type Refusal,
  type State,
  type StoredInput,
  streamOf,
  verifyInput,
} from '@halligan/procedure';
import type { Roster } from '@halligan/statement';
import {
  bundleBytes,
  HASH_SIZE,
  hasTile,
  TILE_WIDTH,
  type Tile,
  tileBytes,
  verifyConsistency,
} from '@halligan/tlog';
import type { Clock } from './clock/clock.ts';
import { stamp } from './stamp.ts';

/** Signs a checkpoint that leaves the server. */
export type Leave = (checkpoint: Checkpoint) => Promise<string>;

/** What became of an input. */
export type Outcome =
  | { readonly events: readonly HalliganEvent[]; readonly checkpoint: Checkpoint }
  | { readonly refusal: Refusal };

/** What the first entries of a record came to. */
export interface Folded {
  readonly size: number;
  readonly state: State;
  /** The entries of each stream, by index. */
  readonly streams: ReadonlyMap<string, readonly number[]>;
  /** The time of the last entry. */
  readonly last: string;
}

/** An input that was verified, under which roster, and what the rules had against it. */
export interface Considered {
  readonly input: Input;
  readonly roster: Roster | undefined;
  readonly refusal?: Refusal;
}

/**
 * The one place where inputs become events: verified → decided on the pending state → journaled → durable. `decide`
 * sees what is pending; everybody else sees what is durable. A failed commit takes the pending state back to it.
 */
export class Leader {
  readonly #journal: Journal;
  readonly #clock: Clock;
  #pending: State = EMPTY;
  #pendingSize = 0;
  /** Counts failed commits: what was decided before one was decided upon a state that never came to be. */
  #epoch = 0;
  #durable: State = EMPTY;
  #durableSize = 0;
  /** The time of the last durable entry. */
  #last = '1970-01-01T00:00:00Z';
  readonly #streams = new Map<string, number[]>();
  readonly #listeners = new Set<() => void>();

  readonly #leave: Leave;

  private constructor(journal: Journal, clock: Clock, leave: Leave) {
    this.#leave = leave;
    this.#journal = journal;
    this.#clock = clock;
  }

  /**
   * Folds a journal that its driver has verified.
   * @param leave signs what leaves with every key of the log; as it is by default
   * @param from what the first entries came to, from who folded them before
   */
  static async open(
    journal: Journal,
    clock: Clock,
    leave: Leave = async ({ note }) => note,
    from?: Folded,
  ): Promise<Leader> {
    const leader = new Leader(journal, clock, leave);
    let state = from?.state ?? EMPTY;
    for (const [stream, indices] of from?.streams ?? []) leader.#streams.set(stream, [...indices]);
    if (from !== undefined) clock.notBefore(from.last);
    leader.#last = from?.last ?? leader.#last;
    for await (const { index, group } of journal.read(from?.size ?? 0)) {
      const events = eventsOf(index, group.events);
      state = fold(state, events);
      leader.#index(index, events);
    }
    clock.notBefore(leader.#last);
    leader.#pending = state;
    leader.#durable = leader.#pending;
    leader.#pendingSize = journal.checkpoint().size;
    leader.#durableSize = leader.#pendingSize;
    return leader;
  }

  /**
   * What the durable entries came to, with the nodes of their tree; undefined where a commit is half taken in, until the
   * next change.
   */
  folded(): (Folded & { readonly root: Uint8Array }) | undefined {
    const { size, root } = this.#journal.checkpoint();
    if (size !== this.#durableSize) return undefined;
    const streams = new Map([...this.#streams].map(([stream, indices]) => [stream, [...indices]]));
    return { size, root, state: this.#durable, streams, last: this.#last };
  }

  /** The root of the complete subtree `index` of 2^level durable entries. */
  node(level: number, index: number): Uint8Array {
    return this.#journal.node(level, index);
  }

  /** The durable state. */
  get state(): State {
    return this.#durable;
  }

  /** The record's clock: what the rules judge by. RFC 3339. */
  now(): string {
    return this.#clock.now();
  }

  checkpoint(): Checkpoint {
    return this.#journal.checkpoint();
  }

  /** The checkpoint as it may leave the server: signed with every key of the log. */
  async leaving(): Promise<Checkpoint> {
    const checkpoint = this.#journal.checkpoint();
    return { ...checkpoint, note: await this.#leave(checkpoint) };
  }

  /** Called after each durable change. Returns what stops it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * What the rules would say now, without writing anything.
   * @throws `server.other-history`, `journal.entry-too-large`, and what verifying throws
   */
  async consider(stored: StoredInput): Promise<Considered> {
    const verified = await this.#verified(stored);
    if (stored.type === 'statements')
      for (const { statement } of stored.signed) this.#requireOurs(statement.journal);
    const at = this.now();
    const decision = decide(this.#pending, verified.input, at);
    if ('refusal' in decision) return { ...verified, refusal: decision.refusal };
    encodeEntry(groupFor(stored, stamp(decision.events, at, actorOf(stored))));
    return verified;
  }

  /**
   * Decides and, where the rules agree, journals; resolves when that is durable.
   * @param considered what `consider` made of it: it is not verified twice, unless the roster has changed since
   * @throws what the journal's append throws; nothing has happened then
   */
  async submit(stored: StoredInput, considered?: Considered): Promise<Outcome> {
    const { input } =
      considered !== undefined && considered.roster === this.#pending.roster
        ? considered
        : await this.#verified(stored);
    this.#requireOwnLog();
    // From here to the append nothing awaits: what is decided on is what is appended to.
    const at = this.now();
    const decision = decide(this.#pending, input, at);
    if ('refusal' in decision) return decision;
    if (decision.events.length === 0) return { events: [], checkpoint: this.#journal.checkpoint() };
    this.#clock.notBefore(at);
    const events = stamp(decision.events, at, actorOf(stored));
    const group = groupFor(stored, events);
    // What no entry holds is refused before it is pending: it would take along what others decide upon it.
    encodeEntry(group);
    this.#pending = fold(this.#pending, events);
    const index = this.#pendingSize;
    this.#pendingSize += 1;
    const epoch = this.#epoch;
    let checkpoint: Checkpoint;
    try {
      checkpoint = await this.#journal.append([group], index);
    } catch (cause) {
      if (epoch === this.#epoch) this.#rollBack();
      throw cause;
    }
    this.#durable = fold(this.#durable, events);
    this.#durableSize = index + 1;
    this.#index(index, events);
    for (const listener of this.#listeners) listener();
    return { events, checkpoint };
  }

  /**
   * The part of the record that some streams make, with proofs, for a device that last saw `since` entries.
   * @throws `server.behind` where the device saw more than there is: one of the two was rolled back
   */
  async view(streams: Iterable<string>, since: number, from = 0): Promise<View> {
    const { note, size } = await this.leaving();
    if (since > size) {
      throw new HalliganError(
        'server.behind',
        `Your device saw ${since} entries; this server has ${size}.`,
        'This server was rolled back, or restored from an older backup: docs/guides/back-up.md. Sign nothing; tell security.',
      );
    }
    const indices = [...new Set([...streams].flatMap((stream) => this.#streams.get(stream) ?? []))]
      .filter((index) => index >= from && index < size)
      .sort((a, b) => a - b);
    const entries = [];
    for (const [from, to] of stretchesOf(indices))
      for await (const { index, bytes } of this.#journal.read(from, to))
        entries.push({ index, bytes, proof: this.#journal.inclusionProof(index, size) });
    const consistency =
      since === 0 ? [] : this.#journal.consistencyProof(since, size).map((hash) => hash.toBase64());
    return { transcript: makeTranscript(note, entries), consistency };
  }

  /** A tile or entry bundle of the durable log; undefined where it has none. */
  async tile(tile: Tile): Promise<Uint8Array | undefined> {
    if (!hasTile(this.#journal.checkpoint().size, tile)) return undefined;
    if (tile.level !== 'entries')
      return tileBytes(tile, (level, index) => this.#journal.node(level, index));
    const from = tile.index * TILE_WIDTH;
    const entries = await Array.fromAsync(this.#journal.read(from, from + tile.width));
    return bundleBytes(entries.map(({ bytes }) => bytes));
  }

  /** The hashes of the first `size` leaves, 32 bytes each: a kit proves the whole tree by them. */
  leaves(size: number): Uint8Array {
    const hashes = new Uint8Array(size * HASH_SIZE);
    for (let index = 0; index < size; index += 1)
      hashes.set(this.#journal.node(0, index), index * HASH_SIZE);
    return hashes;
  }

  /** What is durable, from a size on. */
  async *groups(from: number): AsyncGenerator<Group> {
    for await (const { index, bytes } of this.#journal.read(from, this.#journal.checkpoint().size))
      yield groupOf(index, bytes);
  }

  /** That the tree of `to` leaves begins with that of `from` leaves. */
  consistencyProof(from: number, to: number): readonly Uint8Array[] {
    return this.#journal.consistencyProof(from, to);
  }

  /** Verified under the roster that it will be decided under: another may come into force meanwhile. */
  async #verified(stored: StoredInput): Promise<Considered> {
    for (;;) {
      const state = this.#pending;
      const input = await verifyInput(state, stored);
      if (state.roster === this.#pending.roster) return { input, roster: state.roster };
    }
  }

  /** A statement quotes the last checkpoint that its signer saw: it must be one of this log. */
  #requireOurs({ size, root }: { readonly size: number; readonly root: string }): void {
    const now = this.#journal.checkpoint();
    try {
      verifyConsistency({
        size1: size,
        size2: now.size,
        proof: size === 0 || size > now.size ? [] : this.#journal.consistencyProof(size, now.size),
        root1: Uint8Array.fromHex(root),
        root2: now.root,
      });
    } catch (cause) {
      throw new HalliganError(
        'server.other-history',
        'This was signed by a device that saw another history than this server has.',
        'One of the two was rolled back or forged. Sign nothing; tell security.',
        { cause },
      );
    }
  }

  /** What the old key signs after its successor was named, nobody believes. @throws `server.log-key-replaced` */
  #requireOwnLog(): void {
    const { log } = this.#pending;
    if (log === undefined || log.origin === this.#journal.origin) return;
    throw new HalliganError(
      'server.log-key-replaced',
      'The log’s key was replaced, and this server still has the old one.',
      'Start the server again: it takes the new key then.',
    );
  }

  #rollBack(): void {
    this.#epoch += 1;
    this.#pending = this.#durable;
    this.#pendingSize = this.#journal.checkpoint().size;
  }

  #index(index: number, events: readonly HalliganEvent[]): void {
    this.#last = events[0]?.at ?? this.#last;
    for (const stream of new Set(events.map(streamOf))) {
      const indices = this.#streams.get(stream);
      if (indices === undefined) this.#streams.set(stream, [index]);
      else indices.push(index);
    }
  }
}

/** The journal's place as statements quote it. */
export function placeOf({ size, root }: Checkpoint): {
  readonly size: number;
  readonly root: string;
} {
  return { size, root: hex(root) };
}

/** Ascending indices as stretches without a gap, the end of each excluded: what lies side by side is read at once. */
function stretchesOf(indices: readonly number[]): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = [];
  for (const index of indices) {
    const last = stretches.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else stretches.push([index, index + 1]);
  }
  return stretches;
}

function fold(state: State, events: readonly HalliganEvent[]): State {
  return events.reduce(evolve, state);
}

function groupFor(stored: StoredInput, events: readonly HalliganEvent[]): EventGroup {
  return { input: stored as unknown as Json, events: events as unknown as readonly Json[] };
}

function actorOf(stored: StoredInput): string {
  return stored.type === 'statements' ? (stored.signed[0]?.statement.by ?? 'server') : 'server';
}
