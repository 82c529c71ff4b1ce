import { groupsOf, holdersOf, memberById, personsWithRole, type Roster } from './roster.ts';
import type { RosterChange } from './roster-link.ts';

/** Signatures that a change needs beyond one admin's, to take effect without the delay. */
export interface Consent {
  /** Whose: holders of `group`, admins, or anybody of the two. */
  readonly from: 'holders' | 'admins' | 'people';
  readonly group?: string;
  readonly need: number;
  readonly have: number;
}

/**
 * Whose consent a change needs. The adversary is one admin alone, with any number of puppets whom they admitted:
 * - changing a group that a path uses, or the key of one of its members without the old key, or removing one:
 *   as many of its present holders as the largest threshold that any path asks of it, and two people in all;
 * - where a used group has no people yet (or programs only) there is nobody to ask: two admins;
 * - replacing the key of anybody else without the old key (an approver's, another admin's): two admins;
 * - making or unmaking an admin: two admins, or else "two admins" would mean nothing elsewhere.
 * Who signs their new key with the old one needs nobody else; who leaves by their own signature needs another admin.
 * @param thresholdOf the largest threshold that any path asks of a group, 0 where none names it
 */
export function consentFor(
  roster: Roster,
  change: RosterChange,
  signers: readonly string[],
  thresholdOf: (group: string) => number,
): readonly Consent[] {
  const admins = countAmong(adminIds(roster), signers);
  const twoAdmins: Consent = { from: 'admins', need: 2, have: admins };
  const ofGroup = (group: string) => groupConsent(roster, group, signers, thresholdOf, twoAdmins);
  switch (change.do) {
    case 'genesis':
      return [];
    case 'admit':
      return change.member.roles.includes('admin') ? [twoAdmins] : [];
    case 'amend':
      return change.roles.includes('admin') !== isAdmin(roster, change.person) ? [twoAdmins] : [];
    case 'rekey': {
      if (signers.includes(change.person)) return [];
      const ofGroups = groupsOf(roster, change.person).flatMap(ofGroup);
      return ofGroups.length > 0 ? ofGroups : [twoAdmins];
    }
    case 'remove': {
      const ofAdmins = isAdmin(roster, change.person) ? [twoAdmins] : [];
      // One's own signature is consent; two admins are asked for where the one who leaves is an admin.
      if (signers.includes(change.person)) return ofAdmins;
      return [...ofAdmins, ...groupsOf(roster, change.person).flatMap(ofGroup)];
    }
    case 'group':
      return ofGroup(change.name);
  }
}

function groupConsent(
  roster: Roster,
  group: string,
  signers: readonly string[],
  thresholdOf: (group: string) => number,
  twoAdmins: Consent,
): readonly Consent[] {
  const need = thresholdOf(group);
  if (need <= 0) return [];
  const holders = holdersOf(roster, group)
    .filter((member) => member.kind === 'person')
    .map((member) => member.id);
  if (holders.length === 0) return [twoAdmins];
  return [
    { from: 'holders', group, need, have: countAmong(holders, signers) },
    // An admin who is a holder of a group with threshold 1 would be alone otherwise.
    {
      from: 'people',
      group,
      need: 2,
      have: countAmong([...holders, ...adminIds(roster)], signers),
    },
  ];
}

function adminIds(roster: Roster): readonly string[] {
  return personsWithRole(roster, 'admin').map((member) => member.id);
}

function isAdmin(roster: Roster, id: string): boolean {
  return memberById(roster, id)?.roles.includes('admin') === true;
}

function countAmong(ids: readonly string[], signers: readonly string[]): number {
  return new Set(signers.filter((id) => ids.includes(id))).size;
}
