import { digestOf, HalliganError, type Json } from '@halligan/format';
import type { z } from 'zod';
import { entryOf } from '../state.ts';
import { LATER_TIMERS, policySchema } from './policy-schema.ts';

/** The rules an organisation adopted. Plain JSON; its digest names it in statements and seals. */
export type Policy = z.infer<typeof policySchema>;

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

/** What is wrong with a policy, and where. */
export interface PolicyFault {
  /** `procedure.policy`, or `procedure.one-person` where a path opens to fewer than two people. */
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly why: string;
  readonly hint: string;
}

/** Reads a policy that is already parsed, from outside: the policy, or the first thing that is wrong with it. */
export function checkedPolicy(document: unknown): Policy | { readonly fault: PolicyFault } {
  const parsed = policySchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    const place = path.length === 0 ? 'the document' : path.join('.');
    return {
      fault: {
        code: 'procedure.policy',
        // The member that nobody knows is the place itself.
        path: issue?.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path,
        why: `This policy is not valid at ${place}.`,
        hint: issue?.message ?? 'See docs/formats/policy.md.',
      },
    };
  }
  const fault = quorumFault(parsed.data);
  return fault === undefined ? parsed.data : { fault };
}

/** As {@link checkedPolicy}. @throws the fault: `procedure.policy`, `procedure.one-person` */
export function policyOf(document: unknown): Policy {
  const checked = checkedPolicy(document);
  if (!('fault' in checked)) return checked;
  const { code, why, hint } = checked.fault;
  throw new HalliganError(code, why, hint);
}

function quorumFault(policy: Policy): PolicyFault | undefined {
  const code = 'procedure.policy';
  for (const [tier, paths] of Object.entries(policy.quorums)) {
    for (const path of pathsOf(policy, tier)) {
      const fault = pathFault(policy, tier, path);
      if (fault !== undefined) return fault;
    }
    if (Object.keys(paths).length === 0)
      return {
        code,
        path: ['quorums', tier],
        why: `The quorum “${tier}” has no path.`,
        hint: 'Give it one, such as standard: [2 of keyholders, 1 of server].',
      };
    if (entryOf(policy.approvers, tier) === undefined)
      return {
        code,
        path: ['approvers'],
        why: `Nobody approves “${tier}”.`,
        hint: `Name approvers.${tier}.`,
      };
  }
  return undefined;
}

function pathFault(policy: Policy, tier: string, path: QuorumPath): PolicyFault | undefined {
  const names = path.groups.map((group) => group.name);
  const place = ['quorums', tier, path.name];
  if (new Set(names).size !== names.length)
    return {
      code: 'procedure.policy',
      path: place,
      why: `The path ${tier}.${path.name} names a group twice.`,
      hint: 'Name each group once, with its whole threshold.',
    };
  if (peopleNeeded(path) < 2 && !policy.allow_one_person)
    return {
      code: 'procedure.one-person',
      path: place,
      why: `One person could open the path ${tier}.${path.name}.`,
      hint: 'Ask for two people, or set allow_one_person: true and live with a permanent critical finding.',
    };
  return undefined;
}

/** A timer of a policy, also one that it was adopted without. */
export function timerOf({ timers }: Policy, timer: keyof Policy['timers']): string {
  return { ...LATER_TIMERS, ...timers }[timer];
}

/** The rules that a new policy adopts. */
export const LATEST_RULES = 3;

/** The version of the rules that emergencies under a policy are judged by. */
export function rulesOf(policy: Policy): 1 | 2 | 3 {
  return policy.rules ?? 1;
}

/** The person whom violations are escalated to: the owner where nobody is named. */
export function governanceOf(policy: Policy): string {
  return policy.governance ?? policy.owner;
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
