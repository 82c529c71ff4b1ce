import { digestOf, fromHex, hex, type Json, sha256 } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { approversOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import type { Emergency } from './state.ts';

const commitment = z.string().regex(/^[0-9a-f]{64}$/);

const sheet = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/approval-codes/v1'),
    person: z.string(),
    /** 16 bytes: with it the words of a code are stretched, so that no table serves two sheets. */
    salt: z.string().regex(/^[0-9a-f]{32}$/),
    /** SHA-256 of each stretched code, by its number on the sheet; those for drills are others. */
    real: z.array(commitment).max(32),
    drill: z.array(commitment).max(32),
  }),
);

/** SHA-256 of a stretched code: what stands on the record before the code is spoken. @param preimage 32 bytes, hexadecimal */
export function codeCommitment(preimage: string): string {
  return hex(sha256(fromHex(preimage)));
}

/**
 * An approver commits to a sheet of one-time codes, made on their own device: the server learns a code only when it is
 * spent. A new sheet takes the place of the one before; an empty one revokes it.
 */
export function decideApprovalCodes(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const parsed = sheet.safeParse(document);
  const codes = parsed.success ? [...parsed.data.real, ...parsed.data.drill] : [];
  if (
    !parsed.success ||
    document === undefined ||
    digestOf(document) !== said.statement.digest ||
    parsed.data.person !== said.by ||
    said.statement.subject !== subjectOf('person', said.by) ||
    new Set(codes).size !== codes.length
  )
    return refuse(
      'codes.document',
      'The sheet does not fit what was signed.',
      'Make a new one: halligan emergency codes.',
    );
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const approvers = Object.keys(policy?.quorums ?? {}).flatMap((tier) =>
    policy === undefined ? [] : approversOf(policy, tier),
  );
  if (!approvers.includes(said.by) || !isPerson(state.roster, said.by))
    return refuse(
      'codes.approver',
      'You approve nothing under the policy in force.',
      'Approvers and deputies make sheets of codes.',
      [...new Set(approvers)],
    );
  const before = entryOf(state.approvalCodes, said.by);
  if (
    entryOf(before?.statements ?? {}, said.digest) !== undefined ||
    codes.some((one) => entryOf(before?.spent ?? {}, one) !== undefined)
  )
    return refuse(
      'codes.replayed',
      'This sheet was on the record before.',
      'Make a new one: halligan emergency codes.',
    );
  const { person, salt, real, drill } = parsed.data;
  return {
    events: [
      happened('ApprovalCodesCommitted', { person, salt, real, drill, statement: said.digest }),
    ],
  };
}

/** Holds a spoken code against its approver's sheet: for this purpose, and never spent before. */
export function spendCode(
  state: State,
  emergency: Emergency,
  approver: string,
  { number, preimage }: { readonly number: number; readonly preimage: string },
): { readonly commitment: string } | { readonly refusal: Refusal } {
  const codes = entryOf(state.approvalCodes, approver);
  const listed = codes?.[emergency.drill ? 'drill' : 'real'][number - 1];
  const spoken = codeCommitment(preimage);
  if (codes === undefined || listed !== spoken)
    return refuse(
      'authorisation.code',
      emergency.drill
        ? 'That is no code of this approver for a drill.'
        : 'That is no code of this approver for a real emergency.',
      'Ask for the number and the words again; or let the second person co-sign what was said.',
      [approver],
    );
  if (entryOf(codes.spent, spoken) !== undefined)
    return refuse(
      'authorisation.code-spent',
      'This code was used already: each works once.',
      'Ask the approver for the next one on their sheet.',
      [approver],
    );
  return { commitment: spoken };
}
