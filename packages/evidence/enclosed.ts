import { canonicalText, hex, type Json, sha256 } from '@halligan/format';
import type { StoredInput } from '@halligan/procedure';
import { type Attachment, checkAttachment } from '@halligan/statement';

/**
 * What is wrong with what goes along with statements: each text, file and ciphertext must be named by one of them, and
 * a release without its ciphertext would be a promise.
 * @param uploaded digests of large files, which came in on their own and were held to them then
 * @returns why not; undefined where all of it fits
 * @throws `statement.attachment` where an attachment does not fit its own digest
 */
export function faultOfEnclosed(
  stored: StoredInput,
  attachments: readonly Attachment[],
  ciphertexts: readonly Uint8Array[],
  uploaded: readonly string[] = [],
): string | undefined {
  const text = canonicalText(stored as unknown as Json);
  for (const attachment of attachments) {
    checkAttachment(attachment);
    if (!text.includes(attachment.digest)) return 'an attachment is not named by a statement';
  }
  if (!uploaded.every((digest) => text.includes(digest)))
    return 'a file that was uploaded is not named by a statement';
  const digests = new Set(ciphertexts.map((one) => hex(sha256(one))));
  for (const digest of digests)
    if (!text.includes(digest)) return 'a ciphertext is not named by a statement';
  return ciphertextsNamed(stored).every((digest) => digests.has(digest))
    ? undefined
    : 'the ciphertext that a statement names is missing';
}

function ciphertextsNamed(stored: StoredInput): readonly string[] {
  if (stored.type !== 'statements') return [];
  return stored.signed.flatMap(({ statement }) => {
    if (statement.kind === 'share.release') return [statement.ciphertext];
    return statement.kind === 'end' && statement.surrendered !== undefined
      ? [statement.surrendered]
      : [];
  });
}
