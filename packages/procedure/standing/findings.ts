import { isWholePlace, type KitPlace, type VaultKept } from '../account/events.ts';
import { isRotatedByPeople } from '../account/rotated-by.ts';
import { type Account, lastVersion } from '../account/state.ts';
import { custodyFindings } from '../custody/custody-findings.ts';
import { lastExercised } from '../emergency/drill-history.ts';
import { type Finding, gravestFirst } from '../organisation/finding.ts';
import { lintPolicy } from '../organisation/lint.ts';
import { machineFindings } from '../organisation/machines.ts';
import type { Policy } from '../organisation/policy.ts';
import { entryOf, type State } from '../state.ts';
import { stalenessOf } from './staleness.ts';

/**
 * Everything that is not as it should be, for as long as it is so: of the policy with its people, the accounts, the
 * kits. A risk that somebody took stays in sight, with who, why and until when; after that date it is a plain finding.
 */
export function findings(state: State, now: string): readonly Finding[] {
  const { roster } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (roster === undefined || policy === undefined)
    return [
      {
        id: 'no-policy',
        severity: 'critical',
        what: 'No policy is in force.',
        fix: 'Two admins adopt one: halligan policy adopt.',
      },
    ];
  const dailyAdmins = Object.values(state.standing.people)
    .filter((person) => person.daily_admin === true)
    .map(({ id }) => id);
  const live = Object.values(state.accounts).filter((account) => account.state !== 'retired');
  return gravestFirst(
    [
      ...lintPolicy(policy, roster, { dailyAdmins }),
      ...ofWaiting(state),
      ...Object.keys(state.systems).flatMap((system) => ofSystem(state, policy, system, live)),
      ...live.flatMap((account) => ofAccount(state, account)),
      ...ofKits(live),
      ...ofHolidays(policy, now),
      ...custodyFindings(state),
      ...machineFindings(state),
    ].map((finding) => withRisk(state, finding, now)),
  );
}

function withRisk(state: State, finding: Finding, now: string): Finding {
  const risk = entryOf(state.standing.risks, finding.id);
  if (risk === undefined || Date.parse(risk.until) <= Date.parse(now)) return finding;
  const { by, reason, until } = risk;
  return { ...finding, accepted: { by, reason, until } };
}

/** Changes that wait: everybody should know of them while there is time to object. */
function ofWaiting({ roster, standing }: State): readonly Finding[] {
  const waiting = [
    ...Object.keys(standing.proposals).map((digest) => ['policy', digest] as const),
    ...(roster?.pending ?? []).map(({ digest }) => ['roster change', digest] as const),
  ];
  return waiting.map(([kind, digest]) => ({
    id: `change-waits:${digest}`,
    severity: 'warning',
    what: `A ${kind} that loosens who may open waits to take effect.`,
    fix: 'Look at it: halligan policy pending. Object: halligan policy cancel.',
  }));
}

function ofSystem(
  state: State,
  policy: Policy,
  id: string,
  accounts: readonly Account[],
): readonly Finding[] {
  if (entryOf(state.standing.retired, id) !== undefined) return [];
  const own = accounts.filter(({ document }) => document.system === id);
  const system = entryOf(state.systems, id);
  const list: Finding[] = [];
  if (own.length < policy.accounts_per_system)
    list.push({
      id: `single-account:${id}`,
      severity: own.length === 0 ? 'critical' : 'warning',
      what: `The system “${id}” has ${own.length} of ${policy.accounts_per_system} emergency accounts.`,
      fix: `Add one: halligan account add … --system ${id}.`,
    });
  else if (own.every(({ state: one }) => one !== 'armed'))
    list.push({
      id: `nothing-armed:${id}`,
      severity: 'critical',
      what: `No account of the system “${id}” is armed.`,
      fix: 'Arm one: halligan account rotate, or finish the open emergency.',
    });
  if (system?.support === undefined)
    list.push({
      id: `no-support:${id}`,
      severity: 'notice',
      what: `The provider’s support contacts of “${id}” are not in the inventory.`,
      fix: `halligan system change ${id} --support …`,
    });
  if (entryOf(state.drivers, id) === undefined || isRotatedByPeople(state, id))
    list.push({
      id: `no-driver:${id}`,
      severity: 'notice',
      what: `Nothing rotates the accounts of “${id}”: people do, by hand.`,
      fix: 'Give it a driver where there is one.',
    });
  return list;
}

