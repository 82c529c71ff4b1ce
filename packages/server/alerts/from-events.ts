import {
  type Emergency,
  type HalliganEvent,
  policyOfEmergency,
  type State,
} from '@halligan/procedure';
import { type Alert, CHANNELS } from './alert.ts';

/** What `channels.alert_on` cannot mute: who should know must not depend on who wrote the policy. */
const ALWAYS = new Set(['declared', 'exception', 'exposed', 'tampered', 'roster-proposed']);

/** What an event says to people: the word of `alert_on`, how grave it is, and what to do. */
interface Occurrence {
  readonly on: string;
  readonly severity: Alert['severity'];
  readonly says: string;
  readonly next: string;
  readonly data?: Alert['data'];
}

/**
 * The alerts that an event of the record calls for, as the state after it stands. The same event gives the same
 * alerts with the same ids, whenever and however often it is asked.
 */
export function alertsOf(event: HalliganEvent, state: State): readonly Alert[] {
  const source = state.roster?.origin ?? '';
  const emergency = emergencyOf(event, state);
  const base = { v: 'halligan/alert/v1', source, timestamp: event.at } as const;
  const facts = emergency === undefined ? {} : factsOf(emergency);
  const occurrence = occurrenceOf(event, emergency);
  const broadcast: Alert[] =
    occurrence === undefined || !isOn(occurrence.on, state, emergency)
      ? []
      : [
          {
            ...base,
            id: event.id,
            type: `${emergency === undefined ? 'organisation' : 'emergency'}.${occurrence.on}`,
            severity: occurrence.severity,
            title: titleOf(occurrence.says, emergency),
            next: occurrence.next,
            data: { ...facts, ...occurrence.data },
          },
        ];
  const personal = emergency === undefined ? [] : askedOf(event, emergency);
  return [
    ...broadcast,
    ...personal.flatMap(({ person, type, says, next }) =>
      CHANNELS.map(
        (channel): Alert => ({
          ...base,
          id: `${event.id}:${person}:${channel}`,
          type: `emergency.${type}`,
          severity: 'critical',
          title: titleOf(says, emergency),
          next,
          data: { ...facts },
          to: { person, channel },
        }),
      ),
    ),
  ];
}

function isOn(word: string, state: State, emergency: Emergency | undefined): boolean {
  const policy =
    emergency === undefined
      ? state.policies[state.policy ?? '']
      : policyOfEmergency(state, emergency);
  return ALWAYS.has(word) || policy?.channels.alert_on.includes(word) === true;
}

