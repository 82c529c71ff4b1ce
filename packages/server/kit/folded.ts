import { groupOf, type Transcript } from '@halligan/evidence';
import { fromBase64 } from '@halligan/format';
import { EMPTY, evolve, type State } from '@halligan/procedure';

/**
 * The state that the events of one kit after another make. A kit's record begins with that of the kit before it, and is
 * folded from there on; where one entry is another, from its beginning.
 */
export class Folded {
  #entries: Transcript['entries'] = [];
  #state: State = EMPTY;

  /** @throws `evidence.entry` */
  readonly of = ({ entries }: Transcript): State => {
    const known = this.#entries;
    const goesOn = known.every(({ index, bytes }, at) => {
      const entry = entries[at];
      return entry?.index === index && entry.bytes === bytes;
    });
    let state = goesOn ? this.#state : EMPTY;
    for (const { index, bytes } of entries.slice(goesOn ? known.length : 0))
      state = groupOf(index, fromBase64(bytes)).events.reduce(evolve, state);
    this.#entries = entries;
    this.#state = state;
    return state;
  };
}
