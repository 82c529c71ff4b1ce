import { sameBytes } from '@halligan/format';
import { EMPTY, type State } from '@halligan/procedure';
import { type Group, groupOf } from './transcript.ts';

/** How far a replay came. */
export interface Judged {
  readonly groups: readonly Group[];
  readonly state: State;
  readonly folded: number;
  /** The time of the last entry. */
  readonly clock: string;
  /** The ids of all events. */
  readonly ids: ReadonlySet<string>;
}

const NOTHING: Judged = { groups: [], state: EMPTY, folded: 0, clock: '', ids: new Set() };

/** Most entries, and most replays, that are kept: a device that runs for weeks stays small. */
const ENTRIES = 5_000;
const REPLAYS = 4;

/**
 * What this very process judged already, in its memory alone: whoever looks at a record again parses and judges what
 * came since. Nothing is taken on trust, since judging the same bytes from the beginning has the same outcome. Where one
 * byte differs, or an entry is missing, all of it is judged anew. That entries are in the tree, and that the tree grew
 * from what was seen, is verified each time.
 */
export class JudgedBefore {
  readonly #groups = new Map<number, Group>();
  readonly #replays = new Map<string, Judged>();

  /** An entry's group; parsed where these bytes were not. @throws `evidence.entry` */
  group(index: number, bytes: Uint8Array): Group {
    const known = this.#groups.get(index);
    if (known !== undefined && sameBytes(known.bytes, bytes)) return known;
    const group = groupOf(index, bytes);
    if (known !== undefined || this.#groups.size < ENTRIES) this.#groups.set(index, group);
    return group;
  }

  /** The replay of these streams that these groups begin with; of nothing, where there is none. */
  beginning(groups: readonly Group[], streams: ReadonlySet<string>): Judged {
    const known = this.#replays.get(nameOf(streams));
    // An entry that was parsed once is one object: another one has other bytes.
    return known?.groups.every((group, at) => group === groups[at]) === true ? known : NOTHING;
  }

  /** Remembers a replay that held. */
  keep(streams: ReadonlySet<string>, judged: Judged): void {
    const name = nameOf(streams);
    this.#replays.delete(name);
    this.#replays.set(name, judged);
    for (const oldest of this.#replays.keys()) {
      if (this.#replays.size <= REPLAYS) break;
      this.#replays.delete(oldest);
    }
  }
}

function nameOf(streams: ReadonlySet<string>): string {
  return [...streams].sort().join('\n');
}
