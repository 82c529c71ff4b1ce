import type { Clocks } from '@halligan/server';

/** A machine's clocks, whose wall clock somebody sets. */
export class SettableClock {
  /** By how much the wall clock is wrong, milliseconds. */
  off = 0;
  readonly clocks: Clocks = { wall: () => Date.now() + this.off, running: () => performance.now() };
}
