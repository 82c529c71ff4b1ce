import { HalliganError } from '@halligan/format';
import { type Roster, type RosterLink, rosterOfGenesis, rosterWith } from '@halligan/statement';
import { evolveAccount } from './account/evolve.ts';
import type { Account } from './account/state.ts';
import { evolvePlace } from './custody/evolve.ts';
import { evolveEmergency } from './emergency/evolve.ts';
import { emergencyById, withEmergency } from './emergency/register.ts';
import type { Emergency } from './emergency/state.ts';
import { type EventBody, type EventData, type HalliganEvent, timeOf } from './events.ts';
import { evolveKeeping } from './keeping/evolve.ts';
import { evolveMachines } from './organisation/machines.ts';
import { evolveStanding } from './standing/evolve.ts';
import { type ApprovalCodes, entryOf, type State } from './state.ts';

/**
 * The only place where state changes. Pure; tolerant of what it cannot place (an event of an emergency that a partial
 * transcript leaves out changes nothing), because what happened has happened: judging it is `decide`'s work.
 */
export function evolve(state: State, event: HalliganEvent): State {
  const id = emergencyOfEvent(event);
  if (id !== undefined) {
    const one = evolveOne(emergencyById(state, id), event);
    return one === undefined
      ? state
      : { ...state, emergencies: withEmergency(state.emergencies, one) };
  }
  const after = changed(state, event);
  const standing = evolveStanding(state, event);
  return standing === state.standing ? after : { ...after, standing };
}

function changed(state: State, event: HalliganEvent): State {
  const at = timeOf(event);
  switch (event.type) {
    case 'RosterChanged':
      return {
        ...state,
        roster: rosterOf(state, event.data.link, event.data.digest),
        proposedAt: {},
      };
    case 'LogKeyReplaced':
      return { ...state, log: event.data.next };
    case 'RosterChangeProposed':
      return withProposal(state, event.data, at);
    case 'PolicyAdopted':
      return {
        ...state,
        policy: event.data.digest,
        adoptions: withStatements(state, event.data.statements),
        policies: { ...state.policies, [event.data.digest]: event.data.policy },
      };
    case 'ApprovalCodesCommitted': {
      const { person, statement, ...sheet } = event.data;
      const before = entryOf(state.approvalCodes, person);
      return putCodes(state, person, {
        ...sheet,
        spent: before?.spent ?? {},
        statements: { ...before?.statements, [statement]: true },
      });
    }
    case 'ApprovalCodeSpent': {
      const { person, commitment, spentOn } = event.data;
      const codes = entryOf(state.approvalCodes, person);
      return codes === undefined
        ? state
        : putCodes(state, person, { ...codes, spent: { ...codes.spent, [commitment]: spentOn } });
    }
    case 'SystemAdded':
    case 'SystemChanged':
      return { ...state, systems: { ...state.systems, [event.data.system.id]: event.data.system } };
    case 'PolicyProposed':
      return { ...state, adoptions: withStatements(state, event.data.statements) };
    case 'ChangeCancelled':
      return withoutProposal(state, event.data.digest);
    case 'DriverConfigured': {
      const { system, config, byHand } = event.data;
      const { [system]: _before, ...others } = state.byHand ?? {};
      return {
        ...state,
        drivers: { ...state.drivers, [system]: config },
        byHand: byHand === true ? { ...others, [system]: true } : others,
      };
    }
    case 'PlaceAdded':
    case 'PlaceChanged': {
      const { id } = event.data.place;
      const place = evolvePlace(entryOf(state.places, id), event.data, at);
      return { ...state, places: { ...state.places, [id]: place } };
    }
    case 'MachinesEnrolled':
    case 'MachinesRetired':
    case 'MachineForked':
      return { ...state, machines: evolveMachines(state.machines, event) };
    case 'ReportsLogOpened':
      return { ...state, reportsLog: event.data.logKey };
    case 'KitAttested': {
      const { by, ...seen } = event.data;
      return { ...state, kitAttestations: { ...state.kitAttestations, [by]: { ...seen, at } } };
    }
    case 'AccountAdded':
      return putAccount(state, event.data.account, {
        document: event.data.document,
        state: 'unarmed',
        since: at,
        current: 0,
        versions: {},
        envelopes: {},
      });
    default:
      return 'account' in event.data
        ? withAccount(state, event.data.account, (account) => evolveAccount(account, event))
        : state;
  }
}

/** The emergency that an event is of, by its id; undefined where it is of the organisation or an account. */
function emergencyOfEvent(event: HalliganEvent): string | undefined {
  return 'emergency' in event.data && !isAccountEvent(event) ? event.data.emergency : undefined;
}

/** What an event makes of its emergency; undefined where nobody declared it. Nothing else changes by such an event. */
function evolveOne(before: Emergency | undefined, event: HalliganEvent): Emergency | undefined {
  if (event.type === 'EmergencyDeclared') return declared(event);
  return before === undefined
    ? undefined
    : heardOffline(evolveKeeping(evolveEmergency(before, event), event), event.said);
}

function declared(
  event: Extract<HalliganEvent, { readonly type: 'EmergencyDeclared' }>,
): Emergency {
  const at = timeOf(event);
  const { emergency: id, ...facts } = event.data;
  return {
    ...facts,
    id,
    at,
    refusals: [],
    asked: [],
    contacts: [],
    parts: {},
    openings: [],
    retrievals: [],
    notes: [],
    addenda: [],
    reviews: {},
    ...(event.said === undefined ? {} : { offline: { until: at } }),
  };
}

const ACCOUNT_EVENTS: ReadonlySet<string> = new Set(['VersionTouched', 'AccountTaken']);

function isAccountEvent(event: EventBody): boolean {
  return ACCOUNT_EVENTS.has(event.type);
}

/** Until when an emergency was carried on without the server: its signers' clocks do not go back. */
function heardOffline(emergency: Emergency, said: string | undefined): Emergency {
  return said === undefined ? emergency : { ...emergency, offline: { until: said } };
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

function putCodes(state: State, person: string, codes: ApprovalCodes): State {
  return { ...state, approvalCodes: { ...state.approvalCodes, [person]: codes } };
}

/** What was signed for a policy counts once, whether it took effect or not. */
function withStatements(state: State, statements: readonly string[]): State['adoptions'] {
  return {
    ...state.adoptions,
    ...Object.fromEntries(statements.map((digest) => [digest, true as const])),
  };
}

/** Its delay would begin anew. */
function withoutProposal(state: State, digest: string): State {
  const { roster } = state;
  if (roster === undefined) return state;
  const pending = roster.pending.filter((one) => one.digest !== digest);
  if (pending.length === roster.pending.length) return state;
  const { [digest]: _, ...proposedAt } = state.proposedAt;
  return { ...state, roster: { ...roster, pending }, proposedAt };
}

function putAccount(state: State, id: string, account: Account): State {
  return { ...state, accounts: { ...state.accounts, [id]: account } };
}

function withAccount(state: State, id: string, change: (account: Account) => Account): State {
  const account = entryOf(state.accounts, id);
  return account === undefined ? state : putAccount(state, id, change(account));
}
