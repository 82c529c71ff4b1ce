import {
  type Emergency,
  emergencyById,
  type HalliganEvent,
  policyOfEmergency,
  type State,
} from '@halligan/procedure';
import { type Alert, CHANNELS } from './alert.ts';

/** What `channels.alert_on` cannot mute: who should know must not depend on who wrote the policy. */
const ALWAYS = new Set([
  'declared',
  'exception',
  'exposed',
  'tampered',
  'roster-proposed',
  'machine-forked',
]);

/** What an event says to people: the word of `alert_on`, how grave it is, and what to do. */
interface Occurrence {
  readonly on: string;
  readonly severity: Alert['severity'];
  readonly says: string;
  readonly next: string;
  readonly data: Alert['data'];
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

/** A row an event: what is not here is no news. */
function occurrenceOf(
  event: HalliganEvent,
  emergency: Emergency | undefined,
): Occurrence | undefined {
  const show = `halligan emergency show ${emergency?.id.slice(0, 12) ?? ''}`.trimEnd();
  switch (event.type) {
    case 'EmergencyDeclared': {
      const { requester, cause } = event.data;
      return critical('declared', `${requester} declared an emergency`, show, { cause });
    }
    case 'EmergencyApproved': {
      const { by, method } = event.data;
      const silence = `${by} invoked the silence exception: no approver answered`;
      return method === 'silence exception'
        ? critical('exception', silence, show, { by })
        : warning('approved', `${by} approved`, show, { by });
    }
    case 'EmergencyRefused': {
      const { by } = event.data;
      return critical('refused', `${by} refused`, show, { by });
    }
    case 'OpeningRequested': {
      const { by, path, version, exercise } = event.data;
      const says = `${by} asked the holders of ${path} to open version ${version}`;
      return exercise ? undefined : critical('opened', says, show, { by, path, version });
    }
    case 'QuorumReached': {
      const { request, path } = event.data;
      const opening = emergency?.openings.find((one) => one.request === request);
      const says = 'a quorum opened the seal: the credential is revealed';
      return opening?.exercise === true ? undefined : critical('revealed', says, show, { path });
    }
    case 'EnvelopeOpened': {
      const { serial, version } = event.data;
      const says = `envelope ${serial} was opened: version ${version} is revealed`;
      return critical('revealed', says, show, { serial, version });
    }
    case 'EnvelopeTampered': {
      const { serial, account } = event.data;
      const says = `envelope ${serial} of ${account} shows signs of tampering`;
      const next = `look into it: halligan envelope show ${serial}; the account is rotated`;
      return critical('tampered', says, next, { account, serial });
    }
    case 'EmergencyEnded':
      return warning('ended', 'the use has ended', show, {});
    case 'EmergencyAborted': {
      const { by } = event.data;
      return warning('aborted', `${by} aborted it`, show, { by });
    }
    case 'EmergencyClosed': {
      const { by } = event.data;
      return occurrence('info', 'closed', `${by} closed it`, show, { by });
    }
    case 'AccountExposed': {
      const { account } = event.data;
      const says = `the account ${account} is exposed: more than one credential may be accepted`;
      return critical('exposed', says, `halligan account rotate ${account}`, { account });
    }
    case 'RotationFailed': {
      const { account, code } = event.data;
      const says = `a rotation of ${account} failed`;
      return warning('rotation-failed', says, `halligan account rotate ${account}`, {
        account,
        code,
      });
    }
    case 'RosterChangeProposed': {
      const says = `${event.actor} proposed a change of the roster, which comes into force by waiting`;
      return critical('roster-proposed', says, OBJECT, { by: event.actor });
    }
    case 'RosterChanged':
      return changed('roster', event.actor, 'changed the roster', 'halligan person list');
    case 'PolicyAdopted':
      return changed('policy', event.actor, 'adopted a policy', 'halligan policy show');
    case 'DriverConfigured': {
      const did = `changed how ${event.data.system} is reached`;
      return changed('driver', event.actor, did, 'halligan system list');
    }
    case 'MachinesEnrolled':
      return changed('machines', event.actor, 'enrolled machines', 'halligan machine list');
    case 'MachinesRetired':
      return changed('machines', event.actor, 'retired machines', 'halligan machine list');
    case 'MachineForked': {
      const { machine, size } = event.data;
      const says = `the machine ${machine} signed two histories of what happened on it`;
      const next = `look at it before anything else: halligan machine show ${machine}`;
      return critical('machine-forked', says, next, { machine, size });
    }
    default:
      return undefined;
  }
}

const OBJECT = 'halligan person list; object by voice, and consent to nothing that you do not know';

function occurrence(
  severity: Alert['severity'],
  on: string,
  says: string,
  next: string,
  data: Alert['data'],
): Occurrence {
  return { on, severity, says, next, data };
}

function critical(on: string, says: string, next: string, data: Alert['data']): Occurrence {
  return occurrence('critical', on, says, next, data);
}

function warning(on: string, says: string, next: string, data: Alert['data']): Occurrence {
  return occurrence('warning', on, says, next, data);
}

/** The organisation itself was changed. */
function changed(on: string, by: string, did: string, next: string): Occurrence {
  return warning(on, `${by} ${did}`, next, { by });
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
  return typeof emergency === 'string' ? emergencyById(state, emergency) : undefined;
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
