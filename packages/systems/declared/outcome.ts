import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import { BY_ITS_WORD } from '../its-word.ts';

/** What an answer of a step can mean, as settings declare it. */
export const SET_MEANINGS = [
  'done',
  'account-unknown',
  'constraint',
  'insufficient-access',
  'rotator-rejected',
  'old-rejected',
] as const;
export const PROVE_MEANINGS = [
  'accepted',
  'rejected',
  'account-locked',
  'password-expired',
  'second-factor',
] as const;
export const INSPECT_MEANINGS = [
  'exists',
  'absent',
  'insufficient-access',
  'rotator-rejected',
] as const;

export type SetMeaning = (typeof SET_MEANINGS)[number];
export type ProveMeaning = (typeof PROVE_MEANINGS)[number];
export type InspectMeaning = (typeof INSPECT_MEANINGS)[number];

/** A table of answers, tried from the top: the first that fits says what the step's answer means. */
export function answers<M extends string, C extends z.ZodRawShape>(
  meanings: readonly [M, ...M[]],
  needed: M,
  criteria: C,
) {
  return z
    .array(z.strictObject({ ...criteria, means: z.enum(meanings) }).readonly())
    .min(1)
    .max(32)
    .refine((rows) => rows.some((row) => 'means' in row && row.means === needed), {
      message: `needs an answer that means ${needed}`,
    })
    .readonly();
}

/**
 * What a refusal that settings declare is called, in words that hold for any system.
 * @param means a meaning that is neither a success nor an answer of its own
 */
export function refusalOf(means: string): HalliganError {
  const [code, why, hint] = REFUSALS[means] ?? UNEXPLAINED;
  return new HalliganError(code, why, hint);
}

/** An answer that no row of the settings fits: whether anything was done is not known. */
export function unexplained(seen: string): HalliganError {
  const [code, why, hint] = UNEXPLAINED;
  return new HalliganError(code, `${why} (${seen})`, hint);
}

const UNEXPLAINED = [
  'systems.unexplained',
  'The system gave an answer that its settings do not explain.',
  'It may or may not have been done: prove which password works. Add the answer to the step’s table.',
] as const;

const REFUSALS: Readonly<Record<string, readonly [code: string, why: string, hint: string]>> = {
  'account-unknown': [
    'systems.account-unknown',
    'The system has no such account.',
    'Compare the name in the inventory with the system’s accounts.',
  ],
  constraint: [
    'systems.constraint',
    'The system did not take the new password.',
    `Look at its password rules. ${BY_ITS_WORD}`,
  ],
  'insufficient-access': [
    'systems.insufficient-access',
    'The system does not let the rotator do this.',
    'Give it the right over this account, and no more.',
  ],
  'rotator-rejected': [
    'systems.rotator-rejected',
    'The system does not accept the rotator’s own credential.',
    'Renew the driver’s credential: halligan system driver.',
  ],
  'old-rejected': [
    'systems.old-rejected',
    'The system does not accept the password that the account should have, so it cannot change itself.',
    'Look at the account through another administrator; set it by hand if need be.',
  ],
  'account-locked': [
    'systems.account-locked',
    'The account is locked: the system refused it whatever the password.',
    'Unlock the account, then prove again.',
  ],
  'password-expired': [
    'systems.password-expired',
    'The system lets this account in only to choose another password.',
    'Take the expiry off the emergency account.',
  ],
  'second-factor': [
    'systems.second-factor',
    'The system asks for more than the password.',
    'Attest the sign-in by hand, or exempt the account from the second factor that is down.',
  ],
};
