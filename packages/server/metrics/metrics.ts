import { allEmergencies, obligations, openEmergencies, type State } from '@halligan/procedure';
import type { SinkStanding } from '../alerts/alerts.ts';
import type { Counts } from './counts.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the record says about the state of things. */
export interface Measured {
  readonly entries: number;
  readonly late: number;
  readonly due: number;
  readonly open: { readonly emergency: number; readonly drill: number };
  readonly accounts: Readonly<Record<string, string>>;
  /** When each account's credential was last opened and verified in a drill, seconds since 1970. */
  readonly drilled: Readonly<Record<string, number>>;
}

/** @param now RFC 3339 */
export function measured(state: State, entries: number, now: string): Measured {
  const duties = obligations(state, now);
  const open = openEmergencies(state);
  const drilled: Record<string, number> = {};
  for (const { account, drill, exercised } of allEmergencies(state)) {
    if (!drill || exercised === undefined) continue;
    drilled[account] = Math.max(drilled[account] ?? 0, Date.parse(exercised.at) / 1000);
  }
  return {
    entries,
    late: duties.filter(({ late }) => late).length,
    due: duties.length,
    open: {
      emergency: open.filter(({ drill }) => !drill).length,
      drill: open.filter(({ drill }) => drill).length,
    },
    accounts: Object.fromEntries(
      Object.values(state.accounts).map(({ document, state: its }) => [document.id, its]),
    ),
    drilled,
  };
}

interface Metric {
  readonly name: string;
  /** A gauge where nothing is said. */
  readonly type?: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [Readonly<Record<string, string>>, number])[];
}

/** What this process did. */
export interface Done {
  readonly sinks: readonly SinkStanding[];
  readonly streams: number;
  readonly connections: number;
  /** Connections that went because there were too many. */
  readonly dropped: number;
  readonly requests: Counts;
  readonly sent: Counts;
}

/** Prometheus' text format 0.0.4: base units; gauges say what is, counters what this process did since it started. */
export function metricsText(
  { entries, late, due, open, accounts, drilled }: Measured,
  { sinks, streams, connections, dropped, requests, sent }: Done,
): string {
  const perSink = (value: (sink: SinkStanding) => number | undefined) =>
    sinks.flatMap((sink) => {
      const sample = value(sink);
      return sample === undefined ? [] : [[{ sink: sink.name }, sample] as const];
    });
  const seconds = (at: string | null) => (at === null ? undefined : Date.parse(at) / 1000);
  const metrics: readonly Metric[] = [
    gauge('halligan_journal_entries', 'Entries of the record.', entries),
    gauge('halligan_obligations', 'Duties that are due.', due),
    gauge('halligan_obligations_late', 'Duties that are late.', late),
    {
      name: 'halligan_open_emergencies',
      help: 'Emergencies and drills that are not closed.',
      samples: Object.entries(open).map(([kind, count]) => [{ kind }, count]),
    },
    {
      name: 'halligan_account_state',
      help: 'State of each account: 1 for the one that it is in.',
      samples: Object.entries(accounts).map(([account, state]) => [{ account, state }, 1]),
    },
    {
      name: 'halligan_drill_verified_timestamp_seconds',
      help: 'When an account was last verified in a drill.',
      samples: Object.entries(drilled).map(([account, at]) => [{ account }, at]),
    },
    {
      name: 'halligan_alerts_waiting',
      help: 'Alerts that wait for a sink.',
      samples: perSink(({ waiting }) => waiting),
    },
    {
      name: 'halligan_alerts_given_up',
      help: 'Alerts that a sink was not given within their time.',
      samples: perSink(({ givenUp }) => givenUp),
    },
    {
      name: 'halligan_alerts_oldest_waiting_timestamp_seconds',
      help: 'When the oldest alert that waits for a sink was made.',
      samples: perSink(({ oldestWaiting }) => seconds(oldestWaiting)),
    },
    {
      name: 'halligan_alert_sink_proven_timestamp_seconds',
      help: 'When a test last went through to a sink.',
      samples: perSink(({ proven }) => seconds(proven)),
    },
    {
      name: 'halligan_http_requests_total',
      type: 'counter',
      help: 'Requests that were answered, by route and status.',
      samples: requests.samples(),
    },
    {
      name: 'halligan_alerts_sent_total',
      type: 'counter',
      help: 'Tries to give a sink an alert, by what came of them.',
      samples: sent.samples(),
    },
    gauge('halligan_streams', 'Streams that are open.', streams),
    gauge('halligan_connections', 'Connections that are open.', connections),
    {
      name: 'halligan_connections_dropped_total',
      type: 'counter',
      help: 'Connections that were let go because there were too many.',
      samples: [[{}, dropped]],
    },
    gauge(
      'process_start_time_seconds',
      'When this process started.',
      performance.timeOrigin / 1000,
    ),
    gauge('process_resident_memory_bytes', 'Memory of this process.', process.memoryUsage.rss()),
  ];
  return `${metrics
    .filter(({ samples }) => samples.length > 0)
    .map(textOf)
    .join('\n')}\n`;
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, samples: [[{}, value]] };
}

function textOf({ name, type = 'gauge', help, samples }: Metric): string {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labelsOf(labels)} ${value}`),
  ].join('\n');
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
