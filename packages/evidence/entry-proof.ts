import { HalliganError } from '@halligan/format';
import { cosignersOf, leafHash, logKeysOf, parseEntryProof, verifyInclusion } from '@halligan/tlog';
import type { Claim } from './claim.ts';
import { cosignedOf, verifyCosigned } from './cosigned.ts';
import { verifyCheckpoint } from './transcript.ts';

/** What holds a `.tlog-proof` in place: a proof names its own log, so the log's key must come from elsewhere. */
export interface EntryAnchors {
  /** The log's verifier keys, as log.pub has them. */
  readonly logKey: string;
  /** Verifier keys of cosigners whom the verifier trusts. */
  readonly cosigners?: readonly string[];
}

/** A verified proof: what it shows, and the entry itself. */
export interface ProvenEntry {
  readonly claims: readonly Claim[];
  readonly entry: Uint8Array | undefined;
}

/**
 * Verifies a `.tlog-proof` of ours, which holds the entry's bytes as its extra data. Whoever made it is the adversary: it
 * never throws for what the file holds.
 * @throws `tlog.key-syntax`, `tlog.cosigners` where what the caller trusts is no key
 */
export async function verifyEntryProof(text: string, anchors: EntryAnchors): Promise<ProvenEntry> {
  const { logKey, cosigners = [] } = anchors;
  const { origin } = logKeysOf(logKey);
  cosignersOf(cosigners);
  const claims: Claim[] = [];
  const say = (verdict: Claim['verdict'], basis: string, claim: string) =>
    void claims.push({ verdict, basis, claim, about: 'proof' });
  try {
    const { index, proof, checkpoint, extra } = parseEntryProof(text);
    const anchor = await verifyCheckpoint(checkpoint, logKey, origin);
    const { size, root } = anchor;
    say('PASS', 'cryptographic', `the log ${origin} signed its checkpoint of ${size} entries`);
    if (extra === undefined)
      throw new HalliganError(
        'tlog.proof-syntax',
        'The entry is not in the file.',
        'Make it with halligan journal proof.',
      );
    verifyInclusion({ leafHash: leafHash(extra), index, size, proof, root });
    say('PASS', 'cryptographic', `this is entry ${index} of the log`);
    const whole = cosignedOf({ v: 'halligan/cosigned/v1', checkpoint, proof: [] });
    const need = Math.max(1, cosigners.length);
    const { by } = await verifyCosigned(whole, logKey, anchor, { need, of: cosigners });
    for (const { name, time } of by)
      say(
        'PASS',
        `signed by ${name}`,
        `${name} saw this log at ${new Date(time * 1000).toISOString()}`,
      );
    if (by.length === 0)
      say(
        'NOT PROVEN',
        cosigners.length === 0 ? 'no cosigners given' : 'no cosignature here',
        'nobody rewrote the log: give --cosigners with the keys of those whom you trust',
      );
    return { claims, entry: extra };
  } catch (cause) {
    const { code, message, hint } =
      cause instanceof HalliganError
        ? cause
        : new HalliganError(
            'evidence.fault',
            'This proof could not be judged.',
            'Report this, with the file.',
          );
    claims.push({ verdict: 'FAIL', basis: code, claim: message, about: 'proof', hint });
    return { claims, entry: undefined };
  }
}
