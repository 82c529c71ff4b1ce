import { base64, fromBase64, HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { DeviceTime } from '../clock/device-time.ts';
import { type Enrolment, noEnrolment } from '../factor/enrolment.ts';
import { SEALED_SEED_SIZE } from '../factor/seed.ts';
import { type Guesses, noGuesses, type Origin } from '../guesses/guesses.ts';
import type { Person } from '../people/person.ts';
import type { GuessCost, Verifier } from '../verifier/verifier.ts';
import type { Window } from '../window/window.ts';
import type { Store } from './store.ts';

const bytes = (size: number) =>
  z
    .base64()
    .length(4 * Math.ceil(size / 3))
    .transform(fromBase64)
    .refine((value) => value.length === size);
const seconds = z.number().nonnegative();
const costSchema = z.strictObject({
  memory: z
    .int()
    .min(8)
    .max(1 << 22),
  passes: z.int().min(1).max(1000),
  parallelism: z.int().min(1).max(255),
});
const verifierSchema = z.strictObject({
  v: z.literal('halligan/verifier/v1'),
  subject: z.string().min(1).max(256),
  at: seconds,
  cost: costSchema,
  salt: bytes(16),
  mac: bytes(32),
});
const personSchema = z.strictObject({
  name: z.string().min(1).max(256),
  subject: z.string().min(1).max(256),
  kind: z.enum(['sfa', 'mfa', 'pin', 'passwordless']),
  seen: seconds,
  disabled: z.boolean(),
  verifier: verifierSchema.exactOptional(),
});
const clockSchema = z.strictObject({ seconds, boot: z.string().max(64), uptime: seconds });
const windowSchema = z.strictObject({
  openedAt: seconds,
  endsAt: seconds,
  by: z.string().max(256),
  why: z.string().max(1000),
  signIns: z.int().min(1).exactOptional(),
});
const guessesSchema = z.strictObject({
  users: z.record(z.string().max(300), z.strictObject({ count: z.int().min(1), last: seconds })),
  allowance: z.number().min(0),
  filledAt: seconds,
});

const enrolmentSchema = z.strictObject({
  subject: z.string().min(1).max(256),
  boundTo: z.string().min(1).max(256).exactOptional(),
  formerName: z.string().min(1).max(256).exactOptional(),
  isRequired: z.boolean(),
  totp: z
    .strictObject({
      sealed: bytes(SEALED_SEED_SIZE),
      isConfirmed: z.boolean(),
      lastStep: z.int().min(0).exactOptional(),
    })
    .exactOptional(),
  codes: z.array(bytes(32)).max(1000),
  keys: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        credential: z.base64().min(4).max(2048).transform(fromBase64),
        publicKey: z.string().max(2048),
        type: z.enum(['es256', 'eddsa', 'rs256']),
        counter: z.int().min(0),
      }),
    )
    .max(20),
  pin: z.strictObject({ verifier: verifierSchema, tries: z.int().min(0) }).exactOptional(),
});

/** What is changed at once; undefined is forgotten, what is left out stays. */
export interface Change {
  readonly clock?: DeviceTime;
  readonly cost?: GuessCost;
  readonly window?: Window | undefined;
  readonly guesses?: Readonly<Partial<Record<Origin, Guesses>>>;
  readonly people?: readonly Person[];
  readonly enrolments?: readonly Enrolment[];
  /** Names. */
  readonly forgotten?: readonly string[];
  /** Ids at the provider. */
  readonly unenrolled?: readonly string[];
}

/**
 * What the agent remembers, in its own terms. Whoever edits the file is the adversary, root excepted: what has not the
 * form is an error, never a default.
 */
export class Memory {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined on a new machine. @throws `device.store` */
  clock(): DeviceTime | undefined {
    return this.#read('clock', clockSchema);
  }

  /** What a guess costs here; undefined until it was measured. @throws `device.store` */
  cost(): GuessCost | undefined {
    return this.#read('cost', costSchema);
  }

  /** The window that was opened last, whether or not it has ended by itself. @throws `device.store` */
  window(): Window | undefined {
    return this.#read('window', windowSchema);
  }