function ofAccount(state: State, account: Account): readonly Finding[] {
  const { document } = account;
  const { id } = document;
  const rotate = isRotatedByPeople(state, document.system)
    ? `halligan account rotate-by-hand ${id}`
    : `halligan account rotate ${id}`;
  const byHand = account.versions[account.current]?.byHand;
  const list: Finding[] = [];
  const add = (what: string, severity: Finding['severity'], text: string, fix: string) =>
    list.push({ id: `${what}:${id}`, severity, what: text, fix });
  if (account.state === 'exposed' || account.state === 'suspect')
    add(
      'exposed',
      'critical',
      `The account “${id}” is ${account.state}: what opens it may be known.`,
      rotate,
    );
  else if (account.state === 'unarmed')
    add(
      'unarmed',
      'warning',
      `The account “${id}” is not armed.`,
      'Finish its emergency (halligan obligations), or rotate it.',
    );
  const stale = stalenessOf(state, account);
  if (stale !== undefined)
    add(
      'stale-seal',
      stale.because === 'holder' ? 'critical' : 'warning',
      stale.because === 'holder'
        ? `${stale.person}, who is no longer its holder, has a share of “${id}”.`
        : `The seal of “${id}” opens by an older quorum than the policy’s.`,
      rotate,
    );
  if (byHand !== undefined)
    add(
      'known-to',
      'warning',
      `${byHand.by} alone knows what opens “${id}”: it was set by hand, and that it works is the word of ${byHand.by} and ${byHand.second}.`,
      isRotatedByPeople(state, document.system)
        ? 'Only a driver ends this: halligan system driver. Until then somebody takes the risk: halligan findings accept.'
        : `The rotator sets one that nobody knows: halligan account rotate ${id}`,
    );
  for (const { from, justification } of document.exclusions ?? [])
    if (justification.trim() === '')
      add(
        'exclusion-unjustified',
        'warning',
        `“${id}” is excluded from “${from}” and nobody says why.`,
        `halligan account change ${id}: give each exclusion its justification.`,
      );
  for (const key of document.keys ?? []) {
    if (key.presence === 'biometric')
      add(
        'biometric-key',
        'warning',
        `The key ${key.serial} of “${id}” opens to one person’s body.`,
        'Use a key that is touched.',
      );
    if (!key.pin)
      add(
        'key-without-pin',
        'warning',
        `The key ${key.serial} of “${id}” has no PIN: whoever finds it uses it.`,
        'Set one.',
      );
    if (key.pin_place !== undefined && key.pin_place === key.key_place)
      add(
        'key-beside-pin',
        'warning',
        `The key ${key.serial} of “${id}” and its PIN lie in the same place.`,
        'Keep them apart.',
      );
  }
  const places = (document.keys ?? []).map((key) => key.key_place);
  if (places.length > 1 && new Set(places).size === 1)
    add(
      'keys-together',
      'warning',
      `All keys of “${id}” lie in one place.`,
      'Keep them in different places.',
    );
  for (const method of document.second_methods ?? []) {
    if (method.method === 'sms' && !method.organisation_controlled)
      add(
        'private-number',
        'warning',
        `“${id}” sends its codes to a number that the organisation does not control.`,
        'Use a number of the organisation’s.',
      );
    if (method.method === 'backup-codes' && method.left === 0)
      add('no-codes-left', 'warning', `“${id}” has no backup code left.`, 'Make new ones.');
  }
  if (account.state === 'armed' && lastExercised(state, id) === undefined)
    add(
      'never-drilled',
      'notice',
      `Nobody has practised with “${id}”.`,
      `halligan emergency declare --drill --account ${id}`,
    );
  return distinct(list);
}

