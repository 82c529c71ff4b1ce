import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decide,
  dueEffects,
  EMPTY,
  evolve,
  type HalliganEvent,
  obligations,
  packsDue,
  type State,
} from '@halligan/procedure';
import { startServerProcess } from '../../packages/cli/server-process.fixture.ts';
import { type Contoso, contoso } from '../../packages/server/contoso.fixture.ts';
import { growth, type Recorded, recordOf } from './grown-journal.ts';
import { Desk } from './http.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

/** What one more event may cost with very many before it, against the first thousand. */
const FLAT = 1.5;

/**
 * What one more event costs when there are many: to the rules, and to a server that runs. All sizes are measured by turns,
 * so that their ratios mean something on a machine that does other things, too.
 */
export async function eventRows(session: Session): Promise<readonly Row[]> {
  const recorded = await recordOf((await session.practice()).home);
  const sizes = session.quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  const served = await servedRows(session, recorded, sizes);
  if (session.million) sizes.push(1_000_000);
  return [...rulesRows(session, recorded, sizes), ...served];
}

/** All that rules do for an event, in a server: it is taken in twice, and what follows from it is looked for. */
function rulesRows(session: Session, recorded: Recorded, sizes: readonly number[]): readonly Row[] {
  const states = statesOf(recorded, sizes);
  // Another emergency than there was, whole.
  const events = [
    ...growth(recorded, recorded.all.length, recorded.all.length + recorded.emergency.length),
  ]
    .flatMap(eventsOf)
    .map(
      (event): HalliganEvent =>
        JSON.parse(JSON.stringify(event).replaceAll('0'.repeat(40), 'f'.repeat(40))),
    );
  const measured = sizes.map((): number[] => []);
  for (let turn = 0; turn < (session.quick ? 5 : 25); turn += 1)
    for (const [at, state] of states.entries()) {
      const started = performance.now();
      follow(state, events);
      measured[at]?.push((1000 * (performance.now() - started)) / events.length);
    }
  return flatRows('rules: an event', 'µs an event', sizes, measured);
}

function follow(before: State, events: readonly HalliganEvent[]): void {
  let [state, durable, packed] = [before, before, before];
  for (const event of events) {
    decide(state, { type: 'tick' }, event.at);
    state = evolve(state, event);
    durable = evolve(durable, event);
    dueEffects(durable, event.at);
    packsDue(durable, packed);
    packed = durable;
    obligations(durable, event.at);
  }
}

function statesOf(recorded: Recorded, sizes: readonly number[]): readonly State[] {
  let [state, from] = [EMPTY, 0];
  return sizes.map((size) => {
    for (const group of growth(recorded, from, size)) state = eventsOf(group).reduce(evolve, state);
    from = size;
    return state;
  });
}

function eventsOf({ events }: { readonly events: readonly unknown[] }): readonly HalliganEvent[] {
  return JSON.parse(JSON.stringify(events));
}

/** A statement sent to a server in a process of its own, signed beforehand, until it is answered. */
async function servedRows(
  session: Session,
  recorded: Recorded,
  sizes: readonly number[],
): Promise<readonly Row[]> {
  const servers: {
    readonly desk: Desk;
    readonly by: Contoso;
    readonly end: () => Promise<void>;
  }[] = [];
  const measured = sizes.map((): number[] => []);
  try {
    for (const size of sizes) {
      const by = await grownContoso(recorded, size);
      const server = await startServerProcess(by.root);
      const end = async () => {
        await server.stop();
        await by.remove();
      };
      servers.push({ desk: new Desk(server.url, by), by, end });
    }
    const each = session.quick ? 10 : 20;
    for (let turn = 0; turn < (session.quick ? 3 : 10); turn += 1)
      for (const [at, { desk, by }] of servers.entries())
        measured[at]?.push(1000 / (await desk.perSecond([by.people.dana], each)));
  } finally {
    for (const { end } of servers) await end();
  }
  return flatRows('HTTP: a statement', 'ms', sizes, measured);
}

/** An organisation whose record goes on with emergencies of another one: closed long ago, and packed. */
async function grownContoso(recorded: Recorded, size: number): Promise<Contoso> {
  const organisation = await contoso();
  const journal = await organisation.openJournal();
  let at = journal.checkpoint().size;
  for (const group of growth(recorded, recorded.all.length, size)) {
    await journal.append([group], at);
    at += 1;
  }
  await journal.close();
  const packs = join(organisation.root, 'evidence');
  await mkdir(packs, { recursive: true });
  await writeFile(join(packs, recorded.pack), '');
  return organisation;
}

function flatRows(
  name: string,
  unit: 'ms' | 'µs an event',
  sizes: readonly number[],
  measured: readonly (readonly number[])[],
): readonly Row[] {
  const rows: Row[] = [];
  for (const [at, size] of sizes.entries()) {
    const [first] = rows;
    rows.push(
      row(
        {
          name: `${name}, ${size.toLocaleString('en')} events before`,
          unit,
          ...(first === undefined ? {} : { to: first, target: FLAT, targetOf: 'ratio' }),
        },
        measured[at] ?? [],
      ),
    );
  }
  return rows;
}
