import { digestOf, HalliganError, type Json } from '@halligan/format';
import { CAUSES } from '@halligan/statement';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { isDuration } from '../duration.ts';
import { entryOf } from '../state.ts';

const id = z.string().regex(/^[a-z0-9-]{1,63}$/, 'an id is 1 to 63 of a-z, 0-9 and -');
const duration = z.string().refine(isDuration, 'write 30s, 15m, 4h, 90d, 7y or 5 business days');
const part = z.string().regex(/^([1-9]|1[0-6]) of [a-z0-9-]{1,63}$/, 'write "2 of keyholders"');

const timers = z.strictObject({
  approver_wait: duration.default('15m'),
  approver_notice: duration.default('1h'),
  solo_sign_off: duration.default('1h'),
  opening_window: duration.default('30m'),
  session: duration.default('4h'),
  documentation: duration.default('2h'),
  reset: duration.default('1h'),
  review: duration.default('5 business days'),
  credential_rotation: duration.default('365d'),
  drill_every: duration.default('90d'),
  envelope_inspection: duration.default('90d'),
  pin_rotation: duration.default('365d'),
  policy_review: duration.default('365d'),
  access_review: duration.default('180d'),
  retention: duration.default('7y'),
});

/** The policy as people write it; every default is the seed procedure's figure. */
export const policySchema = z.strictObject({
  v: z.literal('halligan/policy/v1').default('halligan/policy/v1'),
  organisation: id,
  owner: id,
  circumstances: z
    .array(z.enum(CAUSES))
    .min(1)
    .default([...CAUSES]),
  time_zone: z
    .string()
    .refine(isTimeZone, 'an IANA time zone, such as Europe/London')
    .default('UTC'),
  working_days: z.strictObject({ country: z.string().regex(/^[A-Z]{2}$/) }).optional(),
  approvers: z.record(id, z.array(id).min(1).max(32)),
  channels: z
    .strictObject({
      out_of_band: z.string().max(200).optional(),
      alert_on: z.array(id).max(32).default([]),
    })
    .default({ alert_on: [] }),
  timers: timers.default(() => timers.parse({})),
  recipients: z.enum(['hybrid', 'x25519']).default('hybrid'),
  quorums: z.record(id, z.record(id, z.array(part).min(1).max(16))),
  allow_one_person: z.boolean().default(false),
  witness: z.enum(['required', 'optional', 'none']).default('optional'),
  may_be_second_person: z.boolean().default(false),
  accounts_per_system: z.int().min(1).max(16).default(2),
  fido2_keys_per_account: z.int().min(0).max(16).default(2),
  cosigners: z
    .strictObject({ need: z.int().min(0).max(16), of: z.array(z.string().max(400)).max(16) })
    .default({ need: 0, of: [] }),
});

/** The rules an organisation adopted. Plain JSON; its digest names it in statements and seals. */
export type Policy = z.infer<typeof policySchema>;

/** Characters of a policy's text: with its signatures it must fit a journal entry twice. */
const MOST_TEXT = 16_384;

/** One group's part in a path: `need` distinct holders of the group. */
export interface PathGroup {
  readonly name: string;
  readonly need: number;
}

/** One way to open: all of its groups, each by its own threshold. */
export interface QuorumPath {
  readonly name: string;
  readonly groups: readonly PathGroup[];
}

/** Holders of the group `server` are programs: the quorum counts them as nobody. */
export const SERVER_GROUP = 'server';

/**
 * Reads a policy from YAML or JSON text.
 * @throws `procedure.policy`, naming the place; `procedure.one-person` where a path opens to fewer than two people.
 */
export function parsePolicy(text: string): Policy {
  if (text.length > MOST_TEXT) {
    throw new HalliganError(
      'procedure.policy',
      `This policy is longer than ${MOST_TEXT} characters.`,
      'Shorten it: it is kept in one entry of the journal.',
    );
  }
  let document: unknown;
  try {
    document = parseYaml(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch (cause) {
    throw new HalliganError('procedure.policy', 'This policy is not YAML.', messageOf(cause), {
      cause,
    });
  }
  return policyOf(document);
}

/** As {@link parsePolicy}, for an already parsed document from outside. */
export function policyOf(document: unknown): Policy {
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place =
      issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.');
    throw new HalliganError(
      'procedure.policy',
      `This policy is not valid at ${place}.`,
      issue?.message ?? 'See docs/formats/policy.md.',
    );
  }
  const policy = parsed.data;
  for (const [tier, paths] of Object.entries(policy.quorums)) {
    for (const path of pathsOf(policy, tier)) checkPath(policy, tier, path);
    if (Object.keys(paths).length === 0)
      throw new HalliganError(
        'procedure.policy',
        `The quorum “${tier}” has no path.`,
        'Give it one, such as standard: [2 of keyholders, 1 of server].',
      );
    if (entryOf(policy.approvers, tier) === undefined)
      throw new HalliganError(
        'procedure.policy',
        `Nobody approves “${tier}”.`,
        `Name approvers.${tier}.`,
      );
  }
  return policy;
}

function checkPath(policy: Policy, tier: string, path: QuorumPath): void {
  const names = path.groups.map((group) => group.name);
  if (new Set(names).size !== names.length) {
    throw new HalliganError(
      'procedure.policy',
      `The path ${tier}.${path.name} names a group twice.`,
      'Name each group once, with its whole threshold.',
    );
  }
  const people = peopleNeeded(path);
  if (people < 2 && !policy.allow_one_person) {
    throw new HalliganError(
      'procedure.one-person',
      `One person could open the path ${tier}.${path.name}.`,
      'Ask for two people, or set allow_one_person: true and live with a permanent critical finding.',
    );
  }
}

/** The least number of distinct people that satisfy a path if its groups share no member; programs count as nobody. */
export function peopleNeeded(path: QuorumPath): number {
  return path.groups
    .filter((group) => group.name !== SERVER_GROUP)
    .reduce((sum, group) => sum + group.need, 0);
}

/** The paths of a tier, parsed, by name. Empty where the policy has no such tier. */
export function pathsOf(policy: Policy, tier: string): readonly QuorumPath[] {
  const paths = Object.entries(entryOf(policy.quorums, tier) ?? {}).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return paths.map(([name, parts]) => ({
    name,
    groups: parts.map((text) => {
      const [need = '', , group = ''] = text.split(' ');
      return { name: group, need: Number(need) };
    }),
  }));
}

/** The largest threshold that any path of the policy asks of a group; 0 where none names it. */
export function thresholdOf(policy: Policy | undefined, group: string): number {
  if (policy === undefined) return 0;
  const needs = Object.keys(policy.quorums).flatMap((tier) =>
    pathsOf(policy, tier).flatMap((path) =>
      path.groups.filter((one) => one.name === group).map((one) => one.need),
    ),
  );
  return Math.max(0, ...needs);
}

/** Who may approve for a tier: its approvers, then the deputies. */
export function approversOf(policy: Policy, tier: string): readonly string[] {
  const { approvers } = policy;
  return [
    ...new Set([...(entryOf(approvers, tier) ?? []), ...(entryOf(approvers, 'deputies') ?? [])]),
  ];
}

/** SHA-256 of the canonical policy, hexadecimal. */
export function policyDigest(policy: Policy): string {
  return digestOf(policy as unknown as Json);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'It could not be read.';
}
