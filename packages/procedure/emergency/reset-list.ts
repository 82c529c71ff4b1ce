import type { Json } from '@halligan/format';
import { z } from 'zod';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import type { AccountDocument } from '../organisation/inventory.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import type { ResetFailure, ResetItem, ResetOutcome } from './aftermath-events.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { closersOf, signersOf } from './stand-ins.ts';
import { type Emergency, isTouched, isUnsealed } from './state.ts';
import { isReset } from './version-to-verify.ts';

const RESET_ITEMS = ['totp', 'recovery-codes', 'pin', 'hardware-key', 'copies'] as const;

/** How each part may be made good. What was seen is replaced; only what nobody used up may stay. */
const OUTCOMES: Readonly<Record<ResetItem, readonly ResetOutcome[]>> = {
  totp: ['replaced'],
  'recovery-codes': ['replaced', 'unused'],
  pin: ['replaced'],
  'hardware-key': ['returned', 'replaced'],
  copies: ['destroyed', 'none'],
};

/** Why a part may not be resettable. */
export const RESET_REASONS = [
  'complexity',
  'rights',
  'identity-team',
  'provider-support',
  'other',
] as const satisfies readonly ResetFailure[];

/** What to do where a part cannot be reset, by the reason. */
export const RESET_FAILURES: Readonly<Record<ResetFailure, string>> = {
  complexity: 'Read the system’s password rules, and set one that meets them.',
  rights: 'Check the rights of whoever resets it, and of the account itself.',
  'identity-team': 'Ask the identity team: a rule of theirs may prevent the change.',
  'provider-support': 'Call the provider’s support: halligan system list has their number.',
  other: 'Write down what stands in the way, and who sees to it.',
};

/** One thing that has to be made good. */
export interface ResetDue {
  readonly item: ResetItem | 'password';
  readonly done: boolean;
  /** Whether a rotation proves it, or people attest it. */
  readonly by: 'rotation' | 'attestation';
}

/**
 * Everything that an emergency revealed, derived from the keys and methods that the account's entry names: the version
 * itself, which a rotation proves, and what people must replace, take back or destroy. Shares that left their holders
 * count as a look at the secrets, since they add up; nobody copied what was never shown, and an opened envelope shows
 * what it holds.
 */
export function resetListOf(state: State, emergency: Emergency): readonly ResetDue[] {
  if (!isTouched(emergency)) return [];
  const version: ResetDue = {
    item: 'password',
    by: 'rotation',
    done: isReset(state, emergency),
  };
  if (emergency.rules === 1) return [version];
  const secrets = secretsOf(entryOf(state.accounts, emergency.account)?.document);
  // The first two rules did not ask about copies of what an envelope held: what was closed under them stays closed.
  const revealed =
    emergency.openings.some((one) => !one.exercise && one.quorumAt !== undefined) ||
    (emergency.rules > 2 && isUnsealed(emergency));
  const items = RESET_ITEMS.filter((item) =>
    item === 'copies' ? revealed : secrets.includes(item),
  );
  return [
    version,
    ...items.map(
      (item): ResetDue => ({
        item,
        by: 'attestation',
        done: entryOf(emergency.resetParts ?? {}, item) !== undefined,
      }),
    ),
  ];
}

/** What a seal of an account gives away besides its password: from the keys and methods that its entry names. */
function secretsOf(account: AccountDocument | undefined): readonly ResetItem[] {
  const { keys = [], second_methods: methods = [] } = account ?? {};
  const has = (method: string) => methods.some((one) => one.method === method);
  return [
    ...(has('totp-device') ? (['totp'] as const) : []),
    ...(has('backup-codes') ? (['recovery-codes'] as const) : []),
    ...(keys.some(({ pin }) => pin) ? (['pin'] as const) : []),
    ...(keys.length > 0 ? (['hardware-key'] as const) : []),
  ];
}

/** Whether everything that an emergency revealed was made good. */
export function isMadeGood(state: State, emergency: Emergency): boolean {
  return resetListOf(state, emergency).every(({ done }) => done);
}

/** Who attests a part: those who used the account, its owner, security, and the admins. */
export function resettersOf(
  state: State,
  emergency: Emergency,
  item: ResetItem | 'password',
): readonly string[] {
  const users = signersOf(state, emergency).flat();
  // Whether copies were made, only those who saw it know.
  if (item === 'copies') return [...new Set(users)];
  const owner = entryOf(state.systems, emergency.system)?.owner;
  const admins = (state.roster?.members ?? [])
    .filter((one) => one.kind === 'person' && one.roles.includes('admin'))
    .map((one) => one.id);
  const present = (state.roster?.members ?? []).map((one) => one.id);
  return [...new Set([...users, owner ?? '', ...closersOf(state), ...admins])].filter((one) =>
    present.includes(one),
  );
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const partDocument = z.lazy(() =>
  z.discriminatedUnion('outcome', [
    z.strictObject({
      v: z.literal('halligan/reset-part/v1'),
      emergency: z.string(),
      item: z.enum(['totp', 'recovery-codes', 'pin', 'hardware-key', 'copies']),
      outcome: z.enum(['replaced', 'unused', 'returned', 'destroyed', 'none']),
      serial: z.string().min(1).max(64).exactOptional(),
      how: digest.exactOptional(),
    }),
    z.strictObject({
      v: z.literal('halligan/reset-part/v1'),
      emergency: z.string(),
      item: z.enum(['password', 'totp', 'recovery-codes', 'pin', 'hardware-key', 'copies']),
      outcome: z.literal('failed'),
      reason: z.enum(RESET_REASONS),
      next: digest,
    }),
  ]),
);

/** Somebody says what became of a part, or why it could not be reset and what is tried next. */
export function decideResetPart(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'reset.document',
    'What was reset does not fit what was signed.',
    'Say which part, and what became of it, and sign again.',
  );
  const found = attestedAtHand(state, said, { shape: partDocument, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested: part } = found;
  if (emergency.ended === undefined && emergency.aborted === undefined)
    return refuse('reset.not-over', 'The emergency has not ended.', 'End it first.');
  const due = resetListOf(state, emergency).find(({ item }) => item === part.item);
  if (due === undefined)
    return refuse(
      'reset.item',
      `“${part.item}” is not among what this emergency revealed.`,
      'See halligan emergency reset for the list.',
    );
  if (due.done)
    return refuse(
      'reset.again',
      `“${part.item}” was made good already.`,
      'Correct it by addendum.',
    );
  const eligible = resettersOf(state, emergency, part.item);
  if (!eligible.includes(said.by))
    return refuse('reset.person', 'You do not attest this part.', 'Ask one who may.', eligible);
  if (part.outcome === 'failed') {
    const { item, reason, next } = part;
    return {
      events: [
        happened('ResetFailed', { emergency: emergency.id, by: said.by, item, reason, next }),
      ],
    };
  }
  const { item, outcome, serial, how } = part;
  if (!OUTCOMES[item].includes(outcome))
    return refuse(
      'reset.outcome',
      `“${item}” is not made good by “${outcome}”.`,
      `Use ${OUTCOMES[item].join(' or ')}.`,
    );
  if (item === 'hardware-key' && serial === undefined)
    return refuse('reset.serial', 'Which key?', 'Give the serial that is printed on it.');
  return {
    events: [
      happened('ResetPartAttested', {
        emergency: emergency.id,
        by: said.by,
        item,
        outcome,
        ...(serial === undefined ? {} : { serial }),
        ...(how === undefined ? {} : { how }),
      }),
    ],
  };
}
