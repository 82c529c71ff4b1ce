import { faultOfEnclosed } from '@halligan/evidence';
import { fromBase64, HalliganError } from '@halligan/format';
import type { Refusal } from '@halligan/procedure';
import { type StoredInput, storedInputOf } from '@halligan/procedure';
import { type Attachment, attachmentSchema } from '@halligan/statement';
import { z } from 'zod';
import { type Attached, subjectOfInput } from './attachments/attached.ts';
import { filesOf, keepFiles, named } from './attachments/large-files.ts';
import type { Waiting } from './attachments/uploads.ts';
import type { Outcome } from './leader.ts';
import type { ServerParts } from './parts.ts';

/** What a person's device sends: signed statements, what their digests name, and ciphertexts that they release. */
export const submissionSchema = z.strictObject({
  signed: z.array(z.unknown()).min(1).max(16),
  document: z.json().optional(),
  attachments: z.array(attachmentSchema).max(64).default([]),
  /** Large files that these statements name and that came in before them: see PUT …/attachments/{digest}. */
  uploaded: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(64)
    .default([]),
  ciphertexts: z
    .array(z.string().max(1 << 20))
    .max(4)
    .default([]),
});

/**
 * Takes in what a person decided. Everything is checked before anything is stored; what the rules refuse leaves no
 * trace; texts and ciphertexts are durable before the event that names them. Whoever is signed in may hand in what
 * others signed, as joint decisions need: a statement speaks for itself, and a session adds nothing to it.
 * @throws `server.submission`, `server.other-history`, `statement.*`, `journal.*`
 */
export async function takeIn(
  parts: ServerParts,
  body: unknown,
): Promise<Outcome | { readonly refusal: Refusal }> {
  const parsed = submissionSchema.safeParse(body);
  if (!parsed.success)
    throw submissionError(
      `it is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}`,
    );
  const { signed, document, attachments, uploaded, ciphertexts } = parsed.data;
  const bare = storedInputOf({
    type: 'statements',
    signed,
    ...(document === undefined ? {} : { document }),
  });
  const bytes = ciphertexts.map(fromBase64);
  const fault = faultOfEnclosed(bare, attachments, bytes, uploaded);
  if (fault !== undefined) throw submissionError(fault);
  const subject = subjectOfInput(bare);
  const files = filesOf(parts, subject, uploaded);
  const considered = await parts.leader.consider(planned(bare, attachments, files));
  if (considered.refusal !== undefined) return { refusal: considered.refusal };
  for (const ciphertext of bytes) await parts.blobs.put(ciphertext);
  const stored = await withBlobs(parts, subject, bare, attachments, files);
  const outcome = await parts.leader.submit(stored, considered);
  await parts.uploads.settle(files);
  return outcome;
}

/** As it will be journaled, with names of blobs that are not made yet: what is too large is noticed before they are. */
function planned(
  bare: StoredInput,
  attachments: readonly Attachment[],
  files: readonly Waiting[],
): StoredInput {
  return withAttached(bare, [
    ...attachments.map(({ digest }) => ({ digest, blob: digest })),
    ...named(files),
  ]);
}

async function withBlobs(
  parts: ServerParts,
  subject: string,
  bare: StoredInput,
  attachments: readonly Attachment[],
  files: readonly Waiting[],
): Promise<StoredInput> {
  const kept = [];
  for (const attachment of attachments)
    kept.push({
      digest: attachment.digest,
      blob: await parts.attachments.put(subject, attachment),
    });
  await keepFiles(parts, subject, files);
  return withAttached(bare, [...kept, ...named(files)]);
}

function withAttached(bare: StoredInput, attachments: readonly Attached[]): StoredInput {
  if (bare.type !== 'statements' || attachments.length === 0) return bare;
  return { ...bare, attachments };
}

function submissionError(why: string): HalliganError {
  return new HalliganError(
    'server.submission',
    `This submission is refused: ${why}.`,
    'Nothing was stored. Use the halligan program of the same version.',
  );
}
