import { base64, fromBase64, HalliganError } from '@halligan/format';
import { z } from 'zod';
import { keyFor } from '../key/purpose.ts';
import type { Person } from '../people/person.ts';
import type { Happening } from '../record/happening.ts';
import { type Desk, timeOf } from '../sign-in/case.ts';
import { makeVerifier } from '../verifier/verifier.ts';
import { codeMac, freshCodes, readCode } from './code.ts';
import { boundTo, type Enrolment } from './enrolment.ts';
import { openSeed, otpauth, SEED_SIZE, sealSeed } from './seed.ts';
import { acceptTotp } from './totp.ts';

const name = z.string().min(1).max(256);

/** What root asks about somebody's factors. */
export const enrolSchemas = [
  z.strictObject({ ask: z.literal('factors'), name }),
  /** `machine` is what the authenticator shows beside the name. */
  z.strictObject({ ask: z.literal('add-totp'), name, machine: z.string().min(1).max(64) }),
  z.strictObject({ ask: z.literal('confirm-totp'), name, code: z.string().max(16) }),
  z.strictObject({ ask: z.literal('new-codes'), name }),
  z.strictObject({
    ask: z.literal('add-key'),
    name,
    label: z.string().min(1).max(64),
    credential: z.base64().min(4).max(2048),
    publicKey: z.string().max(2048),
    type: z.enum(['es256', 'eddsa', 'rs256']),
  }),
  z.strictObject({
    ask: z.literal('remove-factor'),
    name,
    factor: z.enum(['totp', 'codes', 'keys', 'pin']),
  }),
  z.strictObject({ ask: z.literal('require-factor'), name, isRequired: z.boolean() }),
  /** The bytes of the PIN follow, as those of a password do. */
  z.strictObject({
    ask: z.literal('set-pin'),
    name,
    secret: z.int().min(0).max(256),
  }),
] as const;

/** A question about somebody's factors. */
export type EnrolQuestion = z.infer<(typeof enrolSchemas)[number]>;

/** What somebody has enrolled, without anything of it. */
export interface Factors {
  readonly totp: 'none' | 'not confirmed' | 'enrolled';
  /** How many are left. */
  readonly codes: number;
  readonly keys: readonly string[];
  readonly pin: boolean;
  readonly isRequired: boolean;
}

interface EnrolDesk extends Pick<Desk, 'memory' | 'key' | 'cost' | 'random' | 'read'> {
  /** Makes durable what is about to be changed: a factor that somebody else enrolled is a way in. */
  readonly record: (happening: Happening) => Promise<void>;
}

/** What is about to be changed. */
interface Change {
  readonly what: string;
  /** @throws what it is refused with; nothing is changed then, nor recorded */
  readonly make: (before: Enrolment) => Enrolment;
}

/** How long after a full online sign-in a PIN may be set: whoever sets it has just shown who they are. */
const FRESH = 900;
const SHORTEST_PIN = 6;
const MOST_KEYS = 20;

/**
 * Answers a question about somebody's factors; what is changed is on the record, and durable, then. Codes and seeds are in the answer once
 * and never again.
 * @param secret the PIN, where one is set
 * @throws `device.nobody`, `device.sign-in-first`, `device.pin`, `device.code`, `device.factor`
 */
export async function enrol(
  desk: EnrolDesk,
  question: EnrolQuestion,
  secret: Uint8Array,
): Promise<unknown> {
  const person = personOf(desk, question.name);
  const bound = () => boundTo(desk.memory.enrolment(person.subject));
  const change = (what: string, make: Change['make']) => keep(desk, person, { what, make });
  switch (question.ask) {
    case 'factors':
      return factorsOf(desk.memory.enrolment(person.subject));
    case 'add-totp': {
      const seed = desk.random(SEED_SIZE);
      const sealed = sealSeed(seed, desk.key, bound(), desk.random);
      const uri = otpauth(seed, person.name, question.machine);
      seed.fill(0);
      await change('totp-added', (before) => {
        return { ...before, totp: { sealed, isConfirmed: false } };
      });
      return { uri };
    }
    case 'confirm-totp':
      return change('totp-confirmed', (before) => confirmed(desk, before, question.code));
    case 'new-codes': {
      const codes = freshCodes(desk.random);
      const macs = codes.map((code) => codeMac(desk.key, bound(), readCode(code) ?? ''));
      await change('codes-made', (before) => ({ ...before, codes: macs }));
      return { codes };
    }
    case 'add-key':
      return change('key-added', (before) => withKey(before, question));
    case 'remove-factor':
      return change(`${question.factor}-removed`, (before) => without(before, question.factor));
    case 'require-factor':
      return change(question.isRequired ? 'factor-required' : 'factor-not-required', (before) => ({
        ...before,
        isRequired: question.isRequired,
      }));
    case 'set-pin':
      return setPin(desk, person, secret);
  }
}

