import type { VerifiedStatement } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import { isAfter } from '../duration.ts';
import { type AtHand, emergencyAtHand } from '../emergency/emergency-at-hand.ts';
import { notReady } from '../emergency/opening.ts';
import { touch } from '../emergency/release.ts';
import { bothOf } from '../emergency/stand-ins.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision } from '../input.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State, userOf } from '../state.ts';
import { atHand, inspectable, inspectionEvents } from './decide-envelope.ts';
import type { CustodyDocument } from './document.ts';
import {
  type ArriveDocument,
  type InspectDocument,
  isIntact,
  type OpenDocument,
} from './envelope.ts';
import { isUseful } from './envelopes.ts';
import type { Joint } from './joint.ts';
import { type Envelope, type Place, retrievalOf } from './state.ts';
import { isAhead, isBefore } from './times.ts';

/**
 * The physical way to a credential, in an emergency: both travel to the place and note their arrival, open it by their
 * portions, look at the envelope, sign its outside with the time and open it together. What is not intact stays shut.
 */
export function decideRetrieval(
  state: State,
  said: VerifiedStatement,
  { document, by }: Joint,
  now: string,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  if (document.do !== 'arrive' && document.do !== 'open' && document.do !== 'inspect')
    return refuse(
      'custody.subject',
      'That is no step of an emergency.',
      'Sign it without naming an emergency.',
    );
  const both = bothOf(emergency);
  if (!both.every((person) => by.includes(person)))
    return refuse(
      'custody.both',
      'The requester and the second person go to the envelope together, and both sign.',
      `Ask ${both.join(' and ')}.`,
      both,
    );
  const unready = notReady(state, found) ?? takenBy(state, found);
  if (unready !== undefined) return unready;
  const envelope = envelopeOf(state, found, document);
  if ('refusal' in envelope) return envelope;
  switch (document.do) {
    case 'arrive':
      return decideArrival(found, document, now);
    case 'inspect':
      return decideFinding(found, envelope, document, by, now);
    case 'open':
      return decideOpeningOfEnvelope(state, found, document, by, now);
  }
}

function takenBy(state: State, { emergency }: AtHand): { readonly refusal: Refusal } | undefined {
  const user = userOf(state, emergency.account);
  return user === undefined || user.id === emergency.id
    ? undefined
    : refuse(
        'opening.taken',
        `Another emergency, ${user.id.slice(0, 12)}, uses this account.`,
        'Take part in that one, or abort this one and use another account.',
        [user.requester],
      );
}

/** The envelope that they are at: of this account, in this place, sealed, and still worth something. */
function envelopeOf(
  state: State,
  { account, emergency }: AtHand,
  document: Extract<CustodyDocument, { readonly do: 'arrive' | 'open' | 'inspect' }>,
): Envelope | { readonly refusal: Refusal } {
  if (document.account !== emergency.account)
    return refuse(
      'custody.account',
      `This emergency is about “${emergency.account}”.`,
      'Take that account’s envelope.',
    );
  const envelope = atHand(account, document.serial, document.place);
  if ('refusal' in envelope) return envelope;
  if (envelope.state === 'tampered')
    return refuse(
      'custody.tampered',
      `Envelope ${envelope.serial} shows signs of tampering: it is not opened.`,
      `It stays in storage, and security is told. ${otherAccounts(state, account)}`,
    );
  return isUseful(account, envelope)
    ? envelope
    : refuse(
        'custody.worthless',
        envelope.state === 'opened'
          ? `Envelope ${envelope.serial} was opened already.`
          : `Envelope ${envelope.serial} holds version ${envelope.version}, which opens nothing any more.`,
        'Use another envelope or the vault: halligan emergency show.',
      );
}

/** What else opens the same system. */
function otherAccounts(state: State, { document }: Account): string {
  const armed = Object.values(state.accounts)
    .filter((one) => one.document.system === document.system && one.state === 'armed')
    .map((one) => one.document.id)
    .filter((one) => one !== document.id);
  return armed.length === 0
    ? `No other account of “${document.system}” is armed: open the vault instead, or call the provider’s support.`
    : `Abort this emergency and use ${armed.join(' or ')}.`;
}

function decideArrival({ emergency }: AtHand, document: ArriveDocument, now: string): Decision {
  const { serial, place, arrived } = document;
  const people = arrived.map((one) => one.by);
  const both = bothOf(emergency);
  if (!both.every((person) => people.includes(person)))
    return refuse(
      'custody.both',
      'The arrival of both is noted, each with its time.',
      `Note when ${both.join(' and when ')} arrived.`,
      both,
    );
  if (arrived.some(({ at }) => isAhead(at, now) || isBefore(at, emergency.at)))
    return refuse(
      'custody.times',
      'An arrival lies before the declaration or in the future.',
      'Give the time of each arrival; check the clock.',
    );
  if (retrievalOf(emergency.retrievals, serial) !== undefined)
    return refuse(
      'custody.again',
      'You are there already.',
      'Look at the envelope, then open it: halligan envelope open.',
    );
  return {
    events: [happened('EnvelopeReached', { emergency: emergency.id, serial, place, arrived })],
  };
}