  /** @throws `device.store` */
  guesses(from: Origin, now: number): Guesses {
    return this.#read(guessesKey(from), guessesSchema) ?? noGuesses(now);
  }

  /** @param name as it was typed @throws `device.store` */
  person(name: string): Person | undefined {
    return this.#read(personKey(name), personSchema);
  }

  /** @throws `device.store` */
  people(): readonly Person[] {
    return this.#store.names(personKey('')).flatMap((key) => {
      const person = this.#read(key, personSchema);
      return person === undefined ? [] : [person];
    });
  }

  /** What somebody has enrolled here, by their id at the provider. @throws `device.store` */
  enrolment(subject: string): Enrolment {
    return this.#read(enrolmentKey(subject), enrolmentSchema) ?? noEnrolment(subject);
  }

  /** What is enrolled here by anybody, whether or not a name leads to it. @throws `device.store` */
  enrolments(): readonly Enrolment[] {
    return this.#store.names(enrolmentKey('')).flatMap((key) => {
      const enrolment = this.#read(key, enrolmentSchema);
      return enrolment === undefined ? [] : [enrolment];
    });
  }

  /** Writes all of it, or none. What is let go of somebody is in no file then. @throws `device.store` */
  change({
    clock,
    cost,
    guesses = {},
    people = [],
    enrolments = [],
    forgotten = [],
    unenrolled = [],
    ...rest
  }: Change): void {
    this.#store.put({
      ...(clock === undefined ? {} : { clock: JSON.stringify(clock) }),
      ...(cost === undefined ? {} : { cost: JSON.stringify(cost) }),
      ...Object.fromEntries(
        ORIGINS.flatMap((from) =>
          guesses[from] === undefined ? [] : [[guessesKey(from), JSON.stringify(guesses[from])]],
        ),
      ),
      ...('window' in rest
        ? { window: rest.window === undefined ? undefined : JSON.stringify(rest.window) }
        : {}),
      ...Object.fromEntries(people.map((one) => [personKey(one.name), personText(one)])),
      ...Object.fromEntries(
        enrolments.map((one) => [enrolmentKey(one.subject), enrolmentText(one)]),
      ),
      ...Object.fromEntries(forgotten.map((name) => [personKey(name), undefined])),
      ...Object.fromEntries(unenrolled.map((subject) => [enrolmentKey(subject), undefined])),
    });
    if ([people, enrolments, forgotten, unenrolled].some((some) => some.length > 0))
      this.#store.sweep();
  }

  #read<Out>(name: string, schema: z.ZodType<Out>): Out | undefined {
    const text = this.#store.get(name);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new HalliganError(
        'device.store',
        'What this machine remembers was changed by something else than this program.',
        'Find out who writes there. Then move device.db away: people sign in online once more.',
        { cause },
      );
    }
  }
}

const ORIGINS: readonly Origin[] = ['local', 'remote'];

function guessesKey(from: Origin): string {
  return `guesses/${from}`;
}

/** Names are compared as providers do: without case. */
function personKey(name: string): string {
  return `person/${name.toLowerCase()}`;
}

function enrolmentKey(subject: string): string {
  return `enrolment/${subject}`;
}

function personText({ verifier, ...person }: Person): string {
  return JSON.stringify({
    ...person,
    ...(verifier === undefined ? {} : { verifier: plainVerifier(verifier) }),
  });
}

function enrolmentText({ totp, codes, keys, pin, ...rest }: Enrolment): string {
  return JSON.stringify({
    ...rest,
    codes: codes.map(base64),
    keys: keys.map((key) => ({ ...key, credential: base64(key.credential) })),
    ...(totp === undefined ? {} : { totp: { ...totp, sealed: base64(totp.sealed) } }),
    ...(pin === undefined ? {} : { pin: { ...pin, verifier: plainVerifier(pin.verifier) } }),
  });
}

function plainVerifier({ salt, mac, ...known }: Verifier) {
  return { ...known, salt: base64(salt), mac: base64(mac) };
}
