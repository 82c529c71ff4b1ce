import type { EventData, EventType, HalliganEvent } from '../index.ts';

/** What happened, told by type: kept as it happens, asked what came before. */
export class Chronicle {
  readonly #events: HalliganEvent[] = [];

  constructor(events: readonly HalliganEvent[] = []) {
    this.#events = [...events];
  }

  add(event: HalliganEvent): void {
    this.#events.push(event);
  }

  get size(): number {
    return this.#events.length;
  }

  of<Type extends EventType>(type: Type): readonly EventData[Type][] {
    return this.#events.filter((event) => isOf(event, type)).map(({ data }) => data);
  }

  /** What came after the last event of a type in an emergency; everything, where there was none. */
  since(type: EventType, emergency: string): Chronicle {
    const last = this.#events.findLastIndex(
      (event) =>
        event.type === type && 'emergency' in event.data && event.data.emergency === emergency,
    );
    return last === -1 ? this : new Chronicle(this.#events.slice(last + 1));
  }
}

/** Narrows an event to a type. */
export function isOf<Type extends EventType>(
  event: HalliganEvent,
  type: Type,
): event is HalliganEvent & { readonly type: Type; readonly data: EventData[Type] } {
  return event.type === type;
}
