import { ID } from '@halligan/format';
import { z } from 'zod';

/** Ids of people, accounts and systems. */
export const idField = z.string().regex(ID);

/** SHA-256, hexadecimal: an emergency is named by its declaration's digest. */
export const digestField = z.string().regex(/^[0-9a-f]{64}$/);

/** RFC 3339 instant. */
export const instantField = z.string().max(40);

/** Base64 of bytes. */
export const base64Field = z.string();

/** A part of the record with its proofs, as docs/formats/transcript.md says. */
export const viewField = z.object({
  transcript: z.unknown(),
  consistency: z.array(base64Field).readonly(),
  /** The latest checkpoint that cosigners signed, with the proof that the transcript’s grew from it. */
  cosigned: z.unknown().optional(),
});

/** What came of signed statements that were taken in: the events, and the log's size after them. */
export const takenInField = z.object({
  events: z.array(z.looseObject({ type: z.string(), at: instantField })).readonly(),
  size: z.int(),
  /** It was done, and something is wrong all the same: the clocks of device and server differ. */
  warning: z.object({ code: z.string(), detail: z.string(), hint: z.string() }).optional(),
});
