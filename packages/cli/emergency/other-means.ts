import type { ProvenState } from '@halligan/evidence';
import { HalliganError, hex, utf8, utf8Text } from '@halligan/format';
import { codeCommitment, type Emergency } from '@halligan/procedure';
import { stretchApprovalCode } from '@halligan/seal';
import {
  type Attachment,
  attachmentSchema,
  type SignedStatement,
  type StatementOf,
  signedStatementOf,
  textAttachment,
} from '@halligan/statement';
import { z } from 'zod';
import type { Device } from '../device.ts';
import { jsonOf } from '../person-home.ts';
import { about, look } from './find.ts';

/** How an approver said yes where no device of theirs could. */
export interface Heard {
  readonly approver: string;
  readonly method: 'phone' | 'message' | 'email' | 'in-person';
  /** RFC 3339. */
  readonly given: string;
  readonly conditions?: string;
}

const draftSchema = z.strictObject({
  v: z.literal('halligan/approval-draft/v1'),
  signed: z.unknown(),
  attachments: z.array(attachmentSchema).max(1),
});

/**
 * Signs, as one who heard it, what an approver said. The other one who heard it signs the same and sends both: nobody
 * alone can make up an approval. @returns the draft to hand over
 */
export async function draftApproval(
  device: Device,
  prefix: string | undefined,
  heard: Heard,
): Promise<Uint8Array> {
  const { proven, emergency } = await look(device, prefix);
  const attachments = conditionsOf(heard);
  const signed = await device.sign(proven, 'approve', bodyOf(emergency, heard, attachments));
  return utf8(`${JSON.stringify({ v: 'halligan/approval-draft/v1', signed, attachments })}\n`);
}

/** What the other one heard, to read before signing. @throws `cli.draft` */
export function readApproval(draft: Uint8Array): {
  readonly signed: SignedStatement;
  readonly statement: StatementOf<'approve'>;
  readonly attachments: z.infer<typeof draftSchema>['attachments'];
} {
  const parsed = draftSchema.safeParse(jsonOf(utf8Text(draft)));
  const signed = parsed.success ? signedStatementOf(parsed.data.signed) : undefined;
  if (!parsed.success || signed?.statement.kind !== 'approve') {
    throw new HalliganError(
      'cli.draft',
      'This is not the draft of an approval.',
      'Ask for it again: halligan emergency approve --approver … --out FILE.',
    );
  }
  return { signed, statement: signed.statement, attachments: parsed.data.attachments };
}

/** Signs the same words as the other who heard them, and sends both statements. */
export async function coSignApproval(device: Device, draft: Uint8Array): Promise<void> {
  const { signed, statement, attachments } = readApproval(draft);
  const { proven, emergency } = await look(device, statement.subject);
  const { method, approver, given, conditions } = statement;
  const own = await device.sign(proven, 'approve', {
    ...about(emergency),
    method,
    ...(approver === undefined ? {} : { approver }),
    ...(given === undefined ? {} : { given }),
    ...(conditions === undefined ? {} : { conditions }),
  });
  await device.api.post('/v1/statements', { signed: [signed, own], attachments });
}

/**
 * Gives the approver's one-time spoken code in place of a second signature. The words are stretched and held against the
 * sheet here, on this device: a slip costs nothing, and a code that is not theirs is never sent.
 * @param words five, as the approver spoke them
 */
export async function approveByCode(
  device: Device,
  prefix: string | undefined,
  heard: Heard,
  number: number,
  words: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const preimage = await preimageOf(proven, emergency, heard.approver, number, words);
  const attachments = conditionsOf(heard);
  await device.say(
    proven,
    'approve',
    { ...bodyOf(emergency, heard, attachments), code: { number, preimage } },
    { attachments },
  );
}

/** @throws `authorisation.code` */
async function preimageOf(
  { state }: ProvenState,
  emergency: Emergency,
  person: string,
  number: number,
  words: string,
): Promise<string> {
  const purpose = emergency.drill ? 'drill' : 'real';
  const sheet = state.approvalCodes[person];
  const listed = sheet?.[purpose][number - 1];
  if (sheet === undefined || listed === undefined)
    throw new HalliganError(
      'authorisation.code',
      `${person} has no ${purpose} code ${number} on the record.`,
      'Ask for the number again; or let the second person co-sign: --out FILE.',
    );
  const place = {
    origin: state.roster?.origin ?? '',
    person,
    salt: sheet.salt,
    purpose,
    number,
  } as const;
  const preimage = hex(await stretchApprovalCode(words, place));
  if (codeCommitment(preimage) !== listed)
    throw new HalliganError(
      'authorisation.code',
      `These are not the words of ${person}’s ${purpose} code ${number}.`,
      'Ask the approver to read number and words again.',
    );
  return preimage;
}

function conditionsOf({ conditions }: Heard): readonly Attachment[] {
  return conditions === undefined ? [] : [textAttachment(conditions)];
}

function bodyOf(
  emergency: Emergency,
  { approver, method, given }: Heard,
  [conditions]: readonly Attachment[],
) {
  return {
    ...about(emergency),
    method,
    approver,
    given,
    ...(conditions === undefined ? {} : { conditions: conditions.digest }),
  };
}
