import type { HalliganEvent } from './events.ts';
import { emergencyOfEvent, evolve, evolveOne } from './evolve.ts';
import { EMPTY, type Emergency, type State } from './state.ts';

/**
 * Folds a whole record. It comes to the same state as {@link evolve} event by event, but what an event costs does not
 * grow with the emergencies that there are: `evolve` leaves the state before it as it was, and copies the map of all
 * emergencies for that, which nobody who starts from a record needs.
 */
export class Fold {
  #others: State;
  readonly #emergencies: Map<string, Emergency>;

  constructor(state: State = EMPTY) {
    this.#others = { ...state, emergencies: {} };
    this.#emergencies = new Map(Object.entries(state.emergencies));
  }

  take(events: readonly HalliganEvent[]): void {
    for (const event of events) {
      const id = emergencyOfEvent(event);
      if (id === undefined) {
        this.#others = evolve(this.#others, event);
        continue;
      }
      const one = evolveOne(this.#emergencies.get(id), event);
      if (one !== undefined) this.#emergencies.set(id, one);
    }
  }

  /** The state after everything that was taken. Costs one copy of the map of emergencies. */
  get state(): State {
    return { ...this.#others, emergencies: Object.fromEntries(this.#emergencies) };
  }
}
