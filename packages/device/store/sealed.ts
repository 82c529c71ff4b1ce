import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { base64, fromBase64, HalliganError } from '@halligan/format';
import { z } from 'zod';
import { keyFor } from '../key/purpose.ts';
import type { Store } from './store.ts';

/** A store in which nothing can be changed without the machine's key. */
export interface SealedStore extends Store {
  /** How often it was written to. Each number is sealed once: an older one is an older state, put back. */
  readonly generation: () => number;
}

const SEAL = 'seal';
const sealSchema = z.strictObject({
  generation: z.int().min(1),
  mac: z.base64().transform(fromBase64),
});

/**
 * Seals a store: with every change an HMAC, by the machine's key, over all that is in it and the number of the change is
 * written in the same transaction. Whoever edits the file, moves a value to another name, or puts back some of the values
 * that were there once, has a file that is refused; whoever puts back all of it has an older generation.
 * @param key the machine's, 32 bytes
 * @throws `device.store` where it was changed by somebody without the key; so do `get` and `names`, at any time later
 */
export function sealedStore(store: Store, key: Uint8Array): SealedStore {
  const sealer = keyFor(key, 'state');
  let digests = new Map(
    store
      .names('')
      .filter((name) => name !== SEAL)
      .map((name) => [name, digestOf(store.get(name) ?? '')]),
  );
  let generation = verified(store, sealer, digests);
  return {
    generation: () => generation,
    get: (name) => {
      const value = store.get(name);
      if ((value === undefined ? undefined : digestOf(value)) !== digests.get(name))
        throw changed();
      return value;
    },
    put: (values) => {
      const after = new Map(digests);
      for (const [name, value] of Object.entries(values))
        if (value === undefined) after.delete(name);
        else after.set(name, digestOf(value));
      const seal = {
        generation: generation + 1,
        mac: base64(macOf(sealer, generation + 1, after)),
      };
      store.put({ ...values, [SEAL]: JSON.stringify(seal) });
      digests = after;
      generation += 1;
    },
    names: (prefix) => [...digests.keys()].filter((name) => name.startsWith(prefix)).toSorted(),
    sweep: () => store.sweep(),
    close: () => store.close(),
  };
}

/** @returns the generation; 0 of a store in which nothing was ever written */
function verified(store: Store, sealer: Uint8Array, digests: ReadonlyMap<string, string>): number {
  const text = store.get(SEAL);
  if (text === undefined && digests.size === 0) return 0;
  try {
    const { generation, mac } = sealSchema.parse(JSON.parse(text ?? ''));
    const right = macOf(sealer, generation, digests);
    if (mac.length === right.length && timingSafeEqual(mac, right)) return generation;
  } catch (cause) {
    throw changed(cause);
  }
  throw changed();
}

function macOf(
  sealer: Uint8Array,
  generation: number,
  digests: ReadonlyMap<string, string>,
): Uint8Array {
  const all = [...digests].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(['halligan/device/seal/v1', generation, all]);
  return new Uint8Array(createHmac('sha256', sealer).update(text).digest());
}

function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function changed(cause?: unknown): HalliganError {
  return new HalliganError(
    'device.store',
    'What this machine remembers was changed by something else than this program, or its key is another.',
    'Find out who writes there. Then move device.db away: people sign in online once more.',
    { cause },
  );
}
