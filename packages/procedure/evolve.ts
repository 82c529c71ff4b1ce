import { HalliganError } from '@halligan/format';
import { type Roster, type RosterLink, rosterOfGenesis, rosterWith } from '@halligan/statement';
import type { EventBody, EventData, HalliganEvent } from './events.ts';
import {
  type Account,
  type Emergency,
  entryOf,
  type Opening,
  type State,
  type Version,
} from './state.ts';

/**
 * The only place where state changes. Pure; tolerant of what it cannot place (an event of an emergency that a partial
 * transcript leaves out changes nothing), because what happened has happened: judging it is `decide`'s work.
 */
export function evolve(state: State, event: HalliganEvent): State {
  const { at } = event;
  switch (event.type) {
    case 'RosterChanged':
      return {
        ...state,
        roster: rosterOf(state, event.data.link, event.data.digest),
        proposedAt: {},
      };
    case 'RosterChangeProposed':
      return withProposal(state, event.data, at);
    case 'PolicyAdopted':
      return {
        ...state,
        policy: event.data.digest,
        adoptions: {
          ...state.adoptions,
          ...Object.fromEntries(event.data.statements.map((digest) => [digest, true as const])),
        },
        policies: { ...state.policies, [event.data.digest]: event.data.policy },
      };
    case 'SystemAdded':
      return { ...state, systems: { ...state.systems, [event.data.system.id]: event.data.system } };
    case 'DriverConfigured': {
      const { system, config } = event.data;
      return { ...state, drivers: { ...state.drivers, [system]: config } };
    }
    case 'AccountAdded':
      return putAccount(state, event.data.account, {
        document: event.data.document,
        state: 'unarmed',
        since: at,
        current: 0,
        versions: {},
      });
    case 'EmergencyDeclared': {
      const { emergency: id, ...facts } = event.data;
      return putEmergency(state, id, {
        ...facts,
        id,
        at,
        refusals: [],
        parts: {},
        openings: [],
        notes: [],
        addenda: [],
        reviews: {},
      });
    }
    default:
      return 'emergency' in event.data && !isAccountEvent(event)
        ? withEmergency(state, event.data.emergency, (emergency) =>
            evolveEmergency(emergency, event),
          )
        : 'account' in event.data
          ? withAccount(state, event.data.account, (account) => evolveAccount(account, event))
          : state;
  }
}

const ACCOUNT_EVENTS: ReadonlySet<string> = new Set(['VersionTouched', 'AccountTaken']);

function isAccountEvent(event: EventBody): boolean {
  return ACCOUNT_EVENTS.has(event.type);
}

function evolveAccount(account: Account, event: HalliganEvent): Account {
  const { at } = event;
  switch (event.type) {
    case 'CredentialSealed': {
      const { version, digest, header } = event.data;
      const sealed: Version = { digest, header, sealedAt: at, touched: false, retired: false };
      return { ...account, versions: { ...account.versions, [version]: sealed } };
    }
    case 'CredentialKitted': {
      const { version, kit, places } = event.data;
      return withVersion(account, version, (one) => ({ ...one, kit: { digest: kit, places } }));
    }
    case 'CredentialProven': {
      const { version, old } = event.data;
      const proven = withVersion(account, version, (one) => ({ ...one, proven: { at, old } }));
      // With the old one dead it is known again what opens the account: no longer exposed, not yet armed.
      const known = account.state === 'exposed' && old !== 'accepted';
      return {
        ...proven,
        ...(known ? { state: 'unarmed' as const, since: at } : {}),
        current: version,
      };
    }
    case 'RotationFailed':
      return withVersion(account, event.data.version, (one) => ({
        ...one,
        failed: event.data.code,
      }));
    case 'VersionTouched':
      return withVersion(account, event.data.version, (one) => ({ ...one, touched: true }));
    case 'VersionRetired':
      return withVersion(account, event.data.version, (one) => ({ ...one, retired: true }));
    case 'AccountTaken':
      return { ...account, state: 'in use', since: at, emergency: event.data.emergency };
    case 'AccountUnarmed':
      return { ...account, state: 'unarmed', since: at };
    case 'AccountExposed':
      return { ...account, state: 'exposed', since: at };
    case 'AccountArmed': {
      const { emergency: _freed, ...rest } = account;
      return { ...rest, state: 'armed', since: at };
    }
    default:
      return account;
  }
}

function evolveEmergency(emergency: Emergency, event: HalliganEvent): Emergency {
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
      const { by, record } = event.data;
      const signedBy = emergency.record?.digest === record ? emergency.record.signedBy : [];
      return { ...emergency, record: { digest: record, signedBy: [...signedBy, by], at } };
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
      return emergency;
  }
}

function rosterOf({ roster }: State, link: RosterLink, digest: string): Roster {
  if (link.change.do === 'genesis') return rosterOfGenesis(link.change, digest);
  if (roster === undefined)
    throw new HalliganError(
      'procedure.order',
      'A roster change comes before the genesis.',
      'The record is incomplete.',
    );
  return rosterWith(roster, link, digest);
}

function withProposal(
  state: State,
  { digest, link, signers }: EventData['RosterChangeProposed'],
  at: string,
): State {
  const { roster } = state;
  if (roster === undefined) return state;
  const pending = [
    ...roster.pending.filter((one) => one.digest !== digest),
    { digest, link, signers },
  ];
  return {
    ...state,
    roster: { ...roster, pending },
    proposedAt: { [digest]: at, ...state.proposedAt },
  };
}

function putAccount(state: State, id: string, account: Account): State {
  return { ...state, accounts: { ...state.accounts, [id]: account } };
}

function putEmergency(state: State, id: string, emergency: Emergency): State {
  return { ...state, emergencies: { ...state.emergencies, [id]: emergency } };
}

function withAccount(state: State, id: string, change: (account: Account) => Account): State {
  const account = entryOf(state.accounts, id);
  return account === undefined ? state : putAccount(state, id, change(account));
}

function withEmergency(state: State, id: string, change: (one: Emergency) => Emergency): State {
  const emergency = entryOf(state.emergencies, id);
  return emergency === undefined ? state : putEmergency(state, id, change(emergency));
}

function withVersion(account: Account, number: number, change: (one: Version) => Version): Account {
  const version = account.versions[number];
  if (version === undefined) return account;
  return { ...account, versions: { ...account.versions, [number]: change(version) } };
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
