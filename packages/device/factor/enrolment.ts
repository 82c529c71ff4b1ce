import type { Situation, UserKind } from '../access/access.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Verifier } from '../verifier/verifier.ts';
import type { SecurityKey } from './security-key.ts';

/**
 * What somebody can show on this machine besides a password, or in its place. It is kept by their id at the provider:
 * whoever signs in under another name of theirs is asked for the same.
 */
export interface Enrolment {
  readonly subject: string;
  /** What seed and codes are bound to, where that is not `subject`: the id they had when they enrolled. */
  readonly boundTo?: string;
  /** The name that they had here, where it is somebody else's now: by it, it can still be forgotten. */
  readonly formerName?: string;
  /** Whether a factor is asked of them whatever the machine asks of others. */
  readonly isRequired: boolean;
  readonly totp?: Totp;
  /** Of the codes that are left, 32 bytes each: see `codeMac`. */
  readonly codes: readonly Uint8Array[];
  readonly keys: readonly SecurityKey[];
  readonly pin?: Pin;
}

/** An authenticator's seed. It counts once a code of it has been seen. */
export interface Totp {
  /** See `sealSeed`. */
  readonly sealed: Uint8Array;
  readonly isConfirmed: boolean;
  /** The step of the code that was taken last. */
  readonly lastStep?: number;
}

/** A PIN that is this machine's own. */
export interface Pin {
  readonly verifier: Verifier;
  /** Guesses since the last right one, counted before they are judged. */
  readonly tries: number;
}

/** Nothing is enrolled. */
export function noEnrolment(subject: string): Enrolment {
  return { subject, isRequired: false, codes: [], keys: [] };
}

/** The id that seed and codes are bound to. */
export function boundTo({ subject, boundTo = subject }: Enrolment): string {
  return boundTo;
}

/**
 * The same person's under another id. What they have under that one already stays, and is asked for where either was.
 */
export function underId(old: Enrolment, there: Enrolment): Enrolment {
  const { subject } = there;
  if (hasFactor(there) || there.pin !== undefined)
    return { ...there, isRequired: there.isRequired || old.isRequired };
  const isRequired = there.isRequired || old.isRequired;
  return { ...old, subject, boundTo: boundTo(old), isRequired };
}

/** Whether there is anything in it. */
export function isEnrolled(enrolment: Enrolment): boolean {
  const { totp, pin, isRequired } = enrolment;
  return hasFactor(enrolment) || totp !== undefined || pin !== undefined || isRequired;
}

/** Whether there is a factor that can be typed where nothing but one answer can. */
export function hasTyped({ totp, codes }: Enrolment): boolean {
  return totp?.isConfirmed === true || codes.length > 0;
}

/** Whether there is any factor besides a password and a PIN. */
export function hasFactor(enrolment: Enrolment): boolean {
  return hasTyped(enrolment) || enrolment.keys.length > 0;
}

/** How somebody signs in offline: whoever has a PIN here signs in by it. */
export function kindOf(kind: UserKind | undefined, { pin }: Enrolment): UserKind {
  return pin === undefined ? (kind ?? 'mfa') : 'pin';
}

/**
 * What is asked besides the password. Of people with a password alone only what was required of them by name; without
 * a password a security key or a printed code counts, and an authenticator's code, six digits, does not.
 */
export function factorDue(
  kind: UserKind,
  { secondFactor }: Pick<Configuration, 'secondFactor'>,
  enrolment: Enrolment,
): Situation['factor'] {
  if (kind === 'passwordless')
    return enrolment.keys.length > 0 || enrolment.codes.length > 0 ? 'enrolled' : 'missing';
  const setting = kind === 'mfa' ? secondFactor : 'none';
  const isDue = enrolment.isRequired || setting === 'required';
  if (!isDue && setting === 'none') return 'none';
  if (hasFactor(enrolment)) return 'enrolled';
  return isDue ? 'missing' : 'none';
}
