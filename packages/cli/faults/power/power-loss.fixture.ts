/**
 * Power loss: writers on a disk whose every write is recorded below its file system; the record is played again and cut
 * at every flush and between, what was not flushed lost, torn or kept; and each time everything that was acknowledged
 * by then must be there. Only where {@link cannotRecord} has nothing to say, in a mount namespace of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chances, chances } from '../seeded.ts';
import { type Cut, cutsOf, keepImage, Replay } from './power-cut.ts';
import { type FileSystem, RecordedDisk, run } from './recorded-disk.ts';
import { victimNamed } from './victims.fixture.ts';

export interface PowerLoss {
  /** How often the power goes. */
  readonly cuts: number;
  readonly seed: string;
  readonly fileSystems: readonly FileSystem[];
  /** Who writes: `stores` or `server`. */
  readonly victim: string;
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
export async function powerLoss(
  { cuts, seed, fileSystems, victim: name, defect = 'none' }: PowerLoss,
  progress: (line: string) => void,
): Promise<PowerLossReport> {
  let [done, acknowledged, repaired] = [0, 0, 0];
  const wrong: string[] = [];
  for (let disk = 0; done < cuts; disk += 1) {
    const root = mkdtempSync(join(tmpdir(), 'halligan-power-'));
    const fileSystem = fileSystems[disk % fileSystems.length] ?? 'ext4';
    const luck = chances(`${seed}/${disk}`, 0);
    const victim = await victimNamed(name, defect);
    const recorded = await RecordedDisk.make(root, fileSystem, victim.mebibytes);
    const promises = await victim.write(recorded, join(root, 'acknowledged'));
    const record = await recorded.stop();
    acknowledged += promises.length;
    const replay = new Replay(record, root);
    const all = cutsOf(replay.requests, record.end, luck);
    for (const cut of spread(all, Math.min(CUTS_PER_DISK, cuts - done), luck)) {
      const image = replay.image(cut, chances(`${seed}/${disk}`, cut.after));
      const asked = promises.filter(({ at }) => at <= cut.at);
      const judged = await inspect(recorded.mounted, image, fileSystem, (folder) =>
        victim.judge(folder, asked),
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

/** So many of them, one drawn from each of as many stretches, in order; the last one is the last of all. */
function spread(cuts: readonly Cut[], count: number, { part }: Chances): readonly Cut[] {
  if (cuts.length <= count) return cuts;
  const drawn = Array.from({ length: count }, (_, at) =>
    at === count - 1
      ? cuts.at(-1)
      : cuts[Math.floor(((at + part(`cut ${at}`)) * cuts.length) / count)],
  );
  return drawn.filter((cut) => cut !== undefined);
}

/**
 * Mounts an image where the disk was, as the machine does when its power is back, looks at it, and unmounts it.
 */
async function inspect(
  folder: string,
  image: string,
  fileSystem: FileSystem,
  judge: (folder: string) => Promise<readonly string[]>,
): Promise<{ readonly faults: readonly string[]; readonly isRepaired: boolean }> {
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
