import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a challenge is good, milliseconds. */
const LIFE = 2 * 60_000;
const TAG_BYTES = 32;
const BODY_BYTES = 24;

/**
 * Challenges that the server does not remember: each carries its own end of life under a key that only this process
 * has. Anybody may ask for as many as they like, and crowds nobody out.
 */
export class Challenges {
  readonly #key = randomBytes(32);
  /** Those that were answered rightly, until they would have ended by themselves: each is good once. */
  readonly #spent = new Map<string, number>();

  /** 75 characters of base64url: 18 random bytes, when it ends (6 bytes, milliseconds), and the tag. */
  make(now: number): string {
    const body = Buffer.concat([randomBytes(BODY_BYTES - 6), Buffer.alloc(6)]);
    body.writeUIntBE(now + LIFE, BODY_BYTES - 6, 6);
    return Buffer.concat([body, this.#tag(body)]).toString('base64url');
  }

  /** Whether this server gave it, it has not ended, and nobody signed in with it yet. */
  isGood(challenge: string, now: number): boolean {
    const ends = this.#endOf(challenge);
    return ends !== undefined && ends >= now && ends <= now + LIFE && !this.#spent.has(challenge);
  }

  /**
   * Spends a challenge that was answered rightly. Only people on the roster do so, and each of them only so often:
   * what is remembered stays small. Returns whether it was still unspent.
   */
  spend(challenge: string, now: number): boolean {
    for (const [other, ends] of this.#spent) {
      if (ends >= now) break;
      this.#spent.delete(other);
    }
    if (this.#spent.has(challenge)) return false;
    this.#spent.set(challenge, now + LIFE);
    return true;
  }

  #endOf(challenge: string): number | undefined {
    const bytes = Buffer.from(challenge, 'base64url');
    // Another spelling of the same bytes would be another key of what is spent.
    if (bytes.length !== BODY_BYTES + TAG_BYTES || bytes.toString('base64url') !== challenge)
      return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    return timingSafeEqual(bytes.subarray(BODY_BYTES), this.#tag(body))
      ? body.readUIntBE(BODY_BYTES - 6, 6)
      : undefined;
  }

  #tag(body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update('halligan/challenge/v1\n').update(body).digest();
  }
}
