import { missingConsent, type Policy, type State, thresholdOf } from '@halligan/procedure';
import {
  type Consent,
  consentFor,
  holdersOf,
  personsWithRole,
  type Roster,
  type RosterChange,
} from '@halligan/statement';

/** A consent that a change still lacks: whose, how many of how many are there, and who could give it. */
export interface MissingConsent {
  readonly from: string;
  readonly have: number;
  readonly need: number;
  readonly could: readonly string[];
}

/** What a policy lacks that loosens quorums. */
export function consentToPolicy(
  state: State,
  roster: Roster,
  policy: Policy,
  signers: readonly string[],
): readonly MissingConsent[] {
  return missingConsent(inForce(state), policy, roster, signers).map(({ group, need, have }) => ({
    from: `holders of ${group}`,
    have,
    need,
    could: without(holders(roster, group), signers),
  }));
}

/** What a change of the roster lacks, by the rules of the policy in force. */
export function consentToChange(
  state: State,
  roster: Roster,
  change: RosterChange,
  signers: readonly string[],
): readonly MissingConsent[] {
  return consentFor(roster, change, signers, (group) => thresholdOf(inForce(state), group))
    .filter(({ need, have }) => have < need)
    .map((consent) => ({
      from: whoseOf(consent),
      have: consent.have,
      need: consent.need,
      could: without(peopleOf(roster, consent), signers),
    }));
}

export function lineOfConsent({ from, have, need, could }: MissingConsent): string {
  const who = could.length === 0 ? 'nobody is left who could' : `could: ${could.join(', ')}`;
  return `${from}: ${have} of ${need} agreed; ${who}`;
}

function inForce({ policy, policies }: State): Policy | undefined {
  return policy === undefined ? undefined : policies[policy];
}

function whoseOf({ from, group = '' }: Consent): string {
  switch (from) {
    case 'holders':
      return `holders of ${group}`;
    case 'admins':
      return 'admins';
    case 'people':
      return `holders of ${group} or admins`;
  }
}

function peopleOf(roster: Roster, { from, group = '' }: Consent): readonly string[] {
  const admins = personsWithRole(roster, 'admin').map(({ id }) => id);
  if (from === 'admins') return admins;
  return from === 'holders' ? holders(roster, group) : [...holders(roster, group), ...admins];
}

function holders(roster: Roster, group: string): readonly string[] {
  return holdersOf(roster, group)
    .filter(({ kind }) => kind === 'person')
    .map(({ id }) => id);
}

function without(ids: readonly string[], signers: readonly string[]): readonly string[] {
  return [...new Set(ids)].filter((id) => !signers.includes(id)).sort();
}
