import type { Account } from '../account/state.ts';
import type { Emergency } from '../emergency/state.ts';
import type { HalliganEvent } from '../events.ts';
import { isOfVersion } from './envelope.ts';
import type { PlaceEvents } from './events.ts';
import { type Envelope, type Place, type Retrieval, retrievalOf } from './state.ts';

/** A place with a new document. Who knew the combination before it was changed knows it no longer. */
export function evolvePlace(
  before: Place | undefined,
  { place, digest }: PlaceEvents['PlaceAdded'],
  at: string,
): Place {
  const sameLock = before !== undefined && before.document.changed === place.changed;
  const knownBy = [...new Set([...(sameLock ? before.knownBy : []), ...place.access])];
  return { document: place, digest, at, knownBy };
}

/** What an event of its stream makes of an account's envelopes. */
export function evolveEnvelopes(account: Account, event: HalliganEvent): Account {
  const { at } = event;
  switch (event.type) {
    case 'EnvelopeRegistered': {
      const { account: _, signed, ...facts } = event.data;
      const last = signed.map((one) => one.at).reduce(laterOf);
      const envelope: Envelope = {
        ...facts,
        signed,
        state: 'sealed',
        registered: at,
        handled: last,
        inspected: last,
        since: at,
      };
      return {
        ...account,
        ...(isOfVersion(facts.contains) ? { keptIn: 'envelope' as const } : {}),
        envelopes: { ...account.envelopes, [facts.serial]: envelope },
      };
    }
    case 'EnvelopeMoved': {
      const { serial, to, placed } = event.data;
      return withEnvelope(account, serial, (one) => ({ ...one, place: to, handled: placed }));
    }
    case 'EnvelopeInspected': {
      const { serial, inspected } = event.data;
      return withEnvelope(account, serial, (one) => ({ ...one, inspected, handled: inspected }));
    }
    case 'EnvelopeTampered': {
      const { serial, returned } = event.data;
      return withEnvelope(account, serial, (one) => ({
        ...one,
        state: 'tampered',
        handled: returned,
        since: at,
      }));
    }
    case 'EnvelopeUnsealed': {
      const { serial, opened } = event.data;
      return withEnvelope(account, serial, (one) => ({
        ...one,
        state: 'opened',
        handled: opened,
        since: at,
      }));
    }
    case 'EnvelopeDestroyed': {
      const { serial, destroyed } = event.data;
      return withEnvelope(account, serial, (one) => ({
        ...one,
        state: 'destroyed',
        handled: destroyed,
        since: at,
      }));
    }
    case 'CustodyChosen':
      return { ...account, keptIn: event.data.in };
    default:
      return account;
  }
}

/** What an event of its stream makes of an emergency's way to an envelope. */
export function evolveRetrieval(emergency: Emergency, event: HalliganEvent): Emergency {
  const { at } = event;
  switch (event.type) {
    case 'EnvelopeReached': {
      const { serial, place, arrived } = event.data;
      const retrieval: Retrieval = { serial, place, reached: { at, arrived } };
      const before = retrievalOf(emergency.retrievals, serial);
      const others = emergency.retrievals.filter((one) => one !== before);
      return { ...emergency, retrievals: [...others, retrieval] };
    }
    case 'EnvelopeOpened': {
      const { emergency: _id, serial, place: _place, ...opened } = event.data;
      return withRetrieval(emergency, serial, (one) => ({ ...one, opened: { ...opened, at } }));
    }
    case 'EnvelopeReturned': {
      const { emergency: _id, serial, place: _place, ...returned } = event.data;
      return withRetrieval(emergency, serial, (one) => ({ ...one, returned: { ...returned, at } }));
    }
    default:
      return emergency;
  }
}

function withEnvelope(
  account: Account,
  serial: string,
  change: (one: Envelope) => Envelope,
): Account {
  const envelope = Object.hasOwn(account.envelopes, serial) ? account.envelopes[serial] : undefined;
  if (envelope === undefined) return account;
  return { ...account, envelopes: { ...account.envelopes, [serial]: change(envelope) } };
}

function withRetrieval(
  emergency: Emergency,
  serial: string,
  change: (one: Retrieval) => Retrieval,
): Emergency {
  const current = retrievalOf(emergency.retrievals, serial);
  return {
    ...emergency,
    retrievals: emergency.retrievals.map((one) => (one === current ? change(one) : one)),
  };
}

function laterOf(a: string, b: string): string {
  return Date.parse(b) > Date.parse(a) ? b : a;
}
