/**
 * The server that is fuzzed, as a process of its own: `halligan server` in all but two things. Nobody is turned away
 * for how often they call, which is no setting that an operator could make by mistake; and it answers its parent, over
 * their own channel, how the record stands and how much memory it needs.
 */
import { digestOf, hex, type Json } from '../../../packages/format/index.ts';
import type { State } from '../../../packages/procedure/index.ts';
import { allEmergencies } from '../../../packages/procedure/index.ts';
import { startServer } from '../../../packages/server/index.ts';
import { subjectOf } from '../../../packages/statement/index.ts';
import type { Ids } from './known.ts';

const [root = ''] = process.argv.slice(2);
const tell = (message: object) => void process.send?.(message);

// What nobody waited for, and what Node warns of, such as listeners that pile up.
process.on('unhandledRejection', (reason) =>
  tell({
    wrong: `unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}`,
  }),
);
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') tell({ wrong: `warning: ${warning.stack}` });
});

const often = { burst: 1e9, perSecond: 1e9 };
const server = await startServer(root, (line) => process.stderr.write(`${line}\n`), {
  level: 'debug',
  rates: { strangers: often, people: often, machines: often, forgers: often },
});
const { leader } = server.parts;

process.on('message', async (asked) => {
  if (asked === 'facts') return tell({ facts: facts() });
  if (asked === 'memory') return tell({ memory: memory() });
  await server.settled();
  const { size } = leader.checkpoint();
  tell({ state: { size, digest: digestOf(plain(leader.state)) } });
  return undefined;
});
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
tell({ url: server.url });

function facts() {
  const { state } = leader;
  const { size, root: hash } = leader.checkpoint();
  return {
    upon: {
      origin: state.roster?.origin ?? '',
      roster: state.roster?.digest ?? null,
      policy: state.policy ?? null,
      journal: { size, root: hex(hash) },
      now: leader.now(),
      drills: allEmergencies(state).flatMap(({ id, drill }) => (drill ? [id] : [])),
    },
    people: (state.roster?.members ?? []).map(({ id, roles, kind }) => ({ id, roles, kind })),
    links: state.roster?.number ?? 0,
    ids: idsOf(state),
  };
}

function idsOf(state: State): Ids {
  const accounts = Object.values(state.accounts);
  const emergencies = allEmergencies(state);
  const person = (state.roster?.members ?? []).map(({ id }) => id);
  const system = Object.keys(state.systems);
  const account = accounts.map(({ document }) => document.id);
  const headers = accounts.flatMap(({ versions }) =>
    Object.values(versions).map((one) => one.header),
  );
  const shares = headers.flatMap((one) => one.shares);
  const named = (kind: string, all: readonly string[]) => all.map((id) => subjectOf(kind, id));
  // Every object has a member of this name.
  const strange = 'constructor';
  return {
    person: [...person, strange],
    account: [...account, strange],
    system: [...system, strange],
    emergency: emergencies.map(({ id }) => id),
    request: emergencies.flatMap(({ openings }) => openings.map(({ request }) => request)),
    digest: attached(),
    subject: [
      ...named('account', account),
      ...named('person', person),
      ...named('system', system),
      ...named('organisation', [state.roster?.organisation ?? '']),
    ],
    seal: headers.map(({ id }) => id),
    path: [...new Set(shares.map(({ path }) => path))],
    group: Object.keys(state.roster?.groups ?? {}),
    statement: emergencies.flatMap(({ notes }) => notes.map(({ statement }) => statement)),
    link: [
      state.roster?.digest ?? '',
      ...(state.roster?.pending ?? []).map(({ digest }) => digest),
    ],
    policy: Object.keys(state.policies),
    recipient: (state.roster?.members ?? []).map(({ recipient }) => recipient),
    instant: [0, -1, -10, 1, 20, 28, 60, -1440, 1440].map((minutes) =>
      new Date(Date.parse(leader.now()) + minutes * 60_000).toISOString(),
    ),
    commitment: [
      ...accounts.flatMap(({ versions }) => Object.values(versions).map(({ digest }) => digest)),
      ...shares.map(({ commitment }) => commitment),
    ],
  };
}

/** Of the texts that emergencies name. */
function attached(): readonly string[] {
  return allEmergencies(leader.state).flatMap((one) =>
    [one.reason, one.incident, ...one.evidence, ...one.notes.map(({ text }) => text)].filter(
      (digest) => digest !== undefined,
    ),
  );
}

/** After everything that nobody needs was thrown away, in MiB. */
function memory() {
  for (let again = 0; again < 3; again += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: (heapUsed + external) / (1 << 20), rss: rss / (1 << 20) };
}

function plain(state: State): Json {
  return JSON.parse(JSON.stringify(state));
}
