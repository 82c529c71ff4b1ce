import { randomBytes } from 'node:crypto';
import { canonicalText, hex, type Json } from '@halligan/format';
import type { EventBody, HalliganEvent } from '@halligan/procedure';

/** A UUID version 7 (RFC 9562 section 5.7): ids sort by time. */
export function uuidv7(at: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const text = hex(bytes);
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join('-');
}

/**
 * Gives what was decided its ids, one time and its actor. The result is what the journal's bytes will be read back as,
 * member order included, so that the state in memory and the state of a replay are one.
 */
export function stamp(
  bodies: readonly EventBody[],
  at: string,
  actor: string,
): readonly HalliganEvent[] {
  const events = bodies.map((body) => ({
    ...body,
    v: 'halligan/event/v1',
    id: uuidv7(Date.parse(at)),
    at,
    actor,
  }));
  return JSON.parse(canonicalText(events as unknown as Json));
}
