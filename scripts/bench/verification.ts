import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { usualSharing } from '../../packages/journal/range-threads.ts';
import { type Row, row } from './row.ts';
import type { Session } from './session.ts';

const runProgram = promisify(execFile);
const RUN = join(import.meta.dirname, 'verification-run.ts');
const NOBLE = join(import.meta.dirname, 'noble-hashes.ts');

const times = z.array(z.number()).min(1).readonly();
const verificationSchema = z.strictObject({
  entries: z.int(),
  entryBytes: z.int(),
  packBytes: z.int(),
  statements: z.int(),
  hashEntries: times,
  verifyEntries: times,
  verifyEntriesInThreads: times.optional(),
  hashPack: times,
  verifyPackHashes: times,
  verifySignatures: times,
  verifyWholePack: times,
});

/** What verifying took in one runtime, milliseconds a run. */
export type Verification = z.infer<typeof verificationSchema>;

/** Verifying a record offline, beside one bare SHA-256 over the same bytes in the same runtime. */
export async function verificationRows(session: Session): Promise<readonly Row[]> {
  const { home } = await session.practice();
  const [file = ''] = (await readdir(join(home, 'evidence'))).filter((name) =>
    name.endsWith('.zip'),
  );
  const pack = join(home, 'evidence', file);
  const runs = session.quick ? 2 : 15;
  const { threads } = usualSharing();
  const node = await verify([], { runs, megabytes: session.quick ? 40 : 100, threads }, home, pack);
  const noble = await verify(
    ['--import', NOBLE],
    { runs: session.quick ? 1 : 5, megabytes: 16, threads: 1 },
    home,
    pack,
  );
  return [
    ...rowsOf('Node', node),
    ...rowsOf('noble', noble),
    row(
      { name: 'pack: statements’ signatures verified', unit: 'per second' },
      node.verifySignatures.map((ms) => (1000 * node.statements) / ms),
    ),
    row({ name: 'pack: everything verified, rules replayed', unit: 'ms' }, node.verifyWholePack),
  ];
}

function rowsOf(runtime: string, measured: Verification): readonly Row[] {
  const bare = row(
    { name: `${runtime}: SHA-256 of a journal’s entries`, unit: 'MB/s' },
    rates(measured.entryBytes, measured.hashEntries),
  );
  const { verifyEntriesInThreads: inThreads } = measured;
  const verified = (what: string, times: readonly number[], isWanted: boolean) =>
    row(
      {
        ...{ name: `${runtime}: ${what}`, unit: 'MB/s', to: bare },
        ...(isWanted ? { target: 0.6, targetOf: 'ratio' } : {}),
      },
      rates(measured.entryBytes, times),
    );
  const barePack = row(
    { name: `${runtime}: SHA-256 of a pack`, unit: 'MB/s' },
    rates(measured.packBytes, measured.hashPack),
  );
  return [
    bare,
    // Where several threads hash, as a journal's do, the target is theirs.
    verified('journal verified, hashes and tree', measured.verifyEntries, inThreads === undefined),
    ...(inThreads === undefined
      ? []
      : [verified('journal verified, hashes and tree, in threads', inThreads, true)]),
    barePack,
    row(
      { name: `${runtime}: pack opened, hashes and proofs`, unit: 'MB/s', to: barePack },
      rates(measured.packBytes, measured.verifyPackHashes),
    ),
  ];
}

/** Megabytes a second. */
function rates(bytes: number, milliseconds: readonly number[]): readonly number[] {
  return milliseconds.map((ms) => bytes / 1000 / ms);
}

/** How much of it: turns, bytes of entries, and threads that hash them. */
interface Size {
  readonly runs: number;
  readonly megabytes: number;
  readonly threads: number;
}

async function verify(
  options: readonly string[],
  { runs, megabytes, threads }: Size,
  home: string,
  pack: string,
): Promise<Verification> {
  const numbers = [runs, megabytes, threads].map(String);
  const parameters = [...options, RUN, ...numbers, home, pack];
  const { stdout } = await runProgram(process.execPath, parameters, { env: {} });
  return verificationSchema.parse(JSON.parse(stdout));
}
