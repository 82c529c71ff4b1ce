import type { Member, Role } from './member.ts';
import type { RosterChange, RosterLink } from './roster-link.ts';

/**
 * Who people are, folded from a chain of links. Plain JSON. Everything but `pending` is a function of the chain,
 * so two devices that hold the same `digest` hold the same people.
 */
export interface Roster {
  readonly organisation: string;
  readonly origin: string;
  /** C2SP verifier keys. */
  readonly logKey: string;
  readonly evidenceKey: string;
  readonly recipients: 'hybrid' | 'x25519';
  /** Number and digest of the last link. */
  readonly number: number;
  readonly digest: string;
  readonly members: readonly Member[];
  /** Ids by name of the group; read it with {@link holdersOf}. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Ids that were removed: an id names one human for ever, or old statements would name another. */
  readonly former: readonly string[];
  /** Changes that wait for consent or for the delay. Not in the chain: each device has its own. */
  readonly pending: readonly PendingChange[];
}

/** A change that an admin signed and that is not in force: see `rosterAfter`. */
export interface PendingChange {
  readonly digest: string;
  readonly link: RosterLink;
  /** Who signed so far. */
  readonly signers: readonly string[];
}

/** The member with an id; undefined where there is none (any more). */
export function memberById(roster: Roster, id: string): Member | undefined {
  return roster.members.find((member) => member.id === id);
}

/** Members of a group, in the group's order; none where there is no such group. */
export function holdersOf(roster: Roster, group: string): readonly Member[] {
  const ids = Object.hasOwn(roster.groups, group) ? roster.groups[group] : undefined;
  return (ids ?? []).flatMap((id) => memberById(roster, id) ?? []);
}

/** Names of the groups that a member is in. */
export function groupsOf(roster: Roster, id: string): readonly string[] {
  return Object.keys(roster.groups).filter((name) => roster.groups[name]?.includes(id));
}

/** People with a role. */
export function personsWithRole(roster: Roster, role: Role): readonly Member[] {
  return roster.members.filter((member) => member.kind === 'person' && member.roles.includes(role));
}

/** The roster that a genesis describes, before anything is checked. */
export function rosterOfGenesis(
  genesis: Extract<RosterChange, { readonly do: 'genesis' }>,
  digest: string,
): Roster {
  const { do: _, ...fields } = genesis;
  return { ...fields, number: 0, digest, groups: {}, former: [], pending: [] };
}

/**
 * What a link makes of the roster, without asking whether it may. Pending changes were signed under the roster
 * that is now replaced, so they lapse.
 */
export function rosterWith(roster: Roster, link: RosterLink, digest: string): Roster {
  return {
    ...roster,
    ...effectOf(roster, link.change),
    number: link.number,
    digest,
    pending: [],
  };
}

function effectOf(roster: Roster, change: RosterChange): Partial<Roster> {
  switch (change.do) {
    case 'genesis':
      return {};
    case 'admit':
      return { members: [...roster.members, change.member] };
    case 'amend':
      return { members: withMember(roster, change.person, { roles: change.roles }) };
    case 'rekey': {
      const { signing, recipient, recipientSignature } = change;
      return {
        members: withMember(roster, change.person, { signing, recipient, recipientSignature }),
      };
    }
    case 'remove':
      return {
        members: roster.members.filter((member) => member.id !== change.person),
        groups: Object.fromEntries(
          Object.entries(roster.groups).map(([name, ids]) => [
            name,
            ids.filter((id) => id !== change.person),
          ]),
        ),
        former: [...roster.former, change.person],
      };
    case 'group': {
      const others = Object.entries(roster.groups).filter(([name]) => name !== change.name);
      const own = change.members.length > 0 ? [[change.name, change.members] as const] : [];
      return { groups: Object.fromEntries([...others, ...own]) };
    }
  }
}

function withMember(roster: Roster, id: string, fields: Partial<Member>): readonly Member[] {
  return roster.members.map((member) => (member.id === id ? { ...member, ...fields } : member));
}
