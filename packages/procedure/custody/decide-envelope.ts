import { type Account, isCandidate } from '../account/state.ts';
import { isAfter } from '../duration.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision } from '../input.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import type { CustodyDocument } from './document.ts';
import {
  type DestroyDocument,
  type InspectDocument,
  isIntact,
  isOfVersion,
  type KeepDocument,
  type MoveDocument,
  type RegisterDocument,
} from './envelope.ts';
import { accessTo, envelopesOf, isUseful, isWorthless } from './envelopes.ts';
import type { Joint } from './joint.ts';
import type { Envelope } from './state.ts';
import { isAhead, isBefore } from './times.ts';

type Refused = { readonly refusal: Refusal };

/** What is done with an envelope outside an emergency. */
export function decideEnvelope(
  state: State,
  document: Exclude<CustodyDocument, { readonly do: 'place' }>,
  { by }: Joint,
  now: string,
): Decision {
  const account = entryOf(state.accounts, document.account);
  if (account === undefined)
    return refuse(
      'custody.account',
      `There is no account “${document.account}”.`,
      'See halligan account list.',
    );
  switch (document.do) {
    case 'register':
      return decideRegister(state, account, document, by, now);
    case 'move':
      return decideMove(state, account, document, by, now);
    case 'inspect':
      return decideInspection(state, account, document, by, now);
    case 'destroy':
      return decideDestruction(account, document, by, now);
    case 'keep':
      return decideKeeping(account, document, by);
    case 'arrive':
    case 'open':
      return refuse(
        'custody.emergency',
        'An envelope is opened in an emergency only.',
        'Declare one, or a drill: halligan emergency declare.',
      );
  }
}

/** A new envelope: sealed by two people who signed across its seal, and put where it stays. */
function decideRegister(
  state: State,
  account: Account,
  document: RegisterDocument,
  by: readonly string[],
  now: string,
): Decision {
  const { serial, version: number, contains, place, signed } = document;
  if (envelopesOf(state).some(({ envelope }) => envelope.serial === serial))
    return refuse(
      'custody.serial',
      `There was an envelope ${serial} already: a serial names one envelope for ever.`,
      'Use an envelope with a serial of its own.',
    );
  const version = account.versions[number];
  if (version === undefined || version.digest !== document.seal || !isCandidate(account, number))
    return refuse(
      'custody.version',
      `Version ${number} is not one that “${account.document.id}” is opened with.`,
      `Version ${account.current} is: print and seal that one.`,
    );
  if (isOfVersion(contains) && version.touched)
    return refuse(
      'custody.touched',
      `Version ${number} was opened, or a share of it released: it is due for rotation.`,
      'Seal the version that the reset makes.',
    );
  const header = version.header;
  for (const one of contains) {
    if (one.what !== 'share') continue;
    const known = header.shares.some(
      ({ path, group, holder }) =>
        path === one.path && group === one.group && holder === one.holder,
    );
    if (!known)
      return refuse(
        'custody.share',
        `${one.holder} holds no share of ${one.path}/${one.group} in version ${number}.`,
        'See the seal’s paths: halligan account list.',
      );
    if (!by.includes(one.holder))
      return refuse(
        'custody.holder',
        `${one.holder} does not sign for the envelope with ${one.holder}’s words.`,
        'The holder seals their own words, with somebody beside them.',
        [one.holder],
      );
    if (isAhead(one.confirmed, now))
      return refuse(
        'custody.times',
        'The words were confirmed in the future.',
        'Read them back: halligan envelope print. Check the clock.',
      );
  }
  const shut = notOpenPlace(state, place, by);
  if (shut !== undefined) return shut;
  const signers = signed.map((one) => one.by);
  if (new Set(signers).size !== 2 || !signers.every((one) => by.includes(one)))
    return refuse(
      'custody.signatures',
      'Across the seal sign the two people who sign here.',
      'Sign across the seal, both, with the date.',
    );
  if (signed.some(({ at }) => isAhead(at, now) || isBefore(at, version.sealedAt)))
    return refuse(
      'custody.times',
      `The seal was signed before version ${number} was made, or in the future.`,
      'Give the date that stands beside the signatures.',
    );
  const facts = { account: account.document.id, serial, version: number, contains };
  const { tamperEvident } = document;
  return {
    events: [happened('EnvelopeRegistered', { ...facts, tamperEvident, place, signed })],
  };
}

/** From one place to another, both by the same two people: the chain of custody has no gap. */
function decideMove(
  state: State,
  account: Account,
  document: MoveDocument,
  by: readonly string[],
  now: string,
): Decision {
  const { serial, from, to, taken, placed } = document;
  const envelope = atHand(account, serial, from);
  if ('refusal' in envelope) return envelope;
  if (from === to)
    return refuse('custody.move', 'It lies there already.', 'Name another place to move it to.');
  const shut = notOpenPlace(state, to, by) ?? withoutAccess(state, from, by);
  if (shut !== undefined) return shut;
  if (isAhead(placed, now) || isAfter(taken, placed) || isBefore(taken, envelope.handled))
    return gap(envelope);
  return {
    events: [
      happened('EnvelopeMoved', {
        account: account.document.id,
        serial,
        from,
        to,
        taken,
        placed,
        by,
      }),
    ],
  };
}

/** Two people look at an envelope. What is not as it was sealed counts as known to others. */
function decideInspection(
  state: State,
  account: Account,
  document: InspectDocument,
  by: readonly string[],
  now: string,
): Decision {
  const envelope = atHand(account, document.serial, document.place);
  if ('refusal' in envelope) return envelope;
  const shut = withoutAccess(state, document.place, by);
  if (shut !== undefined) return shut;
  const untimely = inspectable(envelope, document, now);
  if (untimely !== undefined) return untimely;
  return { events: inspectionEvents(account, document, by) };
}

