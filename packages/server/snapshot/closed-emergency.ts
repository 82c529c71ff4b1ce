import { createHash } from 'node:crypto';
import { canonicalText, HalliganError, hex, type Json } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';

/** What rules and lists ask of every emergency, however long it has been closed; the rest is read when it is wanted. */
const LIGHT: ReadonlySet<string> = new Set<keyof Emergency>([
  'aborted',
  'account',
  'actionsDone',
  'at',
  'closed',
  'drill',
  'ended',
  'exercised',
  'id',
  'keeping',
  'policy',
  'requester',
  'reviewed',
  'scenario',
]);

/** Where the rest of a closed emergency lies in its file, and the digest of the whole emergency. */
export interface Place {
  readonly at: number;
  readonly length: number;
  /** See {@link emergencyDigest}. */
  readonly digest: string;
}

/** Reads that many bytes of a file from there. */
export type ReadAt = (at: number, length: number) => Uint8Array;

type Members = Readonly<Record<string, unknown>>;

const LIES = Symbol('where the rest of this emergency lies');

interface Lying {
  readonly place: Place;
  readonly read: ReadAt;
}

/** SHA-256 over the canonical text of an emergency. */
export function emergencyDigest(emergency: Emergency): string {
  return hex(
    createHash('sha256')
      .update(canonicalText(emergency as unknown as Json))
      .digest(),
  );
}

/** An emergency in two. */
export interface Parted {
  /** What stays in memory, with null for what does not. */
  readonly light: Members;
  /** What does not, as JSON. */
  readonly rest: Uint8Array;
  readonly digest: string;
}

/** Parts an emergency that is whole in memory. */
export function parted(emergency: Emergency): Parted {
  const members = Object.entries(emergency).filter(([, value]) => value !== undefined);
  const light = members.map(([name, value]) => [name, LIGHT.has(name) ? value : null]);
  const rest = Object.fromEntries(members.filter(([name]) => !LIGHT.has(name)));
  return {
    light: Object.fromEntries(light),
    rest: Buffer.from(JSON.stringify(rest)),
    digest: emergencyDigest(emergency),
  };
}

/** The parts of one that lies parted already, without parting it again; undefined where it is whole in memory. */
export function partsOf(emergency: Emergency): Parted | undefined {
  const lying = lyingOf(emergency);
  if (lying === undefined) return undefined;
  const { place, read } = lying;
  const light = membersOf(emergency, () => null);
  return { light, rest: read(place.at, place.length), digest: place.digest };
}

/**
 * An emergency whose rest lies in a file. It is like any other: what is not in memory is read when somebody asks for
 * it, and a copy of it (`{ ...emergency }`, JSON) is whole. In the order that its members had.
 * @param light of {@link parted}
 */
export function closedEmergency(light: Members, place: Place, read: ReadAt): Emergency {
  const one: Record<string | symbol, unknown> = {};
  for (const name of Object.keys(light)) {
    const value = light[name];
    if (value !== null) one[name] = value;
    else Object.defineProperty(one, name, wanted(name));
  }
  const lying: Lying = { place, read };
  Object.defineProperty(one, LIES, { value: lying });
  return one as unknown as Emergency;
}

/**
 * What reads a member when it is wanted. One for each name: emergencies that lack the same members share their shape in
 * memory, and thousands are made in no time.
 */
const wantings = new Map<string, PropertyDescriptor & ThisType<Emergency>>();

function wanted(name: string): PropertyDescriptor {
  const known = wantings.get(name);
  if (known !== undefined) return known;
  const made = {
    enumerable: true,
    get(this: Emergency) {
      return wholeOf(this)[name];
    },
  };
  wantings.set(name, made);
  return made;
}

/** What was read last: who asks for one member asks for the next. */
let last: { readonly of: Lying; readonly whole: Members } | undefined;

/** @throws `server.snapshot-changed` where the file holds something else than when it was verified */
function wholeOf(emergency: Emergency): Members {
  const lying = lyingOf(emergency);
  if (lying === undefined) throw new Error('only what was left out is read');
  if (last?.of === lying) return last.whole;
  const { at, length, digest } = lying.place;
  const rest: Members = JSON.parse(Buffer.from(lying.read(at, length)).toString('utf8'));
  const whole = membersOf(emergency, (name) => rest[name]);
  if (emergencyDigest(whole as unknown as Emergency) !== digest) throw changed();
  last = { of: lying, whole };
  return whole;
}

/** The members in their order: what is in memory, and for what is not, what is given for it. */
function membersOf(emergency: Emergency, given: (name: string) => unknown): Members {
  const members = Object.entries(Object.getOwnPropertyDescriptors(emergency));
  return Object.fromEntries(members.map(([name, { value }]) => [name, value ?? given(name)]));
}

function lyingOf(emergency: Emergency): Lying | undefined {
  return (emergency as { readonly [LIES]?: Lying })[LIES];
}

/** The snapshot is no longer what was verified at the start. */
export function changed(): HalliganError {
  return new HalliganError(
    'server.snapshot-changed',
    'The snapshot that the server started from has changed since.',
    'Start the server again: it verifies the whole record first then. If nobody touched snapshots/, look after the disk.',
  );
}
