import { createHmac, timingSafeEqual } from 'node:crypto';

/** A seed of time-based one-time codes (RFC 6238): HMAC-SHA1, 6 digits, a step of 30 s, as authenticators have it. */
export type TotpSeed = Uint8Array;

const STEP = 30;
const DIGITS = 6;
/** Steps that a clock may be wrong, either way (RFC 6238 section 5.2). */
const DRIFT = 1;

/** The code of a step (RFC 4226 section 5.3). @param counter for time-based codes, the step since 1970 */
export function hotp(seed: TotpSeed, counter: number, digits = DIGITS): string {
  const message = new DataView(new ArrayBuffer(8));
  message.setBigUint64(0, BigInt(counter));
  const mac = createHmac('sha1', seed).update(new Uint8Array(message.buffer)).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * Whether a code is right and new. A code that was taken once is never taken again, nor is an older one (RFC 6238
 * section 5.2): whoever looked over a shoulder has nothing.
 * @param wall seconds since 1970 by the wall clock: the authenticator knows no other
 * @param lastStep the step of the code that was taken last; undefined before the first
 * @returns the step to remember before anybody is let in; undefined where the code is not taken
 */
export function acceptTotp(
  seed: TotpSeed,
  code: string,
  wall: number,
  lastStep: number | undefined,
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const current = Math.floor(wall / STEP);
  let accepted: number | undefined;
  for (let step = current - DRIFT; step <= current + DRIFT; step += 1) {
    const isRight = sameCode(hotp(seed, step), code);
    if (isRight && step > (lastStep ?? -1)) accepted = step;
  }
  return accepted;
}

function sameCode(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'ascii'), Buffer.from(b, 'ascii'));
}
