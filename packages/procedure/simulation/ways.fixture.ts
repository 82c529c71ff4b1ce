import type { HalliganEvent } from '../index.ts';

/** The less usual ways through an emergency: each must be gone in a simulation of some length. */
export const WAYS = [
  'refused',
  'aborted',
  'silence exception',
  'approved by other means',
  'approved by a spoken code',
  'one person with an executive',
  'signed off',
  'an envelope opened',
  'an envelope tampered with',
  'a drill made real',
  'a note',
  'an addendum',
  'a stand-in took part',
  'a stand-in signed the record',
  'an account suspected',
  'a suspicion cleared',
  'rotated by hand',
  'exercised by hand',
  'a rotation failed',
  'an account exposed',
  'a window passed',
  'violations escalated',
  'a policy adopted',
  'a change that waits',
  'a legal hold',
] as const;

type Way = (typeof WAYS)[number];

/** The ways that were gone in the history of one organisation, once for each time. */
export function waysIn(events: readonly HalliganEvent[]): readonly Way[] {
  const named = new Map<string, readonly (string | undefined)[]>();
  return events.flatMap((event) => {
    if (event.type === 'EmergencyDeclared') {
      const { emergency, second, witness } = event.data;
      named.set(emergency, [second, witness]);
    }
    if (event.type !== 'PartTaken' || event.data.role === 'executive') return waysOf(event);
    const { emergency, by } = event.data;
    return named.get(emergency)?.includes(by) === true ? [] : (['a stand-in took part'] as const);
  });
}

/** The ways that one event shows. */
function waysOf(event: HalliganEvent): readonly Way[] {
  switch (event.type) {
    case 'EmergencyRefused':
      return ['refused'];
    case 'EmergencyAborted':
      return ['aborted'];
    case 'EmergencyApproved':
      return approvedBy(event.data);
    case 'PartTaken':
      return event.data.role === 'executive' ? ['one person with an executive'] : [];
    case 'SoloSignedOff':
      return ['signed off'];
    case 'EnvelopeOpened':
      return ['an envelope opened'];
    case 'EnvelopeTampered':
      return ['an envelope tampered with'];
    case 'DrillConverted':
      return ['a drill made real'];
    case 'NoteAdded':
      return ['a note'];
    case 'AddendumAdded':
      return ['an addendum'];
    case 'RecordSigned':
      return event.data.inPlaceOf === undefined ? [] : ['a stand-in signed the record'];
    case 'AccountSuspected':
      return ['an account suspected'];
    case 'AccountCleared':
      return ['a suspicion cleared'];
    case 'CredentialProven':
      return event.data.by === undefined ? [] : ['rotated by hand'];
    case 'CredentialExercised':
      return event.data.by === undefined ? [] : ['exercised by hand'];
    case 'RotationFailed':
      return ['a rotation failed'];
    case 'AccountExposed':
      return ['an account exposed'];
    case 'OpeningExpired':
      return ['a window passed'];
    case 'ViolationEscalated':
      return ['violations escalated'];
    case 'PolicyAdopted':
      return ['a policy adopted'];
    case 'PolicyProposed':
    case 'RosterChangeProposed':
      return ['a change that waits'];
    case 'KeepingSigned':
      return ['a legal hold'];
    default:
      return [];
  }
}

function approvedBy({
  method,
  code,
}: Extract<HalliganEvent, { readonly type: 'EmergencyApproved' }>['data']): readonly Way[] {
  if (method === 'silence exception') return ['silence exception'];
  if (code !== undefined) return ['approved by a spoken code'];
  return method === 'app' ? [] : ['approved by other means'];
}
