import { readFileSync } from 'node:fs';
import { HalliganError } from '@halligan/format';
import type { Reading } from './device-time.ts';

/** What this Linux machine's clocks show. @throws `device.clock` where it has none that counts from the boot */
export function readMachineClock(): Reading {
  try {
    const [uptime = ''] = readFileSync('/proc/uptime', 'utf8').split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (!/^\d+(?:\.\d+)?$/.test(uptime) || boot === '') throw new RangeError('not a clock');
    return { wall: Date.now() / 1000, boot, uptime: Number(uptime) };
  } catch (cause) {
    throw new HalliganError(
      'device.clock',
      'This machine does not say how long it has been up.',
      '/proc must be mounted and readable: the end of a window is counted by it.',
      { cause },
    );
  }
}
