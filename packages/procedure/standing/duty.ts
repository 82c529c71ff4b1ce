import { digestOf, HalliganError, ID, type Json } from '@halligan/format';
import { subjectOf, type VerifiedStatement } from '@halligan/statement';
import { z } from 'zod';
import { closersOf } from '../emergency/stand-ins.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { ownersOfPolicy, ownersOfSystem } from './duties.ts';

const id = z.string().regex(ID);

/**
 * What a person attests to have done. `last` is when the record last held the same duty done, null where never: an
 * old attestation does not count again.
 */
const dutyDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/duty/v1'),
    duty: z.enum([
      'policy-review',
      'access-review',
      'inventory-check',
      'pin-rotation',
      'kit-check',
    ]),
    /** `policy`, or the id of a system, an account or a person. */
    about: id,
    last: z.string().max(30).nullable(),
  }),
);

export type DutyDocument = z.infer<typeof dutyDocument>;

/** What somebody takes upon them. */
const riskDocument = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/risk/v1'),
    finding: z.string().regex(/^[a-z0-9.:_-]{1,200}$/),
    reason: z.string().min(1).max(500),
    until: z.iso.date(),
  }),
);

export type RiskDocument = z.infer<typeof riskDocument>;

/** @throws `procedure.duty` */
export function dutyOf(document: unknown): DutyDocument {
  return readAs(dutyDocument, document, 'duty');
}

/** @throws `procedure.risk` */
export function riskOf(document: unknown): RiskDocument {
  return readAs(riskDocument, document, 'risk');
}

function readAs<T>(schema: z.ZodType<T>, document: unknown, what: string): T {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HalliganError(
    `procedure.${what}`,
    `This ${what} is not valid at ${issue?.path.join('.') || 'the document'}.`,
    issue?.message ?? 'See docs/formats/duty.md.',
  );
}

/** The duties that an attestation clears; the others are cleared by what is done itself. */
export const ATTESTED_DUTIES: readonly DutyDocument['duty'][] = [
  'policy-review',
  'access-review',
  'inventory-check',
  'pin-rotation',
  'kit-check',
];

/** A standing duty was done: its owner says so. What is due next is counted from then. */
export function decideDuty(
  state: State,
  said: VerifiedStatement,
  document: Json | undefined,
): Decision {
  const parsed = dutyDocument.safeParse(document);
  if (
    document === undefined ||
    !parsed.success ||
    !isSaid(said, 'attest') ||
    said.statement.digest !== digestOf(document) ||
    said.statement.subject !== subjectOf(parsed.data.duty, parsed.data.about)
  ) {
    return refuse(
      'duty.document',
      'This is not what was signed.',
      'Sign it again: halligan duty done.',
    );
  }
  const { duty, about, last } = parsed.data;
  const owners = ownersOf(state, parsed.data);
  if ('refusal' in owners) return owners;
  if (!owners.includes(said.by))
    return refuse(
      'duty.owner',
      `This is not ${said.by}’s duty.`,
      `Ask ${owners.join(' or ')}.`,
      owners,
    );
  if ((entryOf(state.standing.duties, `${duty}:${about}`)?.at ?? null) !== last)
    return refuse(
      'duty.replayed',
      'It was done since this was signed.',
      'Look at what is due: halligan obligations.',
    );
  return {
    events: [
      duty === 'pin-rotation'
        ? happened('AccountDutyDone', { account: about, duty, by: said.by })
        : happened('DutyDone', { duty, about, by: said.by }),
    ],
  };
}

/** Whose a duty is, from what the organisation’s own stream says, and the account’s for its own. */
function ownersOf(
  state: State,
  { duty, about }: DutyDocument,
): readonly string[] | { readonly refusal: Refusal } {
  const unknown = refuse(
    'duty.about',
    `There is no such duty about “${about}”.`,
    'Look at what is due: halligan obligations --all.',
  );
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  switch (duty) {
    case 'policy-review':
    case 'access-review':
      return about === 'policy' && policy !== undefined ? ownersOfPolicy(state, policy) : unknown;
    case 'inventory-check':
      return entryOf(state.systems, about) === undefined ? unknown : ownersOfSystem(state, about);
    case 'kit-check':
      return isPerson(state.roster, about) ? [about] : unknown;
    case 'pin-rotation': {
      const account = entryOf(state.accounts, about);
      return account === undefined ? unknown : ownersOfSystem(state, account.document.system);
    }
  }
}

/** Longest that a risk is taken, days: whoever takes it looks at it again. */
const LONGEST_RISK = 366;

/** Somebody who answers for the policy takes a risk upon them, with a reason and until a date. It stays visible. */
export function decideRisk(
  state: State,
  said: VerifiedStatement,
  document: Json | undefined,
  now: string,
): Decision {
  const parsed = riskDocument.safeParse(document);
  if (
    document === undefined ||
    !parsed.success ||
    !isSaid(said, 'attest') ||
    said.statement.digest !== digestOf(document)
  ) {
    return refuse(
      'risk.document',
      'This is not what was signed.',
      'Sign it again: halligan findings accept.',
    );
  }
  const { finding, reason, until } = parsed.data;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const executives = (state.roster?.members ?? [])
    .filter(({ kind, roles }) => kind === 'person' && roles.includes('executive'))
    .map(({ id }) => id);
  const eligible =
    policy === undefined
      ? closersOf(state)
      : [...new Set([...ownersOfPolicy(state, policy), ...executives])];
  if (!eligible.includes(said.by))
    return refuse(
      'risk.owner',
      'The policy’s owner or an executive takes risks for the organisation.',
      `Ask ${eligible.join(' or ')}.`,
      eligible,
    );
  const days = (Date.parse(until) - Date.parse(now)) / 86_400_000;
  if (days <= 0 || days > LONGEST_RISK)
    return refuse(
      'risk.until',
      'A risk is taken for a time: from tomorrow to a year from now.',
      'Give such a date: --until 2027-01-31.',
    );
  return { events: [happened('RiskAccepted', { finding, by: said.by, reason, until })] };
}
