import type { HalliganEvent } from '../events.ts';
import { happened } from '../events.ts';
import type { Decision, Observation } from '../input.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import type { Finding } from './finding.ts';
import type { MachinesDocument } from './inventory.ts';

/** A machine that reports what happens on it, by its own signed journal. */
export interface Machine {
  readonly fleet: string;
  /** The verifier key of its journal. */
  readonly logKey: string;
  /** Since when by this key. */
  readonly since: string;
  readonly retired?: string;
  /** The size at which its journal had two roots, and since when that is known. */
  readonly forked?: { readonly size: number; readonly at: string };
}

export type Machines = Readonly<Record<string, Machine>>;

/** What can happen to machines. */
export interface MachineEvents {
  /** Also of machines that were set up anew: their new journal begins at 0, the old one ends. */
  MachinesEnrolled: {
    readonly fleet: string;
    readonly machines: readonly { readonly id: string; readonly logKey: string }[];
  };
  MachinesRetired: { readonly fleet: string; readonly machines: readonly string[] };
  /** A machine signed two histories of its journal. */
  MachineForked: { readonly machine: string; readonly logKey: string; readonly size: number };
  /** Which key signs the server's journal of reports. */
  ReportsLogOpened: { readonly logKey: string };
}

/** An admin enrols machines, replaces the keys of some that were set up anew, or retires them. */
export function decideMachines(state: State, entry: MachinesDocument): Decision {
  const { machines = {} } = state;
  const { id: fleet, enrol = [], retire = [] } = entry;
  const named = [...enrol.map(({ id }) => id), ...retire];
  if (named.length === 0 || new Set(named).size < named.length)
    return refuse(
      'inventory.machines',
      named.length === 0 ? 'It names no machine.' : 'It names a machine twice.',
      'Name each machine once.',
    );
  const keys = new Set(Object.values(machines).map(({ logKey }) => logKey));
  for (const { id, log_key: logKey, previous } of enrol) {
    const machine = entryOf(machines, id);
    if (machine?.retired !== undefined)
      return refuse(
        'inventory.retired',
        `The machine “${id}” is retired.`,
        'Enrol it by another id.',
      );
    if (machine !== undefined && previous === undefined)
      return refuse(
        'inventory.exists',
        `There is a machine “${id}” already.`,
        'Was it set up anew? halligan machine add --replace.',
      );
    if (machine?.logKey !== previous)
      return refuse(
        'inventory.changed',
        `The machine “${id}” does not have the key that this replaces.`,
        'Look at it, and sign again: halligan machine show.',
      );
    if (keys.has(logKey))
      return refuse(
        'inventory.machine-key',
        `The key of “${id}” was enrolled before.`,
        'Each machine, and each time it is set up, has a key of its own.',
      );
    keys.add(logKey);
  }
  for (const id of retire) {
    const machine = entryOf(machines, id);
    if (machine === undefined || machine.retired !== undefined)
      return refuse(
        'inventory.unknown',
        `There is no machine “${id}” to retire.`,
        'See halligan machine list.',
      );
  }
  const enrolled = enrol.map(({ id, log_key: logKey }) => ({ id, logKey }));
  return {
    events: [
      ...(enrol.length === 0 ? [] : [happened('MachinesEnrolled', { fleet, machines: enrolled })]),
      ...(retire.length === 0 ? [] : [happened('MachinesRetired', { fleet, machines: retire })]),
    ],
  };
}

/** What the server saw of machines: once for each machine and key, and each key of the journal of reports. */
export function decideReports(
  state: State,
  observation: Extract<Observation, { readonly saw: 'machine-forked' | 'reports-log' }>,
): Decision {
  if (observation.saw === 'reports-log') {
    const { logKey } = observation;
    return {
      events: state.reportsLog === logKey ? [] : [happened('ReportsLogOpened', { logKey })],
    };
  }
  const { machine: id, logKey, size } = observation;
  const machine = entryOf(state.machines ?? {}, id);
  const isNews = machine?.logKey === logKey && machine.forked === undefined;
  return { events: isNews ? [happened('MachineForked', { machine: id, logKey, size })] : [] };
}

/** The machine of this name; undefined where none was enrolled. */
export function machineOf(
  { machines = {} }: Pick<State, 'machines'>,
  id: string,
): Machine | undefined {
  return entryOf(machines, id);
}

/** What an event makes of the machines; the same object where nothing. */
export function evolveMachines(machines: Machines | undefined, event: HalliganEvent): Machines {
  const all = machines ?? {};
  switch (event.type) {
    case 'MachinesEnrolled': {
      const { fleet, machines: enrolled } = event.data;
      const fresh = enrolled.map(({ id, logKey }) => [id, { fleet, logKey, since: event.at }]);
      return { ...all, ...Object.fromEntries(fresh) };
    }
    case 'MachinesRetired': {
      const gone = event.data.machines.flatMap((id) => {
        const machine = entryOf(all, id);
        return machine === undefined ? [] : [[id, { ...machine, retired: event.at }]];
      });
      return { ...all, ...Object.fromEntries(gone) };
    }
    case 'MachineForked': {
      const { machine: id, size } = event.data;
      const machine = entryOf(all, id);
      return machine === undefined
        ? all
        : { ...all, [id]: { ...machine, forked: { size, at: event.at } } };
    }
    default:
      return all;
  }
}

/** Machines that showed two histories, until they are set up anew or retired. */
export function machineFindings({ machines = {} }: State): readonly Finding[] {
  return Object.entries(machines).flatMap(([id, { forked, retired }]) =>
    forked === undefined || retired !== undefined
      ? []
      : [
          {
            id: `machine-forked:${id}`,
            severity: 'critical',
            what: `The machine “${id}” signed two histories of its journal, at ${forked.size} reports: it was copied, rolled back or taken over.`,
            fix: `Look at the machine before anything else. Then set it up anew: halligan machine add ${id} --replace; or halligan machine retire ${id}.`,
          },
        ],
  );
}
