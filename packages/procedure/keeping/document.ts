import { digestOf, type Json } from '@halligan/format';
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const common = { v: z.literal('halligan/keeping/v1'), emergency: digest };

/** Why texts are erased. Only the first waits for the end of the retention. No free text: it would outlive them. */
export const GROUNDS = ['retention-over', 'data-subject', 'court-order', 'by-mistake'] as const;

const keepingDocument = z.lazy(() =>
  z.discriminatedUnion('do', [
    /** Nothing of the record is erased until the hold is lifted. */
    z.strictObject({
      ...common,
      do: z.literal('hold'),
      /** Digest of a text: salted, so that no two holds are the same document. */
      reason: digest,
    }),
    z.strictObject({ ...common, do: z.literal('lift'), hold: digest, reason: digest }),
    /** Every text and file of the record is erased; the log stays. */
    z.strictObject({
      ...common,
      do: z.literal('erase'),
      ground: z.enum(GROUNDS),
      /** Of the request, order or decision. */
      reference: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/)
        .exactOptional(),
    }),
  ]),
);

/** What two people decide about the record of an emergency. */
export type KeepingDocument = z.infer<typeof keepingDocument>;

/** The document that a statement names; undefined where it does not fit. */
export function keepingOf(
  document: Json | undefined,
  named: string,
  emergency: string,
): KeepingDocument | undefined {
  const parsed = keepingDocument.safeParse(document);
  return parsed.success &&
    document !== undefined &&
    digestOf(document) === named &&
    parsed.data.emergency === emergency
    ? parsed.data
    : undefined;
}
