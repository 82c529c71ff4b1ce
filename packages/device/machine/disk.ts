import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Whether what lies in a folder is encrypted once the machine is off; unknown where the kernel does not say. */
export type DiskState = 'encrypted' | 'plain' | 'unknown';

/**
 * Looks below a folder's file system for dm-crypt (LUKS), through volumes and RAIDs: encrypted where every way down to
 * a disk leads through it. What encrypts by itself (a disk, ZFS, fscrypt) is not seen.
 * @param sys where sysfs is
 */
export function diskOf(folder: string, sys = '/sys'): DiskState {
  let device: bigint;
  try {
    device = BigInt(statSync(folder, { bigint: true }).dev);
  } catch {
    return 'unknown';
  }
  // Linux's encoding of a device number (makedev(3)).
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  // A file system without a device of its own: overlay, tmpfs, btrfs, ZFS.
  return major === 0n ? 'unknown' : blockDevice(join(sys, 'dev', 'block', `${major}:${minor}`));
}

/** @param path of a block device in sysfs */
export function blockDevice(path: string): DiskState {
  if (textOf(join(path, 'dm', 'uuid')).startsWith('CRYPT-')) return 'encrypted';
  const below = namesIn(join(path, 'slaves'));
  if (below === undefined) return 'unknown';
  if (below.length === 0) return 'plain';
  const states = below.map((name) => blockDevice(join(path, 'slaves', name)));
  if (states.every((state) => state === 'encrypted')) return 'encrypted';
  return states.includes('plain') ? 'plain' : 'unknown';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A partition has no folder of slaves, and is a disk's part. */
function namesIn(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return textOf(join(path, '..', 'partition')) === '' ? undefined : [];
  }
}
