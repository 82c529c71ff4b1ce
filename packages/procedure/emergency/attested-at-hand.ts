import { digestOf, type Json } from '@halligan/format';
import type { z } from 'zod';
import type { Said } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import type { State } from '../state.ts';
import { type AtHand, emergencyAtHand, type Latitude } from './emergency-at-hand.ts';

/** What an attestation about an emergency has to bring. */
interface Expected<Document> {
  readonly shape: z.ZodType<Document>;
  /** What came beside the signature. */
  readonly document: Json | undefined;
  /** The answer where it does not fit. */
  readonly otherwise: { readonly refusal: Refusal };
  readonly latitude?: Latitude;
}

/**
 * Finds the emergency that an attestation is about, and the document that it names: of its shape, the very one that
 * was signed, and about this emergency. Whoever hands statements in could put another document beside a signature.
 */
export function attestedAtHand<Document extends { readonly emergency: string }>(
  state: State,
  said: Said<'attest'>,
  { shape, document, otherwise, latitude }: Expected<Document>,
): (AtHand & { readonly attested: Document }) | { readonly refusal: Refusal } {
  const found = emergencyAtHand(state, said, latitude);
  if ('refusal' in found) return found;
  const parsed = shape.safeParse(document);
  if (!parsed.success || document === undefined) return otherwise;
  if (digestOf(document) !== said.statement.digest) return otherwise;
  if (parsed.data.emergency !== found.emergency.id) return otherwise;
  return { ...found, attested: parsed.data };
}
