import { evolveRetrieval } from '../custody/evolve.ts';
import { type EventData, type HalliganEvent, timeOf } from '../events.ts';
import { evolveAftermath } from './evolve-aftermath.ts';
import type { Emergency, Opening } from './state.ts';

/** What an event of its stream makes of an emergency. */
export function evolveEmergency(emergency: Emergency, event: HalliganEvent): Emergency {
  const at = timeOf(event);
  switch (event.type) {
    case 'EmergencyApproved': {
      const { emergency: _id, ...approval } = event.data;
      // Those whom the server had tried until then: what comes later does not change the record that people sign.
      const tried = emergency.contacts;
      const contacts = tried.length === 0 ? {} : { contacts: tried };
      return { ...emergency, approval: { ...approval, ...contacts, at } };
    }
    case 'EmergencyRefused':
      return {
        ...emergency,
        refusals: [...emergency.refusals, { by: event.data.by, reason: event.data.reason, at }],
      };
    case 'ApproversAsked':
      return { ...emergency, asked: event.data.approvers };
    case 'PersonContacted': {
      const { emergency: _id, ...contact } = event.data;
      return { ...emergency, contacts: [...emergency.contacts, contact] };
    }
    case 'PartTaken': {
      const { emergency: _id, by, ...part } = event.data;
      // Whoever stands in for one who has left is the second person, or the witness, from now on.
      const named = part.role === 'executive' ? {} : { [part.role]: by };
      return {
        ...emergency,
        ...named,
        parts: { ...emergency.parts, [by]: { ...part, at } },
      };
    }
    case 'DrillConverted':
      return converted(emergency, event.data, at);
    case 'SoloSignedOff': {
      const { emergency: _id, ...word } = event.data;
      return { ...emergency, signedOff: { ...word, at } };
    }
    case 'OpeningRequested': {
      const { emergency: _id, ...facts } = event.data;
      const learnt = event.said === undefined ? {} : { learnt: event.at };
      const opening: Opening = { ...facts, at, ...learnt, releases: [], expired: false };
      return { ...emergency, openings: [...emergency.openings, opening] };
    }
    case 'ShareReleased': {
      const { emergency: _id, ...release } = event.data;
      return withOpening(emergency, release.request, (opening) => ({
        ...opening,
        releases: [...opening.releases, { ...release, at }],
      }));
    }
    case 'QuorumReached':
      return withOpening(emergency, event.data.request, (opening) => ({
        ...opening,
        quorumAt: at,
      }));
    case 'OpeningExpired':
      return withOpening(emergency, event.data.request, (opening) => ({
        ...opening,
        expired: true,
      }));
    case 'NoteAdded': {
      const { emergency: _id, ...note } = event.data;
      return { ...emergency, notes: [...emergency.notes, { ...note, at }] };
    }
    case 'AddendumAdded': {
      const { emergency: _id, ...addendum } = event.data;
      return { ...emergency, addenda: [...emergency.addenda, { ...addendum, at }] };
    }
    case 'EmergencyEnded': {
      const { emergency: _id, ...end } = event.data;
      return { ...emergency, ended: { ...end, at } };
    }
    case 'RecordSigned': {
      const { by, record, inPlaceOf, pages } = event.data;
      const before = emergency.record?.digest === record ? emergency.record : undefined;
      return {
        ...emergency,
        record: {
          ...before,
          digest: record,
          signedBy: [...(before?.signedBy ?? []), by],
          at,
          ...(inPlaceOf === undefined
            ? {}
            : { inPlaceOf: { ...before?.inPlaceOf, [by]: inPlaceOf } }),
          ...(pages === undefined ? {} : { pages }),
        },
      };
    }
    case 'RecordSubmitted': {
      const { by, reference, via } = event.data;
      return {
        ...emergency,
        submitted: {
          at,
          by,
          ...(reference === undefined ? {} : { reference }),
          ...(via === undefined ? {} : { via }),
        },
      };
    }
    case 'EmergencyReset':
      return { ...emergency, reset: { at, version: event.data.version } };
    case 'ReviewSigned': {
      const { by, review, points } = event.data;
      return {
        ...emergency,
        reviews: { ...emergency.reviews, [by]: { digest: review, points, at } },
      };
    }
    case 'ReviewCompleted':
      return {
        ...emergency,
        reviewed: reviewedBy(event.data, at),
      };
    case 'CredentialExercised':
      return { ...emergency, exercised: exercisedBy(event.data, at) };
    case 'EmergencyAborted':
      return { ...emergency, aborted: { at, by: event.data.by } };
    case 'EmergencyClosed':
      return { ...emergency, closed: { at, by: event.data.by } };
    default:
      return evolveAftermath(evolveRetrieval(emergency, event), event);
  }
}

/**
 * What a drill leaves to the emergency that it has become: who was named, what was noted, and what left its holder.
 * No approval, refusal or part: they were given for a drill. The clock of the emergency starts now.
 */
function converted(
  drill: Emergency,
  {
    by,
    reason,
    emergency: _id,
    attestation,
    ...facts
  }: Extract<HalliganEvent, { readonly type: 'DrillConverted' }>['data'],
  at: string,
): Emergency {
  const { approval: _a, scenario: _s, attestation: _t, ...rest } = drill;
  return {
    ...rest,
    ...facts,
    ...(attestation === undefined ? {} : { attestation }),
    drill: false,
    at,
    refusals: [],
    parts: {},
    contacts: [],
    // By the rules before, what was done at an envelope in the drill went on counting.
    retrievals:
      drill.rules < 3
        ? drill.retrievals
        : drill.retrievals.map((one) => ({ ...one, rehearsed: true })),
    openings: drill.openings.map((one) => ({ ...one, rehearsed: true, expired: true })),
    converted: { at, by, reason, declared: drill.at },
  };
}

function exercisedBy(
  { version, by }: EventData['CredentialExercised'],
  at: string,
): NonNullable<Emergency['exercised']> {
  return { at, version, ...(by === undefined ? {} : { by }) };
}

function reviewedBy(
  { emergency: _id, ...facts }: EventData['ReviewCompleted'],
  at: string,
): NonNullable<Emergency['reviewed']> {
  return { at, ...facts };
}

function withOpening(
  emergency: Emergency,
  request: string,
  change: (one: Opening) => Opening,
): Emergency {
  return {
    ...emergency,
    openings: emergency.openings.map((one) => (one.request === request ? change(one) : one)),
  };
}