/** What somebody has, for a list. */
export function factorsOf({ totp, codes, keys, pin, isRequired }: Enrolment): Factors {
  return {
    totp: totp === undefined ? 'none' : totp.isConfirmed ? 'enrolled' : 'not confirmed',
    codes: codes.length,
    keys: keys.map((key) => key.name),
    pin: pin !== undefined,
    isRequired,
  };
}

function personOf({ memory }: EnrolDesk, typed: string): Person {
  const person = memory.person(typed);
  if (person !== undefined && !person.disabled) return person;
  throw new HalliganError(
    'device.nobody',
    'Nobody of that name has signed in here online.',
    'They sign in once while the provider is there; then enrol what they have.',
  );
}

async function keep(
  desk: EnrolDesk,
  { name, subject }: Person,
  { what, make }: Change,
): Promise<Factors> {
  const { memory, record } = desk;
  make(memory.enrolment(subject));
  await record({ type: 'changed', name, what });
  // A code may have been spent meanwhile: it stays spent.
  const enrolment = make(memory.enrolment(subject));
  memory.change({ clock: timeOf(desk), enrolments: [enrolment] });
  return factorsOf(enrolment);
}

/** A seed counts once its code has been seen: whoever mistyped it notices now, and not in an outage. */
function confirmed(desk: EnrolDesk, before: Enrolment, code: string): Enrolment {
  const { totp } = before;
  if (totp === undefined)
    throw new HalliganError(
      'device.factor',
      'No authenticator is being enrolled.',
      'Begin with halligan device factor add-totp.',
    );
  const seed = openSeed(totp.sealed, desk.key, boundTo(before));
  const step = acceptTotp(seed, code.trim(), desk.read().wall, totp.lastStep);
  seed.fill(0);
  if (step !== undefined)
    return { ...before, totp: { ...totp, isConfirmed: true, lastStep: step } };
  throw new HalliganError(
    'device.code',
    'This is not the code that the authenticator shows now.',
    'Wait for the next one. If none is taken, compare the clocks of both.',
  );
}

function withKey(
  before: Enrolment,
  { label, credential, publicKey, type }: Extract<EnrolQuestion, { ask: 'add-key' }>,
): Enrolment {
  const others = before.keys.filter((one) => base64(one.credential) !== credential);
  if (others.length >= MOST_KEYS || others.some((one) => one.name === label))
    throw new HalliganError(
      'device.factor',
      'There is a key of that name, or there are too many.',
      'Give it another name: --label.',
    );
  const key = { name: label, credential: fromBase64(credential), publicKey, type, counter: 0 };
  return { ...before, keys: [...others, key] };
}

function without(before: Enrolment, factor: 'totp' | 'codes' | 'keys' | 'pin'): Enrolment {
  const { totp, pin, ...rest } = before;
  return {
    ...rest,
    ...(factor === 'codes' ? { codes: [] } : {}),
    ...(factor === 'keys' ? { keys: [] } : {}),
    ...(factor === 'totp' || totp === undefined ? {} : { totp }),
    ...(factor === 'pin' || pin === undefined ? {} : { pin }),
  };
}

async function setPin(desk: EnrolDesk, person: Person, secret: Uint8Array): Promise<Factors> {
  const { seconds: at } = timeOf(desk);
  if (at - person.seen > FRESH)
    throw new HalliganError(
      'device.sign-in-first',
      'Their last sign-in with the provider is too long ago.',
      'They sign in online, with all their factors; a PIN may be set for a quarter of an hour then.',
    );
  if (secret.length < SHORTEST_PIN || secret.every((byte) => byte === secret[0]))
    throw new HalliganError(
      'device.pin',
      `A PIN has ${SHORTEST_PIN} characters at least, and not all the same.`,
      'Choose another.',
    );
  const verifier = await makeVerifier(secret, keyFor(desk.key, 'pin'), desk.random(16), {
    ...{ subject: person.subject, at, cost: desk.cost },
  });
  const make: Change['make'] = (before) => ({ ...before, pin: { verifier, tries: 0 } });
  return keep(desk, person, { what: 'pin-set', make });
}
