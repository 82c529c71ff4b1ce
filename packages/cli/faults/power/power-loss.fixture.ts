/**
 * Power loss: writers on a disk whose every write is recorded below its file system; the record is played again and cut
 * at every flush and between, what was not flushed lost, torn or kept; and each time everything that was acknowledged
 * by then must be there. Only where {@link cannotRecord} has nothing to say, in a mount namespace of its own.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey } from '@halligan/tlog';
import { chances } from '../seeded.ts';
import { type Cut, cutsOf, keepImage, Replay } from './power-cut.ts';
import { type DiskPromise, promisesIn } from './promise.ts';
import { type FileSystem, RecordedDisk, run } from './recorded-disk.ts';
import { judgeStores } from './store-judge.fixture.ts';

export interface PowerLoss {
  /** How often the power goes. */
  readonly cuts: number;
  readonly seed: string;
  readonly fileSystems: readonly FileSystem[];
  /** What a careless writer would do; see `store-victim.fixture.ts`. */
  readonly defect?: string;
}

export interface PowerLossReport {
  readonly cuts: number;
  /** What was acknowledged, on all the disks. */
  readonly acknowledged: number;
  /** How often each file system had to be repaired by its own tool before it could be mounted. */
  readonly repaired: number;
  readonly wrong: readonly string[];
}

/** After so many cuts another disk is recorded, so that beginnings are cut, too. */
const CUTS_PER_DISK = 150;
/** How much a victim writes: about so many flushes for each round. */
const ROUNDS = 12;

export async function powerLoss(
  { cuts, seed, fileSystems, defect = 'none' }: PowerLoss,
  progress: (line: string) => void,
): Promise<PowerLossReport> {
  let [done, acknowledged, repaired] = [0, 0, 0];
  const wrong: string[] = [];
  for (let disk = 0; done < cuts; disk += 1) {
    const root = mkdtempSync(join(tmpdir(), 'halligan-power-'));
    const fileSystem = fileSystems[disk % fileSystems.length] ?? 'ext4';
    const luck = chances(`${seed}/${disk}`, 0);
    const { signer } = await generateNoteKey('power.example');
    const { record, promises } = await recordStores(root, fileSystem, signer, defect);
    acknowledged += promises.length;
    const replay = new Replay(record, root);
    const all = cutsOf(replay.requests, record.end, luck);
    for (const cut of spread(all, Math.min(CUTS_PER_DISK, cuts - done))) {
      const image = replay.image(cut, chances(`${seed}/${disk}`, cut.after));
      const asked = promises.filter(({ at }) => at <= cut.at);
      const judged = await inspect(root, image, fileSystem, (folder) =>
        judgeStores(folder, signer, asked),
      );
      done += 1;
      if (judged.isRepaired) repaired += 1;
      if (judged.faults.length > 0) {
        const kept = join(root, `wrong-${cut.after}`);
        keepImage(image, kept);
        const where = `${fileSystem}, cut after request ${cut.after} (${cut.fate}), ${kept}`;
        wrong.push(...judged.faults.map((what) => `${where}: ${what}`));
      }
      progress(`cut ${done}/${cuts}: ${acknowledged} acknowledged, ${wrong.length} wrong`);
    }
    if (wrong.length === 0 || defect !== 'none') rmSync(root, { recursive: true });
  }
  return { cuts: done, acknowledged, repaired, wrong };
}

/** So many of them, evenly, in order. */
function spread(cuts: readonly Cut[], count: number): readonly Cut[] {
  if (cuts.length <= count) return cuts;
  return Array.from(
    { length: count },
    (_, at) => cuts[Math.floor((at * cuts.length) / count)],
  ).filter((cut) => cut !== undefined);
}

async function recordStores(root: string, fileSystem: FileSystem, signer: string, defect: string) {
  const disk = await RecordedDisk.make(root, fileSystem, 64);
  const witnessed = join(root, 'acknowledged');
  const out = openSync(witnessed, 'w');
  const script = join(import.meta.dirname, 'store-victim.fixture.ts');
  const child = spawn(process.execPath, [script, disk.mounted, disk.log, String(ROUNDS), defect], {
    stdio: ['pipe', out, 'inherit'],
  });
  child.stdin?.end(signer);
  const status = await new Promise((resolve) => child.once('close', resolve));
  closeSync(out);
  const record = await disk.stop();
  if (status !== 0) throw new Error(`The writer ended with ${status}.`);
  const promises: readonly DiskPromise[] = promisesIn(witnessed);
  return { record, promises };
}

/** Mounts an image as the machine does when its power is back, looks at it, and unmounts it. */
async function inspect(
  root: string,
  image: string,
  fileSystem: FileSystem,
  judge: (folder: string) => Promise<readonly string[]>,
): Promise<{ readonly faults: readonly string[]; readonly isRepaired: boolean }> {
  const folder = join(root, 'again');
  mkdirSync(folder, { recursive: true });
  const mount = () => run('mount', '-o', 'loop', '-t', fileSystem, image, folder);
  let isRepaired = false;
  try {
    mount();
  } catch (cause) {
    // A superblock that was torn has copies, and the boot's fsck takes one.
    if (fileSystem !== 'ext4') return { faults: [`it does not mount: ${cause}`], isRepaired };
    isRepaired = true;
    run('sh', '-c', 'fsck.ext4 -f -y "$1" || test $? -lt 4', 'sh', image);
    mount();
  }
  try {
    return { faults: await judge(folder), isRepaired };
  } finally {
    run('umount', folder);
  }
}