function occurrenceOf(
  event: HalliganEvent,
  emergency: Emergency | undefined,
): Occurrence | undefined {
  const show = `halligan emergency show ${emergency?.id.slice(0, 12) ?? ''}`.trimEnd();
  switch (event.type) {
    case 'EmergencyDeclared':
      return {
        on: 'declared',
        severity: 'critical',
        says: `${event.data.requester} declared an emergency`,
        next: show,
        data: { cause: event.data.cause },
      };
    case 'EmergencyApproved':
      return event.data.method === 'silence exception'
        ? {
            on: 'exception',
            severity: 'critical',
            says: `${event.data.by} invoked the silence exception: no approver answered`,
            next: show,
            data: { by: event.data.by },
          }
        : {
            on: 'approved',
            severity: 'warning',
            says: `${event.data.by} approved`,
            next: show,
            data: { by: event.data.by },
          };
    case 'EmergencyRefused':
      return {
        on: 'refused',
        severity: 'critical',
        says: `${event.data.by} refused`,
        next: show,
        data: { by: event.data.by },
      };
    case 'OpeningRequested':
      return event.data.exercise
        ? undefined
        : {
            on: 'opened',
            severity: 'critical',
            says: `${event.data.by} asked the holders of ${event.data.path} to open version ${event.data.version}`,
            next: show,
            data: { by: event.data.by, path: event.data.path, version: event.data.version },
          };
    case 'QuorumReached':
      return emergency?.openings.some(
        (one) => one.request === event.data.request && one.exercise,
      ) === true
        ? undefined
        : {
            on: 'revealed',
            severity: 'critical',
            says: 'a quorum opened the seal: the credential is revealed',
            next: show,
            data: { path: event.data.path },
          };
    case 'EnvelopeOpened':
      return {
        on: 'revealed',
        severity: 'critical',
        says: `envelope ${event.data.serial} was opened: version ${event.data.version} is revealed`,
        next: show,
        data: { serial: event.data.serial, version: event.data.version },
      };
    case 'EnvelopeTampered':
      return {
        on: 'tampered',
        severity: 'critical',
        says: `envelope ${event.data.serial} of ${event.data.account} shows signs of tampering`,
        next: `look into it: halligan envelope show ${event.data.serial}; the account is rotated`,
        data: { account: event.data.account, serial: event.data.serial },
      };
    case 'EmergencyEnded':
      return { on: 'ended', severity: 'warning', says: 'the use has ended', next: show };
    case 'EmergencyAborted':
      return {
        on: 'aborted',
        severity: 'warning',
        says: `${event.data.by} aborted it`,
        next: show,
        data: { by: event.data.by },
      };
    case 'EmergencyClosed':
      return {
        on: 'closed',
        severity: 'info',
        says: `${event.data.by} closed it`,
        next: show,
        data: { by: event.data.by },
      };
    case 'AccountExposed':
      return {
        on: 'exposed',
        severity: 'critical',
        says: `the account ${event.data.account} is exposed: more than one credential may be accepted`,
        next: `halligan account rotate ${event.data.account}`,
        data: { account: event.data.account },
      };
    case 'RotationFailed':
      return {
        on: 'rotation-failed',
        severity: 'warning',
        says: `a rotation of ${event.data.account} failed`,
        next: `halligan account rotate ${event.data.account}`,
        data: { account: event.data.account, code: event.data.code },
      };
    case 'RosterChangeProposed':
      return {
        on: 'roster-proposed',
        severity: 'critical',
        says: `${event.actor} proposed a change of the roster, which comes into force by waiting`,
        next: 'halligan person list; object by voice, and consent to nothing that you do not know',
        data: { by: event.actor },
      };
    case 'RosterChanged':
      return organisational('roster', event.actor, 'changed the roster', 'halligan person list');
    case 'PolicyAdopted':
      return organisational('policy', event.actor, 'adopted a policy', 'halligan policy show');
    case 'DriverConfigured':
      return organisational(
        'driver',
        event.actor,
        `changed how ${event.data.system} is reached`,
        'halligan system list',
      );
    default:
      return undefined;
  }
}

function organisational(on: string, by: string, did: string, next: string): Occurrence {
  return { on, severity: 'warning', says: `${by} ${did}`, next, data: { by } };
}

interface Asked {
  readonly person: string;
  readonly type: string;
  readonly says: string;
  readonly next: string;
}

/** Whom an event makes the system turn to by themselves, on every channel. */
function askedOf(event: HalliganEvent, emergency: Emergency): readonly Asked[] {
  const id = emergency.id.slice(0, 12);
  switch (event.type) {
    case 'ApproversAsked':
      return event.data.approvers.map((person) => ({
        person,
        type: 'approval-asked',
        says: `${emergency.requester} asks for your approval`,
        next: `halligan emergency approve ${id}, or halligan emergency refuse ${id}`,
      }));
    default:
      return [];
  }
}

function emergencyOf(event: HalliganEvent, state: State): Emergency | undefined {
  if (!('emergency' in event.data)) return undefined;
  const { emergency } = event.data;
  return typeof emergency === 'string' && Object.hasOwn(state.emergencies, emergency)
    ? state.emergencies[emergency]
    : undefined;
}

/** Who, what and where; all of it ids. */
export function factsOf({
  id,
  account,
  system,
  drill,
  requester,
  second,
}: Emergency): Alert['data'] {
  return {
    ...{ emergency: id, account, system, drill, requester },
    ...(second === undefined ? {} : { second }),
  };
}

/** A drill must be told from an emergency at the first glance. */
export function titleOf(says: string, emergency: Emergency | undefined): string {
  if (emergency === undefined) return says;
  const kind = emergency.drill ? 'DRILL' : 'EMERGENCY';
  return `${kind} ${emergency.account} (${emergency.system}): ${says}`;
}
