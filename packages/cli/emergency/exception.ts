import { HalliganError, utf8, utf8Text } from '@halligan/format';
import {
  attachmentSchema,
  type SignedStatement,
  type StatementOf,
  signedStatementOf,
  statementDigest,
  textAttachment,
} from '@halligan/statement';
import { z } from 'zod';
import type { Device } from '../device.ts';
import { jsonOf } from '../person-home.ts';
import { about, look } from './find.ts';

/** One try to reach an approver. */
export type Attempt = StatementOf<'exception'>['attempts'][number];

/** `dana:phone:2026-01-31T02:20:00Z`, as a person writes an attempt. @throws `cli.usage` */
export function attemptOf(text: string): Attempt {
  const [, person, channel, at] = /^([a-z0-9-]{1,63}):(phone|message|email):(.+)$/.exec(text) ?? [];
  if (
    person === undefined ||
    at === undefined ||
    (channel !== 'phone' && channel !== 'message' && channel !== 'email')
  ) {
    throw new HalliganError(
      'cli.usage',
      `“${text}” is no attempt.`,
      'Write person:phone|message|email:time, such as dana:phone:2026-01-31T02:20:00Z.',
    );
  }
  return { person, channel, at };
}

const draftSchema = z.strictObject({
  v: z.literal('halligan/exception-draft/v1'),
  signed: z.unknown(),
  attachments: z.array(attachmentSchema).length(1),
});

/**
 * Signs the attempts as the requester. The second person, who was there, signs the same ones and sends both: one
 * person alone must not be able to manufacture silence.
 * @returns the draft to hand to the second person
 */
export async function draftException(
  device: Device,
  prefix: string | undefined,
  attempts: readonly Attempt[],
  reason: string,
): Promise<Uint8Array> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  const signed = await device.sign(proven, 'exception', {
    ...about(emergency),
    attempts,
    reason: text.digest,
  });
  return utf8(
    `${JSON.stringify({ v: 'halligan/exception-draft/v1', signed, attachments: [text] })}\n`,
  );
}

/** What the requester says, for the second person to read before signing. @throws `cli.draft` */
export function readException(draft: Uint8Array): {
  readonly signed: SignedStatement;
  readonly statement: StatementOf<'exception'>;
  readonly attachments: z.infer<typeof draftSchema>['attachments'];
} {
  const parsed = draftSchema.safeParse(jsonOf(utf8Text(draft)));
  const signed = parsed.success ? signedStatementOf(parsed.data.signed) : undefined;
  if (!parsed.success || signed?.statement.kind !== 'exception') {
    throw new HalliganError(
      'cli.draft',
      'This is not the draft of an exception.',
      'Ask the requester for it again: halligan emergency exception --out FILE.',
    );
  }
  return { signed, statement: signed.statement, attachments: parsed.data.attachments };
}

/** Signs the same attempts as the second person, and sends both statements. @returns the requester's digest */
export async function coSignException(device: Device, draft: Uint8Array): Promise<string> {
  const { signed, statement, attachments } = readException(draft);
  const { proven, emergency } = await look(device, statement.subject);
  const own = await device.sign(proven, 'exception', {
    ...about(emergency),
    attempts: statement.attempts,
    reason: statement.reason,
  });
  await device.api.post('/v1/statements', { signed: [signed, own], attachments });
  return statementDigest(statement);
}
