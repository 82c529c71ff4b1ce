import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { readBackup } from '@halligan/server';
import { generateNoteKey } from '@halligan/tlog';
import { judgeHome, judgeStart } from '../home-judge.fixture.ts';
import { type DiskPromise, promisesIn } from './promise.ts';
import type { RecordedDisk } from './recorded-disk.ts';
import { judgeStores } from './store-judge.fixture.ts';

/** So small that snapshots of a short record are kept, too. */
export const SNAPSHOT_FROM = 10;

/** Who writes to a disk, and who says afterwards what is not there. */
export interface Victim {
  /** Of its disk, MiB. */
  readonly mebibytes: number;
  /** Writes to the disk until it has written enough, and resolves to what was acknowledged. */
  readonly write: (disk: RecordedDisk, witnessed: string) => Promise<readonly DiskPromise[]>;
  /** Opens what is left, as a machine does that has its power back, and says what of this is missing. */
  readonly judge: (mounted: string, promises: readonly DiskPromise[]) => Promise<readonly string[]>;
}

/** How much the writers of stores write: about so many flushes for each round. */
const ROUNDS = 12;

/** @param defect what a careless program would do; see `store-victim.fixture.ts` */
async function stores(defect: string): Promise<Victim> {
  const { signer } = await generateNoteKey('power.example');
  return {
    mebibytes: 64,
    write: (disk, witnessed) =>
      runVictim('store-victim.fixture.ts', disk, witnessed, [String(ROUNDS), defect], signer),
    judge: (mounted, promises) => judgeStores(mounted, signer, promises),
  };
}

function server(): Victim {
  return {
    mebibytes: 256,
    write: (disk, witnessed) => runVictim('server-victim.fixture.ts', disk, witnessed),
    judge: async (mounted, promises) => {
      const root = join(mounted, 'home');
      const events = promises.flatMap(({ what }) => ('event' in what ? [what.event] : []));
      const faults = [
        ...(await judgeHome(root, events)),
        ...(await judgeBackups(mounted, promises)),
      ];
      if (faults.length > 0 || events.length === 0) return faults;
      return judgeStart(root, SNAPSHOT_FROM);
    },
  };
}

async function judgeBackups(mounted: string, promises: readonly DiskPromise[]) {
  const faults: string[] = [];
  for (const { what } of promises)
    if ('backup' in what)
      await readBackup(join(mounted, what.backup)).catch((error) =>
        faults.push(`the backup is not whole: ${error}`),
      );
  return faults;
}

/** @throws `faults.victim` */
export async function victimNamed(name: string, defect: string): Promise<Victim> {
  if (name === 'stores') return stores(defect);
  if (name === 'server') return server();
  throw new HalliganError(
    'faults.victim',
    `Nobody called ${name} writes to a disk that loses its power.`,
    'Choose --victim stores or --victim server.',
  );
}

async function runVictim(
  script: string,
  { mounted, log }: RecordedDisk,
  witnessed: string,
  parameters: readonly string[] = [],
  input = '',
): Promise<readonly DiskPromise[]> {
  const out = openSync(witnessed, 'w');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, script), mounted, log, ...parameters],
    { stdio: ['pipe', out, 'inherit'] },
  );
  closeSync(out);
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  child.stdin?.end(input);
  const status = await new Promise((resolve) => child.once('close', resolve));
  process.off('exit', orphaned);
  if (status !== 0) throw new Error(`${script} ended with ${status}.`);
  return promisesIn(witnessed);
}
