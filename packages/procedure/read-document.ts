import { HalliganError } from '@halligan/format';
import type { z } from 'zod';

/**
 * Reads a document that people sign, and that an adversary may have written.
 * @param what it should be, as `what is attested of a kit`
 * @throws `procedure.document`, saying where it is none
 */
export function readDocument<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.') || 'its members';
  throw new HalliganError(
    'procedure.document',
    `This does not say ${what}: it is not valid at ${place}.`,
    'It was altered, or written by another version.',
  );
}
