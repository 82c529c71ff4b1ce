import { digestOf, type Json } from '@halligan/format';
import type { z } from 'zod';
import type { Said } from '../input.ts';

/**
 * The document that an attestation names, where it has its shape, is the one that was signed, and is about this
 * emergency; undefined otherwise. Whoever hands statements in could put another document beside a signature.
 */
export function attestedDocument<Document extends { readonly emergency: string }>(
  shape: z.ZodType<Document>,
  document: Json | undefined,
  said: Said<'attest'>,
  emergency: { readonly id: string },
): Document | undefined {
  const parsed = shape.safeParse(document);
  if (!parsed.success || document === undefined) return undefined;
  if (digestOf(document) !== said.statement.digest) return undefined;
  return parsed.data.emergency === emergency.id ? parsed.data : undefined;
}
