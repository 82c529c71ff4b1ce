/**
 * The time by which windows end, verifiers expire and lockouts pass: seconds since 1970 that never go back. Whoever can
 * turn the wall clock is the adversary: turned back, it must not lengthen a window nor revive a verifier.
 */
export interface DeviceTime {
  /** Seconds since 1970, never less than the wall clock has ever shown here. */
  readonly seconds: number;
  /** Which boot of the machine this was read in. */
  readonly boot: string;
  /** Seconds that the machine had been up, suspended times included (CLOCK_BOOTTIME). */
  readonly uptime: number;
}

/** What the machine's clocks show at one moment. */
export interface Reading {
  /** Seconds since 1970, by the wall clock. */
  readonly wall: number;
  /** `/proc/sys/kernel/random/boot_id` */
  readonly boot: string;
  /** Seconds since the boot, the first number of `/proc/uptime`. */
  readonly uptime: number;
}

/**
 * What time it is, given what time it was. Time passes at least as fast as the machine was up: between two readings of
 * one boot as much as the boot clock says, after a reboot as much as the machine has been up since. Where the wall clock
 * shows later, it is later: how long the machine was off is known from it alone, so a wall clock turned back while it was
 * off hides that time. What is bounded without a trusted clock is the time that the machine is powered on.
 * @param before the last time that was kept; undefined on a new machine
 */
export function deviceTime(before: DeviceTime | undefined, now: Reading): DeviceTime {
  const { wall, boot, uptime } = now;
  if (before === undefined) return { seconds: wall, boot, uptime };
  const up = boot === before.boot ? Math.max(0, uptime - before.uptime) : uptime;
  return { seconds: Math.max(wall, before.seconds + up), boot, uptime };
}

/** How many seconds the wall clock shows less than was already reached: more than a few, and somebody turned it back. */
export function behind(time: DeviceTime, { wall }: Reading): number {
  return Math.max(0, time.seconds - wall);
}
