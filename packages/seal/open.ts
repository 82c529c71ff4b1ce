import { HalliganError } from '@halligan/format';
import { damaged, decryptWith } from './age.ts';
import { MAX_CREDENTIAL } from './credential.ts';
import { CREDENTIAL_FILE, type SealHeader } from './header.ts';
import { identityOfBytes, kindOfRecipient, recipientOf } from './identity.ts';
import { pathNamed } from './paths.ts';
import { type Missing, missingIn } from './quorum.ts';
import type { Seal } from './seal.ts';
import { verifyShare, wordsOfShare } from './share.ts';
import { combineSeed, type SeedShare } from './split-seed.ts';

/** age's header and a hybrid stanza come on top of the credential. */
const MAX_CREDENTIAL_FILE = MAX_CREDENTIAL + (16 << 10);

/**
 * Opens a seal: every share is checked, the words of one path give back the seed, the seed is an age identity,
 * and that decrypts the credential.
 * @param options.shares plaintexts, from `openReleased` or `openShare`; more than enough are fine
 * @returns the credential's bytes; `parseCredential` reads them
 * @throws `seal.no-such-path`, what `verifyShare` throws, `seal.other-path`, `seal.too-few` (says who is
 *   missing), `seal.share-mismatch`, `seal.damaged`
 */
export async function recoverCredential(options: {
  readonly seal: Seal;
  readonly path: string;
  readonly shares: readonly Uint8Array[];
}): Promise<Uint8Array> {
  const { header, files } = options.seal;
  const identity = await recoverIdentity(header, options.path, options.shares);
  const ciphertext = files.get(CREDENTIAL_FILE);
  if (ciphertext === undefined) throw damaged(CREDENTIAL_FILE, 'it is missing');
  return decryptWith(identity, ciphertext, CREDENTIAL_FILE, MAX_CREDENTIAL_FILE);
}

async function recoverIdentity(
  header: SealHeader,
  pathName: string,
  plaintexts: readonly Uint8Array[],
): Promise<string> {
  const path = pathNamed(header.paths, pathName);
  const shares = plaintexts.map((plaintext): SeedShare => {
    const place = verifyShare(plaintext, header);
    if (place.path !== pathName) throw otherPath(place.holder, place.path, pathName);
    return { ...place, words: wordsOfShare(plaintext) };
  });
  const missing = missingIn(path, (group, holder) =>
    shares.some((share) => share.group === group && share.holder === holder),
  );
  if (missing.length > 0) throw tooFew(pathName, missing);
  const seed = combineSeed(path, shares);
  try {
    const identity = identityOfBytes(kindOfRecipient(header.recipient), seed);
    if ((await recipientOf(identity)) === header.recipient) return identity;
  } finally {
    seed.fill(0);
  }
  throw damaged('The seal', 'its shares are the ones that were sealed, but make another key');
}

function otherPath(holder: string, path: string, wanted: string): HalliganError {
  return new HalliganError(
    'seal.other-path',
    `The share of ${holder} is of the path ${path}; this opening takes the path ${wanted}.`,
    'Shares of two paths do not add up: ask for the share of the path in the request.',
  );
}

function tooFew(path: string, missing: readonly Missing[]): HalliganError {
  const needs = missing.map(
    ({ group, count, from }) => `${count} more of ${group} (${from.join(', ')})`,
  );
  return new HalliganError(
    'seal.too-few',
    `The path ${path} needs ${needs.join(' and ')}.`,
    'Ask one of those named to release their share, or take another path.',
  );
}
