/**
 * A disk whose every write is recorded below its file system: an image behind QEMU's `blklogwrites`, exported as a file
 * by FUSE, on a loop device, mounted. Only in a mount namespace that ends with this process (`unshare --mount`).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HalliganError } from '@halligan/format';

/** File systems that were tried, the smallest image of each in MiB, and how one is made. */
export const FILE_SYSTEMS = {
  ext4: {
    least: 48,
    make: ['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0'],
  },
  xfs: { least: 320, make: ['mkfs.xfs', '-q', '-f'] },
  btrfs: { least: 256, make: ['mkfs.btrfs', '-q', '-f'] },
} as const satisfies Record<string, { least: number; make: readonly [string, ...string[]] }>;

export type FileSystem = keyof typeof FILE_SYSTEMS;

/** File systems by their names, separated by commas. @throws `faults.file-system` */
export function fileSystemsOf(names: string): readonly FileSystem[] {
  return names.split(',').map((name) => {
    if (isKnown(name)) return name;
    throw new HalliganError(
      'faults.file-system',
      `No disk with ${name} was tried.`,
      `Name some of ${Object.keys(FILE_SYSTEMS).join(', ')}, separated by commas.`,
    );
  });
}

function isKnown(name: string): name is FileSystem {
  return Object.hasOwn(FILE_SYSTEMS, name);
}

/** How long a recorder may take to offer its disk, milliseconds. */
const PATIENCE = 60_000;

/** A disk as it was before the recording, and the log of what was written since. */
export interface DiskRecord {
  readonly fileSystem: FileSystem;
  /** Its image before anything was recorded. */
  readonly before: string;
  readonly log: string;
  /** Length of the log when the writers had stopped; what comes after is the unmounting. */
  readonly end: number;
}

/** What is missing here to record a disk, in words; undefined where nothing is. */
export function cannotRecord(fileSystem: FileSystem = 'ext4'): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux';
  for (const path of ['/dev/fuse', '/dev/loop-control']) if (!existsSync(path)) return path;
  for (const program of ['qemu-storage-daemon', 'unshare', FILE_SYSTEMS[fileSystem].make[0]])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return program;
  const tried = spawnSync('unshare', ['-m', 'sh', '-ec', TRY], { encoding: 'utf8' });
  return tried.status === 0
    ? undefined
    : `loop devices that can be mounted (${tried.stderr.trim()})`;
}

const TRY = `
mount -t tmpfs tmpfs /mnt
truncate -s 2M /mnt/image
mkfs.ext4 -q -F /mnt/image
mkdir /mnt/on
mount -o loop /mnt/image /mnt/on
umount /mnt/on
`;

export class RecordedDisk {
  readonly #folder: string;
  readonly #fileSystem: FileSystem;
  readonly #recorder: ChildProcess;

  private constructor(folder: string, fileSystem: FileSystem, recorder: ChildProcess) {
    this.#folder = folder;
    this.#fileSystem = fileSystem;
    this.#recorder = recorder;
  }

  /**
   * Makes and mounts one. @param folder empty; image, log and mount lie in it @param mebibytes of the disk
   * @throws `faults.disk`
   */
  static async make(
    folder: string,
    fileSystem: FileSystem,
    mebibytes: number,
  ): Promise<RecordedDisk> {
    const { least, make } = FILE_SYSTEMS[fileSystem];
    const [image, device, log] = ['image', 'device', 'log'].map((name) => join(folder, name));
    mkdirSync(join(folder, 'disk'));
    for (const file of [image, device, log]) writeFileSync(file ?? '', '');
    truncateSync(image ?? '', Math.max(least, mebibytes) << 20);
    const [program, ...options] = make;
    run(program, ...options, image ?? '');
    run('cp', '--sparse=always', image ?? '', join(folder, 'before'));
    const recorder = spawn(
      'qemu-storage-daemon',
      [
        ...['--blockdev', `driver=file,node-name=image,filename=${image}`],
        ...['--blockdev', `driver=file,node-name=log,filename=${log}`],
        ...[
          '--blockdev',
          `driver=blklogwrites,node-name=both,file=image,log=log,log-sector-size=512`,
        ],
        ...['--export', `type=fuse,id=disk,node-name=both,mountpoint=${device},writable=on`],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const disk = new RecordedDisk(folder, fileSystem, recorder);
    // It ends with us, whatever ends us.
    process.once('exit', () => recorder.kill('SIGKILL'));
    try {
      await offered(recorder, device ?? '');
      run('mount', '-o', 'loop', '-t', fileSystem, device ?? '', disk.mounted);
      return disk;
    } catch (error) {
      recorder.kill('SIGKILL');
      throw error;
    }
  }

  /** The folder that lies on the disk. */
  get mounted(): string {
    return join(this.#folder, 'disk');
  }

  /** The log, whose length is how far the disk has come. Not on the disk. */
  get log(): string {
    return join(this.#folder, 'log');
  }

  /** Unmounts it and ends the recording. */
  async stop(): Promise<DiskRecord> {
    const end = statSync(this.log).size;
    run('umount', this.mounted);
    const closed = new Promise((resolve) => this.#recorder.once('close', resolve));
    this.#recorder.kill('SIGTERM');
    await closed;
    return {
      fileSystem: this.#fileSystem,
      before: join(this.#folder, 'before'),
      log: this.log,
      end,
    };
  }
}

/** Resolves when the image is offered: until then the file is empty. */
async function offered(recorder: ChildProcess, device: string): Promise<void> {
  let said = '';
  recorder.stderr?.on('data', (text) => {
    said += text;
  });
  const until = performance.now() + PATIENCE;
  while (statSync(device).size === 0) {
    if (recorder.exitCode !== null || performance.now() > until)
      throw new HalliganError(
        'faults.disk',
        `No disk could be recorded: ${said.trim()}`,
        'Is FUSE there, and does qemu-storage-daemon know --export type=fuse?',
      );
    await pause(5);
  }
}

/** Runs a program of the system. @throws `faults.disk` with what it said */
export function run(program: string, ...parameters: readonly string[]): void {
  const { status, stderr } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status === 0) return;
  throw new HalliganError(
    'faults.disk',
    `${program} ${parameters.join(' ')}: ${stderr?.trim()}`,
    'Run it as root, with loop devices and FUSE.',
  );
}
