import { HalliganError } from '@halligan/format';

/** Bytes of a sector of the log, as the recorder was told, and of what a power cut may tear a write at. */
export const SECTOR = 512;

/** What a disk was asked, in the order in which it was: to write, to forget, or to make everything before durable. */
export interface DiskRequest {
  readonly kind: 'write' | 'discard' | 'flush';
  /** Where on the disk, bytes. */
  readonly at: number;
  /** Bytes on the disk. */
  readonly length: number;
  /** Where in the log the written bytes lie. */
  readonly from: number;
  /** Length of the log once this was recorded: what was acknowledged by then may rely on it. */
  readonly end: number;
}

/** "jfswshr\0": what the log begins with, little-endian. */
const MAGIC = 0x6a736677736872n;
const FLUSH = 1n;
const FUA = 2n;
const DISCARD = 4n;
const MARK = 8n;

/**
 * Reads a log of block writes in the format of Linux's dm-log-writes
 * (https://docs.kernel.org/admin-guide/device-mapper/log-writes.html), which QEMU's `blklogwrites` writes too: a
 * superblock, then for each request a header and its data, each at a whole sector. A request that was only half
 * recorded at the end is left out. A write with FUA is one that is flushed at once.
 * @throws `faults.block-log`
 */
export function parseBlockLog(log: Buffer): readonly DiskRequest[] {
  if (log.length < SECTOR || log.readBigUInt64LE(0) !== MAGIC || log.readUInt32LE(24) !== SECTOR)
    throw new HalliganError(
      'faults.block-log',
      'This is no log of block writes with sectors of 512 bytes.',
      'Record the disk again; is qemu-storage-daemon the one that was tried (7.2 or newer)?',
    );
  const requests: DiskRequest[] = [];
  for (let place = SECTOR; place + SECTOR <= log.length; ) {
    const at = Number(log.readBigUInt64LE(place)) * SECTOR;
    const length = Number(log.readBigUInt64LE(place + 8)) * SECTOR;
    const flags = log.readBigUInt64LE(place + 16);
    const from = place + SECTOR;
    const hasData = (flags & (DISCARD | MARK)) === 0n;
    const end = from + (hasData ? length : sectors(Number(log.readBigUInt64LE(place + 24))));
    if (end > log.length) break;
    const about = { at, length, from, end };
    if ((flags & DISCARD) !== 0n) requests.push({ kind: 'discard', ...about });
    else if (hasData && length > 0) requests.push({ kind: 'write', ...about });
    if ((flags & (FLUSH | FUA)) !== 0n) requests.push({ kind: 'flush', ...about, length: 0 });
    place = end;
  }
  return requests;
}

/** Bytes up to a whole sector. */
function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR) * SECTOR;
}
