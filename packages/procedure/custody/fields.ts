import { ID } from '@halligan/format';
import { z } from 'zod';

/** Ids of people, places, accounts and envelopes' serials. */
export const idField = z.string().regex(ID, 'an id is 1 to 63 of a-z, 0-9 and -');

/** SHA-256, hexadecimal. */
export const digestField = z.string().regex(/^[0-9a-f]{64}$/, 'a digest is 64 of 0-9 and a-f');

/** RFC 3339 in UTC. */
export const instantField = z.iso.datetime().max(30);

/** One line of text: names on labels and in tables must neither break the table nor move the cursor. */
export function textField(most: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u, 'write one line of text');
}
