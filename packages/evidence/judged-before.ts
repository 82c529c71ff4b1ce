import { hex, sameBytes } from '@halligan/format';
import { EMPTY, type State } from '@halligan/procedure';
import type { Seen } from './proven-state.ts';
import { type Anchor, type Group, groupOf } from './transcript.ts';

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

/** Everything of some streams that a log of `size` entries holds, as it was proven. */
export interface Shown {
  readonly size: number;
  readonly groups: readonly Group[];
}

const NOTHING_SHOWN: Shown = { size: 0, groups: [] };

const NOTHING: Judged = { groups: [], state: EMPTY, folded: 0, clock: '', ids: new Set() };

/** Most entries, and most replays and sets of streams, that are kept: a device that runs for weeks stays small. */
const ENTRIES = 5_000;
const REPLAYS = 4;

/**
 * What this very process judged already, in its memory alone: whoever looks at a record again is shown, parses and judges
 * what came since. Nothing is taken on trust, since judging the same bytes from the beginning has the same outcome. Where
 * one byte differs, or an entry is missing, all of it is judged anew. That the tree grew from what was seen is verified
 * each time; an entry that was in it then is in it still.
 */
export class JudgedBefore {
  readonly #groups = new Map<number, Group>();
  readonly #replays = new Map<string, Judged>();
  readonly #shown = new Map<string, Shown>();
  /** The checkpoint that was proven last, which all that was shown led to: size, and root in hexadecimal. */
  #last: Seen | undefined;

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
    putLast(this.#replays, nameOf(streams), judged);
  }

  /**
   * What need not be shown of these streams again. Nothing, where the last checkpoint that was seen is another than this
   * process proved: another process looked meanwhile, perhaps at another tree.
   */
  shown(streams: ReadonlySet<string>, seen: Seen): Shown {
    const isOurs = this.#last?.size === seen.size && this.#last.root === seen.root;
    return (isOurs ? this.#shown.get(nameOf(streams)) : undefined) ?? NOTHING_SHOWN;
  }

  /** Remembers what a proof showed that led from one checkpoint to another. */
  show(
    streams: ReadonlySet<string>,
    seen: Seen,
    { size, root }: Anchor,
    groups: readonly Group[],
  ): void {
    if (this.#last?.size !== seen.size || this.#last.root !== seen.root) this.#shown.clear();
    this.#last = { size, root: hex(root) };
    putLast(this.#shown, nameOf(streams), { size, groups });
  }
}

/** Keeps the last few. */
function putLast<Item>(kept: Map<string, Item>, name: string, item: Item): void {
  kept.delete(name);
  kept.set(name, item);
  for (const oldest of kept.keys()) {
    if (kept.size <= REPLAYS) break;
    kept.delete(oldest);
  }
}

function nameOf(streams: ReadonlySet<string>): string {
  return [...streams].sort().join('\n');
}
