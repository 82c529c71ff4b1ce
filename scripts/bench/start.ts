import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { startServerProcess } from '../../packages/cli/server-process.fixture.ts';
import { growJournals } from './grown-journal.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

const HALLIGAN = join(import.meta.dirname, '../../bin/halligan.mjs');

/** Longest that one size's starts are repeated, milliseconds. */
const LONGEST = 20_000;

/** How often it is asked whether all of it is verified, milliseconds: often enough to tell, seldom enough not to be a load. */
const ASKED_EVERY = 100;

/** What is wanted, by the number of events: seconds, and MB. */
const TARGETS: Readonly<Record<number, { readonly ready: number; readonly memory: number }>> = {
  100000: { ready: 1, memory: 150 },
  1000000: { ready: 5, memory: 400 },
};

const health = z.looseObject({ verified: z.boolean() });

/** From a program's start until it is of use, and what memory it has then. */
export async function startRows(session: Session): Promise<readonly Row[]> {
  const rows = [
    row(
      { name: 'start: node alone', unit: 'ms' },
      await session.timed({ quick: 3, full: 10 }, () => runs(['--eval', ''])),
    ),
    row(
      { name: 'start: halligan --help', unit: 'ms' },
      await session.timed({ quick: 3, full: 10 }, () => runs([HALLIGAN, '--help'])),
    ),
  ];
  const { home } = await session.practice();
  const sizes = session.quick ? [100, 1_000] : [100, 1_000, 10_000, 100_000];
  if (session.million) sizes.push(1_000_000);
  const homes = new Map(sizes.map((size) => [size, session.fresh()]));
  const homeOf = (size: number) => homes.get(size) ?? '';
  await growJournals(home, sizes, homeOf);
  const wholes: Row[] = [];
  const starts: Row[] = [];
  const memories: Row[] = [];
  for (const size of sizes) {
    const target = TARGETS[size];
    const wanted = target === undefined ? {} : { target: target.ready };
    const fits = target === undefined ? {} : { target: target.memory };
    const events = `${size.toLocaleString('en')} events`;
    // The folder has no snapshot yet: this start verifies and folds everything, and leaves one at its end.
    const [first] = await startsOf(homeOf(size), 1);
    const started = await startsOf(homeOf(size), session.quick ? 1 : 5);
    const whole = row(
      { name: `start without a snapshot, ${events}`, unit: 's' },
      first === undefined ? [] : [first.ready],
    );
    wholes.push(whole);
    starts.push(
      row(
        { name: `start to ready, ${events}`, unit: 's', to: whole, ...wanted },
        started.map(({ ready }) => ready),
      ),
      row(
        { name: `start to verified, ${events}`, unit: 's', to: whole },
        started.map(({ verified }) => verified),
      ),
    );
    for (const [when, measured] of [
      ['ready', started.flatMap(({ megabytes }) => megabytes?.ready ?? [])],
      ['verified', started.flatMap(({ megabytes }) => megabytes?.verified ?? [])],
    ] as const)
      if (measured.length > 0)
        memories.push(
          row({ name: `memory when ${when}, ${events}`, unit: 'MB', ...fits }, measured),
        );
  }
  return [...rows, ...wholes, ...starts, ...perEvent(sizes, wholes), ...memories];
}

/** What each further event costs between two sizes: flat, where the cost does not depend on how many there are. */
function perEvent(sizes: readonly number[], wholes: readonly Row[]): readonly Row[] {
  const rows: Row[] = [];
  for (const [at, size] of sizes.entries()) {
    const [less, more] = [wholes[at - 1], wholes[at]];
    if (less === undefined || more === undefined) continue;
    const events = size - (sizes[at - 1] ?? 0);
    const [first] = rows;
    rows.push(
      row(
        {
          name: `start: each event up to ${size.toLocaleString('en')}`,
          unit: 'µs an event',
          ...(first === undefined ? {} : { to: first }),
        },
        [(1e6 * (more.best - less.best)) / events],
      ),
    );
  }
  return rows;
}

interface Started {
  /** Seconds until people are answered, and until the whole record is verified. */
  readonly ready: number;
  readonly verified: number;
  /** Resident at these moments; undefined where the system has no /proc. */
  readonly megabytes: { readonly ready: number; readonly verified: number } | undefined;
}

/** Starts it as often as wanted, but not again once that took too long in all. */
async function startsOf(home: string, times: number): Promise<readonly Started[]> {
  const all: Started[] = [];
  const begun = performance.now();
  for (let turn = 0; turn < times; turn += 1) {
    if (turn > 0 && performance.now() - begun > LONGEST) break;
    const started = performance.now();
    const server = await startServerProcess(home);
    let isVerified = await verifiedAt(server.url);
    const ready = (performance.now() - started) / 1000;
    const whenReady = await residentMegabytes(server.pid);
    while (!isVerified) {
      await pause(ASKED_EVERY);
      isVerified = await verifiedAt(server.url);
    }
    const verified = (performance.now() - started) / 1000;
    const whenVerified = await residentMegabytes(server.pid);
    await server.stop();
    const megabytes =
      whenReady === undefined || whenVerified === undefined
        ? undefined
        : { ready: whenReady, verified: whenVerified };
    all.push({ ready, verified, megabytes });
  }
  return all;
}

/** Whether it says that the whole record is verified. */
async function verifiedAt(url: string): Promise<boolean> {
  const answer = await fetch(new URL('/healthz', url));
  if (!answer.ok) throw new Error(`the server is not well: ${answer.status}`);
  return health.parse(await answer.json()).verified;
}

async function residentMegabytes(pid: number): Promise<number | undefined> {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(path, 'utf8'))?.[1];
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
}

function runs(parameters: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { env: {}, stdio: 'ignore' });
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${parameters.join(' ')} ended with ${code}`)),
    );
  });
}
