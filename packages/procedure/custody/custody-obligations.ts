import { personsWithRole } from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { openEmergencies } from '../emergency/register.ts';
import { isOpen, isTouched } from '../emergency/state.ts';
import type { Policy } from '../organisation/policy.ts';
import type { State } from '../state.ts';
import { isOfVersion } from './envelope.ts';
import {
  accessTo,
  envelopesOf,
  isUseful,
  isWorthless,
  type Kept,
  whoStillKnows,
} from './envelopes.ts';
import { keepersOf } from './joint.ts';
import type { Place } from './state.ts';

/** Something due about an envelope or a place. */
export interface CustodyDue {
  readonly id: string;
  readonly what: string;
  /** The envelope's serial, the place or the account. */
  readonly about: string;
  readonly owners: readonly string[];
  readonly due: string;
}

/**
 * What is due about envelopes and places: inspections, combinations that somebody who left still knows, paper of
 * retired versions, new paper for a new version, and every sign of tampering until it is dealt with.
 */
export function custodyObligations(state: State, policy: Policy): readonly CustodyDue[] {
  return [
    ...envelopesOf(state).flatMap((kept) => ofEnvelope(state, policy, kept)),
    ...Object.values(state.places).flatMap((place) => ofPlace(state, policy, place)),
    ...newPaper(state, policy),
  ];
}

function ofEnvelope(
  state: State,
  { timers, time_zone: zone }: Policy,
  { account, envelope }: Kept,
): readonly CustodyDue[] {
  const { serial, place, inspected, since } = envelope;
  const about = (what: string, owners: readonly string[], from: string, timer: string) => ({
    id: `${what}:${serial}`,
    what,
    about: serial,
    owners,
    due: after(from, timer, zone),
  });
  const near = accessOr(state, place);
  if (envelope.state === 'destroyed') return [];
  const list: CustodyDue[] = [];
  if (envelope.state === 'tampered')
    list.push(about('look-into-tampering', securityOf(state), since, timers.reset));
  if (isWorthless(account, envelope)) {
    const proven = account.versions[account.current]?.proven?.at ?? since;
    list.push(
      about('destroy-envelope', near, isAfter(proven, since) ? proven : since, timers.reset),
    );
  } else if (envelope.state === 'sealed')
    list.push(about('inspect-envelope', near, inspected, timers.envelope_inspection));
  else if (!isOfVersion(envelope.contains))
    list.push(about('destroy-envelope', near, since, timers.reset));
  return list;
}

/** Whoever left may still walk up to the safe: the combination is changed, or the lock. */
function ofPlace(state: State, policy: Policy, place: Place): readonly CustodyDue[] {
  const { id, retired } = place.document;
  if (retired === true || whoStillKnows(state, place).length === 0) return [];
  return [
    {
      id: `change-combination:${id}`,
      what: 'change-combination',
      about: id,
      owners: accessOr(state, id),
      due: after(place.at, policy.timers.reset, policy.time_zone),
    },
  ];
}

/** An account that is kept on paper and was rotated without an emergency; in one, its close asks for the paper. */
function newPaper(state: State, { timers, time_zone: zone }: Policy): readonly CustodyDue[] {
  return Object.values(state.accounts).flatMap((account) => {
    const proven = account.versions[account.current]?.proven;
    if (account.keptIn !== 'envelope' || account.state === 'retired' || proven === undefined)
      return [];
    const underWay = openEmergencies(state).some(
      (one) =>
        one.account === account.document.id &&
        isOpen(one) &&
        isTouched(one) &&
        one.ended === undefined &&
        one.aborted === undefined,
    );
    const there = Object.values(account.envelopes).some(
      (one) =>
        isOfVersion(one.contains) && one.version === account.current && isUseful(account, one),
    );
    if (underWay || there) return [];
    const { id } = account.document;
    const owners = keepersOf(state);
    const due = after(proven.at, timers.reset, zone);
    return [{ id: `seal-envelope:${id}`, what: 'seal-envelope', about: id, owners, due }];
  });
}

function accessOr(state: State, place: string): readonly string[] {
  const keepers = keepersOf(state);
  const near = accessTo(state, place).filter((person) => keepers.includes(person));
  return near.length > 0 ? near : keepers;
}

function securityOf(state: State): readonly string[] {
  const security =
    state.roster === undefined
      ? []
      : personsWithRole(state.roster, 'security').map((one) => one.id);
  return security.length > 0 ? security : keepersOf(state);
}
