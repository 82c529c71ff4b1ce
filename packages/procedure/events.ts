import type { AccountEvents } from './account/events.ts';
import type { EnvelopeEvents, PlaceEvents, RetrievalEvents } from './custody/events.ts';
import type { AftermathEvents } from './emergency/aftermath-events.ts';
import type { EmergencyEvents } from './emergency/events.ts';
import type { KeepingEvents } from './keeping/events.ts';
import type { OrganisationEvents } from './organisation/events.ts';

/** What can happen, by type, with its data. Types are past tense; data carry person ids and digests only. */
export interface EventData
  extends OrganisationEvents,
    PlaceEvents,
    AccountEvents,
    EnvelopeEvents,
    EmergencyEvents,
    RetrievalEvents,
    KeepingEvents,
    AftermathEvents {}

export type EventType = keyof EventData;

/** An event before it is stamped with id, time and actor. */
export type EventBody = {
  readonly [Type in EventType]: {
    readonly type: Type;
    readonly data: EventData[Type];
    /** What was done without the server happened earlier than it was journaled: when, by the signer's own word. */
    readonly said?: string;
  };
}[EventType];

/** The body of one type of event. */
export type EventBodyOf<Type extends EventType> = Extract<EventBody, { readonly type: Type }>;

/** An event as it stands in the journal. */
export type HalliganEvent = EventBody & {
  readonly v: 'halligan/event/v1';
  readonly id: string;
  readonly at: string;
  readonly actor: string;
};

/** One event body, its data checked against its type. */
export function happened<Type extends EventType>(
  type: Type,
  data: EventData[Type],
): EventBodyOf<Type> {
  // The mapped type above is exactly the set of such pairs; the compiler cannot see it through the parameter.
  return { type, data } as EventBodyOf<Type>;
}

/** When an event happened: by the journal's clock, or by its signer's where the server was not there. */
export function timeOf(event: HalliganEvent): string {
  return event.said ?? event.at;
}

/** The streams that an event belongs to: `organisation`, `account:<id>`, `emergency:<digest>`. */
export function streamOf(event: EventBody): string {
  const data: { readonly emergency?: string; readonly account?: string } =
    'emergency' in event.data || 'account' in event.data ? event.data : {};
  if (
    data.emergency !== undefined &&
    event.type !== 'VersionTouched' &&
    event.type !== 'AccountTaken'
  ) {
    return `emergency:${data.emergency}`;
  }
  return data.account === undefined ? 'organisation' : `account:${data.account}`;
}
