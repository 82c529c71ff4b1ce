import { z } from 'zod';
import { idField, instantField, textField } from './fields.ts';

/** What a place is. */
export const PLACE_KINDS = ['rated-safe', 'bank-box', 'lockbox', 'drawer'] as const;

/**
 * Where envelopes lie, as two people sign for it. Who gets in, who enters first and where the break-glass key is kept:
 * never the combination itself, because the journal is read by more people than the safe is opened by.
 */
export const placeDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/custody/v1'),
    do: z.literal('place'),
    id: idField,
    kind: z.enum(PLACE_KINDS),
    name: textField(200),
    address: textField(500),
    /** The safe's rating, such as `EN 1143-1 grade III`. */
    rating: textField(100).optional(),
    /** Everybody who can get in, by whatever means. */
    access: z.array(idField).min(1).max(32),
    /** The portions of a split combination, in the order in which they are entered: who knows each. */
    combination: z.array(z.array(idField).min(1).max(16)).min(2).max(8).optional(),
    /** The key that is not an everyday key, and where it is kept: never in the place that it opens. */
    breakGlassKey: z.strictObject({ kept: textField(200), place: idField.optional() }).optional(),
    /** When combination or lock was last changed: whoever knew an older one knows nothing. */
    changed: instantField,
    /** Digest of the place's document that this one replaces; null for a new place. */
    previous: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
    /** No longer used: nothing lies there any more. */
    retired: z.literal(true).optional(),
  }),
);

export type PlaceDocument = z.infer<typeof placeDocument>;

/** Three short groups of digits, as dials have them: `12-34-56`, `12 34 56`, `L12 R34 L56`. */
const DIAL = /(?<!\d)[LR]?\d{1,2}(?:(?:\s*[-–—/.,:>→\s]\s*[LR]?|\s*[LR])\d{1,2}){2,}(?!\d)/i;
/** A word for a secret number, with digits behind it. */
const NAMED =
  /\b(?:pin|code|codes|combination|combo|passcode|password|keypad|dial)\b[^\p{L}\d]{0,4}(?:(?:is|no|number)[^\p{L}\d]{0,3})?\d{2,}/iu;
/** Nothing but digits: no name and no address is. */
const BARE = /^\D{0,3}\d{4,12}\D{0,3}$/;

/**
 * Whether a text looks like the combination of a lock. Only what looks like one can be caught: the guide says why none
 * may be written anywhere.
 */
export function looksLikeCombination(text: string): boolean {
  return DIAL.test(text) || NAMED.test(text) || BARE.test(text);
}

/** The texts of a place's document that people write freely. */
export function freeTextsOf(place: PlaceDocument): readonly string[] {
  return [place.name, place.address, place.rating, place.breakGlassKey?.kept].filter(
    (text) => text !== undefined,
  );
}
