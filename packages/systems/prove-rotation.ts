import { HalliganError, sameBytes } from '@halligan/format';
import type { Driver, Proof } from './driver.ts';

export interface RotationProof {
  readonly fresh: Proof;
  /** `unknown`: no old password was given, or the system gave no answer about it. */
  readonly old: Proof | 'unknown';
}

/** Sign-ins that may count as failures: more could lock the account that an emergency needs. */
const NEGATIVE_PROOFS = 2;

/**
 * Proves a rotation: the fresh password signs in, then the old one does not. Only `{ fresh: 'accepted', old:
 * 'rejected' }` lets the old version retire; every other value leaves the account exposed with both candidates sealed.
 *
 * The fresh one goes first: it clears the failures that systems count, so that the old one's refusal is about the
 * password and not about a lock. A fresh one that is refused is itself a negative proof; so is a try that got no
 * answer, since the system may have counted it.
 * @throws what `driver.prove` throws about the fresh password; `systems.password-unchanged` when both are the same
 */
export async function proveRotation(
  driver: Driver,
  account: string,
  { fresh, old }: { readonly fresh: Uint8Array; readonly old?: Uint8Array | undefined },
): Promise<RotationProof> {
  if (old !== undefined && sameBytes(fresh, old)) {
    throw new HalliganError(
      'systems.password-unchanged',
      'The fresh and the old password are the same.',
      'A rotation needs a fresh password: generate one.',
    );
  }
  // Copies, so that a caller who overwrites its own while we wait cannot change what is proven.
  const earlier = old === undefined ? undefined : Uint8Array.from(old);
  try {
    const first = await driver.prove(account, fresh);
    const left = first === 'rejected' ? NEGATIVE_PROOFS - 1 : NEGATIVE_PROOFS;
    return {
      fresh: first,
      old: earlier === undefined ? 'unknown' : await proveOld(driver, account, earlier, left),
    };
  } finally {
    earlier?.fill(0);
  }
}

async function proveOld(
  driver: Driver,
  account: string,
  old: Uint8Array,
  tries: number,
): Promise<Proof | 'unknown'> {
  for (let left = tries; left > 0; left -= 1) {
    try {
      return await driver.prove(account, old);
    } catch {
      // No answer says nothing about the password; why it failed is seen by the next proof of the account.
    }
  }
  return 'unknown';
}