/** One finding a kind and account: the first says enough. */
function distinct(list: readonly Finding[]): readonly Finding[] {
  return list.filter((one, at) => list.findIndex(({ id }) => id === one.id) === at);
}

/** Where the last kits lie: with the server gone, and the identity provider, one must still be there. */
function ofKits(accounts: readonly Account[]): readonly Finding[] {
  const kits = accounts.map((account) => account.versions[lastVersion(account)]?.kit?.places ?? []);
  const places = kits.flat();
  if (places.length === 0) return [];
  return [...distinct(ofVaults(places)), ...ofSafety(places)];
}

/** Vaults that keep seals: looked at after every update, by the server's own sign-in there. */
function ofVaults(places: readonly KitPlace[]): readonly Finding[] {
  return places.flatMap(({ name, vault, idpFree }): readonly Finding[] =>
    vault === undefined
      ? []
      : [
          ...(vault.rules === 'kept' && vault.audit === 'on' ? [] : [openVault(name, vault)]),
          ...(idpFree === true ? [] : [dependentVault(places, name, vault)]),
        ],
  );
}

function openVault(name: string, { kind, ...vault }: VaultKept): Finding {
  const loose =
    kind === undefined
      ? `gives ${vault.entry} out unwrapped, or lets its writer delete it`
      : `lets its writer see more than it needs, where ${vault.entry} lies`;
  return {
    id: `vault-open:${name}`,
    severity: 'warning',
    what:
      vault.rules === 'loose'
        ? `The vault “${name}” ${loose}.`
        : `Whether the vault “${name}” writes down who reads ${vault.entry} is ${vault.audit === 'off' ? 'settled: it does not' : 'not known'}.`,
    fix: VAULT_FIXES[kind ?? 'openbao'],
  };
}

const VAULT_FIXES = {
  openbao: 'Compare its policies with: halligan vault policy writer; see docs/systems/openbao.md.',
  onepassword: 'A token for that vault alone: halligan vault check; see docs/systems/1password.md.',
  bitwarden:
    'An account for that collection alone, and the organisation’s event log: docs/systems/bitwarden.md.',
};

/** A vault behind the identity provider is no second way in an emergency about that; worse where it is the only copy. */
function dependentVault(places: readonly KitPlace[], name: string, { entry }: VaultKept): Finding {
  const only = !places.some((one) => one.offServer && one.idpFree === true);
  return {
    id: `vault-needs-idp:${name}`,
    severity: only ? 'critical' : 'warning',
    what: `The vault “${name}” keeps ${entry}, and nobody says that it is reached without the identity provider${only ? ': nor is any other copy off the server' : ''}.`,
    fix: 'Let people sign in to it by means of its own, then say so: "idpFree": true in the kit places of server.json; or add a place that is.',
  };
}

function ofSafety(places: readonly KitPlace[]): readonly Finding[] {
  return places.some(isWholePlace)
    ? []
    : [
        {
          id: 'no-safe-kit-place',
          severity: 'warning',
          what: 'No place of the kits is off the server, offline and free of the identity provider at once.',
          fix: 'Add one to the kit places of server.json: "offServer", "offline" and "idpFree": true.',
        },
      ];
}

/** How long before the last known holiday somebody should know that there are no more, days. */
const FORESIGHT = 180;

/** After the last holiday of a policy, business days are counted as if there were none. */
function ofHolidays({ working_days: days }: Policy, now: string): readonly Finding[] {
  const last = [...(days?.holidays ?? [])].sort().at(-1);
  if (days === undefined) return [];
  const left = last === undefined ? 0 : (Date.parse(last) - Date.parse(now)) / 86_400_000;
  return left > FORESIGHT
    ? []
    : [
        {
          id: 'holidays-end',
          severity: 'notice',
          what: `The policy knows no holiday after ${last ?? 'today'}: business days count on without.`,
          fix: 'Adopt the policy again without holidays: halligan policy adopt writes in the next three years’.',
        },
      ];
}
