import { fromBase64, HalliganError } from '@halligan/format';
import { byHandOf, type Refusal, storedInputOf } from '@halligan/procedure';
import { unpackSeal } from '@halligan/seal';
import { observe } from './effects/rotation.ts';
import { placesFor } from './kit/places.ts';
import type { Outcome } from './leader.ts';
import type { ServerParts } from './parts.ts';
import { takeIn } from './submission.ts';

/**
 * Takes in a seal that was made on a person's device, with what that person signed. The seal is on disk before the
 * event that names it, as a rotator's is; what the rules refuse leaves what lies there as it was.
 * @throws `seal.damaged`, `server.seal`, and what taking in throws
 */
export async function takeInSeal(
  parts: ServerParts,
  packed: string,
  submission: { readonly signed: readonly unknown[]; readonly document?: unknown },
): Promise<Outcome | { readonly refusal: Refusal }> {
  const seal = unpackSeal(fromBase64(packed));
  const { account, version } = seal.header;
  const { signed, document: signedFor } = submission;
  const stored = storedInputOf({ type: 'statements', signed, document: signedFor });
  const document = stored.type === 'statements' ? parseSealing(stored.document) : undefined;
  if (
    document === undefined ||
    document.seal !== seal.digest ||
    document.account !== account ||
    document.version !== version
  )
    throw new HalliganError(
      'server.seal',
      'This seal is not the one that was signed for.',
      'Nothing was stored. Seal again: halligan account rotate-by-hand.',
    );
  return parts.seals.alone(account, async () => {
    const { refusal } = await parts.leader.consider(stored);
    if (refusal !== undefined) return { refusal };
    await parts.seals.put(seal);
    return takeIn(parts, submission);
  });
}

function parseSealing(document: unknown) {
  try {
    const parsed = byHandOf(document);
    return parsed.v === 'halligan/sealing-by-hand/v1' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a version that was made by hand to the kits: only then its maker sees it. */
export async function keepByHand(
  parts: ServerParts,
  account: string,
  version: number,
): Promise<void> {
  const { kit, places } = await parts.kits.current();
  const system = parts.leader.state.accounts[account]?.document.system ?? '';
  await observe(parts, {
    saw: 'kitted',
    account,
    version,
    kit,
    places: placesFor(places, system),
  });
}
