import type { Json } from '@halligan/format';
import type { Emergency } from '../emergency/state.ts';

/**
 * The way to each envelope that both went to, opened or left in storage, for the record; nothing where there was none,
 * because a record from before envelopes must keep its digest.
 */
export function retrievedOf({ retrievals }: Emergency): { readonly envelopes?: readonly Json[] } {
  if (retrievals.length === 0) return {};
  const plain = retrievals.map(({ serial, place, reached, opened, returned, rehearsed }) => ({
    serial,
    place,
    reached: { at: reached.at, arrived: reached.arrived.map((one) => ({ ...one })) },
    opened:
      opened === undefined
        ? null
        : {
            ...opened,
            access: { method: opened.access.method, by: [...opened.access.by] },
            signed: opened.signed.map((one) => ({ ...one })),
            photos: [...opened.photos],
          },
    returned:
      returned === undefined
        ? null
        : { ...returned, checks: { ...returned.checks }, photos: [...returned.photos] },
    ...(rehearsed === undefined ? {} : { rehearsed }),
  }));
  return { envelopes: plain };
}