/** Why an inspection cannot be of this envelope; undefined where it can. */
export function inspectable(
  envelope: Envelope,
  { inspected, returned }: InspectDocument,
  now: string,
): Refused | undefined {
  if (envelope.state !== 'sealed')
    return refuse(
      'custody.state',
      `Envelope ${envelope.serial} is ${envelope.state}: there is no seal to inspect.`,
      'See halligan envelope show.',
    );
  return isAhead(returned, now) ||
    isAfter(inspected, returned) ||
    isBefore(inspected, envelope.handled)
    ? gap(envelope)
    : undefined;
}

/** What an inspection does to the account: nothing, or tampering and the suspicion that follows. */
export function inspectionEvents(
  account: Account,
  document: InspectDocument,
  by: readonly string[],
  during?: string,
): readonly EventBody[] {
  const { serial, inspected, photos, checks, returned } = document;
  const facts = { account: account.document.id, serial, inspected, photos, by };
  if (isIntact(checks)) return [happened('EnvelopeInspected', facts)];
  const tampered = happened('EnvelopeTampered', {
    ...facts,
    checks,
    returned,
    ...(during === undefined ? {} : { during }),
  });
  const envelope = entryOf(account.envelopes, serial);
  // While people use the account it is theirs; a version that was rotated away gives nobody anything.
  const suspect =
    (account.state === 'armed' || account.state === 'unarmed') &&
    envelope !== undefined &&
    !isWorthless(account, envelope);
  return suspect
    ? [tampered, happened('AccountSuspected', { account: account.document.id, why: 'tampered' })]
    : [tampered];
}

/** Old paper is cross-cut shredded and old files are destroyed, by two people. */
function decideDestruction(
  account: Account,
  document: DestroyDocument,
  by: readonly string[],
  now: string,
): Decision {
  const { serial, paper, files, destroyed } = document;
  const envelope = entryOf(account.envelopes, serial);
  if (envelope === undefined) return unknown(account, serial);
  if (envelope.state === 'destroyed')
    return refuse(
      'custody.state',
      `Envelope ${serial} was destroyed already.`,
      'Nothing more is needed.',
    );
  const another = Object.values(account.envelopes).some(
    (one) =>
      one.serial !== serial &&
      one.version === envelope.version &&
      isUseful(account, one) &&
      envelope.contains.every((held) => one.contains.some((other) => isSame(held, other))),
  );
  if (isOfVersion(envelope.contains) && !isWorthless(account, envelope) && !another)
    return refuse(
      'custody.in-force',
      `Envelope ${serial} holds version ${envelope.version}, which is in force, and no other envelope holds the same.`,
      'Rotate the account first, or register another envelope with the same contents.',
    );
  if (isAhead(destroyed, now) || isBefore(destroyed, envelope.handled)) return gap(envelope);
  return {
    events: [
      happened('EnvelopeDestroyed', {
        account: account.document.id,
        serial,
        destroyed,
        paper,
        files,
        by,
      }),
    ],
  };
}

function decideKeeping(account: Account, document: KeepDocument, by: readonly string[]): Decision {
  if ((account.keptIn ?? 'vault') === document.in)
    return refuse('custody.again', 'It is kept so already.', 'Nothing more is needed.');
  return {
    events: [happened('CustodyChosen', { account: account.document.id, in: document.in, by })],
  };
}

function isSame(a: Envelope['contains'][number], b: Envelope['contains'][number]): boolean {
  if (a.what === 'share')
    return b.what === 'share' && a.path === b.path && a.group === b.group && a.holder === b.holder;
  if (a.what === 'pin' || a.what === 'hardware-key') return b.what === a.what && a.key === b.key;
  return a.what === b.what;
}

/** The envelope with a serial, where it is said to lie. */
export function atHand(account: Account, serial: string, place: string): Envelope | Refused {
  const envelope = entryOf(account.envelopes, serial);
  if (envelope === undefined) return unknown(account, serial);
  if (envelope.state === 'destroyed')
    return refuse(
      'custody.state',
      `Envelope ${serial} was destroyed.`,
      'See halligan envelope list.',
    );
  return envelope.place === place
    ? envelope
    : refuse(
        'custody.chain',
        `On the record envelope ${serial} lies in “${envelope.place}”, not in “${place}”.`,
        'If it was found elsewhere, tell security; sign for the movement that is missing.',
      );
}

function unknown(account: Account, serial: string): Refused {
  return refuse(
    'custody.unknown',
    `“${account.document.id}” has no envelope ${serial}.`,
    'See halligan envelope list.',
  );
}

function gap(envelope: Envelope): Refused {
  return refuse(
    'custody.times',
    `The times do not follow each other: envelope ${envelope.serial} was last handled ${envelope.handled}.`,
    'Give the times as they were; check the clock.',
  );
}

/** Why nothing may be put into a place by these two; undefined where it may. */
function notOpenPlace(state: State, id: string, by: readonly string[]): Refused | undefined {
  const place = entryOf(state.places, id);
  if (place === undefined || place.document.retired === true)
    return refuse(
      'custody.place',
      `There is no place “${id}” in use.`,
      'Add it first: halligan place add.',
    );
  return withoutAccess(state, id, by);
}

function withoutAccess(state: State, id: string, by: readonly string[]): Refused | undefined {
  const access = accessTo(state, id);
  return by.some((person) => access.includes(person))
    ? undefined
    : refuse(
        'custody.access',
        `Neither ${by.join(' nor ')} can get into “${id}”.`,
        'Ask somebody who can, or change who has access: halligan place access.',
        access,
      );
}
