/** Smallest jump that is said, milliseconds: less is what a time service corrects by itself. */
const NOTABLE = 60_000;

/**
 * Notices when the machine's clock was set: between two looks, wall time and running time must have grown alike. A
 * machine that slept looks the same, and its deadlines are as doubtful.
 */
export class ClockWatch {
  #wall: number;
  #running: number;

  /** @param wall milliseconds since 1970 @param running milliseconds of a clock that nobody sets */
  constructor(wall: number, running: number) {
    this.#wall = wall;
    this.#running = running;
  }

  /** By how many milliseconds the clock jumped since the last look; undefined where it did not. */
  look(wall: number, running: number): number | undefined {
    const jump = wall - this.#wall - (running - this.#running);
    this.#wall = wall;
    this.#running = running;
    return Math.abs(jump) < NOTABLE ? undefined : Math.round(jump);
  }
}
