import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { HalliganEvent } from './events.ts';

/** Makes today's data of older ones of the same type; data that are today's already it returns as they are. */
export type Upcast = (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/**
 * Older shapes, by type of event, in the order in which the shapes came. Empty: every member that events got since the
 * first version is optional, and its absence is read where it is used (`rulesOf`, `timerOf`). A member that changes its
 * meaning or its name gets a function here, and a golden journal that holds it.
 */
const UPCASTS: Readonly<Record<string, readonly Upcast[]>> = {};

/** What newer events may name as critical and this version understands: types, and members as `<type>.<member>`. */
const UNDERSTOOD: ReadonlySet<string> = new Set();

const eventSchema = z.strictObject({
  v: z.literal('halligan/event/v1'),
  id: z.string().max(40),
  at: z.iso.datetime(),
  said: z.iso.datetime().optional(),
  actor: z.string().max(63),
  type: z.string().max(60),
  data: z.record(z.string(), z.json()),
  crit: z.array(z.string().min(1).max(60)).min(1).max(16).optional(),
});

/**
 * Reads an event of a journal, whichever version wrote it, as today's. Pure. What it does not do is to judge: data are
 * compared with what the rules say of the input beside them, and count for nothing before.
 * @param upcasts older shapes by type
 * @throws `procedure.event` for a form that this version does not know, `procedure.event-critical` where the event
 *   says itself that who does not understand a part of it must not read on
 */
export function eventOf(
  json: unknown,
  upcasts: Readonly<Record<string, readonly Upcast[]>> = UPCASTS,
): HalliganEvent {
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success)
    throw new HalliganError(
      'procedure.event',
      `This event is not valid at ${parsed.error.issues[0]?.path.join('.') || 'its members'}.`,
      'It was altered, or written by another version.',
    );
  const { crit = [], data, ...event } = parsed.data;
  const unknown = crit.find(
    (name) => !UNDERSTOOD.has(name === 'type' ? event.type : `${event.type}.${name}`),
  );
  if (unknown !== undefined)
    throw new HalliganError(
      'procedure.event-critical',
      `This ${event.type} holds “${unknown}”, which nobody may overlook, and which this version does not know.`,
      'Read it with the version of Halligan that wrote it, or a later one.',
    );
  const steps = Object.hasOwn(upcasts, event.type) ? upcasts[event.type] : undefined;
  const today = (steps ?? []).reduce<Readonly<Record<string, unknown>>>(
    (older, upcast) => upcast(older),
    data,
  );
  return { ...event, data: today } as unknown as HalliganEvent;
}
