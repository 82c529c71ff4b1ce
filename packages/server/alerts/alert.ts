import { HalliganError } from '@halligan/format';
import { z } from 'zod';

/** The ways by which one person is reached; the words of the silence exception. */
export const CHANNELS = ['phone', 'message', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

const text = z.string().max(500);

/**
 * Something that people must learn of. It holds ids, times and the next command; never a secret, and no free text,
 * because it leaves by channels that others read. `source` and `id` name an occurrence: sent again, they are the same.
 */
export const alertSchema = z.strictObject({
  v: z.literal('halligan/alert/v1'),
  id: z.string().regex(/^[A-Za-z0-9._:-]{1,200}$/),
  /** The record's origin. */
  source: z.string().max(255),
  /** Such as `emergency.declared`. */
  type: z.string().regex(/^[a-z]+(\.[a-z-]+)+$/),
  /** When it happened, RFC 3339. */
  timestamp: z.string().max(40),
  severity: z.enum(['info', 'warning', 'critical']),
  title: text,
  /** What to do now, as a command where there is one. */
  next: text,
  link: z.url().max(500).optional(),
  data: z.record(
    z.string(),
    z.union([text, z.boolean(), z.number(), z.array(text).max(64).readonly()]),
  ),
  /** Where it asks one person: whom, and by which channel. The address is the sink's affair. */
  to: z.strictObject({ person: z.string(), channel: z.enum(CHANNELS) }).optional(),
});

export type Alert = z.infer<typeof alertSchema>;

/** Why an alert could not be delivered. */
export class DeliveryError extends HalliganError {
  /** Whether this alert alone was refused: the sink itself works, and the next one may go. */
  readonly isRejected: boolean;
  /** Milliseconds that the receiver asks to wait. */
  readonly wait: number | undefined;

  constructor(
    what: string,
    options: { readonly cause?: unknown; readonly rejected?: boolean; readonly wait?: number } = {},
  ) {
    super('alert.undelivered', `An alert was not delivered: ${what}.`, 'It is sent again.', {
      cause: options.cause,
    });
    this.isRejected = options.rejected ?? false;
    this.wait = options.wait;
  }
}
