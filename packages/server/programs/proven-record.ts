import { type DevicePins, JudgedBefore, type ProvenState, proveState } from '@halligan/evidence';
import { type Watched, watch } from '@halligan/procedure';
import { type ProgramKeys, readProgramKeys, readProgramPins, remember } from './keys.ts';

/** What a program holds for as long as it runs: its pins, what it proved of the record with them, and its keys once it needs them. */
export class ProvenRecord {
  /** A program is shown the record more than once. */
  readonly before = new JudgedBefore();
  readonly #folder: string;
  #pins: DevicePins;
  #keys: Promise<ProgramKeys> | undefined;

  private constructor(folder: string, pins: DevicePins) {
    this.#folder = folder;
    this.#pins = pins;
  }

  /** @param folder of the program's keys, where it remembers what it saw @throws `server.program-keys` */
  static async open(folder: string): Promise<ProvenRecord> {
    return new ProvenRecord(folder, await readProgramPins(folder));
  }

  /** With the last checkpoint that was seen, and what this program knows of changes that wait, by its own clock. */
  get pins(): DevicePins {
    return this.#pins;
  }

  /** Not before something is to be signed or decrypted: whoever stands ready holds none. @throws `server.program-keys` */
  keys(): Promise<ProgramKeys> {
    this.#keys ??= readProgramKeys(this.#folder);
    return this.#keys;
  }

  /** What a view has to go on from: the log's size that was seen, and the first entry that was not shown. */
  seen(streams: ReadonlySet<string>): { readonly size: number; readonly from: number } {
    const { seen } = this.#pins;
    return { size: seen.size, from: this.before.shown(streams, seen).size };
  }

  /** Proves a view of the record, and remembers it. @throws what `proveState` throws */
  async prove(view: unknown, streams: ReadonlySet<string>): Promise<ProvenState> {
    const proven = await proveState(view, this.#pins, streams, this.before);
    await this.saw(proven, watch(proven.state, this.#pins.watched, new Date().toISOString()));
    return proven;
  }

  /** Remembers what was proven: the next view goes on from there. */
  async saw(proven: ProvenState, watched: Watched): Promise<void> {
    this.#pins = await remember(this.#folder, this.#pins, proven, watched);
  }
}
