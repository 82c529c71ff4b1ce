import type { Block, Content, Fact } from '@halligan/document';
import { written } from '@halligan/document';
import {
  type Account,
  approversOf,
  type Policy,
  pathsOf,
  SERVER_GROUP,
  type State,
  timerOf,
} from '@halligan/procedure';
import { holdersOf, personsWithRole } from '@halligan/statement';

/** What every routine is written from: the policy in force, and the inventory. */
export interface Organisation {
  readonly state: State;
  readonly policy: Policy;
}

/** Somebody of the organisation’s, or nobody. */
export function people(ids: readonly string[]): Content {
  return [ids.length === 0 ? 'nobody yet' : [...new Set(ids)].join(', ')];
}

export function withRole(
  { state: { roster } }: Organisation,
  role: 'admin' | 'executive' | 'custodian' | 'approver',
): readonly string[] {
  return roster === undefined ? [] : personsWithRole(roster, role).map(({ id }) => id);
}

/** Who opens, path by path: each group with its threshold and the people in it. */
export function pathFacts({ state, policy }: Organisation): readonly Fact[] {
  return Object.keys(policy.quorums)
    .toSorted()
    .map((tier) => ({
      label: `Quorum of ${tier}`,
      value: pathsOf(policy, tier).map(({ name, groups }) => [
        `${name}: `,
        groups
          .map((group) => {
            const holders =
              state.roster === undefined
                ? []
                : holdersOf(state.roster, group.name).map(({ id }) => id);
            const who = group.name === SERVER_GROUP ? 'the server' : holders.join(', ') || 'nobody';
            return `${group.need} of ${group.name} (${who})`;
          })
          .join(' and '),
      ]),
    }));
}

export function approverFacts({ policy }: Organisation): readonly Fact[] {
  const tiers = Object.keys(policy.quorums).toSorted();
  return tiers.map((tier) => ({
    label: `Approvers of ${tier}`,
    value: [people(approversOf(policy, tier))],
  }));
}

/** When: the policy’s own figures, each with what it is about. */
export function timerFacts(
  { policy }: Organisation,
  timers: Readonly<Partial<Record<keyof Policy['timers'], string>>>,
): readonly Fact[] {
  return Object.entries(timers).map(([timer, what]) => ({
    label: what,
    value: [[timerOf(policy, timer as keyof Policy['timers'])]],
  }));
}

/** Where: every place in use, what lies there, who gets in. */
export function placeFacts({ state }: Organisation): readonly Fact[] {
  const accounts = Object.values(state.accounts);
  return Object.values(state.places)
    .filter(({ document }) => document.retired !== true)
    .map(({ document }) => {
      const { id, name, address, access } = document;
      const lying = accounts.flatMap(({ envelopes }) =>
        Object.values(envelopes)
          .filter((one) => one.place === id && one.state !== 'destroyed')
          .map(({ serial }) => serial),
      );
      return {
        label: `Place ${id}`,
        value: [
          [written(name), ', ', written(address)],
          [`Gets in: ${access.join(', ')}`],
          [`Envelopes: ${lying.join(', ') || 'none'}`],
        ],
      };
    });
}

/** The accounts of a kind, each with its system: what it is, how it is signed in to, whom to call. */
export function accountTable(
  { state }: Organisation,
  accounts: readonly Account[],
): readonly Block[] {
  if (accounts.length === 0)
    return [{ type: 'paragraph', content: ['The inventory has no such account.'] }];
  return [
    {
      type: 'table',
      columns: ['Account', 'System', 'Signs in at', 'Quorum', 'Whom to call'],
      rows: accounts.map(({ document }) => {
        const system = state.systems[document.system];
        return [
          [document.id, ' (', written(document.privilege), ')'],
          [document.system, ': ', written(system?.purpose ?? '')],
          [written(document.sign_in ?? system?.address ?? 'not said')],
          [document.quorum],
          [
            system?.owner ?? '',
            ...(system?.support === undefined ? [] : [', ', written(system.support)]),
          ],
        ];
      }),
    },
  ];
}

export function liveAccounts({ state }: Organisation): readonly Account[] {
  return Object.values(state.accounts)
    .filter((account) => account.state !== 'retired')
    .toSorted((a, b) => (a.document.id < b.document.id ? -1 : 1));
}

export function heading(text: string): Block {
  return { type: 'heading', text };
}

export function facts(...rows: readonly Fact[]): Block {
  return { type: 'facts', rows };
}

/** Steps in their order, each with its number. */
export function steps(...texts: readonly string[]): Block {
  return { type: 'lines', lines: texts.map((text, at) => ({ content: [`${at + 1}. ${text}`] })) };
}
