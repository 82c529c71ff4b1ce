import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { startServerProcess } from '../../packages/cli/server-process.fixture.ts';
import { measureJournal } from '../../packages/journal/bench.ts';
import { contoso, person } from '../../packages/server/contoso.fixture.ts';
import { enrolling, type Machine, signIn } from '../../packages/server/reports/machine.fixture.ts';
import type { Flood, Flooded } from './flood.ts';
import { Desk, WRITERS } from './http.ts';
import { quantile, type Row, row } from './row.ts';
import type { Session } from './session.ts';

const MACHINES = 16;
/** Reports a second, together. */
const WANTED = 10_000;

/**
 * Machines that hand reports over to a server in a process of its own; batches are made and signed beforehand. And what
 * people's statements notice of it.
 */
export async function reportRows(session: Session): Promise<readonly Row[]> {
  const others = await Promise.all(Array.from({ length: WRITERS }, (_, at) => person(`w${at}`)));
  const organisation = await contoso(others);
  const server = await startServerProcess(organisation.root);
  try {
    const desk = new Desk(server.url, organisation);
    const { machines, entry } = await enrolling(organisation, MACHINES);
    await desk.submit(organisation.people.dana, entry);
    const flood = (batches: number, size: number, every = 0) =>
      flooded(server.url, machines, { batches, size, every });
    for (const one of machines) await one.send(server.url, await one.batch([signIn('first')]));
    const turns = session.quick ? 1 : 5;
    const disk: number[] = [];
    const runs = new Map<number, number[]>([100, 1000].map((size) => [size, []]));
    const alone: number[] = [];
    const beside: number[] = [];
    const waits: number[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const [sync] = await measureJournal(0.02);
      if (sync !== undefined) disk.push((1000 * sync.count) / sync.milliseconds);
      for (const [size, rates] of runs) {
        const batches = size === 100 ? 20 : 8;
        const { took } = await (await flood(batches, size)).ended;
        rates.push((1000 * MACHINES * batches * size) / took);
      }
      const each = session.quick ? 10 : 40;
      alone.push(await desk.perSecond(others, each));
      // Each machine's share of the wanted rate, in batches of a hundred, for longer than the statements take.
      const every = (1000 * MACHINES * 100) / WANTED;
      const load = await flood(session.quick ? 20 : 30, 100, every);
      beside.push(await desk.perSecond(others, each));
      waits.push(...(await load.ended).answers);
    }
    const synced = row({ name: 'reports: fdatasync after 4 KB', unit: 'per second' }, disk);
    const single = row(
      {
        name: `HTTP: statements accepted, ${WRITERS} at a time, without reports`,
        unit: 'per second',
      },
      alone,
    );
    const late = waits.toSorted((a, b) => a - b);
    return [
      synced,
      ...[...runs].map(([size, rates]) =>
        row(
          {
            name: `HTTP: reports recorded, ${MACHINES} machines, ${size} a batch`,
            ...{ unit: 'per second', target: WANTED, to: synced },
          },
          rates,
        ),
      ),
      single,
      row(
        {
          name: `the same beside ${WANTED.toLocaleString('en')} reports a second`,
          unit: 'per second',
          to: single,
        },
        beside,
      ),
      row({ name: 'HTTP: a batch of 100 answered at that rate, p99', unit: 'ms' }, [
        quantile(late, 0.99),
      ]),
    ];
  } finally {
    await server.stop();
    await organisation.remove();
  }
}

/** Starts a flood. @returns what comes of it, when it has begun */
async function flooded(
  url: string,
  machines: readonly Machine[],
  {
    batches,
    size,
    every,
  }: { readonly batches: number; readonly size: number; readonly every: number },
): Promise<{ readonly ended: Promise<Flooded> }> {
  const reports = Array.from({ length: size }, (_, at) => signIn(`user-${at}`));
  const sending: Flood['machines'][number][] = [];
  for (const machine of machines) {
    const made: Uint8Array[] = [];
    for (let at = 0; at < batches; at += 1) made.push(await machine.batch(reports));
    sending.push({ id: machine.id, batches: made });
  }
  const told: Flood = { url, machines: sending, every };
  const worker = new Worker(new URL('flood.ts', import.meta.url), { workerData: told });
  const ended = once(worker, 'message').then(([said]): Flooded => said);
  await once(worker, 'online');
  return { ended };
}
