import { evolveRetrieval } from '../custody/evolve.ts';
import type { HalliganEvent } from '../events.ts';
import type { Emergency, Opening } from '../state.ts';

/** What an event of its stream makes of an emergency. */
export function evolveEmergency(emergency: Emergency, event: HalliganEvent): Emergency {
  const { at } = event;
  switch (event.type) {
    case 'EmergencyApproved': {
      const { emergency: _id, ...approval } = event.data;
      return { ...emergency, approval: { ...approval, at } };
    }
    case 'EmergencyRefused':
      return {
        ...emergency,
        refusals: [...emergency.refusals, { by: event.data.by, reason: event.data.reason, at }],
      };
    case 'PartTaken': {
      const { by, role, together } = event.data;
      return { ...emergency, parts: { ...emergency.parts, [by]: { role, together, at } } };
    }
    case 'OpeningRequested': {
      const { emergency: _id, ...facts } = event.data;
      const opening: Opening = { ...facts, at, releases: [], expired: false };
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
      const { by, reference } = event.data;
      return {
        ...emergency,
        submitted: { at, by, ...(reference === undefined ? {} : { reference }) },
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
        reviewed: { at, rootCause: event.data.rootCause, action: event.data.action },
      };
    case 'CredentialExercised':
      return { ...emergency, exercised: { at, version: event.data.version } };
    case 'EmergencyAborted':
      return { ...emergency, aborted: { at, by: event.data.by } };
    case 'EmergencyClosed':
      return { ...emergency, closed: { at, by: event.data.by } };
    default:
      return evolveRetrieval(emergency, event);
  }
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
