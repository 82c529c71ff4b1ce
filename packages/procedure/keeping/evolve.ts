import type { Emergency } from '../emergency/state.ts';
import type { HalliganEvent } from '../events.ts';
import { type Keeping, standing, UNKEPT } from './state.ts';

/** What an event makes of how the record of an emergency is kept; most have nothing to do with that. */
export function evolveKeeping(emergency: Emergency, event: HalliganEvent): Emergency {
  const keeping = keepingAfter(emergency.keeping ?? UNKEPT, event);
  return keeping === undefined ? emergency : { ...emergency, keeping };
}

function keepingAfter(keeping: Keeping, event: HalliganEvent): Keeping | undefined {
  const { at } = event;
  switch (event.type) {
    case 'KeepingSigned': {
      const { by, digest, document } = event.data;
      const before = standing(keeping.proposals[digest], at);
      const signedBy = [...(before?.signedBy ?? []), by];
      const proposal = { document, signedBy, at: before?.at ?? at };
      return { ...keeping, proposals: { ...keeping.proposals, [digest]: proposal } };
    }
    case 'HoldPlaced': {
      const { emergency: _id, ...hold } = event.data;
      return { ...settled(keeping, hold.hold), holds: [...keeping.holds, { ...hold, at }] };
    }
    case 'HoldLifted': {
      const { hold, by, reason } = event.data;
      const holds = keeping.holds.map((one) =>
        one.hold === hold ? { ...one, lifted: { at, by, reason } } : one,
      );
      return { ...keeping, proposals: {}, holds };
    }
    case 'ErasureOrdered': {
      const { emergency: _id, order: _order, ...erasure } = event.data;
      return { ...keeping, proposals: {}, erasure: { ...erasure, at } };
    }
    case 'TextsErased':
      return keeping.erasure === undefined
        ? keeping
        : { ...keeping, erasure: { ...keeping.erasure, done: { at, blobs: event.data.blobs } } };
    default:
      return undefined;
  }
}

function settled(keeping: Keeping, digest: string): Keeping {
  const { [digest]: _done, ...proposals } = keeping.proposals;
  return { ...keeping, proposals };
}
