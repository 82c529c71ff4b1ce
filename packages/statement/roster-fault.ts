import { isDistinct } from './fields.ts';
import { memberById, personsWithRole, type Roster } from './roster.ts';
import type { RosterChange } from './roster-link.ts';

/** Why a change of the roster is refused: a stable code, the reason, and the next step. */
export interface RosterRefusal {
  readonly result: 'refused';
  /** `roster.…` */
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

/** Builds a {@link RosterRefusal}. */
export function refusal(code: string, why: string, hint: string): RosterRefusal {
  return { result: 'refused', code, why, hint };
}

const LIMITS = { members: 256, groups: 64, former: 4096 } as const;

/** What is wrong with a change to this roster, whoever signs it; undefined where nothing is. */
export function changeFault(roster: Roster, change: RosterChange): RosterRefusal | undefined {
  switch (change.do) {
    case 'genesis':
      return refusal(
        'roster.genesis',
        'A roster begins once.',
        'A new beginning is a new chain: pin its words anew.',
      );
    case 'admit':
      return roster.former.includes(change.member.id)
        ? refusal(
            'roster.known',
            'This id belonged to somebody who was removed.',
            'Choose an id that nobody had: old statements name people by their id.',
          )
        : undefined;
    case 'amend':
      return memberById(roster, change.person)?.kind === 'program'
        ? refusal('roster.program', 'A program has no roles.', 'Give the role to a person.')
        : unknown(roster, change.person);
    case 'rekey':
    case 'remove':
      return unknown(roster, change.person);
    case 'group':
      return change.members.map((id) => unknown(roster, id)).find((fault) => fault !== undefined);
  }
}

function unknown(roster: Roster, id: string): RosterRefusal | undefined {
  if (memberById(roster, id) !== undefined) return undefined;
  return refusal('roster.unknown-person', `Nobody in the roster is “${id}”.`, 'Admit them first.');
}

/** What is wrong with a roster as a whole; every roster in force has none of it. */
export function rosterFault(roster: Roster): RosterRefusal | undefined {
  const { members } = roster;
  if (!isDistinct(members.map((member) => member.id))) {
    return refusal('roster.known', 'Two members have the same id.', 'Choose another id.');
  }
  // One human with two entries would count twice towards a quorum.
  if (
    !isDistinct(members.flatMap((member) => member.signing)) ||
    !isDistinct(members.map((member) => member.recipient))
  ) {
    return refusal(
      'roster.shared-key',
      'Two members share a key.',
      'Each member makes keys of their own, on their own device.',
    );
  }
  if (members.some((member) => !isRecipientOf(roster.recipients, member.recipient))) {
    return refusal(
      'roster.recipient-kind',
      `Recipients here are ${roster.recipients}; this one is not.`,
      'Make a custodian key of that kind.',
    );
  }
  if (personsWithRole(roster, 'admin').length < 2) {
    return refusal(
      'roster.last-admins',
      'Fewer than two admins would be left.',
      'Make another person admin first.',
    );
  }
  if (
    members.length > LIMITS.members ||
    Object.keys(roster.groups).length > LIMITS.groups ||
    roster.former.length > LIMITS.former
  ) {
    return refusal(
      'roster.full',
      `A roster holds ${LIMITS.members} members and ${LIMITS.groups} groups.`,
      'Remove what is no longer needed.',
    );
  }
  return undefined;
}

/** Hybrid recipients carry 1,216 bytes (ML-KEM-768 and X25519), the others 32. */
function isRecipientOf(kind: Roster['recipients'], recipient: string): boolean {
  return kind === 'hybrid'
    ? /^age1pq1[02-9ac-hj-np-z]{1952}$/.test(recipient)
    : /^age1[02-9ac-hj-np-z]{58}$/.test(recipient);
}
