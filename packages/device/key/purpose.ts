import { createHmac } from 'node:crypto';

/** What keys are made of the machine's one for. */
export type Purpose = 'state' | 'seed' | 'code' | 'pin' | 'name';

/** A key of 32 bytes for one purpose alone: what is made under it tells nothing, and fits nowhere, elsewhere. */
export function keyFor(key: Uint8Array, purpose: Purpose): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(`halligan/device/${purpose}/v1`).digest());
}
