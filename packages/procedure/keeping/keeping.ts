import type { Json } from '@halligan/format';
import { after, isAfter } from '../duration.ts';
import { emergencyAtHand } from '../emergency/emergency-at-hand.ts';
import { emergencyById } from '../emergency/register.ts';
import type { Emergency } from '../emergency/state.ts';
import { participants } from '../emergency/taking-part.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Observation, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import { entryOf, policyOfEmergency, type State } from '../state.ts';
import { type KeepingDocument, keepingOf } from './document.ts';
import { holdsOn, standing, UNKEPT } from './state.ts';

/** Who decides how records are kept: security, auditors and admins, two at a time. */
export function recordKeepers({ roster }: State): readonly string[] {
  return (roster?.members ?? [])
    .filter(
      ({ kind, roles }) =>
        kind === 'person' &&
        (['security', 'auditor', 'admin'] as const).some((role) => roles.includes(role)),
    )
    .map(({ id }) => id);
}

/** Until when a record is kept at least: the policy's retention, from the close. Undefined while it is open. */
export function keptUntil(state: State, emergency: Emergency): string | undefined {
  const policy = policyOfEmergency(state, emergency);
  return policy === undefined || emergency.closed === undefined
    ? undefined
    : after(emergency.closed.at, policy.timers.retention, policy.time_zone);
}

/**
 * A legal hold, its end, or the erasure of every text of a record. Two people sign the same document, at least one of
 * whom took no part in the emergency: nobody removes alone, nor with an accomplice only, what they wrote themselves.
 */
export function decideKeeping(
  state: State,
  said: Said<'attest'>,
  json: Json | undefined,
  now: string,
): Decision {
  const found = emergencyAtHand(state, said, { closed: true });
  if ('refusal' in found) return found;
  const { emergency } = found;
  const { digest } = said.statement;
  const document = keepingOf(json, digest, emergency.id);
  if (document === undefined)
    return refuse(
      'keeping.document',
      'What is to become of the record does not fit what was signed.',
      'Run the command again: halligan evidence --help.',
    );
  const keepers = recordKeepers(state);
  if (!keepers.includes(said.by))
    return refuse(
      'keeping.keeper',
      'You do not decide how records are kept.',
      'Two of security, auditors and admins do.',
      keepers,
    );
  const barred = barOf(state, emergency, document, now);
  if (barred !== undefined) return barred;
  const before = signedBy(emergency, digest, now).filter((one) => keepers.includes(one));
  const parts = participants(emergency);
  const others = keepers.filter(
    (one) => one !== said.by && (!parts.includes(one) || !parts.includes(said.by)),
  );
  if (before.includes(said.by))
    return refuse(
      'keeping.again',
      'You signed this already.',
      'Another signature is needed.',
      others,
    );
  const all = [...before, said.by];
  const events: EventBody[] = [
    happened('KeepingSigned', { emergency: emergency.id, by: said.by, digest, document }),
  ];
  if (all.length >= 2 && all.some((one) => !parts.includes(one)))
    events.push(consequenceOf(document, digest, all));
  return { events };
}

/** Who signed a document so far, as long as that has not lapsed. */
function signedBy({ keeping }: Emergency, digest: string, now: string): readonly string[] {
  return standing(entryOf((keeping ?? UNKEPT).proposals, digest), now)?.signedBy ?? [];
}

function barOf(
  state: State,
  emergency: Emergency,
  document: KeepingDocument,
  now: string,
): Decision | undefined {
  if (emergency.keeping?.erasure !== undefined)
    return refuse(
      'keeping.erased',
      'The texts of this record are erased.',
      'The log still shows what happened; nothing is left to hold or to erase.',
    );
  if (document.do === 'hold')
    return (emergency.keeping ?? UNKEPT).holds.some(({ hold, reason }) =>
      [hold, reason].includes(document.reason),
    )
      ? refuse('keeping.done', 'That hold was placed already.', 'See halligan evidence show.')
      : undefined;
  if (document.do === 'lift')
    return holdsOn(emergency).some(({ hold }) => hold === document.hold)
      ? undefined
      : refuse(
          'keeping.no-hold',
          'There is no such legal hold, or it was lifted.',
          'See halligan evidence show.',
        );
  if (holdsOn(emergency).length > 0)
    return refuse(
      'keeping.hold',
      'This record is under a legal hold.',
      'Lift the hold first: halligan evidence release-hold.',
      recordKeepers(state),
    );
  const until = keptUntil(state, emergency);
  if (until === undefined)
    return refuse(
      'keeping.open',
      'The emergency is not closed.',
      'Close it first; its record is needed for that.',
    );
  return document.ground === 'retention-over' && isAfter(until, now)
    ? refuse(
        'keeping.retention',
        `This record is kept until ${until.slice(0, 10)}.`,
        'Wait, or give another ground: halligan evidence erase --ground.',
      )
    : undefined;
}

function consequenceOf(
  document: KeepingDocument,
  digest: string,
  by: readonly string[],
): EventBody {
  const { emergency } = document;
  switch (document.do) {
    case 'hold':
      return happened('HoldPlaced', { emergency, hold: digest, reason: document.reason, by });
    case 'lift':
      return happened('HoldLifted', {
        emergency,
        hold: document.hold,
        reason: document.reason,
        by,
      });
    case 'erase': {
      const { ground, reference } = document;
      return happened('ErasureOrdered', {
        emergency,
        order: digest,
        ground,
        ...(reference === undefined ? {} : { reference }),
        by,
      });
    }
  }
}

/** The server did what two people ordered: once. */
export function decideErased(
  state: State,
  { emergency: id, blobs }: Extract<Observation, { readonly saw: 'erased' }>,
): Decision {
  const erasure = emergencyById(state, id)?.keeping?.erasure;
  return erasure === undefined || erasure.done !== undefined
    ? refuse('keeping.not-ordered', 'Nobody ordered this erasure.', 'Nothing is to be done.')
    : { events: [happened('TextsErased', { emergency: id, blobs })] };
}
