import { groupsOf, personsWithRole, ROSTER_DELAY_HOURS } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import type { Due } from '../due.ts';
import { after, lastClosing } from '../duration.ts';
import { lastExercised } from '../emergency/drill-history.ts';
import { later } from '../emergency/past.ts';
import { closersOf } from '../emergency/stand-ins.ts';
import { lastKitAttestation } from '../organisation/kit-attestation.ts';
import { loosenedGroups, peopleOf } from '../organisation/loosening.ts';
import { type Policy, timerOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { entryOf, isLeftUnarmed, type State } from '../state.ts';
import { stalenessOf } from './staleness.ts';

/** What an organisation owes without any emergency: of its policy, its people, its systems and its accounts. */
export function standingDuties(state: State, policy: Policy): readonly Due[] {
  const live = Object.values(state.accounts).filter((account) => account.state !== 'retired');
  return [
    ...ofPolicy(state, policy),
    ...ofWaiting(state, policy),
    ...ofPeople(state, policy),
    ...Object.keys(state.systems)
      .filter((id) => entryOf(state.standing.retired, id) === undefined)
      .flatMap((id) => ofSystem(state, policy, id, live)),
    ...live.flatMap((account) => ofAccount(state, policy, account)),
  ];
}

/** Who answers for a system: its owner; whoever closes emergencies where that person left. */
export function ownersOfSystem(state: State, system: string): readonly string[] {
  const owner = entryOf(state.systems, system)?.owner;
  return owner !== undefined && isPerson(state.roster, owner) ? [owner] : closersOf(state);
}

/** Who answers for the policy: its owner; whoever closes emergencies where that person left. */
export function ownersOfPolicy(state: State, policy: Policy): readonly string[] {
  return isPerson(state.roster, policy.owner) ? [policy.owner] : closersOf(state);
}

/** When a duty was last done, or began. */
function last(state: State, duty: string, about: string, began: string | undefined): string {
  return later(entryOf(state.standing.duties, `${duty}:${about}`)?.at, began) ?? EPOCH;
}

const EPOCH = '1970-01-01T00:00:00.000Z';

/** A duty of weeks and months: due at the end of a business day, and never later than its timer says. */
function dueBy(policy: Policy, from: string, timer: keyof Policy['timers']): string {
  const { time_zone: zone, working_days: days } = policy;
  const latest = after(from, timerOf(policy, timer), zone, days?.holidays);
  const closing = lastClosing(latest, zone, days?.holidays);
  return Date.parse(closing) > Date.parse(from) ? closing : latest;
}

function ofPolicy(state: State, policy: Policy): readonly Due[] {
  const owners = ownersOfPolicy(state, policy);
  const since = state.standing.policySince;
  const review = (what: 'policy-review' | 'access-review', timer: keyof Policy['timers']): Due => ({
    id: `${what}:policy`,
    what,
    about: 'policy',
    owners,
    due: dueBy(policy, last(state, what, 'policy', since), timer),
  });
  // A journal from before adoptions were dated says nothing of when reviews began.
  return since === undefined
    ? []
    : [review('policy-review', 'policy_review'), review('access-review', 'access_review')];
}

/** Whose consent a change lacks: they agree, or object, before it takes effect without them. */
function ofWaiting({ roster, standing, proposedAt }: State, policy: Policy): readonly Due[] {
  if (roster === undefined) return [];
  const consent = (
    digest: string,
    groups: readonly string[],
    signed: readonly string[],
    due: string,
  ): Due => ({
    id: `consent:${digest}`,
    what: 'consent',
    about: digest,
    owners: [...new Set(groups.flatMap((group) => peopleOf(roster, group)))].filter(
      (person) => !signed.includes(person),
    ),
    due,
    why: 'it takes effect then, unless somebody objects',
  });
  const policies = Object.entries(standing.proposals).map(([digest, one]) =>
    consent(digest, loosenedGroups(policy, one.policy), one.signers, one.effective),
  );
  const links = roster.pending.map(({ digest, link: { change }, signers }) =>
    consent(
      digest,
      change.do === 'group'
        ? [change.name]
        : 'person' in change
          ? groupsOf(roster, change.person)
          : [],
      signers,
      after(entryOf(proposedAt, digest) ?? EPOCH, `${ROSTER_DELAY_HOURS}h`, policy.time_zone),
    ),
  );
  return [...policies, ...links].filter(({ owners }) => owners.length > 0);
}

function ofPeople(state: State, policy: Policy): readonly Due[] {
  const { roster, standing } = state;
  if (roster === undefined || standing.policySince === undefined) return [];
  const readers = new Set(
    [...personsWithRole(roster, 'custodian'), ...personsWithRole(roster, 'executive')].map(
      ({ id }) => id,
    ),
  );
  const kits = [...readers].map((person): Due => {
    const began = later(standing.policySince, entryOf(standing.since, `person:${person}`));
    const verified = later(lastKitAttestation(state, person)?.at, began);
    return {
      id: `kit-check:${person}`,
      what: 'kit-check',
      about: person,
      owners: [person],
      due: dueBy(policy, last(state, 'kit-check', person, verified), 'kit_check'),
    };
  });
  const training = Object.values(standing.people)
    .filter(({ id }) => isPerson(roster, id))
    .flatMap((person) =>
      (person.training ?? []).map(
        ({ course, expires }): Due => ({
          id: `training:${person.id}.${course}`,
          what: 'training',
          about: person.id,
          owners: [person.id],
          due: lastClosing(`${expires}T23:59:59Z`, policy.time_zone, policy.working_days?.holidays),
          why: `${course} expires on ${expires}`,
        }),
      ),
    );
  return [...kits, ...training];
}

function ofSystem(
  state: State,
  policy: Policy,
  id: string,
  accounts: readonly Account[],
): readonly Due[] {
  const owners = ownersOfSystem(state, id);
  const since = entryOf(state.standing.since, `system:${id}`);
  if (since === undefined) return [];
  const own = accounts.filter(({ document }) => document.system === id).length;
  const list: Due[] = [
    {
      id: `inventory-check:${id}`,
      what: 'inventory-check',
      about: id,
      owners,
      due: dueBy(policy, last(state, 'inventory-check', id, since), 'access_review'),
    },
  ];
  if (own < policy.accounts_per_system)
    list.push({
      id: `second-account:${id}`,
      what: 'second-account',
      about: id,
      owners,
      due: dueBy(policy, since, 'completion'),
      why: `${own} of ${policy.accounts_per_system} accounts`,
    });
  return list;
}

function ofAccount(state: State, policy: Policy, account: Account): readonly Due[] {
  const { document } = account;
  const { id } = document;
  const owners = ownersOfSystem(state, document.system);
  const due = (what: string, when: string, why?: string): Due => ({
    id: `${what}:${id}`,
    what,
    about: id,
    owners,
    due: when,
    ...(why === undefined ? {} : { why }),
  });
  const list: Due[] = [...rotationAndDrill(state, policy, account, due)];
  const since = entryOf(state.standing.since, `account:${id}`);
  if (since === undefined) return list;
  const missing = incomplete(account, policy);
  if (missing.length > 0)
    list.push(
      due('describe', dueBy(policy, since, 'completion'), `missing: ${missing.join(', ')}`),
    );
  const keys = document.keys ?? [];
  if (wantsKeys(account) && keys.length < policy.fido2_keys_per_account)
    list.push(
      due(
        'second-key',
        dueBy(policy, since, 'completion'),
        `${keys.length} of ${policy.fido2_keys_per_account} keys`,
      ),
    );
  if (keys.some(({ pin }) => pin))
    list.push(
      due('pin-rotation', dueBy(policy, last(state, 'pin-rotation', id, since), 'pin_rotation')),
    );
  return list;
}

/** FIDO2 keys are for what is signed in to by them: accounts of a cloud, and those that have one. */
function wantsKeys({ document }: Account): boolean {
  return document.kind === 'cloud-only' || document.keys !== undefined;
}

/** What an entry of the inventory does not say, and somebody at night would ask. */
function incomplete(account: Account, policy: Policy): readonly string[] {
  const { document } = account;
  const missing = [
    document.kind === undefined ? ['kind'] : [],
    document.sign_in === undefined ? ['sign_in'] : [],
    wantsKeys(account) && policy.fido2_keys_per_account > 0 && document.pin_copy === undefined
      ? ['pin_copy']
      : [],
  ];
  return missing.flat();
}

function rotationAndDrill(
  state: State,
  policy: Policy,
  account: Account,
  due: (what: string, when: string, why?: string) => Due,
): readonly Due[] {
  const { id } = account.document;
  const { timers, time_zone: zone } = policy;
  const proven = account.versions[account.current]?.proven;
  const known = account.state === 'exposed' || account.state === 'suspect';
  if (known || proven === undefined || isLeftUnarmed(state, account))
    return [due('rotate', after(account.since, timers.reset, zone))];
  const practised = later(proven.at, lastExercised(state, id));
  const { staffChanged } = state.standing;
  const regular = dueBy(policy, practised ?? proven.at, 'drill_every');
  const staff =
    staffChanged !== undefined && Date.parse(staffChanged) > Date.parse(practised ?? proven.at)
      ? dueBy(policy, staffChanged, 'staff_drill')
      : regular;
  const drill =
    Date.parse(staff) < Date.parse(regular)
      ? due('drill', staff, 'the people of a group changed')
      : due('drill', regular);
  const rotate = dueBy(policy, proven.at, 'credential_rotation');
  const stale = stalenessOf(state, account);
  if (stale === undefined) return [due('rotate', rotate), drill];
  // What somebody who left holds is known to a stranger; what the policy changed is only out of date.
  const urgent =
    stale.because === 'holder'
      ? due('rotate', after(stale.since, timers.reset, zone), `${stale.person} held a share of it`)
      : due('rotate', dueBy(policy, stale.since, 'completion'), 'its quorum changed');
  return [Date.parse(urgent.due) < Date.parse(rotate) ? urgent : due('rotate', rotate), drill];
}