/** At the envelope, before it is opened: not intact means stop. */
function decideFinding(
  found: AtHand,
  envelope: Envelope,
  document: InspectDocument,
  by: readonly string[],
  now: string,
): Decision {
  const { emergency, account } = found;
  const early = notReached(found, document.serial);
  if (early !== undefined) return early;
  if (isIntact(document.checks))
    return refuse(
      'custody.intact',
      'The envelope is intact.',
      'Sign its outside, both, and open it: halligan envelope open.',
    );
  const untimely = inspectable(envelope, document, now);
  if (untimely !== undefined) return untimely;
  const { serial, place, inspected, checks, photos, returned } = document;
  if (photos.length === 0)
    return refuse(
      'custody.photos',
      'Tampering is documented with photographs of the envelope.',
      'Photograph it (never the dial or a key) and attach the files.',
    );
  return {
    events: [
      happened('EnvelopeReturned', {
        emergency: emergency.id,
        serial,
        place,
        inspected,
        checks,
        photos,
        returned,
      }),
      ...inspectionEvents(account, document, by, emergency.id),
    ],
  };
}

function notReached(
  { emergency }: AtHand,
  serial: string,
): { readonly refusal: Refusal } | undefined {
  return retrievalOf(emergency.retrievals, serial) !== undefined
    ? undefined
    : refuse(
        'custody.not-reached',
        'You have not noted that both of you are at the place.',
        'Note your arrival first: halligan envelope arrive.',
      );
}

function decideOpeningOfEnvelope(
  state: State,
  found: AtHand,
  document: OpenDocument,
  by: readonly string[],
  now: string,
): Decision {
  const { emergency, account } = found;
  const { serial, version, place, access, checks, signed, opened, photos } = document;
  const envelope = entryOf(account.envelopes, serial);
  const retrieval = retrievalOf(emergency.retrievals, serial);
  const early = notReached(found, serial);
  if (early !== undefined || envelope === undefined || retrieval === undefined)
    return (
      early ??
      refuse('custody.unknown', 'There is no such envelope.', 'See halligan envelope list.')
    );
  if (!isIntact(checks))
    return refuse(
      'custody.not-intact',
      'The envelope is not intact: stop, do not open it.',
      `Photograph it, put it back into storage and say so: halligan envelope tampered. ${otherAccounts(state, account)}`,
    );
  if (version !== envelope.version)
    return refuse(
      'custody.version',
      `Envelope ${serial} holds version ${envelope.version}.`,
      'Sign for what it holds.',
    );
  const wrongOrder = outOfOrder(entryOf(state.places, place), access);
  if (wrongOrder !== undefined) return wrongOrder;
  const people = signed.map((one) => one.by);
  if (!bothOf(emergency).every((person) => people.includes(person)))
    return refuse(
      'custody.signatures',
      'Both sign the outside of the envelope, with the time, before it is opened.',
      'Sign it, both.',
      bothOf(emergency),
    );
  const arrived = retrieval.reached.arrived.map((one) => one.at);
  if (
    isAhead(opened, now) ||
    signed.some(({ at }) => isAfter(at, opened) || arrived.some((there) => isBefore(at, there)))
  )
    return refuse(
      'custody.times',
      'The outside is signed after both arrived and before it is opened.',
      'Give the times as they stand on the envelope; check the clock.',
    );
  return {
    events: [
      happened('EnvelopeOpened', {
        emergency: emergency.id,
        serial,
        version,
        place,
        access,
        signed,
        opened,
        photos,
      }),
      ...unsealingEvents(account, document, by, emergency.id),
    ],
  };
}

/**
 * What a step of an emergency that is not known here does to an account's envelopes, by what two people signed alone.
 * Whether they were the ones of that emergency, and whether it was authorised, rests on what is left out.
 */
export function retrievalElsewhere(
  account: Account,
  { document, by }: Joint,
  emergency: string,
): readonly EventBody[] {
  if ((document.do !== 'open' && document.do !== 'inspect') || !isOf(account, document)) return [];
  if (document.do === 'open') return unsealingEvents(account, document, by, emergency);
  return isIntact(document.checks) ? [] : inspectionEvents(account, document, by, emergency);
}

function isOf(account: Account, { serial, account: id }: OpenDocument | InspectDocument): boolean {
  const envelope = entryOf(account.envelopes, serial);
  return id === account.document.id && envelope !== undefined && isUseful(account, envelope);
}

/** What an opened envelope does to the account: its version is touched, whatever follows. */
export function unsealingEvents(
  account: Account,
  { serial, version, opened }: OpenDocument,
  by: readonly string[],
  emergency: string,
): readonly EventBody[] {
  const unsealed = { account: account.document.id, serial, opened, by, during: emergency };
  return [happened('EnvelopeUnsealed', unsealed), ...touch(emergency, account, version)];
}

/** Each enters their own portion, in the order that the place says; nobody enters two. */
function outOfOrder(
  place: Place | undefined,
  { method, by }: OpenDocument['access'],
): { readonly refusal: Refusal } | undefined {
  const portions = place?.document.combination;
  const fitting =
    portions === undefined
      ? method !== 'split-combination'
      : method === 'split-combination' || method === 'break-glass-key';
  if (place === undefined || !fitting)
    return refuse(
      'custody.access-method',
      portions === undefined
        ? 'This place has no split combination.'
        : 'This place opens by the portions of its combination, or by its break-glass key.',
      'Say how it was opened: halligan place show.',
    );
  if (method === 'break-glass-key' && place.document.breakGlassKey === undefined)
    return refuse(
      'custody.access-method',
      'This place has no break-glass key.',
      'Say how it was opened: halligan place show.',
    );
  if (method !== 'split-combination' || portions === undefined) return undefined;
  const fits =
    by.length === portions.length &&
    new Set(by).size === by.length &&
    portions.every((known, at) => known.includes(by[at] ?? ''));
  return fits
    ? undefined
    : refuse(
        'custody.order',
        `The portions are entered in this order: ${portions.map((known) => known.join(' or ')).join(', then ')}.`,
        'Each enters their own portion; nobody enters two.',
      );
}
